-- api_keys.scopes: the scopes of a key as bits (src/domain/scope.h); existing keys get kyc:read (1) and kyc:write (2).
-- api_keys.allow_from: the networks from which a key may be used, separated by commas; empty: from everywhere.
-- tenants.disabled_at: since when the keys of the tenant are refused; 0: they are not.

ALTER TABLE api_keys ADD COLUMN scopes {int} NOT NULL DEFAULT 3;
ALTER TABLE api_keys ADD COLUMN allow_from {text} NOT NULL DEFAULT '';
ALTER TABLE tenants ADD COLUMN disabled_at {int} NOT NULL DEFAULT 0;

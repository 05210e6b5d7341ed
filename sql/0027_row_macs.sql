-- MACs of rows (spec/data-protection.md 4, src/store/sql/row_mac.h). An empty MAC is a wrong one: the first start writes those of the
-- rows that exist (src/app/core/row_macs.h).

ALTER TABLE tenants ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE api_keys ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE users ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE addresses ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE enrolments ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE otps ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE sessions ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE audit_entries ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE challenges ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE claims ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE events ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE webhook_endpoints ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE brandings ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE verification_links ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE verification_results ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE operator_accounts ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE passkeys ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE passkey_challenges ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE console_sessions ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE reviews ADD COLUMN mac {bytes} NOT NULL DEFAULT {empty};

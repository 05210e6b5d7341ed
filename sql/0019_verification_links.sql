-- Links that lead one person through the whole check on kycd's own pages, and the result tokens of their return to the tenant
-- (src/domain/verification_link.h). Of a token, only a keyed hash is stored. E-mails with a link have a limit of their own.

CREATE TABLE verification_links (
	id {text} NOT NULL PRIMARY KEY,
	tenant_id {text} NOT NULL,
	token_digest {bytes} NOT NULL,
	language {text} NOT NULL,
	sealed_return_url {bytes} NOT NULL,
	sealed_reference {bytes} NOT NULL,
	address_kind {int} NOT NULL,
	sealed_address {bytes} NOT NULL,
	address_index {bytes} NOT NULL,
	attempt {int} NOT NULL,
	sealed_challenge {bytes} NOT NULL,
	challenge_expires_at {int} NOT NULL,
	created_at {int} NOT NULL,
	expires_at {int} NOT NULL,
	started_at {int} NOT NULL,
	consent_digest {bytes} NOT NULL,
	consent_language {text} NOT NULL,
	user_id {text} NOT NULL,
	verified_at {int} NOT NULL,
	session_id {text} NOT NULL,
	completed_at {int} NOT NULL,
	revoked_at {int} NOT NULL,
	updated_at {int} NOT NULL
) {strict};
CREATE INDEX verification_links_by_token ON verification_links (token_digest, created_at, id);
CREATE INDEX verification_links_by_address ON verification_links (address_index, created_at, id);
CREATE INDEX verification_links_by_user ON verification_links (user_id, created_at, id) WHERE user_id <> '';
CREATE INDEX verification_links_by_session ON verification_links (session_id, created_at, id) WHERE session_id <> '';
CREATE INDEX verification_links_by_expiry ON verification_links (expires_at, id);

CREATE TABLE verification_results (
	token_digest {bytes} NOT NULL PRIMARY KEY,
	link_id {text} NOT NULL,
	created_at {int} NOT NULL,
	expires_at {int} NOT NULL
) {strict};
CREATE INDEX verification_results_by_link ON verification_results (link_id, created_at, token_digest);
CREATE INDEX verification_results_by_expiry ON verification_results (expires_at, token_digest);

ALTER TABLE users ADD COLUMN verification_link_send_tat {int} NOT NULL DEFAULT 0;

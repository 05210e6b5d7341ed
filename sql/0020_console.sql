-- Accounts of the console (src/domain/operator_account.h): operators, their passkeys, their console sessions, and the challenges of passkeys. An
-- operator's e-mail address is sealed. Of a token or a challenge, only a keyed hash is stored.

CREATE TABLE operator_accounts (
	id {text} NOT NULL PRIMARY KEY,
	email_index {bytes} NOT NULL,
	sealed_email {bytes} NOT NULL,
	role {int} NOT NULL,
	tenant_ids {text} NOT NULL,
	link_digest {bytes} NOT NULL,
	link_expires_at {int} NOT NULL,
	created_at {int} NOT NULL,
	disabled_at {int} NOT NULL,
	last_sign_in_at {int} NOT NULL
) {strict};
CREATE INDEX operator_accounts_by_email ON operator_accounts (email_index, created_at, id);
CREATE INDEX operator_accounts_by_link ON operator_accounts (link_digest, created_at, id);
CREATE INDEX operator_accounts_by_creation ON operator_accounts (created_at, id);

CREATE TABLE passkeys (
	credential_digest {bytes} NOT NULL PRIMARY KEY,
	operator_id {text} NOT NULL,
	credential_id {bytes} NOT NULL,
	algorithm {int} NOT NULL,
	public_key {bytes} NOT NULL,
	sign_count {int} NOT NULL,
	created_at {int} NOT NULL,
	last_used_at {int} NOT NULL
) {strict};
CREATE INDEX passkeys_by_operator ON passkeys (operator_id, created_at, credential_digest);

CREATE TABLE passkey_challenges (
	challenge_digest {bytes} NOT NULL PRIMARY KEY,
	purpose {int} NOT NULL,
	operator_id {text} NOT NULL,
	created_at {int} NOT NULL,
	expires_at {int} NOT NULL
) {strict};
CREATE INDEX passkey_challenges_by_expiry ON passkey_challenges (expires_at, challenge_digest);

CREATE TABLE console_sessions (
	token_digest {bytes} NOT NULL PRIMARY KEY,
	operator_id {text} NOT NULL,
	created_at {int} NOT NULL,
	seen_at {int} NOT NULL,
	expires_at {int} NOT NULL,
	signed_in_at {int} NOT NULL,
	step_up_at {int} NOT NULL
) {strict};
CREATE INDEX console_sessions_by_operator ON console_sessions (operator_id, created_at, token_digest);
CREATE INDEX console_sessions_by_expiry ON console_sessions (expires_at, token_digest);

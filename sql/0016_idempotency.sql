-- The first answers to calls with an Idempotency-Key, for repeated calls (src/domain/idempotency.h).

CREATE TABLE idempotency_entries (
	entry_key {bytes} NOT NULL PRIMARY KEY,
	body_digest {bytes} NOT NULL,
	status {int} NOT NULL,
	sealed_reply {bytes} NOT NULL,
	expires_at {int} NOT NULL,
	instance_id {text} NOT NULL,
	lease_expires_at {int} NOT NULL
) {strict};
CREATE INDEX idempotency_entries_by_expiry ON idempotency_entries (expires_at, entry_key);

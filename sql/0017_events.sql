-- Events for integrators and the webhook deliveries that report them (src/domain/event.h, src/domain/webhook_endpoint.h).
-- An enrolment gets what the tenant is told about the person: a random id, the tenant's own reference, the overall status and
-- the sequence of the last event. quotas.notified_*: the threshold that was last reported. A delivery is a row of `effects`
-- with an endpoint; e-mails have an empty endpoint_id.

ALTER TABLE enrolments ADD COLUMN public_user_id {text} NOT NULL DEFAULT '';
ALTER TABLE enrolments ADD COLUMN sealed_reference {bytes} NOT NULL DEFAULT {empty};
ALTER TABLE enrolments ADD COLUMN reference_index {text} NOT NULL DEFAULT '';
ALTER TABLE enrolments ADD COLUMN overall_status {int} NOT NULL DEFAULT 1;
ALTER TABLE enrolments ADD COLUMN event_sequence {int} NOT NULL DEFAULT 0;
ALTER TABLE enrolments ADD COLUMN updated_at {int} NOT NULL DEFAULT 0;
ALTER TABLE enrolments ADD COLUMN merged {int} NOT NULL DEFAULT 0;
UPDATE enrolments SET public_user_id = substr(user_id, 1, 10) || {random}, updated_at = prepared_at;
-- The status words of src/domain/overall_status.h: 1 pending, 2 in_review, 3 approved, 4 declined, 5 expired.
UPDATE enrolments SET overall_status = coalesce(
	(SELECT 3 FROM sessions WHERE sessions.user_id = enrolments.user_id AND sessions.status = 6 LIMIT 1),
	(SELECT CASE sessions.status WHEN 5 THEN 2 WHEN 7 THEN 4 WHEN 8 THEN 5 WHEN 9 THEN 5 WHEN 10 THEN 5 ELSE 1 END
		FROM sessions WHERE sessions.user_id = enrolments.user_id ORDER BY sessions.created_at DESC, sessions.id DESC LIMIT 1),
	1) WHERE verified_at <> 0;
-- A tenant that knows both addresses of a linked person knows the person by the wallet's enrolment.
UPDATE enrolments SET merged = 1 WHERE verified_at <> 0 AND EXISTS (
	SELECT 1 FROM addresses JOIN enrolments AS of_wallet ON of_wallet.tenant_id = enrolments.tenant_id
		AND of_wallet.user_id = addresses.primary_user_id AND of_wallet.verified_at <> 0
	WHERE addresses.blind_index = enrolments.blind_index AND addresses.primary_user_id <> '');
CREATE INDEX enrolments_by_public_user ON enrolments (tenant_id, public_user_id);
CREATE INDEX enrolments_by_overall_status ON enrolments (tenant_id, overall_status, public_user_id);
CREATE INDEX enrolments_by_reference ON enrolments (tenant_id, reference_index, public_user_id) WHERE reference_index <> '';

ALTER TABLE quotas ADD COLUMN notified_limit {int} NOT NULL DEFAULT 0;
ALTER TABLE quotas ADD COLUMN notified_percent {int} NOT NULL DEFAULT 0;

CREATE TABLE counters (
	name {text} NOT NULL PRIMARY KEY,
	value {int} NOT NULL
) {strict};

CREATE TABLE events (
	id {text} NOT NULL PRIMARY KEY,
	tenant_id {text} NOT NULL,
	user_id {text} NOT NULL,
	public_user_id {text} NOT NULL,
	type {int} NOT NULL,
	detail {text} NOT NULL,
	sequence {int} NOT NULL,
	position {int} NOT NULL,
	erased {int} NOT NULL,
	sealed_data {bytes} NOT NULL,
	created_at {int} NOT NULL
) {strict};
CREATE INDEX events_unnumbered ON events (position, sequence, id) WHERE position = 0;
CREATE INDEX events_by_tenant ON events (tenant_id, position, id) WHERE position > 0;
CREATE INDEX events_by_user ON events (user_id, sequence, id) WHERE user_id <> '';

CREATE TABLE webhook_endpoints (
	id {text} NOT NULL PRIMARY KEY,
	tenant_id {text} NOT NULL,
	sealed_url {bytes} NOT NULL,
	types {text} NOT NULL,
	description {text} NOT NULL,
	include_address {int} NOT NULL,
	include_session_url {int} NOT NULL,
	sealed_secret {bytes} NOT NULL,
	sealed_old_secret {bytes} NOT NULL,
	old_secret_expires_at {int} NOT NULL,
	state {int} NOT NULL,
	created_at {int} NOT NULL,
	last_success_at {int} NOT NULL,
	failing_since {int} NOT NULL,
	paused_until {int} NOT NULL
) {strict};
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant_id, created_at, id);

ALTER TABLE effects ADD COLUMN endpoint_id {text} NOT NULL DEFAULT '';
ALTER TABLE effects ADD COLUMN event_id {text} NOT NULL DEFAULT '';
ALTER TABLE effects ADD COLUMN event_position {int} NOT NULL DEFAULT 0;
ALTER TABLE effects ADD COLUMN http_status {int} NOT NULL DEFAULT 0;
ALTER TABLE effects ADD COLUMN error {text} NOT NULL DEFAULT '';
ALTER TABLE effects ADD COLUMN duration_ms {int} NOT NULL DEFAULT 0;
ALTER TABLE effects ADD COLUMN sealed_excerpt {bytes} NOT NULL DEFAULT {empty};
DROP INDEX effects_by_due;
CREATE INDEX effects_by_due ON effects (endpoint_id, done, due_at, id);
CREATE INDEX effects_by_state ON effects (endpoint_id, state, event_position, id) WHERE endpoint_id <> '';
CREATE INDEX effects_by_retry ON effects (endpoint_id, state, due_at, id) WHERE endpoint_id <> '';
CREATE INDEX effects_open_by_endpoint ON effects (done, endpoint_id, id) WHERE done = 0;
CREATE INDEX effects_by_event ON effects (endpoint_id, event_position, id) WHERE endpoint_id <> '';

-- Reviews (src/domain/review.h): who has claimed a session that waits for a reviewer, and what was decided. A session has no row until somebody
-- claims it. The comment is sealed with the person's key.
-- tenants.four_eyes: 1: a second operator confirms each decision.

CREATE TABLE reviews (
	session_id {text} NOT NULL PRIMARY KEY,
	tenant_id {text} NOT NULL,
	state {int} NOT NULL,
	claimed_by {text} NOT NULL,
	claimed_until {int} NOT NULL,
	verdict {int} NOT NULL,
	reason {text} NOT NULL,
	sealed_comment {bytes} NOT NULL,
	decided_by {text} NOT NULL,
	decided_at {int} NOT NULL,
	confirmed_by {text} NOT NULL,
	confirmed_at {int} NOT NULL
) {strict};

ALTER TABLE tenants ADD COLUMN four_eyes {int} NOT NULL DEFAULT 0;

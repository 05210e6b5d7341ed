-- The instances that serve this database (src/domain/instance.h). Each writes `seen_at` every half minute and removes its row when it
-- stops. A row that stays is of an instance that crashed or was cut off; the clean-up removes it after a day. Times are by the
-- database's clock.

CREATE TABLE instances (
	id {text} NOT NULL PRIMARY KEY,
	host {text} NOT NULL,
	version {text} NOT NULL,
	started_at {int} NOT NULL,
	seen_at {int} NOT NULL
) {strict};
CREATE INDEX instances_by_seen ON instances (seen_at, id);

-- When a session is looked at again if nothing is heard of it (0: at once, which is what all that stand here get), since
-- when the provider may have a session of a person that we do not know of, and when the program was last alive.

ALTER TABLE sessions ADD COLUMN due {int} NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_due ON sessions (status, due, id);
ALTER TABLE users ADD COLUMN doubted {int} NOT NULL DEFAULT 0;
CREATE TABLE watches (
	name {text} NOT NULL PRIMARY KEY,
	at {int} NOT NULL
) {strict};

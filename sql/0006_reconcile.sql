-- sessions.due: when kycd polls the provider if no event arrives for the session. Existing sessions get 0: at once.
-- users.doubted: since when the provider may have a session of this user that kycd has no record of; 0: there is none.
-- watches: when a periodic job last ran, from which kycd computes after a start how long it was stopped.

ALTER TABLE sessions ADD COLUMN due {int} NOT NULL DEFAULT 0;
CREATE INDEX sessions_by_due ON sessions (status, due, id);
ALTER TABLE users ADD COLUMN doubted {int} NOT NULL DEFAULT 0;
CREATE TABLE watches (
	name {text} NOT NULL PRIMARY KEY,
	at {int} NOT NULL
) {strict};

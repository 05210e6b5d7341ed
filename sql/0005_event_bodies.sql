-- Bodies of events, sealed under the key of their person, until KYCD_KEEP_EVENTS is over. They have a table of their own, so
-- that the journal stays small and what goes is a row.

CREATE TABLE event_bodies (
	"key" {bytes} NOT NULL PRIMARY KEY,
	session {text} NOT NULL,
	received {int} NOT NULL,
	sealed {bytes} NOT NULL
) {strict};
CREATE INDEX event_bodies_by_age ON event_bodies (received, "key");
CREATE INDEX event_bodies_by_session ON event_bodies (session, received, "key");

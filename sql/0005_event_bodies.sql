-- Bodies of provider events, encrypted with the person's key and kept for KYCD_KEEP_EVENTS. They are in a table of their own
-- so that the table of events stays small and an expired body is removed by deleting its row.

CREATE TABLE event_bodies (
	"key" {bytes} NOT NULL PRIMARY KEY,
	session {text} NOT NULL,
	received {int} NOT NULL,
	sealed {bytes} NOT NULL
) {strict};
CREATE INDEX event_bodies_by_age ON event_bodies (received, "key");
CREATE INDEX event_bodies_by_session ON event_bodies (session, received, "key");

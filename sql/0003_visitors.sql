-- How often codes were asked for from one end user's address, as a keyed hash that is kept for a day.

CREATE TABLE visitors (
	"key" {bytes} NOT NULL PRIMARY KEY,
	send_full {int} NOT NULL,
	day_full {int} NOT NULL,
	until {int} NOT NULL
) {strict};
CREATE INDEX visitors_by_end ON visitors (until, "key");

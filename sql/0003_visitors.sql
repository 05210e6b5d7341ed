-- Rate limits for verification codes per IP address of an end user. "key" is a keyed hash of the address; a row is kept for
-- one day.

CREATE TABLE visitors (
	"key" {bytes} NOT NULL PRIMARY KEY,
	send_full {int} NOT NULL,
	day_full {int} NOT NULL,
	until {int} NOT NULL
) {strict};
CREATE INDEX visitors_by_end ON visitors (until, "key");

-- Work that one of several instances does for all of them, and until when it is taken to be alive, by the clock of the
-- database.

CREATE TABLE leases (
	name {text} NOT NULL PRIMARY KEY,
	lessee {text} NOT NULL,
	until {int} NOT NULL
) {strict};

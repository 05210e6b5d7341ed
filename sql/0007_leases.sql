-- Leases for work that one of several instances does for all of them. A lease that is not renewed expires at `until`, measured
-- by the database's clock; another instance may then take it.

CREATE TABLE leases (
	name {text} NOT NULL PRIMARY KEY,
	lessee {text} NOT NULL,
	until {int} NOT NULL
) {strict};

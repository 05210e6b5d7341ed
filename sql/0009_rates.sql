-- What several instances count together: how often something was done lately (domain/rate.h), by the clock of the database;
-- and the token that the provider has given to all of them.

CREATE TABLE rates (
	name {text} NOT NULL PRIMARY KEY,
	windows {bytes} NOT NULL
) {strict};

CREATE TABLE tokens (
	name {text} NOT NULL PRIMARY KEY,
	sealed {bytes} NOT NULL,
	serial {int} NOT NULL,
	renew {int} NOT NULL,
	expires {int} NOT NULL,
	lessee {text} NOT NULL,
	leased_until {int} NOT NULL
) {strict};

-- State that several instances share. rates: how often an action was done recently (src/domain/rate.h), measured by the
-- database's clock. tokens: the provider's access token, which all instances use.

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

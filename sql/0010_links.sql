-- Claims: which wallet says of an e-mail that it is its owner's as well, with the code that was sent for the pair. A row is
-- kept until it is confirmed or another wallet claims the e-mail. And who is one person by a confirmed link: the user of the
-- wallet names those of the e-mails, and their addresses name the wallet's.

CREATE TABLE claims (
	tenant {text} NOT NULL,
	email {bytes} NOT NULL,
	wallet {bytes} NOT NULL,
	made {int} NOT NULL,
	"user" {text} NOT NULL,
	digest {bytes} NOT NULL,
	created {int} NOT NULL,
	expires {int} NOT NULL,
	tries_left {int} NOT NULL,
	used {int} NOT NULL,
	letter {text} NOT NULL,
	PRIMARY KEY (tenant, email)
) {strict};
CREATE INDEX claims_by_wallet ON claims (wallet, tenant, email);
ALTER TABLE addresses ADD COLUMN joined {text} NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN members {text} NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN pair_full {int} NOT NULL DEFAULT 0;

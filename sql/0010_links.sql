-- Claims: the owner of a wallet states that an e-mail address is also theirs, and kycd sends a code for this pair. A row is
-- kept until the claim is confirmed or another wallet claims the e-mail address.
-- A confirmed claim links users into one person: `members` of the wallet's user lists the users of the e-mail addresses, and
-- `joined` of their addresses is the wallet's user. pair_full: rate limit for sending these codes.

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

-- Open wallet challenges: the newest one per tenant and wallet, stored as a keyed hash. A challenge is deleted when it is
-- used, or one hour after it expired.

CREATE TABLE challenges (
	tenant {text} NOT NULL,
	wallet {bytes} NOT NULL,
	digest {bytes} NOT NULL,
	created {int} NOT NULL,
	expires {int} NOT NULL,
	tries_left {int} NOT NULL,
	PRIMARY KEY (tenant, wallet)
) {strict};
CREATE INDEX challenges_by_end ON challenges (expires, tenant, wallet);

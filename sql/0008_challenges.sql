-- Open wallet challenges: the newest of each wallet with a tenant, as a keyed hash. Used ones are removed, expired ones
-- an hour later.

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

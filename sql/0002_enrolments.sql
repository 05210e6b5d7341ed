-- Enrolments in the order of their people: those of new people land at the end of the tree, where a key that began with
-- the blind index dirtied a page for each of them. Who is enrolled is found by way of the address.

CREATE TABLE enrolments_by_person (
	tenant {text} NOT NULL,
	"user" {text} NOT NULL,
	blind {bytes} NOT NULL,
	prepared {int} NOT NULL,
	proven {int} NOT NULL,
	last_letter {text} NOT NULL,
	PRIMARY KEY (tenant, "user", blind)
) {strict};
INSERT INTO enrolments_by_person (tenant, "user", blind, prepared, proven, last_letter)
	SELECT tenant, "user", blind, prepared, proven, last_letter FROM enrolments;
DROP TABLE enrolments;
ALTER TABLE enrolments_by_person RENAME TO enrolments;

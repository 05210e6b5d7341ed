-- The primary key of enrolments becomes (tenant, user, blind) instead of (tenant, blind). User ids increase with time, so that
-- rows of new users are added at the end of the B-tree; blind indexes are random, so that each new row changed a different
-- page. To find an enrolment by e-mail or wallet, kycd reads the address first and takes the user's id from there.

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

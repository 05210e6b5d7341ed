-- Notes of operators about a person (src/domain/operator_note.h). Each belongs to a tenant. The text is sealed with the person's key, and
-- erasing the person removes the rows.

CREATE TABLE operator_notes (
	id {text} NOT NULL PRIMARY KEY,
	tenant_id {text} NOT NULL,
	user_id {text} NOT NULL,
	operator_id {text} NOT NULL,
	sealed_text {bytes} NOT NULL,
	created_at {int} NOT NULL
) {strict};
CREATE INDEX operator_notes_by_user ON operator_notes (tenant_id, user_id, created_at, id);

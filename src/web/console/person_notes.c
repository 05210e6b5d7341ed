#include "api/core/answer.h"
#include "api/core/fields.h"
#include "app/console/operator_note_add.h"
#include "domain/operator_note.h"
#include "web/console/free_text.h"
#include "web/console/person_path.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/core/form_body.h"

struct operator_note_body {
	struct str text;
};

static const struct field operator_note_fields[] = { FIELD(
	struct operator_note_body, text, FIELD_EXACT, FIELD_REQUIRED, 1, OPERATOR_NOTE_MAX) };
static const struct form operator_note_form = FORM(operator_note_fields, struct operator_note_body, "");

/* Reads the note. Returns false and sets `refused` if it is missing, too long or malformed. */
static bool read_note(
	const struct console_request *request, struct console_note_params *out, struct reply *refused)
{
	void *read = NULL;
	const enum form_body_verdict form = form_body_read(
		request->call, &operator_note_form, &read, refused);

	if (form == FORM_BODY_REFUSED)
		return false;
	if (form == FORM_BODY_READ) {
		const struct operator_note_body *const body = read;

		out->text = str_trim(body->text);
		if (out->text.n > 0 && free_text_is_valid(out->text))
			return true;
	}
	*refused = console_notice(request, CONSOLE_NOTICE_BAD_FORM);
	return false;
}

/* If the person has too many notes, the page was loaded before the last one was added: it has no form now. */
static struct reply handle_note(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_note_params params;
	enum console_verdict verdict;
	bool is_full;
	struct reply refused;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!person_path_read(&request, &params.name))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	if (!read_note(&request, &params, &refused))
		return refused;
	const enum err e = console_note_add(
		call->world, call->arena, &request.caller, &params, &is_full, &verdict);
	if (e == OK && is_full)
		return console_notice(&request, CONSOLE_NOTICE_CONFLICT);
	return console_finish(&request, e, verdict, person_path(&request, &params.name), "note-added");
}

const struct route console_person_note_route = { .entry = { METHOD_POST,
							 "/console/people/:tenant/:id/notes" },
	HANDLE_WAITING(handle_note),
	.failure = ANSWER_UNAVAILABLE };

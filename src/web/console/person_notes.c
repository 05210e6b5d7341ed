#include "api/core/answer.h"
#include "api/core/fields.h"
#include "app/console/operator_note_add.h"
#include "domain/operator_note.h"
#include "web/console/form_page.h"
#include "web/console/free_text.h"
#include "web/console/person_path.h"
#include "web/console/request.h"
#include "web/console/routes.h"

struct operator_note_body {
	struct str text;
};

/* Longer than what is valid, so that a note that is too long is shown again. */
#define NOTE_FIELD_MAX 16384

static const struct field operator_note_fields[] = { FIELD(
	struct operator_note_body, text, FIELD_EXACT, FIELD_OPTIONAL, 0, NOTE_FIELD_MAX) };
static const struct form operator_note_form = FORM(operator_note_fields, struct operator_note_body, "");

static const char *check_note(struct str text)
{
	if (text.n == 0)
		return "must not be empty";
	if (text.n > OPERATOR_NOTE_MAX)
		return "must be at most 3,000 bytes";
	return free_text_is_valid(text) ? NULL : "must have no control characters";
}

static struct reply show_form(const struct console_request *request, const struct console_person_name *name,
	struct str text, const char *fault)
{
	const struct str page = person_path(request, name);
	const struct console_form form = { .title = STR("Add a note"),
		.action = arena_printf(request->call->arena, "%.*s/notes", STR_ARG(page)),
		.button = STR("Add note"),
		.back_url = page,
		.back_text = STR("The person"),
		.needs = CONSOLE_ADD_NOTE };
	const struct form_input input = {
		.name = "text", .label = "Note", .kind = INPUT_TEXT, .value = text, .fault = str_of(fault)
	};

	return console_form_show(request, &form, &input, 1);
}

/* If the person has too many notes, the page was loaded before the last one was added: it has no form now. */
static struct reply handle_note(struct call *call, struct store *store)
{
	struct console_request request;
	struct console_note_params params;
	enum console_verdict verdict;
	void *body = NULL;
	bool is_full;
	struct reply refused;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &refused))
		return refused;
	if (!person_path_read(&request, &params.name))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	if (!console_form_read(&request, &operator_note_form, &body, &refused))
		return refused;
	params.text = str_trim(((const struct operator_note_body *)body)->text);
	const char *const fault = check_note(params.text);

	if (fault)
		return show_form(&request, &params.name, params.text, fault);
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

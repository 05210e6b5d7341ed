#include "app/console/people_search.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "api/core/fields.h"
#include "app/person/people.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/words.h"
#include "web/core/form_body.h"

DECLARE_TEMPLATE(console_people_found);

struct match_row {
	struct str url, user_id, tenant, status, tone;
};

static const struct template_value match_row_rows[] = {
	TEXT_VALUE(struct match_row, url),
	TEXT_VALUE(struct match_row, user_id),
	TEXT_VALUE(struct match_row, tenant),
	TEXT_VALUE(struct match_row, status),
	TEXT_VALUE(struct match_row, tone),
};
static const struct template_table match_row_values = TEMPLATE_TABLE(struct match_row, match_row_rows);

struct found_values {
	struct template_list people;
	bool has_more;
};

static const struct template_value found_value_rows[] = {
	LIST_VALUE(struct found_values, people, &match_row_values),
	FLAG_VALUE(struct found_values, has_more),
};
const struct page_template console_people_found_page = { .template = &template_console_people_found,
	.values = TEMPLATE_TABLE(struct found_values, found_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

struct search_body {
	struct str text;
};

static const struct field search_fields[] = { FIELD(
	struct search_body, text, FIELD_CHARACTERS, FIELD_REQUIRED, 1, CONSOLE_SEARCH_MAX_CHARACTERS) };
static const struct form search_form = FORM(search_fields, struct search_body, "");

static struct reply show_matches(
	const struct console_request *request, struct arena *a, const struct console_matches *matches)
{
	struct match_row *const rows = arena_array(a, struct match_row, matches->n + 1);

	for (size_t i = 0; rows && i < matches->n; i++) {
		const struct console_match *const match = &matches->rows[i];

		rows[i] = (struct match_row){ console_person_path(a, match->tenant, &match->id),
			console_user_id(a, &match->id), str_of(match->tenant),
			console_status_label(match->status), console_status_tone(match->status) };
	}
	const struct found_values values = { { rows, rows ? matches->n : 0 }, matches->has_more };

	return console_page(request, &console_people_found_page, &values, 200);
}

static struct reply search(const struct console_request *request, struct arena *a)
{
	enum console_verdict verdict;
	struct console_matches matches;
	const enum err e = console_people_search(
		request->call->world, a, &request->caller, request->search, &matches, &verdict);

	if (e != OK)
		return console_failed(request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(request, verdict, STR("/console/people"));
	if (matches.n != 1)
		return show_matches(request, a, &matches);
	return console_redirect(request,
		console_person_path(request->call->arena, matches.rows[0].tenant, &matches.rows[0].id), NULL);
}

static struct reply handle_search(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply reply;
	void *body = NULL;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	switch (form_body_read(call, &search_form, &body, &reply)) {
	case FORM_BODY_READ:
		break;
	case FORM_BODY_BAD:
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	case FORM_BODY_REFUSED:
		return reply;
	}
	arena_init(&a, PEOPLE_MEMORY);
	request.search = ((const struct search_body *)body)->text;
	reply = search(&request, &a);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

/* The address of the search stays in the browser's address bar after a search that found nobody. */
static struct reply redirect_to_people(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply reply;

	(void)store;
	if (!console_admit(call, &request, &reply))
		return reply;
	return console_redirect(&request, STR("/console/people"), NULL);
}

const struct route console_people_search_page_route = { .entry = { METHOD_GET, "/console/people/search" },
	HANDLE_WAITING(redirect_to_people),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_people_export_page_route = { .entry = { METHOD_GET, "/console/people/export" },
	HANDLE_WAITING(redirect_to_people),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_people_search_route = { .entry = { METHOD_POST, "/console/people/search" },
	HANDLE_WAITING(handle_search),
	.failure = ANSWER_UNAVAILABLE };

/* The tables of words: each is made from the table that the program itself uses. */
#include <string.h>

#include "api/describe/docs_build.h"
#include "domain/event.h"
#include "domain/next_action.h"
#include "domain/overall_status.h"
#include "domain/reason.h"
#include "domain/scope.h"
#include "domain/verification.h"

static struct docs_row *add_row(struct docs_builder *b, struct template_list *rows, const char *word)
{
	struct docs_row *const row = docs_add(b, rows, sizeof(*row));

	if (row)
		row->word = str_of(word);
	return row;
}

static bool route_answers(const struct route *route, enum answer answer)
{
	struct route_response responses[ROUTE_RESPONSES_MAX];
	const size_t n = route_responses(route, responses);

	for (size_t i = 0; i < n; i++)
		if (responses[i].answer == answer)
			return true;
	return false;
}

/* Adds the calls that have the answer, and returns how many calls do not. */
static size_t add_calls_with(struct docs_builder *b, struct template_list *words, enum answer answer)
{
	const struct api_context *const api = b->api;
	size_t n_without = 0;

	for (size_t i = 0; i < api->n_routes; i++) {
		const struct operation_doc *const doc = api->routes[i]->doc;

		if (!doc)
			continue;
		if (route_answers(api->routes[i], answer))
			docs_add_word(b, words, str_of(doc->operation), str_of(doc->operation));
		else
			n_without++;
	}
	return n_without;
}

static void add_answer_words(struct docs_builder *b, struct template_list *rows)
{
	for (enum answer answer = 0; answer < ANSWER_COUNT; answer++) {
		struct template_list calls = { NULL, 0 };
		const size_t n_without = add_calls_with(b, &calls, answer);

		if (calls.n == 0)
			continue;
		struct docs_row *const row = add_row(b, rows, answer_rows[answer].status);
		if (!row)
			return;
		row->http = arena_printf(b->a, "%d", answer_rows[answer].http);
		row->text = str_of(answer_rows[answer].message);
		if (n_without == 0)
			row->state = STR("every call");
		else
			row->words = calls;
	}
}

static void add_kyc_statuses(struct docs_builder *b, struct template_list *rows)
{
	for (enum overall_status status = OVERALL_PENDING; status < OVERALL_STATUS_COUNT; status++) {
		struct docs_row *const row = add_row(b, rows, overall_status_name(status));

		for (enum session_status s = 0; row && s < STATUS_COUNT; s++)
			if (!session_status_is_internal(s) && overall_status_of(s) == status)
				docs_add_word(
					b, &row->words, STR(""), str_of(session_status_provider_name(s)));
	}
}

static void add_session_statuses(struct docs_builder *b, struct template_list *rows)
{
	for (enum session_status from = 0; from < STATUS_COUNT; from++) {
		if (session_status_is_internal(from))
			continue;
		struct docs_row *const row = add_row(b, rows, session_status_provider_name(from));
		if (!row)
			return;
		row->text = str_of(session_status_api_name(from));
		row->state = session_status_is_open(from) ? STR("open") : STR("final");
		for (enum session_status to = 0; to < STATUS_COUNT; to++)
			if (session_status_can_change_to(from, to))
				docs_add_word(
					b, &row->words, STR(""), str_of(session_status_provider_name(to)));
	}
}

static void add_reasons(struct docs_builder *b, struct template_list *rows)
{
	for (enum reason reason = 0; reason < REASON_COUNT; reason++) {
		struct docs_row *const row = add_row(b, rows, reason_name(reason));

		if (row)
			row->text = str_of(reason_name(reason_for_people(reason)));
	}
}

static void add_scopes(struct docs_builder *b, struct template_list *rows)
{
	const struct api_context *const api = b->api;

	for (enum scope scope = SCOPE_ANY + 1; scope < SCOPE_COUNT; scope++) {
		struct docs_row *const row = add_row(b, rows, scope_name(scope));

		for (size_t i = 0; row && i < api->n_routes; i++) {
			const struct route *const route = api->routes[i];

			if (route->doc && route->scope == scope)
				docs_add_word(b, &row->words, str_of(route->doc->operation),
					str_of(route->doc->operation));
		}
	}
}

void docs_set_words(struct docs_builder *b, struct docs_reference *reference)
{
	add_answer_words(b, &reference->answer_words);
	add_kyc_statuses(b, &reference->kyc_statuses);
	add_session_statuses(b, &reference->session_statuses);
	add_reasons(b, &reference->reasons);
	for (size_t i = 0; next_action_name_at(i); i++)
		(void)add_row(b, &reference->next_actions, next_action_name_at(i));
	for (enum event_type type = EVENT_NONE + 1; type < EVENT_TYPE_COUNT; type++)
		(void)add_row(b, &reference->event_types, event_type_name(type));
	add_scopes(b, &reference->scopes);
}

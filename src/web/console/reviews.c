#include "app/console/reviews.h"

#include <inttypes.h>

#include "api/core/answer.h"
#include "base/attr.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"

/* The end of the year 9999, in milliseconds. */
#define CREATED_AT_MAX 253402300799999

DECLARE_TEMPLATE(console_reviews);

struct review_item {
	struct str session, provider_session, tenant, person_url, person, reference, reasons, created_at;
	struct str claimed_by, claimed_until;
	bool is_proposed, is_claimed, is_own;
};

static const struct template_value review_item_rows[] = {
	TEXT_VALUE(struct review_item, session),
	TEXT_VALUE(struct review_item, provider_session),
	TEXT_VALUE(struct review_item, tenant),
	TEXT_VALUE(struct review_item, person_url),
	TEXT_VALUE(struct review_item, person),
	NAME_VALUE(struct review_item, reference),
	TEXT_VALUE(struct review_item, reasons),
	MARKUP_VALUE(struct review_item, created_at),
	NAME_VALUE(struct review_item, claimed_by),
	MARKUP_VALUE(struct review_item, claimed_until),
	FLAG_VALUE(struct review_item, is_proposed),
	FLAG_VALUE(struct review_item, is_claimed),
	FLAG_VALUE(struct review_item, is_own),
};
static const struct template_table review_item_values = TEMPLATE_TABLE(struct review_item, review_item_rows);

struct reviews_values {
	struct template_list rows;
	struct str next_url;
	bool is_later_page;
};

static const struct template_value reviews_value_rows[] = {
	LIST_VALUE(struct reviews_values, rows, &review_item_values),
	TEXT_VALUE(struct reviews_values, next_url),
	FLAG_VALUE(struct reviews_values, is_later_page),
};
const struct page_template console_reviews_page = { .template = &template_console_reviews,
	.values = TEMPLATE_TABLE(struct reviews_values, reviews_value_rows),
	.group_values = &console_frame_values,
	.script = "console",
	.style = "console" };

static struct template_list items_of(struct arena *a, const struct review_list *list)
{
	struct review_item *const items = arena_array(a, struct review_item, REVIEW_LIST_MAX);

	for (size_t i = 0; items && i < list->n; i++) {
		const struct review_row *const row = &list->rows[i];

		items[i] = (struct review_item){ .session = str_of(row->session_id.text),
			.provider_session = str_of(row->provider_ref.text),
			.tenant = str_of(row->tenant),
			.reference = row->person.reference,
			.reasons = console_reasons_text(a, row->reasons),
			.created_at = console_time(a, row->created_at),
			.claimed_by = row->claimed_by,
			.claimed_until = console_time(a, row->claimed_until),
			.is_proposed = row->is_proposed,
			.is_claimed = row->is_claimed,
			.is_own = row->is_own };
		if (row->person.id.text[0] == '\0')
			continue;
		items[i].person = console_user_id(a, &row->person.id);
		items[i].person_url = console_person_path(a, row->tenant, &row->person.id);
	}
	return (struct template_list){ items, items ? list->n : 0 };
}

static struct reply show(const struct console_request *request, struct arena *a, bool is_later_page,
	const struct review_list *list)
{
	const struct review_key *const next = &list->next_after;
	const struct reviews_values values = { .rows = items_of(a, list),
		.next_url = list->has_more ? arena_printf(a, "/console/reviews?from=%" PRId64 "&after=%s",
						     next->created_at.ms, next->session_id.text)
					   : STR(""),
		.is_later_page = is_later_page };

	return console_page(request, &console_reviews_page, &values, 200);
}

/* Reads the place in the queue at which the page begins. Returns false if it is not as next_url has it. */
static bool read_key(const struct console_request *request, struct review_key *out)
{
	const struct str from = console_query(request, STR("from")),
			 after = console_query(request, STR("after"));

	*out = (struct review_key){ .session_id = { "" } };
	if (from.n == 0 && after.n == 0)
		return true;
	return str_number(from, CREATED_AT_MAX, &out->created_at.ms) && id_is_valid(after) &&
	       str_copy_to(after, out->session_id.text, sizeof(out->session_id.text));
}

static struct reply handle_list(struct call *call, struct store *store)
{
	struct console_request request;
	enum console_verdict verdict;
	struct review_list *list;
	struct reply reply;
	struct arena a;
	struct review_key after;

	(void)store; /* the use case opens its own transaction */
	if (!console_admit(call, &request, &reply))
		return reply;
	if (!read_key(&request, &after))
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	arena_init(&a, REVIEWS_ARENA);
	list = arena_new(&a, struct review_list);
	const enum err e = list ? console_review_list(
					  call->world, &a, &request.caller, &after, list, &verdict)
				: ERR_INTERNAL;
	if (e != OK)
		reply = console_failed(&request, e);
	else if (verdict != CONSOLE_PERMITTED)
		reply = console_refused(&request, verdict, STR("/console"));
	else
		reply = show(&request, &a, after.created_at.ms > 0, list);
	arena_finish(&a);
	return reply;
}

const struct route console_reviews_route = { .entry = { METHOD_GET, "/console/reviews" },
	HANDLE_WAITING(handle_list),
	.failure = ANSWER_UNAVAILABLE };

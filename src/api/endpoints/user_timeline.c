#include "api/endpoints/routes.h"

#include "api/core/fields.h"
#include "api/endpoints/include.h"
#include "api/endpoints/users.h"
#include "app/person/people.h"
#include "app/person/person_timeline.h"
#include "base/attr.h"

struct timeline_query {
	struct str after;
	struct form_integer limit;
};

static void write_timeline(struct buf *text, const struct timeline_page *page)
{
	struct json_writer w;

	json_writer_init(&w, text);
	json_begin_object(&w);
	json_key(&w, "timeline");
	json_begin_array(&w);
	for (size_t i = 0; i < page->n; i++) {
		json_begin_object(&w);
		write_time(&w, "at", page->rows[i].at);
		json_field_text(&w, "type", str_of(page->rows[i].type));
		json_field_text(&w, "text", page->rows[i].text);
		json_end_object(&w);
	}
	json_end_array(&w);
	write_page_end(&w, page->next_after.text[0] != '\0' ? page->next_after.text : NULL, page->has_more);
	json_end_object(&w);
}

static struct reply get_timeline(struct call *call, const struct timeline_params *params, struct arena *a)
{
	struct timeline_page page = { .n = 0 };
	struct buf text;
	struct str json;

	enum err e = person_timeline_read(call->world, a, params, &page);
	if (e == ERR_NOT_FOUND)
		return respond(call->arena, ANSWER_USER_ID_NOT_FOUND);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	buf_init(&text, a);
	write_timeline(&text, &page);
	e = buf_done(&text, &json);
	return e == OK ? respond_data(call->arena, ANSWER_TIMELINE_RETRIEVED, json)
		       : respond_failure(call->arena, e, call->route->failure);
}

static struct reply handle_timeline(struct call *call, struct store *store)
{
	const struct timeline_query *const query = call->body;
	struct timeline_params params = { .tenant = &call->caller.tenant,
		.limit = query->limit.is_given ? (size_t)query->limit.value : PAGE_LIMIT_DEFAULT };
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (query->after.n > 0 &&
		(!id_is_valid(query->after) || !str_copy_to(query->after, params.after.text, ID_SIZE))) {
		(void)refuse_value(call, STR("after is no next_after of a timeline"), &reply);
		return reply;
	}
	if (!read_user_id(call, &params.person))
		return respond(call->arena, ANSWER_USER_ID_NOT_FOUND);
	arena_init(&a, PEOPLE_MEMORY);
	reply = get_timeline(call, &params, &a);
	arena_finish(&a);
	return reply;
}

/* clang-format off */
#define EXAMPLE_CURSOR "01ja4w9dkd8fxhxv60f9d2qz8p"
#define LIMITS_CURSOR 1, ID_LENGTH
#define DOC_CURSOR EXAMPLE_CURSOR, "The `next_after` of the page before; left out: the first page."
static const struct field timeline_fields[] = {
	FIELD_DOC(struct timeline_query, after, FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_CURSOR, DOC_CURSOR),
	FIELD_DOC(struct timeline_query, limit, FIELD_INTEGER,    FIELD_OPTIONAL, LIMITS_PAGE,   DOC_PAGE_LIMIT),
};
static const struct form timeline_form = FORM(timeline_fields, struct timeline_query, "");

static const struct schema_member row_members[] = {
	{ "at",   MEMBER_TEXT, "2026-01-31T10:00:00.000Z", NULL, false, NULL, NULL },
	{ "type", MEMBER_TEXT, "user.prepared", "What happened, for programs. The type of the event if there is one.", false, timeline_type_at, NULL },
	{ "text", MEMBER_TEXT, "An e-mail address of the person was registered.", "What happened, for people.", false, NULL, NULL },
};
static const struct json_schema row_schema = SCHEMA(row_members);
static const struct schema_member timeline_members[] = {
	{ "timeline", MEMBER_LIST, NULL, "What happened, oldest first.", false, NULL, &row_schema },
	PAGE_MEMBERS(EXAMPLE_CURSOR),
};
static const struct json_schema timeline_schema = SCHEMA(timeline_members);
/* clang-format on */

const struct route user_timeline_route = {
	.entry = { METHOD_GET, "/v1/users/:user_id/timeline" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_USERS_READ,
	HANDLE_WAITING(handle_timeline),
	.form = &timeline_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getUserTimeline",
			.group = "People",
			.summary = "Get what happened to a person",
			.description =
				"In words, oldest first. It has what happened with your tenant, not with other tenants.",
			RESPONSES({ .answer = ANSWER_TIMELINE_RETRIEVED, .data = &timeline_schema },
				{ .answer = ANSWER_USER_ID_NOT_FOUND }),
			PARAMS({ IN_PATH, "user_id", true, EXAMPLE_USER_ID, NULL, "The person." }),
		},
};

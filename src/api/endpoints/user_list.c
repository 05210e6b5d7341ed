#include "api/endpoints/routes.h"

#include "api/core/fields.h"
#include "api/endpoints/identifiers.h"
#include "api/endpoints/include.h"
#include "api/endpoints/users.h"
#include "app/person/people.h"
#include "base/attr.h"
#include "domain/event.h"

struct list_users_query {
	struct str status, reference, after;
	struct form_integer limit;
};

static bool read_list_params(struct call *call, struct people_params *out, struct reply *reply)
{
	const struct list_users_query *const query = call->body;
	struct include unused;

	*out = (struct people_params){ .tenant = &call->caller.tenant,
		.reference = query->reference,
		.has_status = query->status.n > 0,
		.limit = query->limit.is_given ? (size_t)query->limit.value : PAGE_LIMIT_DEFAULT };
	if (out->has_status && !overall_status_parse(query->status, &out->status))
		return refuse_value(call, STR("status is no KYC status"), reply);
	if (query->after.n > 0 && !shown_id_read(PUBLIC_USER_ID_PREFIX, query->after, out->after.text))
		return refuse_value(call, STR("after is no user_id"), reply);
	return read_reference(call, query->reference, &unused, reply);
}

static void write_list(struct buf *text, const struct people_page *page)
{
	struct json_writer w;
	char shown[SHOWN_ID_SIZE];

	json_writer_init(&w, text);
	json_begin_object(&w);
	json_key(&w, "users");
	json_begin_array(&w);
	for (size_t i = 0; i < page->n; i++) {
		json_begin_object(&w);
		write_person(&w, &page->people[i]);
		json_end_object(&w);
	}
	json_end_array(&w);
	shown_id_write(PUBLIC_USER_ID_PREFIX, page->next_after.text, shown);
	write_page_end(&w, page->next_after.text[0] != '\0' ? shown : NULL, page->has_more);
	json_end_object(&w);
}

/* The page is prepared in an arena of its own, which is larger than that of the call. */
static struct reply list_users(struct call *call, const struct people_params *params, struct arena *a)
{
	struct people_page page = { .n = 0 };
	struct buf text;
	struct str json;

	enum err e = people_list(call->world, a, params, &page);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	buf_init(&text, a);
	write_list(&text, &page);
	e = buf_done(&text, &json);
	return e == OK ? respond_data(call->arena, ANSWER_USERS_RETRIEVED, json)
		       : respond_failure(call->arena, e, call->route->failure);
}

static struct reply handle_list_users(struct call *call, struct store *store)
{
	struct people_params params;
	struct arena a;
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_list_params(call, &params, &reply))
		return reply;
	arena_init(&a, PEOPLE_MEMORY);
	reply = list_users(call, &params, &a);
	arena_finish(&a);
	return reply;
}

/* clang-format off */
#define DOC_STATUS "approved", "Only people with this status."
#define DOC_USER_REFERENCE "customer-4711", "Only people with this reference, your own id of a person."
#define LIMITS_AFTER 1, SHOWN_ID_SIZE - 1
#define DOC_AFTER EXAMPLE_USER_ID, "The `next_after` of the page before; left out: the first page."
static const struct field list_users_fields[] = {
	FIELD_DOC(struct list_users_query, status,    FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_WORD,      DOC_STATUS),
	FIELD_DOC(struct list_users_query, reference, FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_REFERENCE, DOC_USER_REFERENCE),
	FIELD_DOC(struct list_users_query, after,     FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_AFTER,     DOC_AFTER),
	FIELD_DOC(struct list_users_query, limit,     FIELD_INTEGER,    FIELD_OPTIONAL, LIMITS_PAGE,      DOC_PAGE_LIMIT),
};
static const struct form list_users_form = FORM(list_users_fields, struct list_users_query, "");

static const struct schema_member user_members[] = { PERSON_MEMBERS };
static const struct json_schema user_schema = SCHEMA(user_members);
static const struct schema_member users_members[] = {
	{ "users", MEMBER_LIST, NULL, "The people, newest first.", false, NULL, &user_schema },
	PAGE_MEMBERS(EXAMPLE_USER_ID),
};
static const struct json_schema users_schema = SCHEMA(users_members);
/* clang-format on */

const struct route list_users_route = {
	.entry = { METHOD_GET, "/v1/users" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_USERS_READ,
	HANDLE_WAITING(handle_list_users),
	.form = &list_users_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "listUsers",
			.group = "People",
			.summary = "List the people of your tenant",
			.description =
				"Newest first. A person who has linked several addresses is one row. A row has no "
				"address; `user_id` and `reference` tell you who it is. URLs are often logged: use "
				"references that say nothing about a person.",
			RESPONSES({ .answer = ANSWER_USERS_RETRIEVED, .data = &users_schema }),
		},
};

/* The feed of events (spec/events.md 3). */
#include <string.h>

#include "api/core/dispatch.h"
#include "api/core/fields.h"
#include "api/endpoints/event_schema.h"
#include "api/endpoints/routes.h"
#include "app/core/long_poll.h"
#include "app/event/feed.h"
#include "base/attr.h"

struct events_query {
	struct str after, types;
	struct form_integer limit, wait; /* `wait` in seconds */
};

/* A call while it is answered. The events are read into an arena of their own, because a page may be larger
 * than a call's memory; the response is written into the call's. */
struct events_read {
	struct call *call;
	struct feed_query query;
	struct feed_page page;
	struct arena arena;
	char cursor[SHOWN_ID_SIZE]; /* of the page that was read before, for query.after */
};

static void put_id_or_null(struct json_writer *w, const char *key, const char *id)
{
	if (id[0] != '\0')
		json_field_text(w, key, str_of(id));
	else
		json_field_null(w, key);
}

static struct reply respond_expired(struct call *call, const struct feed_page *page)
{
	struct json_body details;

	json_body_begin(&details, call);
	put_id_or_null(&details.w, "oldest", page->oldest);
	return respond_json_details(call, ANSWER_CURSOR_EXPIRED, &details);
}

static struct reply respond_page(struct events_read *read)
{
	struct json_writer w;
	struct buf text;
	struct str data;

	if (read->page.is_expired)
		return respond_expired(read->call, &read->page);
	buf_init(&text, &read->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_key(&w, "events");
	json_put_raw(&w, read->page.events);
	put_id_or_null(&w, "next_after", read->page.next_after);
	json_field_bool(&w, "has_more", read->page.has_more);
	json_end_object(&w);
	if (buf_done(&text, &data) != OK)
		return respond(read->call->arena, ANSWER_UNAVAILABLE);
	return respond_data(read->call->arena, ANSWER_EVENTS_RETRIEVED, data);
}

/* Returns whether the call would be answered with this page although it may wait. */
static bool is_worth_answering(const struct feed_page *page)
{
	return page->is_expired || page->n > 0 || page->has_more;
}

/* Frees the memory of a page without events, because many calls wait at the same time. */
static void free_empty_page(struct events_read *read)
{
	arena_finish(&read->arena);
	arena_init(&read->arena, FEED_MEMORY);
	read->page.events = STR("[]");
}

/* Reads the events after those that were looked at, if there are any. */
static enum err read_news(struct events_read *read)
{
	bool found;

	TRY(feed_has_news(read->call->world, &read->arena, read->query.tenant, read->page.position, &found));
	if (!found)
		return OK;
	arena_reset(&read->arena);
	memcpy(read->cursor, read->page.next_after, sizeof(read->cursor));
	if (read->cursor[0] != '\0')
		read->query.after = str_of(read->cursor);
	return feed_read(read->call->world, &read->arena, &read->query, &read->page);
}

/* Waits until there is an event that the caller wants, or the time is over. The time is counted in intervals,
 * so that a clock that is set cannot extend it. The events are numbered by the thread that commits wake, not
 * here: otherwise all waiting calls would do it at the same time. */
static enum err wait_for_events(struct events_read *read, int64_t wait_seconds)
{
	struct long_polls *const polls = read->call->api->long_polls;
	const int64_t intervals = seconds(wait_seconds).ms / LONG_POLL_INTERVAL.ms;
	enum err e = OK;

	if (!long_poll_begin(polls))
		return OK;
	for (int64_t i = 0; i < intervals && e == OK && !is_worth_answering(&read->page); i++) {
		free_empty_page(read);
		if (!long_poll_sleep(polls, LONG_POLL_INTERVAL))
			break;
		e = read_news(read);
	}
	long_poll_end(polls);
	return e;
}

static struct reply answer_events(struct events_read *read, int64_t wait_seconds)
{
	struct call *const call = read->call;
	enum err e = feed_read(call->world, &read->arena, &read->query, &read->page);

	/* A call for the cursor only never waits. */
	if (e == OK && wait_seconds > 0 && !str_eq(read->query.after, STR(FEED_NOW)))
		e = wait_for_events(read, wait_seconds);
	return e == OK ? respond_page(read) : respond_failure(call->arena, e, call->route->failure);
}

static struct reply handle_events(struct call *call, struct store *store)
{
	const struct events_query *const body = call->body;
	struct events_read read = { .call = call,
		.query = { .tenant = &call->caller.tenant,
			.after = body->after,
			.types = EVENT_TYPES_ALL,
			.limit = body->limit.is_given ? (size_t)body->limit.value : FEED_LIMIT_MAX } };

	(void)store; /* the feed uses the one of the world */
	if (body->types.n > 0 && !event_types_parse(body->types, &read.query.types))
		return respond_unknown_type(call, event_types_unknown(body->types));
	arena_init(&read.arena, FEED_MEMORY);
	const struct reply reply = answer_events(&read, body->wait.value);
	arena_finish(&read.arena);
	return reply;
}

static struct reply handle_event(struct call *call, struct store *store)
{
	struct arena a;
	struct str text = STR("");

	(void)store;
	arena_init(&a, FEED_MEMORY);
	const enum err e = feed_read_event(call->world, &a, &call->caller.tenant, call->params[0], &text);
	const struct reply reply = e == OK ? respond_data(call->arena, ANSWER_EVENT_RETRIEVED, text)
				   : e == ERR_NOT_FOUND
					   ? respond(call->arena, ANSWER_EVENT_NOT_FOUND)
					   : respond_failure(call->arena, e, call->route->failure);
	arena_finish(&a);
	return reply;
}

#define DOC_AFTER                                                                                            \
	EVENT_EXAMPLE_ID,                                                                                    \
		"The last event that you have seen, which is `next_after` of the page before. Without it, the page begins with the oldest event that is kept. `now` returns no event, only the cursor for those that come later."
#define DOC_TYPES                                                                                            \
	"kyc.*,user.linked",                                                                                 \
		"Only these types, separated by commas: a type, or a prefix such as `kyc.*`. At most 16."
#define DOC_LIMIT "50", "Events of a page at most. The default is 100."
#define DOC_EVENTS_WAIT                                                                                      \
	"20", "If there is no event, wait at most this many seconds for one. 0, the default, answers at once. The call also answers at once if too many calls wait already."

/* clang-format off */
static const struct field events_fields[] = {
	FIELD_DOC(struct events_query, after, FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_EVENT_ID,    DOC_AFTER),
	FIELD_DOC(struct events_query, types, FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_EVENT_TYPES, DOC_TYPES),
	FIELD_DOC(struct events_query, limit, FIELD_INTEGER, FIELD_OPTIONAL, LIMITS_PAGE,        DOC_LIMIT),
	FIELD_DOC(struct events_query, wait,  FIELD_INTEGER, FIELD_OPTIONAL, LIMITS_WAIT,        DOC_EVENTS_WAIT),
};
static const struct form events_form = FORM(events_fields, struct events_query, "");

static const struct schema_member events_members[] = {
	{ "events",     MEMBER_LIST, NULL, "Oldest first.", false, NULL, &event_schema },
	{ "next_after", MEMBER_TEXT, EVENT_EXAMPLE_ID, "The last event that was looked at, also one that `types` left out: the `after` of the next call. null if there is no event yet.", true, NULL, NULL },
	{ "has_more",   MEMBER_BOOL, "false", "Further events exist already: call again at once.", false, NULL, NULL },
};
static const struct json_schema events_schema = SCHEMA(events_members);
static const struct schema_member expired_members[] = {
	{ "oldest", MEMBER_TEXT, EVENT_EXAMPLE_ID, "The oldest event that is kept; null if there is none. You may have missed events: read the state of your people with `GET /v1/users`, then continue without `after`.", true, NULL, NULL },
};
static const struct json_schema expired_schema = SCHEMA(expired_members);
/* clang-format on */

const struct route events_route = {
	.entry = { METHOD_GET, "/v1/events" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_EVENTS_READ,
	HANDLE_WAITING(handle_events),
	.form = &events_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "listEvents",
			.group = "Events",
			.summary = "List events",
			.description =
				"What happened to your people, in the order in which it became visible. Store "
				"`next_after` after you have processed a page, and continue there: no event is "
				"skipped. With `wait`, the call is answered within a second after an event.",
			RESPONSES({ .answer = ANSWER_EVENTS_RETRIEVED, .data = &events_schema },
				{ .answer = ANSWER_CURSOR_EXPIRED, .details = &expired_schema }),
		},
};

const struct route event_route = {
	.entry = { METHOD_GET, "/v1/events/:event_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_EVENTS_READ,
	HANDLE_WAITING(handle_event),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getEvent",
			.group = "Events",
			.summary = "Get an event",
			.description = "The same event as in the list, while it is kept.",
			RESPONSES({ .answer = ANSWER_EVENT_RETRIEVED, .data = &event_schema },
				{ .answer = ANSWER_EVENT_NOT_FOUND }),
			PARAMS({ IN_PATH, "event_id", true, EVENT_EXAMPLE_ID, NULL, "The event's `id`." }),
		},
};

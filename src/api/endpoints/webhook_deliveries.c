/* The routes about the deliveries to a webhook endpoint (spec/events.md 2). */
#include "api/core/fields.h"
#include "api/endpoints/routes.h"
#include "api/endpoints/webhook_view.h"
#include "app/webhook/delivery_list.h"
#include "app/webhook/resend.h"
#include "base/attr.h"

#define DELIVERY_EXAMPLE "01kb7m4dw6v8wq3x4y5z6a7b8c"
#define EVENT_EXAMPLE "evt_01kb7m3p9t2hj4k5m6n7p8q9rs"

/* clang-format off */
#define LIMITS_WORD_ID 1, 64
#define DOC_STATE "failed", "Only deliveries in this state: `pending`, `delivered` or `failed`."
#define DOC_AFTER DELIVERY_EXAMPLE, "The `next_after` of the page before."
#define DOC_LIMIT "20", "Rows of the page; 100 if left out."
#define DOC_EVENT_ID EVENT_EXAMPLE, "The event. Without it, `since` is required."
#define DOC_SINCE "2026-01-05T10:05:00Z", "The beginning of the period; compared with the events' `timestamp`."
#define DOC_UNTIL "2026-01-05T11:05:00Z", "The end of the period, which is not part of it. Without it, all later events count."
#define DOC_RESEND_STATE "failed", "Only events whose delivery is in this state: `pending`, `delivered` or `failed`. Without it, also events that were never queued."
/* clang-format on */

struct list_query {
	struct str state, after;
	struct form_integer limit;
};

struct resend_body {
	struct str event_id, since, until, state;
};

static const char *delivery_state_at(size_t i)
{
	return i < DELIVERY_STATE_COUNT ? delivery_state_name((enum delivery_state)i) : NULL;
}

/* Reads a state; an empty text is none. */
static bool read_state(struct str text, bool *has_state, enum delivery_state *out)
{
	*has_state = text.n > 0;
	return !*has_state || delivery_state_read(text, out);
}

static struct reply respond_unknown_state(struct call *call)
{
	return respond_webhook_value(
		call, "state is unknown; it takes pending, delivered and failed", CAUSE_VALUE);
}

static void write_number_or_null(struct json_writer *w, const char *name, int64_t n, bool is_null)
{
	if (is_null)
		json_field_null(w, name);
	else
		json_field_int(w, name, n);
}

static void write_text_or_null(struct json_writer *w, const char *name, struct str text)
{
	if (text.n == 0)
		json_field_null(w, name);
	else
		json_field_text(w, name, text);
}

static void write_delivery(struct json_writer *w, const struct delivery_view *view)
{
	const struct effect *const row = &view->row;
	moment next_attempt_at = { 0 };
	char event_id[SHOWN_ID_SIZE];

	if (!row->done)
		next_attempt_at = row->due_at;
	shown_id_write(EVENT_ID_PREFIX, row->event_id.text, event_id);
	json_begin_object(w);
	json_field_text(w, "id", str_of(row->id.text));
	json_field_text(w, "event_id", str_of(event_id));
	write_text_or_null(w, "type", str_of(view->type));
	json_field_text(w, "state", str_of(delivery_state_name(delivery_state_of(row->state))));
	json_field_int(w, "attempts", row->tries);
	write_number_or_null(w, "http_status", row->http_status, row->http_status == 0);
	write_text_or_null(w, "error", str_of(row->error));
	/* An attempt has a status or an error; before the first one there is no duration either. */
	write_number_or_null(
		w, "duration_ms", row->duration_ms, row->http_status == 0 && row->error[0] == '\0');
	write_text_or_null(w, "excerpt", view->excerpt);
	write_moment_or_null(w, "next_attempt_at", next_attempt_at);
	json_end_object(w);
}

static struct reply respond_list(struct call *call, const struct delivery_list *list)
{
	struct json_body body;

	json_body_begin(&body, call);
	json_key(&body.w, "deliveries");
	json_begin_array(&body.w);
	for (size_t i = 0; i < list->n; i++)
		write_delivery(&body.w, &list->rows[i]);
	json_end_array(&body.w);
	write_text_or_null(
		&body.w, "next_after", list->n > 0 ? str_of(list->rows[list->n - 1].row.id.text) : STR(""));
	json_field_bool(&body.w, "has_more", list->has_more);
	return respond_json_data(call, ANSWER_DELIVERIES_RETRIEVED, &body);
}

static struct reply list_deliveries(
	struct call *call, const struct delivery_filter *filter, struct arena *rows)
{
	const struct webhook_client client = webhook_client_of(call);
	struct delivery_list list;
	struct endpoint_id id;
	struct reply reply;

	if (!read_endpoint_id(call, &id, &reply))
		return reply;
	const enum err e = webhook_delivery_list(call->world, rows, &client, &id, filter, &list);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (list.verdict == DELIVERY_LIST_NO_ENDPOINT)
		return respond(call->arena, ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND);
	if (list.verdict == DELIVERY_LIST_UNKNOWN_AFTER)
		return respond_webhook_value(call, "after is no delivery of this endpoint", CAUSE_VALUE);
	return respond_list(call, &list);
}

static struct reply handle_list(struct call *call, struct store *store)
{
	const struct list_query *const query = call->body;
	struct delivery_filter filter = {
		.has_after = query->after.n > 0,
		.limit = query->limit.is_given ? (size_t)query->limit.value : DELIVERY_LIST_MAX,
	};
	struct arena rows;

	(void)store; /* the use case opens its own transaction */
	if (!read_state(query->state, &filter.has_state, &filter.state))
		return respond_unknown_state(call);
	if (filter.has_after && (!id_is_valid(query->after) || !str_copy_to(query->after, filter.after.text,
								       sizeof(filter.after.text))))
		return respond_webhook_value(call, "after is no id of a delivery", CAUSE_VALUE);
	arena_init(&rows, DELIVERY_LIST_ARENA);
	const struct reply reply = list_deliveries(call, &filter, &rows);
	arena_finish(&rows);
	return reply;
}

/* clang-format off */
static const struct field list_fields[] = {
	FIELD_DOC(struct list_query, state, FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_WORD, DOC_STATE),
	FIELD_DOC(struct list_query, after, FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_ANY,  DOC_AFTER),
	FIELD_DOC(struct list_query, limit, FIELD_INTEGER, FIELD_OPTIONAL, LIMITS_PAGE, DOC_LIMIT),
};
static const struct form list_form = FORM(list_fields, struct list_query, "");

static const struct schema_member delivery_members[] = {
	{ "id",              MEMBER_TEXT, DELIVERY_EXAMPLE, NULL, false, NULL, NULL },
	{ "event_id",        MEMBER_TEXT, EVENT_EXAMPLE, "The header `webhook-id` of the delivery.", false, NULL, NULL },
	{ "type",            MEMBER_TEXT, "kyc.approved", "The type of the event; null if the event is no longer kept.", true, NULL, NULL },
	{ "state",           MEMBER_TEXT, "delivered", "`pending` until an attempt succeeds, or the last one has failed.", false, delivery_state_at, NULL },
	{ "attempts",        MEMBER_INT,  "1", "Attempts since the delivery was queued.", false, NULL, NULL },
	{ "http_status",     MEMBER_INT,  "204", "Of the last attempt; null: no response was received.", true, NULL, NULL },
	{ "error",           MEMBER_TEXT, NULL, "Why the last attempt has failed, or the delivery has ended, in a word; null if the status says it.", true, NULL, NULL },
	{ "duration_ms",     MEMBER_INT,  "87", "Of the last attempt; null before the first one.", true, NULL, NULL },
	{ "excerpt",         MEMBER_TEXT, NULL, "The beginning of the response to the last attempt, at most 4096 bytes.", true, NULL, NULL },
	{ "next_attempt_at", MEMBER_TEXT, NULL, "Null: there is none.", true, NULL, NULL },
};
static const struct json_schema delivery_schema = SCHEMA(delivery_members);
static const struct schema_member list_members[] = {
	{ "deliveries", MEMBER_LIST, NULL, "Newest event first.", false, NULL, &delivery_schema },
	{ "next_after", MEMBER_TEXT, DELIVERY_EXAMPLE, "The id of the last delivery of the page; null if the page is empty.", true, NULL, NULL },
	{ "has_more",   MEMBER_BOOL, "false", "There are more: pass `next_after` as `after`.", false, NULL, NULL },
};
static const struct json_schema list_schema = SCHEMA(list_members);
/* clang-format on */

const struct route webhook_deliveries_route = {
	.entry = { METHOD_GET, "/v1/webhook-endpoints/:endpoint_id/deliveries" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_READ,
	HANDLE_WAITING(handle_list),
	.form = &list_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "listWebhookDeliveries",
			.group = "Webhooks",
			.summary = "List the deliveries to a webhook endpoint",
			.description =
				"One for each event, newest event first. A page with long excerpts may have fewer rows than "
				"`limit`. Finished deliveries are kept for 30 days.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_DELIVERIES_RETRIEVED, .data = &list_schema },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND }),
		},
};

/* Reads the period of events. On failure returns false and sets `reply` to a 400. */
static bool read_resend_filter(
	struct call *call, const struct resend_body *body, struct resend_filter *out, struct reply *reply)
{
	*out = (struct resend_filter){ .has_until = body->until.n > 0 };
	if (!moment_parse(body->since, &out->since)) {
		*reply = respond_webhook_value(
			call, "since must be a time such as 2026-01-05T10:05:00Z", CAUSE_VALUE);
		return false;
	}
	if (out->has_until && !moment_parse(body->until, &out->until)) {
		*reply = respond_webhook_value(
			call, "until must be a time such as 2026-01-05T10:05:00Z", CAUSE_VALUE);
		return false;
	}
	if (out->has_until && !moment_is_before(out->since, out->until)) {
		*reply = respond_webhook_value(call, "until must be later than since", CAUSE_RANGE);
		return false;
	}
	if (!read_state(body->state, &out->has_state, &out->state)) {
		*reply = respond_unknown_state(call);
		return false;
	}
	return true;
}

static struct reply respond_resent(struct call *call, enum err e, const struct resend_result *result)
{
	struct json_body body;

	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (result->refusal.verdict != WEBHOOK_DONE)
		return respond_webhook_refusal(call, &result->refusal);
	json_body_begin(&body, call);
	json_field_int(&body.w, "queued", result->queued);
	write_moment_or_null(&body.w, "next_since", result->has_more ? result->next_since : (moment){ 0 });
	return respond_json_data(call, ANSWER_DELIVERIES_QUEUED, &body);
}

static struct reply resend_event(struct call *call, const struct endpoint_id *id, struct str text)
{
	const struct webhook_client client = webhook_client_of(call);
	struct resend_result result = { .queued = 0 };
	struct event_id event_id;

	if (!shown_id_read(EVENT_ID_PREFIX, text, event_id.text))
		return respond(call->arena, ANSWER_EVENT_NOT_FOUND);
	const enum err e = webhook_resend_event(call->world, call->arena, &client, id, &event_id, &result);
	return respond_resent(call, e, &result);
}

static struct reply handle_resend(struct call *call, struct store *store)
{
	const struct resend_body *const body = call->body;
	const struct webhook_client client = webhook_client_of(call);
	struct resend_result result = { .queued = 0 };
	struct resend_filter filter;
	struct endpoint_id id;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_endpoint_id(call, &id, &reply))
		return reply;
	if (body->event_id.n > 0 && (body->since.n > 0 || body->until.n > 0 || body->state.n > 0))
		return respond_webhook_value(call, "event_id excludes since, until and state", CAUSE_VALUE);
	if (body->event_id.n > 0)
		return resend_event(call, &id, body->event_id);
	if (!read_resend_filter(call, body, &filter, &reply))
		return reply;
	const enum err e = webhook_resend_since(call->world, &client, &id, &filter, &result);
	return respond_resent(call, e, &result);
}

/* clang-format off */
static const struct field resend_fields[] = {
	FIELD_DOC(struct resend_body, event_id, FIELD_TEXT, FIELD_OPTIONAL, LIMITS_WORD_ID, DOC_EVENT_ID),
	FIELD_DOC(struct resend_body, since,    FIELD_TEXT, FIELD_OPTIONAL, LIMITS_WORD_ID, DOC_SINCE),
	FIELD_DOC(struct resend_body, until,    FIELD_TEXT, FIELD_OPTIONAL, LIMITS_WORD_ID, DOC_UNTIL),
	FIELD_DOC(struct resend_body, state,    FIELD_TEXT, FIELD_OPTIONAL, LIMITS_WORD,    DOC_RESEND_STATE),
};
static const struct form resend_form = FORM_ONE_OF(resend_fields, struct resend_body, 2, "event_id or since is required");

static const struct schema_member resent_members[] = {
	{ "queued",     MEMBER_INT,  "42", "Deliveries that wait for an attempt now, also those that waited before.", false, NULL, NULL },
	{ "next_since", MEMBER_TEXT, NULL, "The call has reached its limit of 10,000 deliveries, or of events that it looks at: pass this as `since` to continue. Null: there are no more.", true, NULL, NULL },
};
static const struct json_schema resent_schema = SCHEMA(resent_members);
/* clang-format on */

const struct route webhook_resend_route = {
	.entry = { METHOD_POST, "/v1/webhook-endpoints/:endpoint_id/resend" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_WEBHOOKS_WRITE,
	HANDLE_WAITING(handle_resend),
	.form = &resend_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "resendWebhookEvents",
			.group = "Webhooks",
			.summary = "Deliver events to a webhook endpoint again",
			.description =
				"Queues one event, or those of a period, also events that were never queued for this endpoint. Only "
				"events of the endpoint's `types` are queued.",
			PARAMS(WEBHOOK_ENDPOINT_PARAM),
			RESPONSES({ .answer = ANSWER_DELIVERIES_QUEUED, .data = &resent_schema },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_NOT_FOUND },
				{ .answer = ANSWER_EVENT_NOT_FOUND },
				{ .answer = ANSWER_WEBHOOK_ENDPOINT_DISABLED }),
		},
};

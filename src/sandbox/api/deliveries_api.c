#include "sandbox/api/deliveries_api.h"

#include "base/attr.h"
#include "sandbox/api/paging.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/request/api_version.h"
#include "sandbox/webhooks/deliveries.h"
#include "text/form.h"

struct page_form {
	struct str limit, offset;
};
static const struct field page_fields[] = {
	FIELD(struct page_form, limit, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
	FIELD(struct page_form, offset, FIELD_TEXT, FIELD_OPTIONAL, 0, 32),
};
static const struct form page_request = {
	.fields = page_fields,
	.n = array_len(page_fields),
	.size = sizeof(struct page_form),
	.missing = "",
};

/* Returns the destination whose id is in the path. If there is none, responds with 404 and returns NULL. */
static const struct destination *find_destination(struct request_ctx *ctx)
{
	const struct destination *const found = destinations_by_id(
		state_destinations(ctx->sandbox->state), ctx->params[0]);

	if (!found)
		respond_detail(ctx, 404, "Webhook destination not found.");
	return found;
}

/* Writes the members of a delivery. The member response_status is null if the receiver did not respond. */
static void put_delivery_members(struct json_writer *w, const struct delivery *delivery)
{
	const struct json_value *event cleanup_with(json_cleanup) = NULL;

	json_field_text(w, "uuid", str_of(delivery->id));
	json_field_text(w, "session_id", delivery->session);
	json_field_text(w, "url", delivery->url);
	if (json_parse(delivery->body, true, &event) != OK)
		w->out->failed = true;
	json_key(w, "event_id");
	json_put_value(w, json_get(event, "event_id"));
	json_key(w, "webhook_type");
	json_put_value(w, json_get(event, "webhook_type"));
	json_field_bool(w, "delivered", delivery->status >= 200 && delivery->status < 300);
	json_key(w, "response_status");
	if (delivery->status)
		json_put_int(w, delivery->status);
	else
		json_put_null(w);
	json_field_int(w, "response_time_ms", delivery->response_ms);
	put_moment(w, "created_at", delivery->at);
}

/* The state of writing one page of the list. */
struct delivery_page {
	struct json_writer *w;
	struct paging paging;
	int64_t row;
};

static void put_delivery_row(void *arg, const struct delivery *delivery)
{
	struct delivery_page *const page = arg;

	if (!paging_has(&page->paging, page->row++))
		return;
	json_begin_object(page->w);
	put_delivery_members(page->w, delivery);
	json_end_object(page->w);
}

void serve_delivery_list(struct request_ctx *ctx)
{
	const struct destination *const destination = find_destination(ctx);
	void *form = NULL;
	struct form_problem problem;
	struct str rows, path;
	struct delivery_page page = { .row = 0 };
	struct json_writer row_writer, w;
	struct buf list, body;

	if (!destination)
		return;
	if (form_read_query(&page_request, ctx->request->query, ctx->arena, &form, &problem) != FORM_READ) {
		respond_detail(ctx, 400, "The query is malformed.");
		return;
	}
	page.paging = paging_read(
		((const struct page_form *)form)->limit, ((const struct page_form *)form)->offset);
	page.w = &row_writer;
	buf_init(&list, ctx->arena);
	json_writer_init(&row_writer, &list);
	json_begin_array(&row_writer);

	const int64_t count = deliveries_each(
		ctx->sandbox->deliveries, str_of(destination->id), put_delivery_row, &page);

	json_end_array(&row_writer);
	path = arena_printf(ctx->arena, "/v3/webhook/destinations/%s/deliveries/", destination->id);
	if (buf_done(&list, &rows) != OK || !path.p) {
		respond_empty(ctx, 500);
		return;
	}
	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	paging_write(&w, ctx, &page.paging, path, STR(""), count);
	json_key(&w, "results");
	json_put_raw(&w, rows);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

/* The state of a search for a delivery by its id. `found` is a copy of the delivery. */
struct delivery_search {
	struct arena *arena;
	struct str id;
	struct delivery found;
	bool any;
};

static void copy_if_found(void *arg, const struct delivery *delivery)
{
	struct delivery_search *const search = arg;

	if (!str_eq(search->id, str_of(delivery->id)))
		return;
	search->found = *delivery;
	search->found.session = arena_copy(search->arena, delivery->session);
	search->found.url = arena_copy(search->arena, delivery->url);
	search->found.body = arena_copy(search->arena, delivery->body);
	search->any = search->found.session.p && search->found.url.p && search->found.body.p;
}

/* Finds the delivery whose id is in the path. If there is none, responds with 404 and returns false. */
static bool find_delivery(
	struct request_ctx *ctx, const struct destination *destination, struct delivery *out)
{
	struct delivery_search search = { .arena = ctx->arena, .id = ctx->params[1] };

	(void)deliveries_each(ctx->sandbox->deliveries, str_of(destination->id), copy_if_found, &search);
	*out = search.found;
	if (!search.any)
		respond_detail(ctx, 404, "Webhook delivery not found.");
	return search.any;
}

static void respond_delivery(struct request_ctx *ctx, const struct delivery *delivery)
{
	struct json_writer w;
	struct buf body;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	put_delivery_members(&w, delivery);
	json_key(&w, "payload");
	json_put_raw(&w, delivery->body);
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

void serve_delivery(struct request_ctx *ctx)
{
	const struct destination *const destination = find_destination(ctx);
	struct delivery delivery;

	if (destination && find_delivery(ctx, destination, &delivery))
		respond_delivery(ctx, &delivery);
}

/* Returns the offset of the value of `key` in the outermost object, or 0 if the object does not have the key.
 * `key` includes its quotes and the colon. The body must contain no spaces, as from json_sorted. */
static size_t json_value_offset(struct str body, struct str key)
{
	bool in_text = false;
	int depth = 0;

	for (size_t i = 0; i < body.n; i++) {
		const char c = body.p[i];

		if (!in_text && depth == 1 && str_starts(str_from(body, i), key))
			return i + key.n;
		if (in_text && c == '\\')
			i++;
		else if (c == '"')
			in_text = !in_text;
		else if (!in_text)
			depth += (c == '{' || c == '[') - (c == '}' || c == ']');
	}
	return 0;
}

/* Replaces the value of `timestamp` and copies everything else byte for byte, so that numbers keep their
 * spelling. */
static enum err must_use replace_timestamp(struct arena *a, struct str body, moment now, struct str *out)
{
	const size_t from = json_value_offset(body, STR("\"timestamp\":"));
	size_t to = from;

	if (!from)
		return ERR_INTERNAL;
	while (to < body.n && body.p[to] >= '0' && body.p[to] <= '9')
		to++;
	*out = arena_printf(a, "%.*s%lld%.*s", (int)from, body.p, (long long)(now.ms / 1000),
		STR_ARG(str_from(body, to)));
	return out->p ? OK : ERR_INTERNAL;
}

void serve_delivery_resend(struct request_ctx *ctx)
{
	const struct destination *const destination = find_destination(ctx);
	struct delivery delivery;
	struct webhook_event event = { 0 };

	if (!destination || !find_delivery(ctx, destination, &delivery))
		return;
	event.session = delivery.session;
	event.destination = str_of(destination->id);
	event.url = delivery.url;

	enum err e = replace_timestamp(ctx->arena, delivery.body, ctx->now, &event.body);

	if (e == OK)
		e = ctx->sandbox->versions[destination->version]->sign(
			ctx->arena, destination->secret, &event);
	if (e != OK) {
		respond_detail(ctx, 500, "The delivery could not be signed.");
		return;
	}
	event_queue_add(ctx->sandbox->event_queue, &event, FAULT_NONE, true);
	respond_delivery(ctx, &delivery);
}

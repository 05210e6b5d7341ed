#include "sandbox/api/destinations_api.h"

#include <string.h>

#include "base/attr.h"
#include "net/host_scope.h"
#include "net/https_client.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/request/api_version.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/ids.h"

/* Returns true for an https URL, and for an http URL whose host is localhost or a loopback address. */
static bool fits_webhook_url(struct arena *a, const struct json_value *value)
{
	const struct str url = json_text(value);
	struct str scheme, host, port;

	return is_http_url(a, url) && url_parts(a, url, &scheme, &host, &port) &&
	       (str_eq_nocase(scheme, STR("https")) || host_allows_plaintext(host, false));
}

static bool version_parse(struct str name, enum sandbox_version *out)
{
	static const struct str names[SANDBOX_VERSIONS] = {
		[SANDBOX_V1] = STR_INIT("v1"), [SANDBOX_V2] = STR_INIT("v2"), [SANDBOX_V3] = STR_INIT("v3")
	};

	for (int i = 0; i < SANDBOX_VERSIONS; i++) {
		if (str_eq(names[i], name)) {
			*out = (enum sandbox_version)i;
			return true;
		}
	}
	return false;
}

static bool fits_version(struct arena *a, const struct json_value *value)
{
	enum sandbox_version ignored;

	(void)a;
	return version_parse(json_text(value), &ignored);
}

/* Returns the event kinds in the list, one bit for each. Returns 0 if the list is empty or contains an
 * unknown name. */
static unsigned event_kinds_parse(const struct json_value *list)
{
	unsigned events = 0;

	for (size_t i = 0; i < json_count(list); i++) {
		const struct str name = json_text(json_at(list, i));
		size_t kind = 0;

		while (kind < EVENT_KINDS && !str_eq(name, event_kind_text(kind)))
			kind++;
		if (kind == EVENT_KINDS)
			return 0;
		events |= 1U << kind;
	}
	return events;
}

static bool fits_events(struct arena *a, const struct json_value *value)
{
	(void)a;
	return json_kind_of(value) == JSON_KIND_ARRAY && event_kinds_parse(value) != 0;
}

/* clang-format off */
static const struct field_check destination_checks[] = {
	{ "label",             fits_text,        "Not a text of at most 255 characters." },
	{ "url",               fits_webhook_url, "Enter a valid HTTPS URL." },
	{ "enabled",           fits_bool,        "Must be a valid boolean." },
	{ "webhook_version",   fits_version,     "Not a valid choice." },
	{ "subscribed_events", fits_events,      "Expected a list of at least one known event." },
};
/* clang-format on */

static bool is_given(const struct json_value *body, const char *field)
{
	const enum json_kind kind = json_kind_of(json_get(body, field));

	return kind != JSON_KIND_ABSENT && kind != JSON_KIND_NULL;
}

/* Copies the fields of the body to `out`; fields that are absent leave it unchanged. If a field is invalid,
 * writes the error response and returns false. */
static bool read_destination(struct request_ctx *ctx, const struct json_value *body, struct destination *out)
{
	if (!validate_fields(ctx, body, NULL, destination_checks, array_len(destination_checks)))
		return false;
	if (is_given(body, "label"))
		out->label = json_text(json_get(body, "label"));
	if (is_given(body, "url"))
		out->url = json_text(json_get(body, "url"));
	if (is_given(body, "enabled"))
		out->enabled = json_bool(json_get(body, "enabled"));
	if (is_given(body, "webhook_version"))
		(void)version_parse(json_text(json_get(body, "webhook_version")), &out->version);
	if (is_given(body, "subscribed_events"))
		out->events = event_kinds_parse(json_get(body, "subscribed_events"));
	return true;
}

/* Whether a response contains the signing secret: that of one destination does, the list of all destinations
 * does not. */
enum secrecy { WITH_SECRET, WITHOUT_SECRET };

static void put_destination(struct json_writer *w, const struct request_ctx *ctx,
	const struct destination *destination, enum secrecy secrecy)
{
	json_begin_object(w);
	json_field_text(w, "uuid", str_of(destination->id));
	json_field_text(w, "label", destination->label);
	json_field_text(w, "url", destination->url);
	json_field_bool(w, "enabled", destination->enabled);
	json_field_text(w, "webhook_version", ctx->sandbox->versions[destination->version]->name);
	if (secrecy == WITH_SECRET)
		json_field_text(w, "secret_shared_key", destination->secret);
	json_key(w, "subscribed_events");
	json_begin_array(w);
	for (size_t kind = 0; kind < EVENT_KINDS; kind++)
		if (destination->events & (1U << kind))
			json_put_text(w, event_kind_text(kind));
	json_end_array(w);
	put_moment(w, "created_at", destination->created);
	put_moment(w, "updated_at", destination->updated);
	json_end_object(w);
}

static void respond_destination(struct request_ctx *ctx, int status, const struct destination *destination)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	put_destination(&w, ctx, destination, WITH_SECRET);
	respond_json(ctx, status, &body);
}

static void respond_destination_error(struct request_ctx *ctx, enum err e)
{
	if (e == ERR_CONFLICT)
		respond_field_error(ctx, "url", "A destination with this URL exists already.");
	else if (e == ERR_BUSY)
		respond_detail(ctx, 400, "There are too many destinations.");
	else
		respond_detail(ctx, 500, "The destination could not be kept.");
}

void serve_destination_create(struct request_ctx *ctx)
{
	struct destination draft = {
		.version = SANDBOX_V3, .enabled = true, .created = ctx->now, .updated = ctx->now
	};
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	struct destination *created = NULL;
	char secret[WEBHOOK_SECRET_SIZE];

	if (!body || !read_destination(ctx, body, &draft))
		return;
	if (!draft.url.n || !draft.label.n) {
		respond_field_error(ctx, draft.url.n ? "label" : "url", "This field is required.");
		return;
	}

	enum err e = uuid_make(ctx->sandbox->random, draft.id);

	if (e == OK)
		e = webhook_secret_make(ctx->sandbox->random, secret);
	if (e == OK) {
		draft.secret = str_of(secret);
		e = destinations_add(state_destinations(ctx->sandbox->state), &draft, &created);
	}
	explicit_bzero(secret, sizeof(secret));
	if (e == OK)
		respond_destination(ctx, 201, created);
	else
		respond_destination_error(ctx, e);
}

void serve_destination_list(struct request_ctx *ctx)
{
	const struct destinations *const all = state_destinations(ctx->sandbox->state);
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_array(&w);
	for (size_t i = 0; i < all->n; i++)
		put_destination(&w, ctx, &all->all[i], WITHOUT_SECRET);
	json_end_array(&w);
	respond_json(ctx, 200, &body);
}

/* Returns the destination whose id is in the path. If there is none, responds with 404 and returns NULL. */
static struct destination *find_destination(struct request_ctx *ctx)
{
	struct destination *const found = destinations_by_id(
		state_destinations(ctx->sandbox->state), ctx->params[0]);

	if (!found)
		respond_detail(ctx, 404, "Webhook destination not found.");
	return found;
}

void serve_destination(struct request_ctx *ctx)
{
	const struct destination *const destination = find_destination(ctx);

	if (destination)
		respond_destination(ctx, 200, destination);
}

void serve_destination_change(struct request_ctx *ctx)
{
	struct destination *const destination = find_destination(ctx);
	const struct json_value *body cleanup_with(json_cleanup) = destination ? read_json_body(ctx) : NULL;
	struct destination wanted;

	if (!body)
		return;
	wanted = *destination;
	wanted.updated = ctx->now;
	if (!read_destination(ctx, body, &wanted))
		return;

	const enum err e = destinations_change(state_destinations(ctx->sandbox->state), destination, &wanted);

	if (e == OK)
		respond_destination(ctx, 200, destination);
	else
		respond_destination_error(ctx, e);
}

void serve_destination_delete(struct request_ctx *ctx)
{
	struct destination *const destination = find_destination(ctx);

	if (!destination)
		return;
	destinations_drop(state_destinations(ctx->sandbox->state), destination);
	respond_empty(ctx, 204);
}

#include "sandbox/destination_calls.h"

#include <string.h>

#include "base/attr.h"
#include "net/host_scope.h"
#include "net/https_client.h"
#include "sandbox/checks.h"
#include "sandbox/ids.h"
#include "sandbox/people.h"
#include "sandbox/version.h"
#include "sandbox/wishes.h"

/* HTTPS, or a place of this machine. */
static bool fits_hook_url(struct arena *a, const struct json_value *value)
{
	const struct str url = json_text(value);
	struct str scheme, host, port;

	return wish_is_url(a, url) && url_parts(a, url, &scheme, &host, &port) &&
	       (str_eq_nocase(scheme, STR("https")) || host_allows_plaintext(host, false));
}

static bool version_of(struct str name, enum sandbox_version *out)
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
	return version_of(json_text(value), &ignored);
}

/* As bits; 0 for an empty list and for one with a name that is none. */
static unsigned events_of(const struct json_value *list)
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
	return json_kind_of(value) == JSON_KIND_ARRAY && events_of(value) != 0;
}

/* clang-format off */
static const struct check destination_checks[] = {
	{ "label",             fits_text,     "Not a text of at most 255 characters." },
	{ "url",               fits_hook_url, "Enter a valid HTTPS URL." },
	{ "enabled",           fits_bool,     "Must be a valid boolean." },
	{ "webhook_version",   fits_version,  "Not a valid choice." },
	{ "subscribed_events", fits_events,   "Expected a list of at least one known event." },
};
/* clang-format on */

static bool is_given(const struct json_value *body, const char *field)
{
	const enum json_kind kind = json_kind_of(json_get(body, field));

	return kind != JSON_KIND_ABSENT && kind != JSON_KIND_NULL;
}

/* What the body names takes the place of what is there. False: refused. */
static bool read_destination(struct visit *visit, const struct json_value *body, struct destination *out)
{
	if (!checks_pass(visit, body, NULL, destination_checks, array_len(destination_checks)))
		return false;
	if (is_given(body, "label"))
		out->label = json_text(json_get(body, "label"));
	if (is_given(body, "url"))
		out->url = json_text(json_get(body, "url"));
	if (is_given(body, "enabled"))
		out->enabled = json_bool(json_get(body, "enabled"));
	if (is_given(body, "webhook_version"))
		(void)version_of(json_text(json_get(body, "webhook_version")), &out->version);
	if (is_given(body, "subscribed_events"))
		out->events = events_of(json_get(body, "subscribed_events"));
	return true;
}

/* The secret is shown where one is looked at, and not in the list. */
enum secrecy { WITH_SECRET, WITHOUT_SECRET };

static void put_destination(struct json_writer *w, const struct visit *visit,
	const struct destination *destination, enum secrecy secrecy)
{
	json_begin_object(w);
	json_field_text(w, "uuid", str_of(destination->id));
	json_field_text(w, "label", destination->label);
	json_field_text(w, "url", destination->url);
	json_field_bool(w, "enabled", destination->enabled);
	json_field_text(w, "webhook_version", visit->site->versions[destination->version]->name);
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

static void say_destination(struct visit *visit, int status, const struct destination *destination)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	put_destination(&w, visit, destination, WITH_SECRET);
	visit_say_json(visit, status, &body);
}

static void say_trouble(struct visit *visit, enum err e)
{
	if (e == ERR_CONFLICT)
		visit_say_field(visit, "url", "A destination with this URL exists already.");
	else if (e == ERR_BUSY)
		visit_say_detail(visit, 400, "There are too many destinations.");
	else
		visit_say_detail(visit, 500, "The destination could not be kept.");
}

void serve_destination_create(struct visit *visit)
{
	struct destination draft = {
		.version = SANDBOX_V3, .enabled = true, .created = visit->now, .updated = visit->now
	};
	const struct json_value *body cleanup_with(json_cleanup) = wish_body(visit);
	struct destination *made = NULL;
	char secret[HOOK_SECRET_SIZE];

	if (!body || !read_destination(visit, body, &draft))
		return;
	if (!draft.url.n || !draft.label.n) {
		visit_say_field(visit, draft.url.n ? "label" : "url", "This field is required.");
		return;
	}

	enum err e = uuid_make(visit->site->random, draft.id);

	if (e == OK)
		e = hook_secret_make(visit->site->random, secret);
	if (e == OK) {
		draft.secret = str_of(secret);
		e = destinations_add(state_destinations(visit->site->state), &draft, &made);
	}
	explicit_bzero(secret, sizeof(secret));
	if (e == OK)
		say_destination(visit, 201, made);
	else
		say_trouble(visit, e);
}

void serve_destination_list(struct visit *visit)
{
	const struct destinations *const all = state_destinations(visit->site->state);
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	json_begin_array(&w);
	for (size_t i = 0; i < all->n; i++)
		put_destination(&w, visit, &all->all[i], WITHOUT_SECRET);
	json_end_array(&w);
	visit_say_json(visit, 200, &body);
}

/* NULL: 404 was answered. */
static struct destination *find(struct visit *visit)
{
	struct destination *const found = destinations_by_id(
		state_destinations(visit->site->state), visit->params[0]);

	if (!found)
		visit_say_detail(visit, 404, "Webhook destination not found.");
	return found;
}

void serve_destination(struct visit *visit)
{
	const struct destination *const destination = find(visit);

	if (destination)
		say_destination(visit, 200, destination);
}

void serve_destination_change(struct visit *visit)
{
	struct destination *const destination = find(visit);
	const struct json_value *body cleanup_with(json_cleanup) = destination ? wish_body(visit) : NULL;
	struct destination wanted;

	if (!body)
		return;
	wanted = *destination;
	wanted.updated = visit->now;
	if (!read_destination(visit, body, &wanted))
		return;

	const enum err e = destinations_change(state_destinations(visit->site->state), destination, &wanted);

	if (e == OK)
		say_destination(visit, 200, destination);
	else
		say_trouble(visit, e);
}

void serve_destination_delete(struct visit *visit)
{
	struct destination *const destination = find(visit);

	if (!destination)
		return;
	destinations_drop(state_destinations(visit->site->state), destination);
	visit_say_empty(visit, 204);
}

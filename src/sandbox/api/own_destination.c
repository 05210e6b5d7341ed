#include "sandbox/api/own_destination.h"

#include "net/https_client.h"
#include "sandbox/api/transitions.h"
#include "sandbox/state/ids.h"

static bool is_web_url(struct str url)
{
	struct str scheme, host, port;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);

	const bool is = url_parts(&a, url, &scheme, &host, &port);

	arena_finish(&a);
	return is;
}

static struct destination *find_own(struct destinations *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->all[i].own)
			return &all->all[i];
	return NULL;
}

struct again {
	struct sandbox_ctx *sandbox;
	const struct destination *destination;
	moment now;
};

static void tell_again(void *arg, struct str id)
{
	const struct again *const again = arg;
	const struct sandbox_session *const session = state_by_id(again->sandbox->state, id);

	if (session)
		session_notify_destination(again->sandbox, session, again->destination, again->now);
}

static void ignore(void *arg, struct str id)
{
	(void)arg;
	(void)id;
}

static enum err must_use make(struct sandbox_ctx *sandbox, const struct destination *wanted)
{
	struct destination draft = *wanted, *made;

	TRY(uuid_make(sandbox->random, draft.id));
	return destinations_add(state_destinations(sandbox->state), &draft, &made);
}

/* Its texts may go with the change, and so do the events' signatures. */
static enum err must_use change(
	struct sandbox_ctx *sandbox, struct destination *own, const struct destination *wanted)
{
	struct again again = { sandbox, own, wanted->updated };
	char before[SANDBOX_URL_MAX + 1];
	struct destination draft = *own;

	if (!str_copy_to(own->url, before, sizeof(before)))
		return ERR_INPUT;
	draft.url = wanted->url;
	draft.secret = wanted->secret;
	draft.version = wanted->version;
	draft.updated = wanted->updated;
	TRY(destinations_change(state_destinations(sandbox->state), own, &draft));
	event_queue_remove_url(sandbox->event_queue, str_of(before), tell_again, &again);
	return OK;
}

enum err own_destination_set(struct sandbox_ctx *sandbox, struct str url, struct str secret,
	enum sandbox_version version, moment now)
{
	const struct destination wanted = { .version = version,
		.enabled = true,
		.own = true,
		.events = EVENT_KINDS_ALL,
		.created = now,
		.updated = now,
		.url = url,
		.secret = secret,
		.label = STR("kycd") };
	struct destination *const own = find_own(state_destinations(sandbox->state));

	if (!secret.n || url.n > SANDBOX_URL_MAX || !is_web_url(url))
		return ERR_INPUT;
	if (!own)
		return make(sandbox, &wanted);
	if (str_eq(own->url, url) && str_eq(own->secret, secret) && own->version == version)
		return OK;
	return change(sandbox, own, &wanted);
}

void own_destination_remove(struct sandbox_ctx *sandbox)
{
	struct destinations *const all = state_destinations(sandbox->state);
	struct destination *const own = find_own(all);

	if (!own)
		return;
	event_queue_remove_url(sandbox->event_queue, own->url, ignore, NULL);
	destinations_drop(all, own);
}

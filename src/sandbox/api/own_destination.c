#include "sandbox/api/own_destination.h"

#include "net/url_check.h"
#include "sandbox/api/transitions.h"
#include "sandbox/state/ids.h"

static struct destination *find_own(struct destinations *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->all[i].own)
			return &all->all[i];
	return NULL;
}

/* Argument of renotify_session. */
struct renotify {
	struct sandbox_ctx *sandbox;
	const struct destination *destination;
	moment now;
};

static void renotify_session(void *arg, struct str id)
{
	const struct renotify *const renotify = arg;
	const struct sandbox_session *const session = state_by_id(renotify->sandbox->state, id);

	if (session)
		session_notify_destination(renotify->sandbox, session, renotify->destination, renotify->now);
}

static void ignore_session(void *arg, struct str id)
{
	(void)arg;
	(void)id;
}

static enum err must_use own_destination_create(struct sandbox_ctx *sandbox, const struct destination *wanted)
{
	struct destination draft = *wanted, *created;

	TRY(uuid_make(sandbox->random, draft.id));
	return destinations_add(state_destinations(sandbox->state), &draft, &created);
}

/* Changes the destination and replaces its waiting events, which are signed with the old key. The old URL is
 * copied first, because destinations_change frees the texts of `own`. */
static enum err must_use own_destination_change(
	struct sandbox_ctx *sandbox, struct destination *own, const struct destination *wanted)
{
	struct renotify renotify = { sandbox, own, wanted->updated };
	char old_url[SANDBOX_URL_MAX + 1];
	struct destination draft = *own;

	if (!str_copy_to(own->url, old_url, sizeof(old_url)))
		return ERR_INPUT;
	draft.url = wanted->url;
	draft.secret = wanted->secret;
	draft.version = wanted->version;
	draft.updated = wanted->updated;
	TRY(destinations_change(state_destinations(sandbox->state), own, &draft));
	event_queue_remove_url(sandbox->event_queue, str_of(old_url), renotify_session, &renotify);
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

	if (!secret.n || url.n > SANDBOX_URL_MAX || !url_is_parsable(url))
		return ERR_INPUT;
	if (!own)
		return own_destination_create(sandbox, &wanted);
	if (str_eq(own->url, url) && str_eq(own->secret, secret) && own->version == version)
		return OK;
	return own_destination_change(sandbox, own, &wanted);
}

void own_destination_remove(struct sandbox_ctx *sandbox)
{
	struct destinations *const all = state_destinations(sandbox->state);
	struct destination *const own = find_own(all);

	if (!own)
		return;
	event_queue_remove_url(sandbox->event_queue, own->url, ignore_session, NULL);
	destinations_drop(all, own);
}

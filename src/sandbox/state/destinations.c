#include "sandbox/state/destinations.h"

#include <stdlib.h>
#include <string.h>

struct str event_kind_text(size_t kind)
{
	static const struct str texts[EVENT_KINDS] = {
		[EVENT_STATUS] = STR_INIT("status.updated"),
		[EVENT_DATA] = STR_INIT("data.updated"),
		STR_INIT("user.status.updated"),
		STR_INIT("user.data.updated"),
		STR_INIT("business.status.updated"),
		STR_INIT("business.data.updated"),
		STR_INIT("activity.created"),
		STR_INIT("transaction.created"),
		STR_INIT("transaction.status.updated"),
		STR_INIT("travel_rule.status.updated"),
	};

	return texts[kind];
}

static bool destination_url_is_used(
	const struct destinations *all, struct str url, const struct destination *except)
{
	for (size_t i = 0; i < all->n; i++)
		if (&all->all[i] != except && str_eq(all->all[i].url, url))
			return true;
	return false;
}

static size_t destination_texts_length(const struct destination *destination)
{
	return destination->url.n + destination->secret.n + destination->label.n;
}

/* Copies `text` to `*at` and advances `*at` past the copy. */
static struct str destination_copy_text(char **at, struct str text)
{
	const struct str copy = { *at, text.n };

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return copy;
}

static void destination_wipe_texts(struct destinations *all, size_t i)
{
	if (all->texts[i])
		explicit_bzero(all->texts[i], destination_texts_length(&all->all[i]));
	free(all->texts[i]);
	all->texts[i] = NULL;
}

/* Stores a copy of `wanted` at index i and frees the texts of the destination that was there before. */
static enum err must_use destination_store(
	struct destinations *all, size_t i, const struct destination *wanted)
{
	char *const texts = malloc(destination_texts_length(wanted) + 1);
	struct destination copy = *wanted;
	char *at = texts;

	if (!texts)
		return ERR_INTERNAL;
	copy.url = destination_copy_text(&at, wanted->url);
	copy.secret = destination_copy_text(&at, wanted->secret);
	copy.label = destination_copy_text(&at, wanted->label);
	destination_wipe_texts(all, i);
	all->all[i] = copy;
	all->texts[i] = texts;
	all->changes++;
	return OK;
}

enum err destinations_add(struct destinations *all, const struct destination *draft, struct destination **out)
{
	if (destination_url_is_used(all, draft->url, NULL))
		return ERR_CONFLICT;
	if (all->n == DESTINATIONS_MAX)
		return ERR_BUSY;
	TRY(destination_store(all, all->n, draft));
	*out = &all->all[all->n++];
	return OK;
}

struct destination *destinations_by_id(struct destinations *all, struct str id)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(id, str_of(all->all[i].id)))
			return &all->all[i];
	return NULL;
}

enum err destinations_change(
	struct destinations *all, const struct destination *destination, const struct destination *wanted)
{
	if (destination_url_is_used(all, wanted->url, destination))
		return ERR_CONFLICT;
	return destination_store(all, (size_t)(destination - all->all), wanted);
}

void destinations_drop(struct destinations *all, const struct destination *destination)
{
	const size_t i = (size_t)(destination - all->all), n_after = all->n - i - 1;

	destination_wipe_texts(all, i);
	all->changes++;
	memmove(&all->all[i], &all->all[i + 1], n_after * sizeof(all->all[0]));
	memmove((void *)&all->texts[i], (void *)&all->texts[i + 1], n_after * sizeof(all->texts[0]));
	all->texts[--all->n] = NULL;
}

void destinations_finish(struct destinations *all)
{
	while (all->n)
		destinations_drop(all, &all->all[all->n - 1]);
}

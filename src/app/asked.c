#include "app/asked.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock.h"

/* Places that are looked at for one session: beyond, it is one too many. */
#define PROBES 8

struct recent {
	struct provider_ref ref; /* empty: free */
	int64_t ticks;
};

struct asked {
	struct lock lock;
	struct cond added;
	bool ended;
	struct provider_ref line[ASKED_MAX];
	size_t first, n;
	struct recent recent[ASKED_MAX];
};

enum err asked_open(struct asked **out)
{
	struct asked *const asked = calloc(1, sizeof(*asked));

	if (!asked)
		return ERR_INTERNAL;
	lock_init(&asked->lock);
	cond_init(&asked->added);
	*out = asked;
	return OK;
}

void asked_close(struct asked *asked)
{
	if (!asked)
		return;
	cond_finish(&asked->added);
	lock_finish(&asked->lock);
	free(asked);
}

static size_t hash(const char *text)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h;
}

/* The place of this session, or one that is free or was forgotten by now; NULL: it was asked for lately, or
 * all its places are taken by others that were. */
static struct recent *place_for(struct asked *asked, const struct provider_ref *ref, int64_t ticks)
{
	const size_t start = hash(ref->text);
	struct recent *found = NULL;

	for (size_t i = 0; i < PROBES; i++) {
		struct recent *const r = &asked->recent[(start + i) % ASKED_MAX];
		const bool old = r->ref.text[0] == '\0' || ticks - r->ticks >= ASKED_EVERY.ms;

		if (strcmp(r->ref.text, ref->text) == 0)
			return old ? r : NULL;
		if (old && !found)
			found = r;
	}
	return found;
}

static bool add(struct asked *asked, const struct provider_ref *ref, int64_t ticks)
{
	struct recent *const place = asked->n < ASKED_MAX ? place_for(asked, ref, ticks) : NULL;

	if (!place)
		return false;
	*place = (struct recent){ *ref, ticks };
	asked->line[(asked->first + asked->n++) % ASKED_MAX] = *ref;
	cond_signal(&asked->added);
	return true;
}

bool asked_add(struct asked *asked, struct str text, int64_t ticks)
{
	struct provider_ref ref;

	if (!asked || text.n == 0 || !str_copy_to(text, ref.text, sizeof(ref.text)))
		return false;
	lock_acquire(&asked->lock);
	const bool added = add(asked, &ref, ticks);
	lock_release(&asked->lock);
	return added;
}

bool asked_next(struct asked *asked, duration limit, struct provider_ref *out)
{
	lock_acquire(&asked->lock);
	if (asked->n == 0 && !asked->ended && limit.ms > 0)
		(void)cond_wait_for(&asked->added, &asked->lock, limit);
	const bool found = asked->n > 0 && !asked->ended;
	if (found) {
		*out = asked->line[asked->first];
		asked->first = (asked->first + 1) % ASKED_MAX;
		asked->n--;
	}
	lock_release(&asked->lock);
	return found;
}

void asked_end(struct asked *asked)
{
	if (!asked)
		return;
	lock_acquire(&asked->lock);
	asked->ended = true;
	cond_broadcast(&asked->added);
	lock_release(&asked->lock);
}

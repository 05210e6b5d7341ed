#include "app/session/poll_queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/lock.h"

/* Number of slots of the hash table that are tried for one session. */
#define SLOTS_PROBED 8

struct recent_poll {
	struct provider_ref ref; /* empty: the slot is free */
	int64_t ticks;
};

struct poll_queue {
	struct lock lock;
	struct cond added;
	bool stopped;
	struct provider_ref queue[POLL_QUEUE_MAX]; /* a ring buffer: `n` sessions from index `first` on */
	size_t first, n;
	struct recent_poll recent[POLL_QUEUE_MAX]; /* a hash table with open addressing */
};

enum err poll_queue_open(struct poll_queue **out)
{
	struct poll_queue *const poll_queue = calloc(1, sizeof(*poll_queue));

	if (!poll_queue)
		return ERR_INTERNAL;
	lock_init(&poll_queue->lock);
	cond_init(&poll_queue->added);
	*out = poll_queue;
	return OK;
}

void poll_queue_close(struct poll_queue *poll_queue)
{
	if (!poll_queue)
		return;
	cond_finish(&poll_queue->added);
	lock_finish(&poll_queue->lock);
	free(poll_queue);
}

static size_t hash_ref(const char *text)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 16777619u;
	return h;
}

/* Returns the slot of this session; if it has none, one that is free or older than POLL_QUEUE_INTERVAL.
 * Returns NULL if the session was added recently, or if other recently added sessions occupy all slots that
 * are tried. */
static struct recent_poll *find_recent_slot(
	struct poll_queue *poll_queue, const struct provider_ref *ref, int64_t ticks)
{
	const size_t start = hash_ref(ref->text);
	struct recent_poll *found = NULL;

	for (size_t i = 0; i < SLOTS_PROBED; i++) {
		struct recent_poll *const r = &poll_queue->recent[(start + i) % POLL_QUEUE_MAX];
		const bool is_reusable = r->ref.text[0] == '\0' || ticks - r->ticks >= POLL_QUEUE_INTERVAL.ms;

		if (strcmp(r->ref.text, ref->text) == 0)
			return is_reusable ? r : NULL;
		if (is_reusable && !found)
			found = r;
	}
	return found;
}

/* The caller holds the lock. */
static bool poll_queue_add_locked(
	struct poll_queue *poll_queue, const struct provider_ref *ref, int64_t ticks)
{
	struct recent_poll *const slot = poll_queue->n < POLL_QUEUE_MAX
						 ? find_recent_slot(poll_queue, ref, ticks)
						 : NULL;

	if (!slot)
		return false;
	*slot = (struct recent_poll){ *ref, ticks };
	poll_queue->queue[(poll_queue->first + poll_queue->n++) % POLL_QUEUE_MAX] = *ref;
	cond_signal(&poll_queue->added);
	return true;
}

bool poll_queue_add(struct poll_queue *poll_queue, struct str text, int64_t ticks)
{
	struct provider_ref ref;

	if (!poll_queue || text.n == 0 || !str_copy_to(text, ref.text, sizeof(ref.text)))
		return false;
	lock_acquire(&poll_queue->lock);
	const bool added = poll_queue_add_locked(poll_queue, &ref, ticks);
	lock_release(&poll_queue->lock);
	return added;
}

bool poll_queue_next(struct poll_queue *poll_queue, duration limit, struct provider_ref *out)
{
	lock_acquire(&poll_queue->lock);
	if (poll_queue->n == 0 && !poll_queue->stopped && limit.ms > 0)
		(void)cond_wait_for(&poll_queue->added, &poll_queue->lock, limit);
	const bool found = poll_queue->n > 0 && !poll_queue->stopped;
	if (found) {
		*out = poll_queue->queue[poll_queue->first];
		poll_queue->first = (poll_queue->first + 1) % POLL_QUEUE_MAX;
		poll_queue->n--;
	}
	lock_release(&poll_queue->lock);
	return found;
}

void poll_queue_stop(struct poll_queue *poll_queue)
{
	if (!poll_queue)
		return;
	lock_acquire(&poll_queue->lock);
	poll_queue->stopped = true;
	cond_broadcast(&poll_queue->added);
	lock_release(&poll_queue->lock);
}

#include "app/workers.h"

#include <stdlib.h>

#include "app/note.h"
#include "app/notice.h"
#include "app/outbox.h"
#include "app/relay.h"
#include "app/unread.h"
#include "app/visitor.h"
#include "base/lock.h"
#include "base/log.h"

#define LOOK_EVERY seconds(1)
#define CLEAN_EVERY_LOOKS 600
/* After a failed store: not at full speed into the same wall. */
#define PAUSE_ON_FAILURE seconds(1)

struct workers {
	const struct world *world;
	struct lock lock;
	struct signal bell;
	unsigned long rung; /* how often; a worker that missed one does not sleep */
	bool stopping;
	struct thread threads[WORKERS_LETTERS];
	struct thread keeper;
};

/* Sleeps until the bell, at most `limit` (0: not at all); false when it is time to end. */
static bool doze(struct workers *workers, unsigned long *heard, span limit)
{
	lock_take(&workers->lock);
	if (!workers->stopping && *heard == workers->rung && limit.ms > 0)
		(void)signal_wait(&workers->bell, &workers->lock, limit);
	*heard = workers->rung;
	const bool going = !workers->stopping;
	lock_give(&workers->lock);
	return going;
}

/* Who has nothing to carry sees to it that something can be carried. */
static enum err carry_one(const struct world *world, struct arena *a, bool *worked)
{
	TRY(outbox_work(world, a, worked));
	arena_reset(a);
	if (!*worked)
		relay_ask(world, a);
	if (!relay_is_back(world))
		return OK;
	const enum err e = outbox_hasten(world, a);
	if (e != OK)
		relay_still_back(world);
	return e;
}

static void carry(void *arg)
{
	struct workers *const workers = arg;
	unsigned long heard = 0;
	struct arena a;
	bool worked = false;

	arena_init(&a, ARENA_CALL_LIMIT);
	while (doze(workers, &heard, worked ? seconds(0) : LOOK_EVERY)) {
		const enum err e = carry_one(workers->world, &a, &worked);

		arena_reset(&a);
		if (e == OK)
			continue;
		worked = false;
		log_fact(LOG_ERROR, "outbox_failed", LOG_WORD("err", err_name(e)));
		(void)doze(workers, &heard, PAUSE_ON_FAILURE);
	}
	arena_finish(&a);
}

/* The rows' own upkeep: what is old goes, what is stuck is measured. */
static void keep(void *arg)
{
	struct workers *const workers = arg;
	unsigned long heard = 0, looks = 0;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		enum err e = outbox_measure(workers->world, &a);

		if (e == OK)
			e = note_repair_all(workers->world, &a);
		if (e == OK)
			e = unread_measure(workers->world, &a);
		if (e == OK)
			e = visitor_clean(workers->world, &a);
		if (e == OK)
			e = notice_clean(workers->world);
		if (e == OK && looks++ % CLEAN_EVERY_LOOKS == 0)
			e = outbox_clean(workers->world, &a);
		if (e != OK)
			log_fact(LOG_ERROR, "upkeep_failed", LOG_WORD("err", err_name(e)));
		arena_reset(&a);
	} while (doze(workers, &heard, LOOK_EVERY));
	arena_finish(&a);
}

void workers_ring(void *arg)
{
	struct workers *const workers = arg;

	lock_take(&workers->lock);
	workers->rung++;
	signal_all(&workers->bell);
	lock_give(&workers->lock);
}

enum err workers_start(const struct world *world, struct workers **out)
{
	struct workers *const workers = calloc(1, sizeof(*workers));
	enum err e = OK;

	if (!workers)
		return ERR_INTERNAL;
	outbox_label();
	workers->world = world;
	lock_init(&workers->lock);
	signal_init(&workers->bell);
	for (size_t i = 0; i < WORKERS_LETTERS && e == OK; i++)
		e = thread_start(&workers->threads[i], carry, workers);
	if (e == OK)
		e = thread_start(&workers->keeper, keep, workers);
	if (e != OK) {
		workers_stop(workers);
		return e;
	}
	*out = workers;
	return OK;
}

void workers_stop(struct workers *workers)
{
	if (!workers)
		return;
	lock_take(&workers->lock);
	workers->stopping = true;
	signal_all(&workers->bell);
	lock_give(&workers->lock);
	for (size_t i = 0; i < WORKERS_LETTERS; i++)
		thread_join(&workers->threads[i]);
	thread_join(&workers->keeper);
	signal_finish(&workers->bell);
	lock_finish(&workers->lock);
	free(workers);
}

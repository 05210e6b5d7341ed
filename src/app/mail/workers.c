#include "app/mail/workers.h"

#include <stdlib.h>

#include "app/mail/health.h"
#include "app/mail/outbox.h"
#include "app/mail/outbox_rows.h"
#include "base/lock.h"
#include "base/log.h"
#include "domain/lease.h"

#define LOOK_EVERY seconds(1)
/* After a failed store: not at full speed into the same wall. */
#define PAUSE_ON_FAILURE seconds(1)
#define MARK_AGAIN milliseconds(250)

/* What a worker has in hand, for who renews its lease. */
struct hand {
	struct effect effect; /* done: nothing */
	int64_t renewed;      /* ticks */
};

struct carrier {
	struct workers *workers;
	struct thread thread;
	struct hand hand; /* under the lock */
};

struct workers {
	const struct world *world;
	struct lock lock;
	/* Under the lock: */
	struct cond bell, over;
	unsigned calls; /* so many are to look at once */
	bool watched;	/* one of those who rest looks at the clock */
	bool stopping;
	unsigned unmarked; /* letters handed over whose rows could not be marked yet */
	struct carrier carriers[WORKERS_MAIL];
	struct thread renewer;
};

/* Rests until there may be something to do. One of those who rest wakes by himself: each commit wakes one,
 * and who finds something wakes the next. False when it is time to end. */
static bool rest(struct workers *workers)
{
	bool late = false;

	lock_acquire(&workers->lock);
	while (!workers->stopping && workers->calls == 0 && !late) {
		if (workers->watched) {
			cond_wait(&workers->bell, &workers->lock);
			continue;
		}
		workers->watched = true;
		late = !cond_wait_for(&workers->bell, &workers->lock, LOOK_EVERY);
		workers->watched = false;
	}
	if (workers->calls > 0)
		workers->calls--;
	const bool going = !workers->stopping;
	lock_release(&workers->lock);
	return going;
}

/* Whoever rings, or not. */
static bool sleep_for(struct workers *workers, duration limit)
{
	lock_acquire(&workers->lock);
	if (!workers->stopping)
		(void)cond_wait_for(&workers->over, &workers->lock, limit);
	const bool going = !workers->stopping;
	lock_release(&workers->lock);
	return going;
}

static bool goes_on(struct workers *workers)
{
	lock_acquire(&workers->lock);
	const bool going = !workers->stopping;
	lock_release(&workers->lock);
	return going;
}

void workers_notify(void *arg)
{
	struct workers *const workers = arg;

	lock_acquire(&workers->lock);
	if (workers->calls < WORKERS_MAIL)
		workers->calls++;
	cond_signal(&workers->bell);
	lock_release(&workers->lock);
}

/* NULL: nothing. */
static void hold(struct carrier *c, const struct effect *effect)
{
	const struct hand hand = { effect ? *effect : (struct effect){ .done = true },
		world_ticks(c->workers->world) };

	lock_acquire(&c->workers->lock);
	c->hand = hand;
	lock_release(&c->workers->lock);
}

static void count_unmarked(struct workers *workers, int by)
{
	lock_acquire(&workers->lock);
	workers->unmarked += (unsigned)by;
	lock_release(&workers->lock);
}

static bool owes_marks(struct workers *workers)
{
	lock_acquire(&workers->lock);
	const bool owes = workers->unmarked > 0;
	lock_release(&workers->lock);
	return owes;
}

/* The store is away, and the mail server has the letter: whoever found its row unmarked would send it again.
 */
static enum err mark_late(struct carrier *c, struct outbox_delivery *delivery, struct arena *a, enum err e)
{
	const struct arena_mark before = arena_mark(a);

	count_unmarked(c->workers, 1);
	while (e != OK && outbox_must_mark(delivery) && sleep_for(c->workers, MARK_AGAIN)) {
		arena_rewind(a, before);
		e = outbox_mark(delivery, a);
	}
	count_unmarked(c->workers, -1);
	return e;
}

static enum err carry_found(struct carrier *c, struct outbox_delivery *delivery, struct arena *a)
{
	workers_notify(c->workers);
	hold(c, &delivery->effect);
	enum err e = outbox_deliver(delivery, a);
	if (e != OK)
		e = mark_late(c, delivery, a, e);
	hold(c, NULL);
	return e;
}

/* Who has nothing to carry sees to it that something can be carried. */
static enum err carry_one(struct carrier *c, struct arena *a, bool *worked)
{
	const struct world *const world = c->workers->world;
	struct outbox_delivery delivery;

	/* After an outage of more than a lease's life those would be found, and sent, again. */
	*worked = false;
	if (owes_marks(c->workers))
		return OK;
	TRY(outbox_lease(world, a, &delivery));
	*worked = delivery.found;
	if (delivery.found)
		TRY(carry_found(c, &delivery, a));
	arena_reset(a);
	if (!*worked)
		mail_health_probe(world, a);
	if (!mail_take_recovered(world))
		return OK;
	const enum err e = outbox_make_due(world, a);
	if (e != OK)
		mail_set_recovered(world);
	return e;
}

static void carry(void *arg)
{
	struct carrier *const c = arg;
	struct arena a;
	bool worked = true;

	arena_init(&a, ARENA_CALL_LIMIT);
	while (worked ? goes_on(c->workers) : rest(c->workers)) {
		const enum err e = carry_one(c, &a, &worked);

		arena_reset(&a);
		if (e == OK)
			continue;
		worked = false;
		log_event(LOG_ERROR, "outbox_failed", LOG_WORD("err", err_name(e)));
		(void)sleep_for(c->workers, PAUSE_ON_FAILURE);
	}
	arena_finish(&a);
}

/* Letters that a mail server takes its time over. */
static enum err renew(struct workers *workers, struct arena *a)
{
	const int64_t ticks = world_ticks(workers->world);
	struct effect held[WORKERS_MAIL];
	size_t n = 0;

	lock_acquire(&workers->lock);
	for (size_t i = 0; i < WORKERS_MAIL; i++) {
		struct hand *const hand = &workers->carriers[i].hand;

		if (hand->effect.done || ticks - hand->renewed < LEASE_RENEW_INTERVAL.ms)
			continue;
		hand->renewed = ticks;
		held[n++] = hand->effect;
	}
	lock_release(&workers->lock);
	return outbox_renew(workers->world, a, held, n);
}

/* Renews the leases of letters that are being handed over, until the workers stop. */
static void renew_leases(void *arg)
{
	struct workers *const workers = arg;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	do {
		const enum err e = renew(workers, &a);

		if (e != OK)
			log_event(LOG_ERROR, "outbox_failed", LOG_WORD("err", err_name(e)));
		arena_reset(&a);
	} while (sleep_for(workers, LOOK_EVERY));
	arena_finish(&a);
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
	cond_init(&workers->bell);
	cond_init(&workers->over);
	for (size_t i = 0; i < WORKERS_MAIL; i++)
		workers->carriers[i] = (struct carrier){ .workers = workers, .hand.effect.done = true };
	for (size_t i = 0; i < WORKERS_MAIL && e == OK; i++)
		e = thread_start(&workers->carriers[i].thread, carry, &workers->carriers[i]);
	if (e == OK)
		e = thread_start(&workers->renewer, renew_leases, workers);
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
	lock_acquire(&workers->lock);
	workers->stopping = true;
	cond_broadcast(&workers->bell);
	cond_broadcast(&workers->over);
	lock_release(&workers->lock);
	for (size_t i = 0; i < WORKERS_MAIL; i++)
		thread_join(&workers->carriers[i].thread);
	thread_join(&workers->renewer);
	cond_finish(&workers->over);
	cond_finish(&workers->bell);
	lock_finish(&workers->lock);
	free(workers);
}

#include "kit/fakes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

/* A letter that is never released goes by itself, so that a broken test ends too. */
#define HOLD_MAX seconds(20)

static moment clock_now(struct clock *clock)
{
	return (moment){ atomic_load(&container_of(clock, struct kit_clock, base)->now) };
}

static int64_t clock_ticks(struct clock *clock)
{
	struct kit_clock *const c = container_of(clock, struct kit_clock, base);

	atomic_fetch_add(&c->now, atomic_load(&c->now_step));
	return atomic_fetch_add(&c->ticks, atomic_load(&c->ticks_step));
}

static duration clock_follow(struct clock *clock, moment theirs)
{
	struct kit_clock *const c = container_of(clock, struct kit_clock, base);

	return milliseconds(theirs.ms - atomic_exchange(&c->now, theirs.ms));
}

void fake_clock(struct kit_clock *clock)
{
	static const struct clock_ops ops = { clock_now, clock_ticks, clock_follow };

	clock->base.ops = &ops;
	atomic_store(&clock->now, KIT_NOW);
	atomic_store(&clock->ticks, 5000000);
}

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static bool take_one(atomic_size_t *left)
{
	size_t n = atomic_load(left);

	while (n > 0 && !atomic_compare_exchange_weak(left, &n, n - 1))
		continue;
	return n > 0;
}

static enum err random_fill(struct random *random, void *bytes, size_t n)
{
	struct kit_random *const r = container_of(random, struct kit_random, base);
	const uint64_t call = atomic_fetch_add(&r->calls, 1);

	if (!take_one(&r->good))
		return ERR_INTERNAL;
	if (n == sizeof(uint64_t) && take_one(&r->ones)) {
		memset(bytes, 0xff, n);
		return OK;
	}
	for (size_t i = 0; i < n; i++)
		((unsigned char *)bytes)[i] = (unsigned char)mix(call << 16 | i);
	return OK;
}

void fake_random(struct kit_random *random)
{
	static const struct random_ops ops = { random_fill };

	random->base.ops = &ops;
	atomic_store(&random->good, SIZE_MAX);
}

struct spoilt {
	tx_work *work;
	void *arg;
};

static enum err work_in_vain(struct tx *tx, void *arg)
{
	const struct spoilt *const spoilt = arg;
	const enum err e = spoilt->work(tx, spoilt->arg);

	return e == OK ? ERR_STORAGE : e;
}

static struct kit_store *store_of(struct store *store)
{
	return container_of(store, struct kit_store, base);
}

static enum err store_run(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct kit_store *const s = store_of(store);
	const enum kit_fault fault = atomic_load(&s->fault);
	struct spoilt spoilt = { work, arg };

	atomic_fetch_add(kind == TX_READ ? &s->reads : &s->writes, 1);
	if (fault == KIT_NO_FAULT || take_one(&s->spared))
		return store_transact(s->inner, kind, arena, work, arg);
	if (fault == KIT_BEFORE_WORK)
		return ERR_STORAGE;
	return store_transact(s->inner, kind, arena, work_in_vain, &spoilt);
}

static void store_listen(struct store *store, void (*ring)(void *arg), void *arg)
{
	struct store *const inner = store_of(store)->inner;

	inner->ops->on_commit(inner, ring, arg);
}

static enum err store_ready(struct store *store)
{
	return store_of(store)->unready ? ERR_STORAGE : OK;
}

static void store_close(struct store *store)
{
	(void)store;
}

void fake_store(struct kit_store *store)
{
	static const struct store_ops ops = { store_run, store_listen, store_ready, store_close };

	store->base.ops = &ops;
}

static char *keep(struct str s)
{
	char *const copy = malloc(s.n + 1);

	assert_non_null(copy);
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

static enum delivery_result mailer_take(
	struct mailer *mailer, const struct mail_message *message, struct arena *a, const char **why)
{
	struct kit_mailer *const m = container_of(mailer, struct kit_mailer, base);

	(void)a;
	*why = "told";
	lock_acquire(&m->lock);
	assert_true(m->n < KIT_LETTERS);
	m->letters[m->n++] = (struct kit_letter){ keep(message->to), keep(message->subject),
		keep(message->text), keep(message->html), keep(message->message_id), message->date,
		m->clock->ops->now(m->clock) };
	m->waiting++;
	cond_broadcast(&m->changed);
	for (duration left = HOLD_MAX; m->holding && left.ms > 0; left.ms -= 20)
		(void)cond_wait_for(&m->changed, &m->lock, milliseconds(20));
	m->waiting--;
	const enum delivery_result result = m->result;
	lock_release(&m->lock);
	return result;
}

static bool mailer_ask_it(struct mailer *mailer, struct arena *a, const char **why)
{
	struct kit_mailer *const m = container_of(mailer, struct kit_mailer, base);

	(void)a;
	*why = "told";
	lock_acquire(&m->lock);
	m->asked++;
	const bool willing = m->willing;
	lock_release(&m->lock);
	return willing;
}

static void mailer_close(struct mailer *mailer)
{
	struct kit_mailer *const m = container_of(mailer, struct kit_mailer, base);

	for (size_t i = 0; i < m->n; i++) {
		free(m->letters[i].to);
		free(m->letters[i].subject);
		free(m->letters[i].text);
		free(m->letters[i].html);
		free(m->letters[i].message_id);
	}
	cond_finish(&m->changed);
	lock_finish(&m->lock);
}

void fake_mailer(struct kit_mailer *mailer, struct clock *clock)
{
	static const struct mailer_ops ops = { mailer_take, mailer_ask_it, mailer_close };

	mailer->base.ops = &ops;
	mailer->clock = clock;
	lock_init(&mailer->lock);
	cond_init(&mailer->changed);
}

void kit_hold_letters(struct kit *kit, bool hold)
{
	lock_acquire(&kit->mailer.lock);
	kit->mailer.holding = hold;
	cond_broadcast(&kit->mailer.changed);
	lock_release(&kit->mailer.lock);
}

bool kit_await_letters(struct kit *kit, size_t waiting, duration limit)
{
	struct kit_mailer *const m = &kit->mailer;

	lock_acquire(&m->lock);
	for (; m->waiting < waiting && limit.ms > 0; limit.ms -= 20)
		(void)cond_wait_for(&m->changed, &m->lock, milliseconds(20));
	const bool reached = m->waiting >= waiting;
	lock_release(&m->lock);
	return reached;
}

const struct kit_letter *kit_last_letter(struct kit *kit)
{
	assert_true(kit->mailer.n > 0);
	return &kit->mailer.letters[kit->mailer.n - 1];
}

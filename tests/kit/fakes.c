#include "kit/fakes.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

/* A call of the mailer that is held continues after this time, so that a broken test ends too. */
#define HOLD_MAX seconds(20)

static moment fake_clock_now(struct clock *clock)
{
	return (moment){ atomic_load(&container_of(clock, struct fake_clock, base)->now) };
}

static int64_t fake_clock_ticks(struct clock *clock)
{
	struct fake_clock *const c = container_of(clock, struct fake_clock, base);

	atomic_fetch_add(&c->now, atomic_load(&c->now_step));
	return atomic_fetch_add(&c->ticks, atomic_load(&c->ticks_step));
}

static duration fake_clock_sync(struct clock *clock, moment now)
{
	struct fake_clock *const c = container_of(clock, struct fake_clock, base);

	return milliseconds(now.ms - atomic_exchange(&c->now, now.ms));
}

void fake_clock_init(struct fake_clock *clock)
{
	static const struct clock_ops ops = { fake_clock_now, fake_clock_ticks, fake_clock_sync,
		fake_clock_now };

	clock->base.ops = &ops;
	atomic_store(&clock->base.expiry_offset, 0);
	atomic_store(&clock->base.is_synced, false);
	atomic_store(&clock->now, FIXTURE_NOW);
	atomic_store(&clock->ticks, 5000000);
}

/* The random generator SplitMix64 (Steele, Lea and Flood, 2014): returns the output for the state `x`. */
static uint64_t splitmix64(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* Decrements the counter unless it is 0; returns whether it did. */
static bool count_down(atomic_size_t *left)
{
	size_t n = atomic_load(left);

	while (n > 0 && !atomic_compare_exchange_weak(left, &n, n - 1))
		continue;
	return n > 0;
}

static enum err fake_random_fill(struct random *random, void *bytes, size_t n)
{
	struct fake_random *const r = container_of(random, struct fake_random, base);
	const uint64_t call = atomic_fetch_add(&r->calls, 1);

	if (!count_down(&r->calls_before_failure))
		return ERR_INTERNAL;
	if (n == sizeof(uint64_t) && count_down(&r->all_ones_calls)) {
		memset(bytes, 0xff, n);
		return OK;
	}
	if (n == 1 && atomic_load(&r->no_jitter)) {
		memset(bytes, UINT8_MAX / 2, n);
		return OK;
	}
	for (size_t i = 0; i < n; i++)
		((unsigned char *)bytes)[i] = (unsigned char)splitmix64(call << 16 | i);
	return OK;
}

void fake_random_init(struct fake_random *random)
{
	static const struct random_ops ops = { fake_random_fill };

	random->base.ops = &ops;
	atomic_store(&random->calls_before_failure, SIZE_MAX);
}

struct failing_work {
	tx_work *work;
	void *arg;
};

/* Runs the work and then fails, so that the store rolls it back. */
static enum err run_then_fail(struct tx *tx, void *arg)
{
	const struct failing_work *const failing = arg;
	const enum err e = failing->work(tx, failing->arg);

	return e == OK ? ERR_STORAGE : e;
}

static struct faulty_store *faulty_store_from_base(struct store *store)
{
	return container_of(store, struct faulty_store, base);
}

static enum err faulty_store_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct faulty_store *const s = faulty_store_from_base(store);
	const enum store_fault fault = atomic_load(&s->fault);
	struct failing_work failing = { work, arg };

	atomic_fetch_add(kind == TX_READ ? &s->reads : &s->writes, 1);
	if (fault == STORE_FAULT_NONE || count_down(&s->transactions_before_fault))
		return store_transact(s->inner, kind, arena, work, arg);
	if (fault == STORE_FAULT_BEFORE_WORK)
		return ERR_STORAGE;
	return store_transact(s->inner, kind, arena, run_then_fail, &failing);
}

static void faulty_store_on_commit(struct store *store, commit_callback *notify, void *arg)
{
	struct store *const inner = faulty_store_from_base(store)->inner;

	inner->ops->on_commit(inner, notify, arg);
}

static enum err faulty_store_ready(struct store *store)
{
	return faulty_store_from_base(store)->unready ? ERR_STORAGE : OK;
}

static void faulty_store_close(struct store *store)
{
	(void)store;
}

void faulty_store_init(struct faulty_store *store)
{
	static const struct store_ops ops = { .transact = faulty_store_transact,
		.on_commit = faulty_store_on_commit,
		.ready = faulty_store_ready,
		.close = faulty_store_close };

	store->base.ops = &ops;
}

static char *copy_text(struct str s)
{
	char *const copy = malloc(s.n + 1);

	assert_non_null(copy);
	if (s.n > 0)
		memcpy(copy, s.p, s.n);
	copy[s.n] = '\0';
	return copy;
}

static enum delivery_result fake_mailer_send(struct mailer *mailer, const struct mail_message *message,
	struct arena *a, struct mail_report *report)
{
	struct fake_mailer *const m = container_of(mailer, struct fake_mailer, base);

	(void)a;
	*report = m->report.reason != NULL ? m->report : mail_report_of("fake");
	lock_acquire(&m->lock);
	assert_true(m->n < FAKE_MAILER_CAPACITY);
	m->messages[m->n++] = (struct captured_mail){ copy_text(message->to), copy_text(message->subject),
		copy_text(message->text), copy_text(message->html), copy_text(message->message_id),
		copy_text(message->picture.content_id), message->picture.bytes.n, message->date,
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

static bool fake_mailer_probe(struct mailer *mailer, struct arena *a, struct mail_report *report)
{
	struct fake_mailer *const m = container_of(mailer, struct fake_mailer, base);

	(void)a;
	*report = m->report.reason != NULL ? m->report : mail_report_of("fake");
	lock_acquire(&m->lock);
	m->probes++;
	const bool is_up = m->probe_result;
	lock_release(&m->lock);
	return is_up;
}

static void fake_mailer_close(struct mailer *mailer)
{
	struct fake_mailer *const m = container_of(mailer, struct fake_mailer, base);

	for (size_t i = 0; i < m->n; i++) {
		free(m->messages[i].to);
		free(m->messages[i].subject);
		free(m->messages[i].text);
		free(m->messages[i].html);
		free(m->messages[i].message_id);
		free(m->messages[i].content_id);
	}
	cond_finish(&m->changed);
	lock_finish(&m->lock);
}

void fake_mailer_init(struct fake_mailer *mailer, struct clock *clock)
{
	static const struct mailer_ops ops = { fake_mailer_send, fake_mailer_probe, fake_mailer_close };

	mailer->base.ops = &ops;
	mailer->clock = clock;
	lock_init(&mailer->lock);
	cond_init(&mailer->changed);
}

void fixture_hold_mail(struct app_fixture *fx, bool hold)
{
	lock_acquire(&fx->mailer.lock);
	fx->mailer.holding = hold;
	cond_broadcast(&fx->mailer.changed);
	lock_release(&fx->mailer.lock);
}

bool fixture_wait_for_held_mail(struct app_fixture *fx, size_t waiting, duration limit)
{
	struct fake_mailer *const m = &fx->mailer;

	lock_acquire(&m->lock);
	for (; m->waiting < waiting && limit.ms > 0; limit.ms -= 20)
		(void)cond_wait_for(&m->changed, &m->lock, milliseconds(20));
	const bool reached = m->waiting >= waiting;
	lock_release(&m->lock);
	return reached;
}

const struct captured_mail *fixture_last_mail(struct app_fixture *fx)
{
	assert_true(fx->mailer.n > 0);
	return &fx->mailer.messages[fx->mailer.n - 1];
}

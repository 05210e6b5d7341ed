/* Two instances that share one store: each with a clock, a mailer and flights of its own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "app/core/clock_sync.h"
#include "app/core/leader_lease.h"
#include "app/mail/outbox.h"
#include "app/mail/workers.h"
#include "app/session/pending_session.h"
#include "domain/lease.h"
#include "kit/fake_provider.h"
#include "kit/peer.h"

#define ANA "ana.exemplo@example.com"
#define JANUARY 202601
#define PATIENCE seconds(20)

static struct effect letter_of(struct pair *p, const struct caller *shop)
{
	struct effect effect = { .id = kit_enrolment(&p->kit, shop, ANA).last_mail_id };

	kit_load(&p->kit, RECORD_EFFECT, &effect);
	return effect;
}

/* The store's time goes on, and all clocks with it. */
static void go_on(struct pair *p, duration s)
{
	pair_wait(p, s);
}

static void a_dead_ones_letter_is_taken_over_after_half_a_minute(void **state)
{
	static const struct {
		int64_t age_ms;
		bool carried;
	} rows[] = { { 29999, false }, { 30000, true }, { 30001, true } };
	struct pair *const p = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(&p->kit, name, NULL, NO_QUOTA);
		struct outbox_delivery dead;
		bool worked;

		(void)kit_prepare(&p->kit, &shop, ANA);
		(void)kit_send(&p->kit, &shop, ANA);
		assert_int_equal(outbox_lease(&p->kit.world, &p->kit.arena, &dead), OK);
		assert_true(dead.useful);
		go_on(p, milliseconds(rows[i].age_ms));
		assert_int_equal(outbox_work(&p->other.world, &p->kit.arena, &worked), OK);
		assert_int_equal(worked, rows[i].carried);
		assert_int_equal(letter_of(p, &shop).done, rows[i].carried);
		/* It was not dead, and does not write over its successor. */
		assert_int_equal(outbox_deliver(&dead, &p->kit.arena), OK);
		assert_int_equal(letter_of(p, &shop).tries, 1 + rows[i].carried);
	}
}

static void who_is_slow_and_renews_keeps_the_letter(void **state)
{
	struct pair *const p = *state;
	const struct caller shop = kit_tenant(&p->kit, "shop", NULL, NO_QUOTA);
	struct workers *workers;
	bool worked;

	(void)kit_prepare(&p->kit, &shop, ANA);
	(void)kit_send(&p->kit, &shop, ANA);
	kit_hold_letters(&p->kit, true);
	assert_int_equal(workers_start(&p->kit.world, &workers), OK);
	assert_true(kit_await_letters(&p->kit, 1, PATIENCE));
	for (int i = 0; i < 3; i++) {
		const moment until = letter_of(p, &shop).lease_expires_at;

		go_on(p, LEASE_RENEW_INTERVAL);
		for (int n = 0; n < 2000 && letter_of(p, &shop).lease_expires_at.ms == until.ms; n++)
			single_flight_wait(p->kit.single_flights, milliseconds(10));
		assert_int_equal(letter_of(p, &shop).lease_expires_at.ms - until.ms, LEASE_RENEW_INTERVAL.ms);
	}
	assert_int_equal(outbox_work(&p->other.world, &p->kit.arena, &worked), OK);
	assert_false(worked);
	kit_hold_letters(&p->kit, false);
	workers_stop(workers);
	assert_int_equal(letter_of(p, &shop).state, EFFECT_ACCEPTED);
	assert_int_equal(letter_of(p, &shop).tries, 1);
	assert_int_equal(p->kit.mailer.n, 1);
}

/* B was not told of A's commit: it looks by itself. */
static void what_a_dead_one_noted_is_found_without_a_bell(void **state)
{
	struct pair *const p = *state;
	const struct caller shop = kit_tenant(&p->kit, "shop", NULL, NO_QUOTA);
	struct workers *workers;

	assert_int_equal(workers_start(&p->other.world, &workers), OK);
	(void)kit_prepare(&p->kit, &shop, ANA);
	(void)kit_send(&p->kit, &shop, ANA);
	for (int i = 0; i < 2000 && !letter_of(p, &shop).done; i++)
		single_flight_wait(p->kit.single_flights, milliseconds(10));
	assert_int_equal(letter_of(p, &shop).state, EFFECT_ACCEPTED);
	workers_stop(workers);
	assert_int_equal(p->other.mailer.n, 1);
}

static bool is_theirs(struct pair *p, const struct world *world, struct leader_lease *turn)
{
	bool ours;

	assert_int_equal(leader_lease_acquire(world, &p->kit.arena, turn, &ours), OK);
	return ours;
}

static void one_does_it_for_all_until_it_was_not_heard_of_for_half_a_minute(void **state)
{
	struct pair *const p = *state;
	struct leader_lease a = { .name = "work" }, b = { .name = "work" }, c = { .name = "other work" };

	assert_true(is_theirs(p, &p->kit.world, &a));
	assert_false(is_theirs(p, &p->other.world, &b));
	assert_true(is_theirs(p, &p->other.world, &c));
	go_on(p, milliseconds(LEASE_RENEW_INTERVAL.ms - 1));
	assert_true(is_theirs(p, &p->kit.world, &a));
	go_on(p, milliseconds(LEASE_DURATION.ms - LEASE_RENEW_INTERVAL.ms));
	assert_false(is_theirs(p, &p->other.world, &b));
	go_on(p, milliseconds(1));
	assert_true(is_theirs(p, &p->other.world, &b));
	assert_false(is_theirs(p, &p->kit.world, &a));
	/* Whoever ends gives it back. */
	assert_int_equal(leader_lease_release(&p->other.world, &p->kit.arena, &b), OK);
	assert_true(is_theirs(p, &p->kit.world, &a));
	assert_int_equal(leader_lease_release(&p->other.world, &p->kit.arena, &b), OK);
	assert_false(is_theirs(p, &p->other.world, &b));
}

static void renewed_every_ten_seconds_it_stays(void **state)
{
	struct pair *const p = *state;
	struct leader_lease a = { .name = "work" }, b = { .name = "work" };

	for (int i = 0; i < 20; i++) {
		assert_true(is_theirs(p, &p->kit.world, &a));
		assert_false(is_theirs(p, &p->other.world, &b));
		go_on(p, LEASE_RENEW_INTERVAL);
	}
	/* Between two renewals nothing is asked. */
	assert_true(is_theirs(p, &p->kit.world, &a));
	const size_t asked = atomic_load(&p->kit.store.reads) + atomic_load(&p->kit.store.writes);
	assert_true(is_theirs(p, &p->kit.world, &a));
	assert_int_equal(atomic_load(&p->kit.store.reads) + atomic_load(&p->kit.store.writes), asked);
}

static void alone_it_is_ours_and_costs_nothing(void **state)
{
	struct pair *const p = *state;
	struct leader_lease a = { .name = "work" };

	p->kit.store.base.shared = false;
	const size_t asked = atomic_load(&p->kit.store.reads) + atomic_load(&p->kit.store.writes);
	assert_true(is_theirs(p, &p->kit.world, &a));
	assert_int_equal(leader_lease_release(&p->kit.world, &p->kit.arena, &a), OK);
	assert_int_equal(atomic_load(&p->kit.store.reads) + atomic_load(&p->kit.store.writes), asked);
}

struct customer {
	struct pair *pair;
	const struct caller *shop;
	struct thread thread;
	struct arena arena;
	struct create_result created;
	enum err e;
};

static void order(void *arg)
{
	struct customer *const c = arg;
	const struct create_params params = { c->shop, flow_find(STR("verify_public_kyc")), kit_who(ANA),
		STR(""), { 0 } };

	c->e = app_create_session(
		&c->pair->kit.world, c->pair->kit.single_flights, &c->arena, &params, &c->created);
}

/* It stood still for longer than a living one does, and its note was cleared up: what it hears then is no
 * session of ours until the person asks again, and its unit comes back once. */
static void who_comes_back_from_the_dead_does_not_give_the_unit_back_twice(void **state)
{
	static const enum provider_cause ends[] = { PROVIDER_OK, PROVIDER_UNREACHABLE };
	struct pair *const p = *state;

	for (size_t i = 0; i < array_len(ends); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(&p->kit, name, NULL, 2);
		struct customer c = { .pair = p, .shop = &shop };
		const struct quota used = { shop.tenant.id, JANUARY, 1 };

		kit_prove(&p->kit, &shop, ANA);
		kit_save(&p->kit, RECORD_QUOTA, &used); /* of somebody else */
		fake_provider_hold(p->kit.provider);
		arena_init(&c.arena, ARENA_CALL_LIMIT);
		assert_int_equal(thread_start(&c.thread, order, &c), OK);
		assert_true(fake_provider_await(p->kit.provider, 1, PATIENCE));
		assert_int_equal(kit_quota_used(&p->kit, &shop, JANUARY), 2);
		go_on(p, pending_session_max_age(&p->kit.world));
		assert_int_equal(pending_session_repair_all(&p->other.world, &p->kit.arena), OK);
		assert_int_equal(kit_quota_used(&p->kit, &shop, JANUARY), 1);
		fake_provider_fail(p->kit.provider, ends[i]);
		fake_provider_release(p->kit.provider);
		thread_join(&c.thread);
		assert_int_equal(c.e, OK);
		assert_int_equal(
			c.created.outcome, ends[i] == PROVIDER_OK ? CREATED_TIMEOUT : CREATED_FAILED);
		assert_int_equal(kit_quota_used(&p->kit, &shop, JANUARY), 1);
		assert_int_equal(kit_sessions(&p->kit, &shop, ANA), 0);
		fake_provider_fail(p->kit.provider, PROVIDER_OK);
		assert_int_equal(kit_create(&p->kit, &shop, ANA).outcome, CREATED);
		assert_int_equal(kit_quota_used(&p->kit, &shop, JANUARY), 2);
		arena_finish(&c.arena);
	}
}

/* Whatever its own clock says: notes go by the store's. */
static void a_clock_that_is_off_kills_no_living_note(void **state)
{
	static const int64_t off[] = { -300000, 300000 };
	struct pair *const p = *state;

	for (size_t i = 0; i < array_len(off); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(&p->kit, name, NULL, 1);
		struct session pending = { .id = { "01note" },
			.tenant_id = shop.tenant.id,
			.status = STATUS_CREATING,
			.created_at = world_now(&p->kit.world),
			.next_poll_at = moment_add(
				world_now(&p->kit.world), pending_session_max_age(&p->kit.world)),
			.instance_id = p->kit.world.instance };

		kit_prove(&p->kit, &shop, ANA);
		pending.user_id = kit_user(&p->kit, &shop, ANA).id;
		kit_save(&p->kit, RECORD_SESSION, &pending);
		atomic_fetch_add(&p->other.clock.now, off[i]);
		go_on(p, milliseconds(pending_session_max_age(&p->kit.world).ms - 1));
		assert_int_equal(pending_session_repair_all(&p->other.world, &p->kit.arena), OK);
		assert_true(kit_has(&p->kit, RECORD_SESSION, &pending));
		go_on(p, milliseconds(1));
		assert_int_equal(pending_session_repair_all(&p->other.world, &p->kit.arena), OK);
		assert_false(kit_has(&p->kit, RECORD_SESSION, &pending));
		atomic_fetch_add(&p->other.clock.now, -off[i]);
	}
}

/* Five minutes off, it is set by the store's clock: nobody's code lives for longer or ends early with it. */
static void a_clock_that_is_off_moves_no_end(void **state)
{
	static const int64_t off[] = { -300000, 300000 };
	static const struct {
		int64_t age_ms;
		enum verify_verdict verdict;
	} rows[] = { { 599999, VERIFY_ACCEPTED }, { 600000, VERIFY_EXPIRED }, { 600001, VERIFY_EXPIRED } };
	struct pair *const p = *state;
	const struct world here = p->kit.world;

	for (size_t i = 0; i < array_len(off) * array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = kit_tenant(&p->kit, name, NULL, NO_QUOTA);

		atomic_fetch_add(&p->other.clock.now, off[i / array_len(rows)]);
		assert_int_equal(clock_sync_run(&p->other.world, &p->kit.arena), OK);
		(void)kit_prepare(&p->kit, &shop, ANA);
		kit_new_code(&p->kit, &shop, ANA, code);
		go_on(p, milliseconds(rows[i % array_len(rows)].age_ms));
		p->kit.world = p->other.world;
		assert_int_equal(kit_verify(&p->kit, &shop, ANA, code), rows[i % array_len(rows)].verdict);
		p->kit.world = here;
		go_on(p, minutes(10));
	}
}

static void alone_nobodys_clock_is_followed(void **state)
{
	struct pair *const p = *state;

	p->kit.store.base.shared = false;
	atomic_fetch_add(&p->other.clock.now, 300000);
	assert_int_equal(clock_sync_run(&p->other.world, &p->kit.arena), OK);
	assert_int_equal(world_now(&p->other.world).ms, KIT_NOW + 300000);
}

static void an_answer_that_took_a_second_tells_no_time(void **state)
{
	static const struct {
		int64_t took_ms, now;
	} rows[] = { { 999, KIT_NOW + 499 }, { 1000, KIT_NOW + 7 } };
	struct pair *const p = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&p->other.clock.now, KIT_NOW + 7);
		atomic_store(&p->other.clock.ticks_step, rows[i].took_ms);
		assert_int_equal(clock_sync_run(&p->other.world, &p->kit.arena), OK);
		assert_int_equal(world_now(&p->other.world).ms, rows[i].now);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, pair_setup, pair_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_dead_ones_letter_is_taken_over_after_half_a_minute),
		TEST(who_is_slow_and_renews_keeps_the_letter),
		TEST(what_a_dead_one_noted_is_found_without_a_bell),
		TEST(one_does_it_for_all_until_it_was_not_heard_of_for_half_a_minute),
		TEST(renewed_every_ten_seconds_it_stays),
		TEST(alone_it_is_ours_and_costs_nothing),
		TEST(who_comes_back_from_the_dead_does_not_give_the_unit_back_twice),
		TEST(a_clock_that_is_off_kills_no_living_note),
		TEST(a_clock_that_is_off_moves_no_end),
		TEST(alone_nobodys_clock_is_followed),
		TEST(an_answer_that_took_a_second_tells_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

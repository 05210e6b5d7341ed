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
#include "kit/instance_pair.h"

#define ANA "ana.exemplo@example.com"
#define JANUARY 202601
#define PATIENCE seconds(20)

static struct effect letter_of(struct instance_pair *pair, const struct caller *shop)
{
	struct effect effect = { .id = fixture_enrolment(&pair->first, shop, ANA).last_mail_id };

	fixture_load(&pair->first, RECORD_EFFECT, &effect);
	return effect;
}

/* The store's time goes on, and all clocks with it. */
static void go_on(struct instance_pair *pair, duration s)
{
	instance_pair_advance_clocks(pair, s);
}

static void a_dead_ones_letter_is_taken_over_after_half_a_minute(void **state)
{
	static const struct {
		int64_t age_ms;
		bool carried;
	} rows[] = { { 29999, false }, { 30000, true }, { 30001, true } };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, NO_QUOTA);
		struct outbox_delivery dead;
		bool worked;

		(void)fixture_prepare(&pair->first, &shop, ANA);
		(void)fixture_send_otp(&pair->first, &shop, ANA);
		assert_int_equal(outbox_lease(&pair->first.world, &pair->first.arena, &dead), OK);
		assert_true(dead.useful);
		go_on(pair, milliseconds(rows[i].age_ms));
		assert_int_equal(outbox_work(&pair->second.world, &pair->first.arena, &worked), OK);
		assert_int_equal(worked, rows[i].carried);
		assert_int_equal(letter_of(pair, &shop).done, rows[i].carried);
		/* It was not dead, and does not write over its successor. */
		assert_int_equal(outbox_deliver(&dead, &pair->first.arena), OK);
		assert_int_equal(letter_of(pair, &shop).tries, 1 + rows[i].carried);
	}
}

static void who_is_slow_and_renews_keeps_the_letter(void **state)
{
	struct instance_pair *const pair = *state;
	const struct caller shop = fixture_add_tenant(&pair->first, "shop", NULL, NO_QUOTA);
	struct workers *workers;
	bool worked;

	(void)fixture_prepare(&pair->first, &shop, ANA);
	(void)fixture_send_otp(&pair->first, &shop, ANA);
	fixture_hold_mail(&pair->first, true);
	assert_int_equal(workers_start(&pair->first.world, &workers), OK);
	assert_true(fixture_wait_for_held_mail(&pair->first, 1, PATIENCE));
	for (int i = 0; i < 3; i++) {
		const moment until = letter_of(pair, &shop).lease_expires_at;

		go_on(pair, LEASE_RENEW_INTERVAL);
		for (int n = 0; n < 2000 && letter_of(pair, &shop).lease_expires_at.ms == until.ms; n++)
			single_flight_wait(pair->first.single_flights, milliseconds(10));
		assert_int_equal(
			letter_of(pair, &shop).lease_expires_at.ms - until.ms, LEASE_RENEW_INTERVAL.ms);
	}
	assert_int_equal(outbox_work(&pair->second.world, &pair->first.arena, &worked), OK);
	assert_false(worked);
	fixture_hold_mail(&pair->first, false);
	workers_stop(workers);
	assert_int_equal(letter_of(pair, &shop).state, EFFECT_ACCEPTED);
	assert_int_equal(letter_of(pair, &shop).tries, 1);
	assert_int_equal(pair->first.mailer.n, 1);
}

/* B was not told of A's commit: it looks by itself. */
static void what_a_dead_one_noted_is_found_without_a_bell(void **state)
{
	struct instance_pair *const pair = *state;
	const struct caller shop = fixture_add_tenant(&pair->first, "shop", NULL, NO_QUOTA);
	struct workers *workers;

	assert_int_equal(workers_start(&pair->second.world, &workers), OK);
	(void)fixture_prepare(&pair->first, &shop, ANA);
	(void)fixture_send_otp(&pair->first, &shop, ANA);
	for (int i = 0; i < 2000 && !letter_of(pair, &shop).done; i++)
		single_flight_wait(pair->first.single_flights, milliseconds(10));
	assert_int_equal(letter_of(pair, &shop).state, EFFECT_ACCEPTED);
	workers_stop(workers);
	assert_int_equal(pair->second.mailer.n, 1);
}

static bool is_theirs(struct instance_pair *pair, const struct world *world, struct leader_lease *turn)
{
	bool ours;

	assert_int_equal(leader_lease_acquire(world, &pair->first.arena, turn, &ours), OK);
	return ours;
}

static void one_does_it_for_all_until_it_was_not_heard_of_for_half_a_minute(void **state)
{
	struct instance_pair *const pair = *state;
	struct leader_lease a = { .name = "work" }, b = { .name = "work" }, c = { .name = "other work" };

	assert_true(is_theirs(pair, &pair->first.world, &a));
	assert_false(is_theirs(pair, &pair->second.world, &b));
	assert_true(is_theirs(pair, &pair->second.world, &c));
	go_on(pair, milliseconds(LEASE_RENEW_INTERVAL.ms - 1));
	assert_true(is_theirs(pair, &pair->first.world, &a));
	go_on(pair, milliseconds(LEASE_DURATION.ms - LEASE_RENEW_INTERVAL.ms));
	assert_false(is_theirs(pair, &pair->second.world, &b));
	go_on(pair, milliseconds(1));
	assert_true(is_theirs(pair, &pair->second.world, &b));
	assert_false(is_theirs(pair, &pair->first.world, &a));
	/* Whoever ends gives it back. */
	assert_int_equal(leader_lease_release(&pair->second.world, &pair->first.arena, &b), OK);
	assert_true(is_theirs(pair, &pair->first.world, &a));
	assert_int_equal(leader_lease_release(&pair->second.world, &pair->first.arena, &b), OK);
	assert_false(is_theirs(pair, &pair->second.world, &b));
}

static void renewed_every_ten_seconds_it_stays(void **state)
{
	struct instance_pair *const pair = *state;
	struct leader_lease a = { .name = "work" }, b = { .name = "work" };

	for (int i = 0; i < 20; i++) {
		assert_true(is_theirs(pair, &pair->first.world, &a));
		assert_false(is_theirs(pair, &pair->second.world, &b));
		go_on(pair, LEASE_RENEW_INTERVAL);
	}
	/* Between two renewals nothing is asked. */
	assert_true(is_theirs(pair, &pair->first.world, &a));
	const size_t asked = atomic_load(&pair->first.store.reads) + atomic_load(&pair->first.store.writes);
	assert_true(is_theirs(pair, &pair->first.world, &a));
	assert_int_equal(
		atomic_load(&pair->first.store.reads) + atomic_load(&pair->first.store.writes), asked);
}

static void alone_it_is_ours_and_costs_nothing(void **state)
{
	struct instance_pair *const pair = *state;
	struct leader_lease a = { .name = "work" };

	pair->first.store.base.shared = false;
	const size_t asked = atomic_load(&pair->first.store.reads) + atomic_load(&pair->first.store.writes);
	assert_true(is_theirs(pair, &pair->first.world, &a));
	assert_int_equal(leader_lease_release(&pair->first.world, &pair->first.arena, &a), OK);
	assert_int_equal(
		atomic_load(&pair->first.store.reads) + atomic_load(&pair->first.store.writes), asked);
}

struct customer {
	struct instance_pair *pair;
	const struct caller *shop;
	struct thread thread;
	struct arena arena;
	struct create_result created;
	enum err e;
};

static void order(void *arg)
{
	struct customer *const c = arg;
	const struct create_params params = { c->shop, flow_find(STR("verify_public_kyc")),
		identifier_from_text(ANA), STR(""), { 0 } };

	c->e = app_create_session(
		&c->pair->first.world, c->pair->first.single_flights, &c->arena, &params, &c->created);
}

/* It stood still for longer than a living one does, and its note was cleared up: what it hears then is no
 * session of ours until the person asks again, and its unit comes back once. */
static void who_comes_back_from_the_dead_does_not_give_the_unit_back_twice(void **state)
{
	static const enum provider_cause ends[] = { PROVIDER_OK, PROVIDER_UNREACHABLE };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(ends); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, 2);
		struct customer c = { .pair = pair, .shop = &shop };
		const struct quota used = { shop.tenant.id, JANUARY, 1 };

		fixture_verify_email(&pair->first, &shop, ANA);
		fixture_save(&pair->first, RECORD_QUOTA, &used); /* of somebody else */
		fake_provider_hold_creates(pair->first.provider);
		arena_init(&c.arena, ARENA_CALL_LIMIT);
		assert_int_equal(thread_start(&c.thread, order, &c), OK);
		assert_true(fake_provider_wait_for_creates(pair->first.provider, 1, PATIENCE));
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 2);
		go_on(pair, pending_session_max_age(&pair->first.world));
		assert_int_equal(pending_session_repair_all(&pair->second.world, &pair->first.arena), OK);
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 1);
		fake_provider_set_failure(pair->first.provider, ends[i]);
		fake_provider_release_creates(pair->first.provider);
		thread_join(&c.thread);
		assert_int_equal(c.e, OK);
		assert_int_equal(
			c.created.outcome, ends[i] == PROVIDER_OK ? CREATED_TIMEOUT : CREATED_FAILED);
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 1);
		assert_int_equal(fixture_count_sessions(&pair->first, &shop, ANA), 0);
		fake_provider_set_failure(pair->first.provider, PROVIDER_OK);
		assert_int_equal(fixture_create_session(&pair->first, &shop, ANA).outcome, CREATED);
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 2);
		arena_finish(&c.arena);
	}
}

/* Whatever its own clock says: notes go by the store's. */
static void a_clock_that_is_off_kills_no_living_note(void **state)
{
	static const int64_t off[] = { -300000, 300000 };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(off); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, 1);
		struct session pending = { .id = { "01note" },
			.tenant_id = shop.tenant.id,
			.status = STATUS_CREATING,
			.created_at = world_now(&pair->first.world),
			.next_poll_at = moment_add(
				world_now(&pair->first.world), pending_session_max_age(&pair->first.world)),
			.instance_id = pair->first.world.instance };

		fixture_verify_email(&pair->first, &shop, ANA);
		pending.user_id = fixture_user(&pair->first, &shop, ANA).id;
		fixture_save(&pair->first, RECORD_SESSION, &pending);
		atomic_fetch_add(&pair->second.clock.now, off[i]);
		go_on(pair, milliseconds(pending_session_max_age(&pair->first.world).ms - 1));
		assert_int_equal(pending_session_repair_all(&pair->second.world, &pair->first.arena), OK);
		assert_true(fixture_try_load(&pair->first, RECORD_SESSION, &pending));
		go_on(pair, milliseconds(1));
		assert_int_equal(pending_session_repair_all(&pair->second.world, &pair->first.arena), OK);
		assert_false(fixture_try_load(&pair->first, RECORD_SESSION, &pending));
		atomic_fetch_add(&pair->second.clock.now, -off[i]);
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
	struct instance_pair *const pair = *state;
	const struct world here = pair->first.world;

	for (size_t i = 0; i < array_len(off) * array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, NO_QUOTA);

		atomic_fetch_add(&pair->second.clock.now, off[i / array_len(rows)]);
		assert_int_equal(clock_sync_run(&pair->second.world, &pair->first.arena), OK);
		(void)fixture_prepare(&pair->first, &shop, ANA);
		fixture_get_otp(&pair->first, &shop, ANA, code);
		go_on(pair, milliseconds(rows[i % array_len(rows)].age_ms));
		pair->first.world = pair->second.world;
		assert_int_equal(fixture_verify_otp(&pair->first, &shop, ANA, code),
			rows[i % array_len(rows)].verdict);
		pair->first.world = here;
		go_on(pair, minutes(10));
	}
}

static void alone_nobodys_clock_is_followed(void **state)
{
	struct instance_pair *const pair = *state;

	pair->first.store.base.shared = false;
	atomic_fetch_add(&pair->second.clock.now, 300000);
	assert_int_equal(clock_sync_run(&pair->second.world, &pair->first.arena), OK);
	assert_int_equal(world_now(&pair->second.world).ms, FIXTURE_NOW + 300000);
}

static void an_answer_that_took_a_second_tells_no_time(void **state)
{
	static const struct {
		int64_t took_ms, now;
	} rows[] = { { 999, FIXTURE_NOW + 499 }, { 1000, FIXTURE_NOW + 7 } };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&pair->second.clock.now, FIXTURE_NOW + 7);
		atomic_store(&pair->second.clock.ticks_step, rows[i].took_ms);
		assert_int_equal(clock_sync_run(&pair->second.world, &pair->first.arena), OK);
		assert_int_equal(world_now(&pair->second.world).ms, rows[i].now);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, instance_pair_setup, instance_pair_teardown)
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

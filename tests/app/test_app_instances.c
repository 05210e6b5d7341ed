/* Two instances on one shared store: leases, leadership, pending sessions and clocks. */
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
#define WAIT_LIMIT seconds(20)

static struct effect load_mail(struct instance_pair *pair, const struct caller *shop)
{
	struct effect effect = { .id = fixture_enrolment(&pair->first, shop, ANA).last_mail_id };

	fixture_load(&pair->first, RECORD_EFFECT, &effect);
	return effect;
}

static void mail_of_a_crashed_instance_is_taken_over_after_30_seconds(void **state)
{
	static const struct {
		int64_t age_ms;
		bool taken_over;
	} rows[] = { { 29999, false }, { 30000, true }, { 30001, true } };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, NO_QUOTA);
		struct outbox_delivery slow;
		bool worked;

		(void)fixture_prepare(&pair->first, &shop, ANA);
		(void)fixture_send_otp(&pair->first, &shop, ANA);
		assert_int_equal(outbox_lease(&pair->first.world, &pair->first.arena, &slow), OK);
		assert_true(slow.useful);
		instance_pair_advance_clocks(pair, milliseconds(rows[i].age_ms));
		assert_int_equal(outbox_work(&pair->second.world, &pair->first.arena, &worked), OK);
		assert_int_equal(worked, rows[i].taken_over);
		assert_int_equal(load_mail(pair, &shop).done, rows[i].taken_over);
		/* The first instance did not crash, it was only slow. Its late delivery does not overwrite
		 * the result of the second instance. */
		assert_int_equal(outbox_deliver(&slow, &pair->first.arena), OK);
		assert_int_equal(load_mail(pair, &shop).tries, 1 + rows[i].taken_over);
	}
}

static void slow_delivery_renews_its_lease(void **state)
{
	struct instance_pair *const pair = *state;
	const struct caller shop = fixture_add_tenant(&pair->first, "shop", NULL, NO_QUOTA);
	struct workers *workers;
	bool worked;

	(void)fixture_prepare(&pair->first, &shop, ANA);
	(void)fixture_send_otp(&pair->first, &shop, ANA);
	fixture_hold_mail(&pair->first, true);
	assert_int_equal(workers_start(&pair->first.world, &workers), OK);
	assert_true(fixture_wait_for_held_mail(&pair->first, 1, WAIT_LIMIT));
	for (int i = 0; i < 3; i++) {
		const moment expires_at = load_mail(pair, &shop).lease_expires_at;

		instance_pair_advance_clocks(pair, LEASE_RENEW_INTERVAL);
		for (int n = 0; n < 2000 && load_mail(pair, &shop).lease_expires_at.ms == expires_at.ms; n++)
			single_flight_wait(pair->first.single_flights, milliseconds(10));
		assert_int_equal(
			load_mail(pair, &shop).lease_expires_at.ms - expires_at.ms, LEASE_RENEW_INTERVAL.ms);
	}
	assert_int_equal(outbox_work(&pair->second.world, &pair->first.arena, &worked), OK);
	assert_false(worked);
	fixture_hold_mail(&pair->first, false);
	workers_stop(workers);
	assert_int_equal(load_mail(pair, &shop).state, EFFECT_ACCEPTED);
	assert_int_equal(load_mail(pair, &shop).tries, 1);
	assert_int_equal(pair->first.mailer.n, 1);
}

/* The store notifies only the instance that commits. Other instances find the row because they poll. */
static void mail_queued_by_another_instance_is_found_by_polling(void **state)
{
	struct instance_pair *const pair = *state;
	const struct caller shop = fixture_add_tenant(&pair->first, "shop", NULL, NO_QUOTA);
	struct workers *workers;

	assert_int_equal(workers_start(&pair->second.world, &workers), OK);
	(void)fixture_prepare(&pair->first, &shop, ANA);
	(void)fixture_send_otp(&pair->first, &shop, ANA);
	for (int i = 0; i < 2000 && !load_mail(pair, &shop).done; i++)
		single_flight_wait(pair->first.single_flights, milliseconds(10));
	assert_int_equal(load_mail(pair, &shop).state, EFFECT_ACCEPTED);
	workers_stop(workers);
	assert_int_equal(pair->second.mailer.n, 1);
}

static bool acquire_lease(struct instance_pair *pair, const struct world *world, struct leader_lease *lease)
{
	bool is_ours;

	assert_int_equal(leader_lease_acquire(world, &pair->first.arena, lease, &is_ours), OK);
	return is_ours;
}

static void leader_lease_passes_to_another_instance_after_30_seconds(void **state)
{
	struct instance_pair *const pair = *state;
	struct leader_lease a = { .name = "work" }, b = { .name = "work" }, c = { .name = "other work" };

	assert_true(acquire_lease(pair, &pair->first.world, &a));
	assert_false(acquire_lease(pair, &pair->second.world, &b));
	assert_true(acquire_lease(pair, &pair->second.world, &c));
	instance_pair_advance_clocks(pair, milliseconds(LEASE_RENEW_INTERVAL.ms - 1));
	assert_true(acquire_lease(pair, &pair->first.world, &a));
	instance_pair_advance_clocks(pair, milliseconds(LEASE_DURATION.ms - LEASE_RENEW_INTERVAL.ms));
	assert_false(acquire_lease(pair, &pair->second.world, &b));
	instance_pair_advance_clocks(pair, milliseconds(1));
	assert_true(acquire_lease(pair, &pair->second.world, &b));
	assert_false(acquire_lease(pair, &pair->first.world, &a));
	/* An instance that stops releases its lease. Releasing has no effect if another instance holds the
	 * lease. */
	assert_int_equal(leader_lease_release(&pair->second.world, &pair->first.arena, &b), OK);
	assert_true(acquire_lease(pair, &pair->first.world, &a));
	assert_int_equal(leader_lease_release(&pair->second.world, &pair->first.arena, &b), OK);
	assert_false(acquire_lease(pair, &pair->second.world, &b));
}

static void leader_lease_is_kept_by_renewing_every_ten_seconds(void **state)
{
	struct instance_pair *const pair = *state;
	struct leader_lease a = { .name = "work" }, b = { .name = "work" };

	for (int i = 0; i < 20; i++) {
		assert_true(acquire_lease(pair, &pair->first.world, &a));
		assert_false(acquire_lease(pair, &pair->second.world, &b));
		instance_pair_advance_clocks(pair, LEASE_RENEW_INTERVAL);
	}
	/* Between two renewals of its lease, an instance does not access the store. */
	assert_true(acquire_lease(pair, &pair->first.world, &a));
	const size_t transactions = atomic_load(&pair->first.store.reads) +
				    atomic_load(&pair->first.store.writes);
	assert_true(acquire_lease(pair, &pair->first.world, &a));
	assert_int_equal(
		atomic_load(&pair->first.store.reads) + atomic_load(&pair->first.store.writes), transactions);
}

static void unshared_store_grants_the_lease_without_access(void **state)
{
	struct instance_pair *const pair = *state;
	struct leader_lease a = { .name = "work" };

	pair->first.store.base.shared = false;
	const size_t transactions = atomic_load(&pair->first.store.reads) +
				    atomic_load(&pair->first.store.writes);
	assert_true(acquire_lease(pair, &pair->first.world, &a));
	assert_int_equal(leader_lease_release(&pair->first.world, &pair->first.arena, &a), OK);
	assert_int_equal(
		atomic_load(&pair->first.store.reads) + atomic_load(&pair->first.store.writes), transactions);
}

struct request {
	struct instance_pair *pair;
	const struct caller *shop;
	struct thread thread;
	struct arena arena;
	struct create_result created;
	enum err e;
};

static void run_create(void *arg)
{
	struct request *const c = arg;
	const struct create_params params = { c->shop, flow_find(STR("verify_public_kyc")),
		identifier_from_text(ANA), STR(""), { 0 } };

	c->e = app_create_session(
		&c->pair->first.world, c->pair->first.single_flights, &c->arena, &params, &c->created);
}

/* An instance stops for so long that the other one releases its pending session. When the provider's answer
 * arrives, it is not stored, and the quota unit is not returned a second time. */
static void late_provider_answer_does_not_return_the_quota_unit_twice(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_OK, PROVIDER_UNREACHABLE };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(causes); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, 2);
		struct request c = { .pair = pair, .shop = &shop };
		const struct quota used = { shop.tenant.id, JANUARY, 1, 0, 0 };

		fixture_verify_email(&pair->first, &shop, ANA);
		/* One more unit, used by another person's session. */
		fixture_save(&pair->first, RECORD_QUOTA, &used);
		fake_provider_hold_creates(pair->first.provider);
		arena_init(&c.arena, ARENA_CALL_LIMIT);
		assert_int_equal(thread_start(&c.thread, run_create, &c), OK);
		assert_true(fake_provider_wait_for_creates(pair->first.provider, 1, WAIT_LIMIT));
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 2);
		instance_pair_advance_clocks(pair, pending_session_max_age(&pair->first.world));
		assert_int_equal(pending_session_repair_all(&pair->second.world, &pair->first.arena), OK);
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 1);
		fake_provider_set_failure(pair->first.provider, causes[i]);
		fake_provider_release_creates(pair->first.provider);
		thread_join(&c.thread);
		assert_int_equal(c.e, OK);
		assert_int_equal(c.created.outcome,
			causes[i] == PROVIDER_OK ? CREATE_OUTCOME_TIMEOUT : CREATE_OUTCOME_FAILED);
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 1);
		assert_int_equal(fixture_count_sessions(&pair->first, &shop, ANA), 0);
		fake_provider_set_failure(pair->first.provider, PROVIDER_OK);
		assert_int_equal(
			fixture_create_session(&pair->first, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
		assert_int_equal(fixture_quota_used(&pair->first, &shop, JANUARY), 2);
		arena_finish(&c.arena);
	}
}

/* A wrong clock makes no difference, because the age of pending sessions is measured by the store's clock. */
static void wrong_clock_does_not_release_current_pending_sessions(void **state)
{
	static const int64_t offsets_ms[] = { -300000, 300000 };
	struct instance_pair *const pair = *state;

	for (size_t i = 0; i < array_len(offsets_ms); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, 1);
		struct session pending = { .id = { "01pending" },
			.tenant_id = shop.tenant.id,
			.status = STATUS_CREATING,
			.created_at = world_now(&pair->first.world),
			.next_poll_at = moment_add(
				world_now(&pair->first.world), pending_session_max_age(&pair->first.world)),
			.instance_id = pair->first.world.instance };

		fixture_verify_email(&pair->first, &shop, ANA);
		pending.user_id = fixture_user(&pair->first, &shop, ANA).id;
		fixture_save(&pair->first, RECORD_SESSION, &pending);
		atomic_fetch_add(&pair->second.clock.now, offsets_ms[i]);
		instance_pair_advance_clocks(
			pair, milliseconds(pending_session_max_age(&pair->first.world).ms - 1));
		assert_int_equal(pending_session_repair_all(&pair->second.world, &pair->first.arena), OK);
		assert_true(fixture_try_load(&pair->first, RECORD_SESSION, &pending));
		instance_pair_advance_clocks(pair, milliseconds(1));
		assert_int_equal(pending_session_repair_all(&pair->second.world, &pair->first.arena), OK);
		assert_false(fixture_try_load(&pair->first, RECORD_SESSION, &pending));
		atomic_fetch_add(&pair->second.clock.now, -offsets_ms[i]);
	}
}

/* The same when a `create` at the second instance, whose clock is wrong, finds the pending session: its age
 * is measured by the store's clock. */
static void wrong_clock_does_not_change_when_create_releases_a_pending_session(void **state)
{
	static const struct {
		/* How far the second instance's clock is ahead, and how long the pending session is still
		 * valid. */
		int64_t offset_ms, left_ms;
		enum create_outcome outcome;
	} rows[] = { { 300000, 1, CREATE_OUTCOME_TIMEOUT }, { -300000, 0, CREATE_OUTCOME_CREATED } };
	struct instance_pair *const pair = *state;
	const struct world first_world = pair->first.world;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, NO_QUOTA);
		struct session pending = { .id = { { 'p', (char)('a' + i) } },
			.tenant_id = shop.tenant.id,
			.status = STATUS_CREATING,
			.next_poll_at = { atomic_load(&pair->store_clock.now) + rows[i].left_ms },
			.instance_id = { "01crashed" } };

		fixture_verify_email(&pair->first, &shop, ANA);
		pending.user_id = fixture_user(&pair->first, &shop, ANA).id;
		fixture_save(&pair->first, RECORD_SESSION, &pending);
		atomic_fetch_add(&pair->second.clock.now, rows[i].offset_ms);
		atomic_store(&pair->second.clock.ticks_step, 6000);
		pair->first.world = pair->second.world;
		assert_int_equal(fixture_create_session(&pair->first, &shop, ANA).outcome, rows[i].outcome);
		pair->first.world = first_world;
		atomic_store(&pair->second.clock.ticks_step, 0);
		atomic_fetch_add(&pair->second.clock.now, -rows[i].offset_ms);
	}
}

/* The second instance's clock is wrong by five minutes. The instance corrects it by the store's clock, so
 * that codes expire there at the right time. */
static void wrong_clock_does_not_move_the_expiry_of_codes(void **state)
{
	static const int64_t offsets_ms[] = { -300000, 300000 };
	static const struct {
		int64_t age_ms;
		enum verify_verdict verdict;
	} rows[] = { { 599999, VERIFY_ACCEPTED }, { 600000, VERIFY_EXPIRED }, { 600001, VERIFY_EXPIRED } };
	struct instance_pair *const pair = *state;
	const struct world first_world = pair->first.world;

	for (size_t i = 0; i < array_len(offsets_ms) * array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = fixture_add_tenant(&pair->first, name, NULL, NO_QUOTA);

		atomic_fetch_add(&pair->second.clock.now, offsets_ms[i / array_len(rows)]);
		assert_int_equal(clock_sync_run(&pair->second.world, &pair->first.arena), OK);
		(void)fixture_prepare(&pair->first, &shop, ANA);
		fixture_get_otp(&pair->first, &shop, ANA, code);
		instance_pair_advance_clocks(pair, milliseconds(rows[i % array_len(rows)].age_ms));
		pair->first.world = pair->second.world;
		assert_int_equal(fixture_verify_otp(&pair->first, &shop, ANA, code),
			rows[i % array_len(rows)].verdict);
		pair->first.world = first_world;
		instance_pair_advance_clocks(pair, minutes(10));
	}
}

static void unshared_store_does_not_set_the_clock(void **state)
{
	struct instance_pair *const pair = *state;

	pair->first.store.base.shared = false;
	atomic_fetch_add(&pair->second.clock.now, 300000);
	assert_int_equal(clock_sync_run(&pair->second.world, &pair->first.arena), OK);
	assert_int_equal(world_now(&pair->second.world).ms, FIXTURE_NOW + 300000);
}

static void store_clock_is_ignored_if_reading_it_took_a_second(void **state)
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
		TEST(mail_of_a_crashed_instance_is_taken_over_after_30_seconds),
		TEST(slow_delivery_renews_its_lease),
		TEST(mail_queued_by_another_instance_is_found_by_polling),
		TEST(leader_lease_passes_to_another_instance_after_30_seconds),
		TEST(leader_lease_is_kept_by_renewing_every_ten_seconds),
		TEST(unshared_store_grants_the_lease_without_access),
		TEST(late_provider_answer_does_not_return_the_quota_unit_twice),
		TEST(wrong_clock_does_not_release_current_pending_sessions),
		TEST(wrong_clock_does_not_change_when_create_releases_a_pending_session),
		TEST(wrong_clock_does_not_move_the_expiry_of_codes),
		TEST(unshared_store_does_not_set_the_clock),
		TEST(store_clock_is_ignored_if_reading_it_took_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

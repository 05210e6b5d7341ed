/* What changed while nobody listened is found by reading, and the provider's budget is kept: the gateway was
 * down, or no events come at all. */
#include "app/session/reconcile.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/session/decision.h"
#include "domain/heartbeat.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"
#include "provider/throttled_provider.h"

#define MANY 1000
#define BUDGET 80
#define DUE_SHARE 60

/* The provider behind its door, and what it was asked in the last minute. */
struct runtime {
	struct app_fixture fx; /* first: fixture_setup's state is one, too */
	struct provider *inner;
	struct reconcile reconcile;
	int64_t asked_at[20000]; /* ticks */
	size_t asked, minute;	 /* how many; the first of the last minute */
};

static int setup(void **state)
{
	struct runtime *const h = calloc(1, sizeof(*h));

	assert_non_null(h);
	fixture_open(&h->fx);
	assert_int_equal(fake_provider_open(&h->inner), OK);
	assert_int_equal(
		throttled_provider_open(h->inner, h->fx.world.clock, seconds(10), &h->fx.world.provider), OK);
	fixture_advance_clock(&h->fx, minutes(5)); /* ticks begin somewhere */
	const struct user user = { .id = { "01person" }, .wrapped_key = STR("x") };
	const struct user erased = { .id = { "01erased" } };
	fixture_save(&h->fx, RECORD_USER, &user);
	fixture_save(&h->fx, RECORD_USER, &erased);
	assert_int_equal(reconcile_begin(&h->fx.world, &h->fx.arena, &h->reconcile), OK);
	*state = h;
	return 0;
}

static int teardown(void **state)
{
	struct runtime *const h = *state;

	h->fx.world.provider->ops->close(h->fx.world.provider);
	fixture_close(&h->fx);
	free(h);
	return 0;
}

static moment now(struct runtime *h)
{
	return world_now(&h->fx.world);
}

static struct session a_session(struct runtime *h, int i, enum session_status status)
{
	struct session s = {
		.user_id = { "01person" }, .status = status, .created_at = now(h), .last_update_at = now(h)
	};

	(void)snprintf(s.id.text, sizeof(s.id.text), "01session%05d", i);
	(void)snprintf(s.provider_ref.text, sizeof(s.provider_ref.text), "ref-%05d", i);
	s.next_poll_at = session_next_poll_at(&s, h->fx.rules.reconcile_after);
	return s;
}

static void have(struct runtime *h, int n, enum session_status status)
{
	for (int i = 0; i < n; i++) {
		const struct session s = a_session(h, i, status);

		fixture_save(&h->fx, RECORD_SESSION, &s);
	}
}

static size_t standing(struct runtime *h, enum session_status status)
{
	static struct session rows[2 * MANY];
	const struct session probe = { .status = status, .created_at = now(h) };

	return fixture_find(&h->fx, QUERY_SESSIONS_BY_STATUS, &probe, rows, array_len(rows));
}

static void the_provider_says(struct runtime *h, enum session_status status)
{
	const struct session_snapshot snapshot = { .status = status };

	fake_provider_set_snapshot(h->inner, &snapshot);
}

/* What was asked since the last look was asked at this moment. */
static void count(struct runtime *h)
{
	const int64_t ticks = world_ticks(&h->fx.world);

	while (h->asked < fake_provider_read_count(h->inner)) {
		assert_true(h->asked < array_len(h->asked_at));
		h->asked_at[h->asked++] = ticks;
	}
	while (h->minute < h->asked && h->asked_at[h->minute] <= ticks - 60000)
		h->minute++;
	assert_true(h->asked - h->minute <= BUDGET);
}

static enum reconcile_verdict step(struct runtime *h)
{
	enum reconcile_verdict verdict;

	assert_int_equal(reconcile_step(&h->fx.world, &h->fx.arena, &h->reconcile, &verdict), OK);
	arena_reset(&h->fx.arena);
	count(h);
	return verdict;
}

static enum reconcile_verdict steps(struct runtime *h)
{
	enum reconcile_verdict verdict;

	do {
		verdict = step(h);
	} while (verdict == RECONCILE_READ);
	return verdict;
}

/* Second by second until nothing is due, at most `limit`; the seconds it took. */
static int64_t work(struct runtime *h, duration limit)
{
	for (int64_t s = 0; s <= limit.ms / 1000; s++) {
		if (steps(h) == RECONCILE_DONE)
			return s;
		fixture_advance_clock(&h->fx, seconds(1));
	}
	fail_msg("not done in %lld s", (long long)(limit.ms / 1000));
	return 0;
}

/* The program is gone for so long, and is started again. */
static void outage(struct runtime *h, duration length)
{
	assert_int_equal(reconcile_heartbeat(&h->fx.world, &h->fx.arena), OK);
	fixture_advance_clock(&h->fx, length);
	assert_int_equal(reconcile_begin(&h->fx.world, &h->fx.arena, &h->reconcile), OK);
}

/* By the real client: test_app_outage. */
static void after_an_outage_all_are_right(void **state)
{
	struct runtime *const h = *state;

	have(h, MANY, STATUS_IN_PROGRESS);
	outage(h, minutes(6));
	the_provider_says(h, STATUS_APPROVED);
	const int64_t took = work(h, hours(1));
	assert_int_equal(standing(h, STATUS_APPROVED), MANY);
	assert_int_equal(fake_provider_read_count(h->inner), MANY);
	assert_in_range(took, (MANY - DUE_SHARE) / DUE_SHARE * 60, MANY / DUE_SHARE * 64 + 64);
}

/* Somebody who comes back in the middle of it does not wait. */
static void who_waits_goes_first(void **state)
{
	struct runtime *const h = *state;
	const struct actor actor = { .kind = ACTOR_PROVIDER };
	const struct poll_params params = { STR("ref-00999"), seconds(3), POLL_FOR_CALLER };
	enum provider_cause cause;

	have(h, MANY, STATUS_IN_PROGRESS);
	fixture_advance_clock(&h->fx, minutes(6));
	the_provider_says(h, STATUS_APPROVED);
	assert_int_equal(steps(h), RECONCILE_PAUSED);
	assert_int_equal(standing(h, STATUS_APPROVED), DUE_SHARE);
	assert_int_equal(app_poll_session(&h->fx.world, &h->fx.arena, &actor, &params, &cause), OK);
	count(h);
	assert_int_equal(standing(h, STATUS_APPROVED), DUE_SHARE + 1);
}

static void an_approval_withdrawn_during_an_outage_is_seen(void **state)
{
	struct runtime *const h = *state;

	have(h, MANY / 4, STATUS_APPROVED);
	fixture_advance_clock(&h->fx, hours(1));
	the_provider_says(h, STATUS_DECLINED);
	outage(h, minutes(5)); /* a restart, no outage */
	assert_int_equal(steps(h), RECONCILE_DONE);
	outage(h, milliseconds(minutes(5).ms + 1));
	(void)work(h, minutes(10));
	assert_int_equal(standing(h, STATUS_DECLINED), MANY / 4);
	assert_int_equal(fake_provider_read_count(h->inner), MANY / 4); /* each once */
}

/* Half way through the sweep the program is restarted: it goes on where it was. */
static void a_sweep_survives_a_restart(void **state)
{
	struct runtime *const h = *state;

	have(h, 100, STATUS_APPROVED);
	outage(h, hours(1));
	the_provider_says(h, STATUS_DECLINED);
	assert_int_equal(steps(h), RECONCILE_PAUSED);
	assert_int_equal(standing(h, STATUS_DECLINED), DUE_SHARE);
	outage(h, seconds(70));
	(void)work(h, minutes(5));
	assert_int_equal(standing(h, STATUS_DECLINED), 100);
	assert_int_equal(fake_provider_read_count(h->inner), 100);
}

static void final_ones_are_looked_at_once_a_day(void **state)
{
	static const struct {
		enum session_status status;
		bool looked_at;
	} rows[] = { { STATUS_APPROVED, true }, { STATUS_DECLINED, true }, { STATUS_ABANDONED, true },
		{ STATUS_KYC_EXPIRED, true }, { STATUS_EXPIRED, false } /* nothing follows it */ };
	struct runtime *const h = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const size_t before = fake_provider_read_count(h->inner);

		have(h, 1, rows[i].status);
		the_provider_says(h, rows[i].status);
		fixture_advance_clock(&h->fx, milliseconds(days(1).ms - 1));
		assert_int_equal(steps(h), RECONCILE_DONE);
		assert_int_equal(fake_provider_read_count(h->inner), before);
		fixture_advance_clock(&h->fx, milliseconds(1));
		assert_int_equal(steps(h), RECONCILE_DONE);
		assert_int_equal(fake_provider_read_count(h->inner), before + rows[i].looked_at);
	}
}

/* KYCD_RECONCILE_AFTER for the young, a tenth of their age for the old. */
static void open_ones_are_due_by_their_age(void **state)
{
	static const struct {
		int64_t age_at_news, silence; /* s */
	} rows[] = { { 0, 120 }, { 1080, 120 }, { 1089, 121 }, { 86400, 9600 } };
	struct runtime *const h = *state;

	the_provider_says(h, STATUS_IN_REVIEW);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct session s = a_session(h, 1, STATUS_IN_REVIEW);
		const size_t before = fake_provider_read_count(h->inner);

		s.created_at = (moment){ s.last_update_at.ms - rows[i].age_at_news * 1000 };
		s.next_poll_at = session_next_poll_at(&s, h->fx.rules.reconcile_after);
		fixture_save(&h->fx, RECORD_SESSION, &s);
		fixture_advance_clock(&h->fx, milliseconds(rows[i].silence * 1000 - 1));
		assert_int_equal(steps(h), RECONCILE_DONE);
		assert_int_equal(fake_provider_read_count(h->inner), before);
		fixture_advance_clock(&h->fx, milliseconds(1));
		assert_int_equal(steps(h), RECONCILE_DONE);
		assert_int_equal(fake_provider_read_count(h->inner), before + 1);
	}
}

static void open_ones_come_before_final_ones_and_the_oldest_first(void **state)
{
	struct runtime *const h = *state;
	struct session rows[3] = { a_session(h, 1, STATUS_APPROVED), a_session(h, 2, STATUS_IN_REVIEW),
		a_session(h, 3, STATUS_NOT_STARTED) };

	fixture_advance_clock(&h->fx, days(2));
	the_provider_says(h, STATUS_DECLINED);
	rows[0].next_poll_at.ms = 1;
	rows[1].next_poll_at.ms = 3;
	rows[2].next_poll_at.ms = 2;
	for (size_t i = 0; i < 3; i++)
		fixture_save(&h->fx, RECORD_SESSION, &rows[i]);
	for (size_t i = 3; i-- > 0;) {
		assert_int_equal(step(h), RECONCILE_READ);
		fixture_load(&h->fx, RECORD_SESSION, &rows[i]);
		assert_int_equal(rows[i].status, STATUS_DECLINED);
	}
	assert_int_equal(step(h), RECONCILE_DONE);
}

/* As many people at it as the budget has room for, and more: an approval taken back is seen all the same. */
static void final_ones_get_a_turn_in_four(void **state)
{
	struct runtime *const h = *state;

	for (int i = 0; i < MANY / 2; i++) {
		const struct session open = a_session(h, i, STATUS_IN_REVIEW);
		const struct session final = a_session(h, MANY + i, STATUS_APPROVED);

		fixture_save(&h->fx, RECORD_SESSION, &open);
		fixture_save(&h->fx, RECORD_SESSION, &final);
	}
	fixture_advance_clock(&h->fx, days(1));
	the_provider_says(h, STATUS_DECLINED);
	assert_int_equal(steps(h), RECONCILE_PAUSED);
	assert_int_equal(standing(h, STATUS_IN_REVIEW), MANY / 2 - DUE_SHARE * 3 / 4);
	assert_int_equal(standing(h, STATUS_APPROVED), MANY / 2 - DUE_SHARE / 4);
}

static void what_cannot_be_read_holds_up_nobody(void **state)
{
	struct runtime *const h = *state;

	have(h, 5, STATUS_IN_PROGRESS);
	fixture_advance_clock(&h->fx, minutes(3));
	fake_provider_set_failure(h->inner, PROVIDER_INVALID_RESPONSE);
	assert_int_equal(steps(h), RECONCILE_DONE);
	assert_int_equal(fake_provider_read_count(h->inner), 5); /* each was tried, once */
	assert_int_equal(steps(h), RECONCILE_DONE);
	assert_int_equal(fake_provider_read_count(h->inner), 5);
	fake_provider_set_failure(h->inner, PROVIDER_OK);
	the_provider_says(h, STATUS_APPROVED);
	fixture_advance_clock(&h->fx, h->fx.rules.reconcile_after);
	assert_int_equal(steps(h), RECONCILE_DONE);
	assert_int_equal(standing(h, STATUS_APPROVED), 5);
}

/* Ten calls tell that it is down; then one in five seconds, until it is back. */
static void a_provider_that_is_down_is_left_alone(void **state)
{
	struct runtime *const h = *state;

	have(h, 50, STATUS_IN_PROGRESS);
	fixture_advance_clock(&h->fx, minutes(3));
	fake_provider_set_failure(h->inner, PROVIDER_UNREACHABLE);
	assert_int_equal(steps(h), RECONCILE_PAUSED);
	assert_int_equal(fake_provider_read_count(h->inner), 10);
	for (int i = 0; i < 60; i++) {
		fixture_advance_clock(&h->fx, seconds(1));
		assert_int_equal(steps(h), RECONCILE_PAUSED);
	}
	assert_int_equal(fake_provider_read_count(h->inner), 10 + 12);
	fake_provider_set_failure(h->inner, PROVIDER_OK);
	the_provider_says(h, STATUS_APPROVED);
	(void)work(h, minutes(5));
	fixture_advance_clock(&h->fx, h->fx.rules.reconcile_after);
	(void)work(h, minutes(5));
	assert_int_equal(standing(h, STATUS_APPROVED), 50);
}

/* They would be the oldest for ever. */
static void the_erased_and_the_forgotten_are_put_off(void **state)
{
	struct runtime *const h = *state;
	struct session erased = a_session(h, 1, STATUS_APPROVED),
		       forgotten = a_session(h, 2, STATUS_APPROVED);

	(void)!str_copy_to(STR("01erased"), erased.user_id.text, sizeof(erased.user_id.text));
	fixture_save(&h->fx, RECORD_SESSION, &erased);
	fixture_save(&h->fx, RECORD_SESSION, &forgotten);
	fixture_advance_clock(&h->fx, days(2));
	fake_provider_set_failure(h->inner, PROVIDER_UNKNOWN_SESSION);
	assert_int_equal(steps(h), RECONCILE_DONE);
	assert_int_equal(fake_provider_read_count(h->inner), 1);
	assert_int_equal(standing(h, STATUS_APPROVED), 2); /* the decision stays */
	fixture_advance_clock(&h->fx, days(6));
	assert_int_equal(steps(h), RECONCILE_DONE);
	assert_int_equal(fake_provider_read_count(h->inner), 1);
	fixture_advance_clock(&h->fx, days(1));
	assert_int_equal(steps(h), RECONCILE_DONE);
	assert_int_equal(fake_provider_read_count(h->inner), 2);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(after_an_outage_all_are_right),
		TEST(who_waits_goes_first),
		TEST(an_approval_withdrawn_during_an_outage_is_seen),
		TEST(a_sweep_survives_a_restart),
		TEST(final_ones_are_looked_at_once_a_day),
		TEST(open_ones_are_due_by_their_age),
		TEST(open_ones_come_before_final_ones_and_the_oldest_first),
		TEST(final_ones_get_a_turn_in_four),
		TEST(what_cannot_be_read_holds_up_nobody),
		TEST(a_provider_that_is_down_is_left_alone),
		TEST(the_erased_and_the_forgotten_are_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

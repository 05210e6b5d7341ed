/* Tests of reconciliation: if no event arrived about a status change, because kycd was down or the
 * provider sent none, the change is found by polling, within the provider's rate limit. */
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

/* The throttled provider under test, and the times of the polls that reached the fake provider behind it. */
struct reconcile_test {
	struct app_fixture fx;
	struct provider *inner; /* the fake provider */
	struct reconcile reconcile;
	int64_t polled_at[20000]; /* ticks */
	size_t n_polls;
	size_t minute_start; /* index of the first poll within the last minute */
};

static int setup(void **state)
{
	struct reconcile_test *const t = calloc(1, sizeof(*t));

	assert_non_null(t);
	fixture_open(&t->fx);
	assert_int_equal(fake_provider_open(&t->inner), OK);
	assert_int_equal(
		throttled_provider_open(t->inner, t->fx.world.clock, seconds(10), &t->fx.world.provider), OK);
	fixture_advance_clock(&t->fx, minutes(5));
	const struct user user = { .id = { "01person" }, .wrapped_key = STR("x") };
	const struct user erased = { .id = { "01erased" } };
	fixture_save(&t->fx, RECORD_USER, &user);
	fixture_save(&t->fx, RECORD_USER, &erased);
	assert_int_equal(reconcile_begin(&t->fx.world, &t->fx.arena, &t->reconcile), OK);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct reconcile_test *const t = *state;

	t->fx.world.provider->ops->close(t->fx.world.provider);
	fixture_close(&t->fx);
	free(t);
	return 0;
}

static moment now(struct reconcile_test *t)
{
	return world_now(&t->fx.world);
}

static struct session new_session(struct reconcile_test *t, int i, enum session_status status)
{
	struct session s = {
		.user_id = { "01person" }, .status = status, .created_at = now(t), .last_update_at = now(t)
	};

	(void)snprintf(s.id.text, sizeof(s.id.text), "01session%05d", i);
	(void)snprintf(s.provider_ref.text, sizeof(s.provider_ref.text), "ref-%05d", i);
	s.next_poll_at = session_next_poll_at(&s, t->fx.rules.reconcile_after);
	return s;
}

static void save_sessions(struct reconcile_test *t, int n, enum session_status status)
{
	for (int i = 0; i < n; i++) {
		const struct session s = new_session(t, i, status);

		fixture_save(&t->fx, RECORD_SESSION, &s);
	}
}

static size_t count_sessions(struct reconcile_test *t, enum session_status status)
{
	static struct session rows[2 * MANY];
	const struct session probe = { .status = status, .created_at = now(t) };

	return fixture_find(&t->fx, QUERY_SESSIONS_BY_STATUS, &probe, rows, array_len(rows));
}

static void set_provider_status(struct reconcile_test *t, enum session_status status)
{
	const struct session_snapshot snapshot = { .status = status };

	fake_provider_set_snapshot(t->inner, &snapshot);
}

/* Records the polls since the previous call of this function, with the present time. Asserts the limit of
 * polls per minute. */
static void count_polls(struct reconcile_test *t)
{
	const int64_t ticks = world_ticks(&t->fx.world);

	while (t->n_polls < fake_provider_poll_count(t->inner)) {
		assert_true(t->n_polls < array_len(t->polled_at));
		t->polled_at[t->n_polls++] = ticks;
	}
	while (t->minute_start < t->n_polls && t->polled_at[t->minute_start] <= ticks - 60000)
		t->minute_start++;
	assert_true(t->n_polls - t->minute_start <= BUDGET);
}

static enum reconcile_verdict reconcile_once(struct reconcile_test *t)
{
	enum reconcile_verdict verdict;

	assert_int_equal(reconcile_step(&t->fx.world, &t->fx.arena, &t->reconcile, &verdict), OK);
	arena_reset(&t->fx.arena);
	count_polls(t);
	return verdict;
}

static enum reconcile_verdict reconcile_within_budget(struct reconcile_test *t)
{
	enum reconcile_verdict verdict;

	do {
		verdict = reconcile_once(t);
	} while (verdict == RECONCILE_READ);
	return verdict;
}

/* Reconciles every second until nothing is due; fails after `limit`. Returns the seconds needed. */
static int64_t reconcile_until_done(struct reconcile_test *t, duration limit)
{
	for (int64_t s = 0; s <= limit.ms / 1000; s++) {
		if (reconcile_within_budget(t) == RECONCILE_DONE)
			return s;
		fixture_advance_clock(&t->fx, seconds(1));
	}
	fail_msg("not done in %lld s", (long long)(limit.ms / 1000));
	return 0;
}

/* Simulates that the program is down for that long and starts again. */
static void run_outage(struct reconcile_test *t, duration length)
{
	assert_int_equal(reconcile_heartbeat(&t->fx.world, &t->fx.arena), OK);
	fixture_advance_clock(&t->fx, length);
	assert_int_equal(reconcile_begin(&t->fx.world, &t->fx.arena, &t->reconcile), OK);
}

/* test_app_outage.c tests the same recovery with the provider's real client. */
static void sessions_are_reconciled_after_an_outage(void **state)
{
	struct reconcile_test *const t = *state;

	save_sessions(t, MANY, STATUS_IN_PROGRESS);
	run_outage(t, minutes(6));
	set_provider_status(t, STATUS_APPROVED);
	const int64_t took = reconcile_until_done(t, hours(1));
	assert_int_equal(count_sessions(t, STATUS_APPROVED), MANY);
	assert_int_equal(fake_provider_poll_count(t->inner), MANY);
	assert_in_range(took, (MANY - DUE_SHARE) / DUE_SHARE * 60, MANY / DUE_SHARE * 64 + 64);
}

/* While the budget of background polls is used up, a poll for a waiting caller is still made. */
static void poll_for_a_waiting_caller_has_its_own_budget(void **state)
{
	struct reconcile_test *const t = *state;
	const struct actor actor = { .kind = ACTOR_PROVIDER };
	const struct poll_params params = { STR("ref-00999"), seconds(3), POLL_FOR_CALLER };
	enum provider_cause cause;

	save_sessions(t, MANY, STATUS_IN_PROGRESS);
	fixture_advance_clock(&t->fx, minutes(6));
	set_provider_status(t, STATUS_APPROVED);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_PAUSED);
	assert_int_equal(count_sessions(t, STATUS_APPROVED), DUE_SHARE);
	assert_int_equal(app_poll_session(&t->fx.world, &t->fx.arena, &actor, &params, &cause), OK);
	count_polls(t);
	assert_int_equal(count_sessions(t, STATUS_APPROVED), DUE_SHARE + 1);
}

static void approval_withdrawn_during_an_outage_is_found(void **state)
{
	struct reconcile_test *const t = *state;

	save_sessions(t, MANY / 4, STATUS_APPROVED);
	fixture_advance_clock(&t->fx, hours(1));
	set_provider_status(t, STATUS_DECLINED);
	/* A break of up to five minutes is treated as a restart, not as an outage. */
	run_outage(t, minutes(5));
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	run_outage(t, milliseconds(minutes(5).ms + 1));
	(void)reconcile_until_done(t, minutes(10));
	assert_int_equal(count_sessions(t, STATUS_DECLINED), MANY / 4);
	assert_int_equal(fake_provider_poll_count(t->inner), MANY / 4); /* each once */
}

/* The program restarts while it reconciles sessions after an outage. It continues with those that it has not
 * polled yet. */
static void reconciliation_continues_after_a_restart(void **state)
{
	struct reconcile_test *const t = *state;

	save_sessions(t, 100, STATUS_APPROVED);
	run_outage(t, hours(1));
	set_provider_status(t, STATUS_DECLINED);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_PAUSED);
	assert_int_equal(count_sessions(t, STATUS_DECLINED), DUE_SHARE);
	run_outage(t, seconds(70));
	(void)reconcile_until_done(t, minutes(5));
	assert_int_equal(count_sessions(t, STATUS_DECLINED), 100);
	assert_int_equal(fake_provider_poll_count(t->inner), 100);
}

static void final_sessions_are_polled_once_a_day(void **state)
{
	static const struct {
		enum session_status status;
		bool polled;
	} rows[] = { { STATUS_APPROVED, true }, { STATUS_DECLINED, true }, { STATUS_ABANDONED, true },
		/* A session that is Expired cannot change any more. */
		{ STATUS_KYC_EXPIRED, true }, { STATUS_EXPIRED, false } };
	struct reconcile_test *const t = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const size_t before = fake_provider_poll_count(t->inner);

		save_sessions(t, 1, rows[i].status);
		set_provider_status(t, rows[i].status);
		fixture_advance_clock(&t->fx, milliseconds(days(1).ms - 1));
		assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
		assert_int_equal(fake_provider_poll_count(t->inner), before);
		fixture_advance_clock(&t->fx, milliseconds(1));
		assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
		assert_int_equal(fake_provider_poll_count(t->inner), before + rows[i].polled);
	}
}

/* A session is due after KYCD_RECONCILE_AFTER without an update, or after a tenth of its age if that is
 * longer. */
static void open_sessions_are_due_by_their_age(void **state)
{
	static const struct {
		int64_t age_at_update, due_after; /* in seconds */
	} rows[] = { { 0, 120 }, { 1080, 120 }, { 1089, 121 }, { 86400, 9600 } };
	struct reconcile_test *const t = *state;

	set_provider_status(t, STATUS_IN_REVIEW);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct session s = new_session(t, 1, STATUS_IN_REVIEW);
		const size_t before = fake_provider_poll_count(t->inner);

		s.created_at = (moment){ s.last_update_at.ms - rows[i].age_at_update * 1000 };
		s.next_poll_at = session_next_poll_at(&s, t->fx.rules.reconcile_after);
		fixture_save(&t->fx, RECORD_SESSION, &s);
		fixture_advance_clock(&t->fx, milliseconds(rows[i].due_after * 1000 - 1));
		assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
		assert_int_equal(fake_provider_poll_count(t->inner), before);
		fixture_advance_clock(&t->fx, milliseconds(1));
		assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
		assert_int_equal(fake_provider_poll_count(t->inner), before + 1);
	}
}

static void open_sessions_are_polled_before_final_ones_and_oldest_first(void **state)
{
	struct reconcile_test *const t = *state;
	struct session rows[3] = { new_session(t, 1, STATUS_APPROVED), new_session(t, 2, STATUS_IN_REVIEW),
		new_session(t, 3, STATUS_NOT_STARTED) };

	fixture_advance_clock(&t->fx, days(2));
	set_provider_status(t, STATUS_DECLINED);
	rows[0].next_poll_at.ms = 1;
	rows[1].next_poll_at.ms = 3;
	rows[2].next_poll_at.ms = 2;
	for (size_t i = 0; i < 3; i++)
		fixture_save(&t->fx, RECORD_SESSION, &rows[i]);
	for (size_t i = 3; i-- > 0;) {
		assert_int_equal(reconcile_once(t), RECONCILE_READ);
		fixture_load(&t->fx, RECORD_SESSION, &rows[i]);
		assert_int_equal(rows[i].status, STATUS_DECLINED);
	}
	assert_int_equal(reconcile_once(t), RECONCILE_DONE);
}

/* Even if more open sessions are due than the budget allows, a quarter of the budget is used for final
 * sessions, so that a withdrawn approval is found. */
static void final_sessions_get_a_quarter_of_the_budget(void **state)
{
	struct reconcile_test *const t = *state;

	for (int i = 0; i < MANY / 2; i++) {
		const struct session open = new_session(t, i, STATUS_IN_REVIEW);
		const struct session final = new_session(t, MANY + i, STATUS_APPROVED);

		fixture_save(&t->fx, RECORD_SESSION, &open);
		fixture_save(&t->fx, RECORD_SESSION, &final);
	}
	fixture_advance_clock(&t->fx, days(1));
	set_provider_status(t, STATUS_DECLINED);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_PAUSED);
	assert_int_equal(count_sessions(t, STATUS_IN_REVIEW), MANY / 2 - DUE_SHARE * 3 / 4);
	assert_int_equal(count_sessions(t, STATUS_APPROVED), MANY / 2 - DUE_SHARE / 4);
}

static void failed_poll_does_not_block_other_sessions(void **state)
{
	struct reconcile_test *const t = *state;

	save_sessions(t, 5, STATUS_IN_PROGRESS);
	fixture_advance_clock(&t->fx, minutes(3));
	fake_provider_set_failure(t->inner, PROVIDER_INVALID_RESPONSE);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	assert_int_equal(fake_provider_poll_count(t->inner), 5); /* each was polled once */
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	assert_int_equal(fake_provider_poll_count(t->inner), 5);
	fake_provider_set_failure(t->inner, PROVIDER_OK);
	set_provider_status(t, STATUS_APPROVED);
	fixture_advance_clock(&t->fx, t->fx.rules.reconcile_after);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	assert_int_equal(count_sessions(t, STATUS_APPROVED), 5);
}

/* After ten failed calls the circuit breaker lets one call through every five seconds until the provider
 * answers. */
static void provider_that_is_down_is_polled_every_five_seconds(void **state)
{
	struct reconcile_test *const t = *state;

	save_sessions(t, 50, STATUS_IN_PROGRESS);
	fixture_advance_clock(&t->fx, minutes(3));
	fake_provider_set_failure(t->inner, PROVIDER_UNREACHABLE);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_PAUSED);
	assert_int_equal(fake_provider_poll_count(t->inner), 10);
	for (int i = 0; i < 60; i++) {
		fixture_advance_clock(&t->fx, seconds(1));
		assert_int_equal(reconcile_within_budget(t), RECONCILE_PAUSED);
	}
	assert_int_equal(fake_provider_poll_count(t->inner), 10 + 12);
	fake_provider_set_failure(t->inner, PROVIDER_OK);
	set_provider_status(t, STATUS_APPROVED);
	(void)reconcile_until_done(t, minutes(5));
	fixture_advance_clock(&t->fx, t->fx.rules.reconcile_after);
	(void)reconcile_until_done(t, minutes(5));
	assert_int_equal(count_sessions(t, STATUS_APPROVED), 50);
}

/* If sessions that cannot be polled were not postponed, they would always be the first ones to be polled. */
static void sessions_that_cannot_be_polled_are_postponed(void **state)
{
	struct reconcile_test *const t = *state;
	struct session erased = new_session(t, 1, STATUS_APPROVED),
		       forgotten = new_session(t, 2, STATUS_APPROVED);

	(void)!str_copy_to(STR("01erased"), erased.user_id.text, sizeof(erased.user_id.text));
	fixture_save(&t->fx, RECORD_SESSION, &erased);
	fixture_save(&t->fx, RECORD_SESSION, &forgotten);
	fixture_advance_clock(&t->fx, days(2));
	fake_provider_set_failure(t->inner, PROVIDER_UNKNOWN_SESSION);
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	assert_int_equal(fake_provider_poll_count(t->inner), 1);
	assert_int_equal(count_sessions(t, STATUS_APPROVED), 2); /* the decision is kept */
	fixture_advance_clock(&t->fx, days(6));
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	assert_int_equal(fake_provider_poll_count(t->inner), 1);
	fixture_advance_clock(&t->fx, days(1));
	assert_int_equal(reconcile_within_budget(t), RECONCILE_DONE);
	assert_int_equal(fake_provider_poll_count(t->inner), 2);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(sessions_are_reconciled_after_an_outage),
		TEST(poll_for_a_waiting_caller_has_its_own_budget),
		TEST(approval_withdrawn_during_an_outage_is_found),
		TEST(reconciliation_continues_after_a_restart),
		TEST(final_sessions_are_polled_once_a_day),
		TEST(open_sessions_are_due_by_their_age),
		TEST(open_sessions_are_polled_before_final_ones_and_oldest_first),
		TEST(final_sessions_get_a_quarter_of_the_budget),
		TEST(failed_poll_does_not_block_other_sessions),
		TEST(provider_that_is_down_is_polled_every_five_seconds),
		TEST(sessions_that_cannot_be_polled_are_postponed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

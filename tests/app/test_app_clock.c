/* What happens when the wall clock is set: nothing that has expired becomes valid again, and the jump is
 * logged.
 */
#include "app/core/clock_sync.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "kit/app_fixture.h"
#include "kit/instance_pair.h"

#define ANA "ana.exemplo@example.com"
#define DAY_MS INT64_C(86400000)

/* Sets the wall clock only; the monotonic clock goes on. */
static void set_clock_back(struct app_fixture *fx, int64_t ms)
{
	atomic_fetch_sub(&fx->clock.now, ms);
}

/* The life of a code is measured by the monotonic clock, to the millisecond, however far the wall clock is
 * set back. */
static void code_expires_in_time_although_the_clock_was_set_back(void **state)
{
	static const struct {
		int64_t age_ms;
		enum verify_verdict verdict;
	} rows[] = { { 599999, VERIFY_ACCEPTED }, { 600000, VERIFY_EXPIRED }, { 600001, VERIFY_EXPIRED } };
	static const int64_t back_ms[] = { 1, 59999, 300000, DAY_MS, 400 * DAY_MS };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(back_ms) * array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		print_message("# back by %lld ms, age %lld ms\n", (long long)back_ms[i / array_len(rows)],
			(long long)rows[i % array_len(rows)].age_ms);
		(void)fixture_prepare(fx, &shop, ANA);
		fixture_get_otp(fx, &shop, ANA, code);
		fixture_advance_clock(fx, milliseconds(rows[i % array_len(rows)].age_ms));
		set_clock_back(fx, back_ms[i / array_len(rows)]);
		assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), rows[i % array_len(rows)].verdict);
		/* A new code is sent and works at once. */
		if (rows[i % array_len(rows)].verdict == VERIFY_EXPIRED) {
			fixture_get_otp(fx, &shop, ANA, code);
			assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_ACCEPTED);
		}
	}
}

/* A new process does not know how far the clock was set back: what was stored in its future is expired. */
static void code_of_an_earlier_process_is_expired_if_it_is_of_the_future(void **state)
{
	static const struct {
		int64_t back_ms;
		enum verify_verdict verdict;
	} rows[] = { { 60000, VERIFY_ACCEPTED }, { 60001, VERIFY_EXPIRED }, { DAY_MS, VERIFY_EXPIRED } };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, code[7];
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		fixture_get_otp(fx, &shop, ANA, code);
		set_clock_back(fx, rows[i].back_ms);
		atomic_store(&fx->clock.base.expiry_offset, 0);
		assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), rows[i].verdict);
	}
}

static void challenge_expires_in_time_although_the_clock_was_set_back(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);
	char signature[WALLET_SIGNATURE_SIZE];
	const struct str text = fixture_challenge(fx, &shop, &evm);

	signing_wallet_sign(&evm, text, signature);
	fixture_advance_clock(fx, minutes(10));
	set_clock_back(fx, DAY_MS);
	assert_int_equal(
		fixture_answer_challenge(fx, &shop, &evm, text, signature).verdict, CHALLENGE_EXPIRED);
	/* A new one has the time of the wall clock, and is accepted. */
	const struct str next = fixture_challenge(fx, &shop, &evm);
	assert_non_null(memmem(next.p, next.n, "Issued at: 2026-01-04T10:15:00.000Z", 35));
	signing_wallet_sign(&evm, next, signature);
	assert_int_equal(
		fixture_answer_challenge(fx, &shop, &evm, next, signature).verdict, CHALLENGE_ACCEPTED);
}

/* The limit of codes neither opens nor locks a person out for longer than a day. */
static void send_limit_holds_although_the_clock_was_set_back(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	for (int i = 0; i < 3; i++)
		assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	set_clock_back(fx, 30 * DAY_MS);
	const struct send_result limited = fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(limited.verdict, SEND_LIMITED);
	assert_int_equal(limited.wait.ms, 60000);
	for (int i = 3; i < 20; i++) {
		fixture_advance_clock(fx, minutes(1));
		assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	}
	set_clock_back(fx, 30 * DAY_MS);
	fixture_advance_clock(fx, minutes(3));
	const struct send_result daily = fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(daily.verdict, SEND_LIMITED);
	assert_int_equal(daily.wait.ms, DAY_MS);
}

/* An e-mail that was queued before the clock was set back is still sent, and has the wall clock's time. */
static void queued_email_is_sent_although_the_clock_was_set_back(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	set_clock_back(fx, DAY_MS);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_int_equal(fixture_last_mail(fx)->date.ms, FIXTURE_NOW - DAY_MS);
}

static char last_line[1024];
static size_t n_jump_lines;

static void store_jump_line(void *arg, struct str line)
{
	(void)arg;
	if (!memmem(line.p, line.n, "event=clock_jumped", 18))
		return;
	n_jump_lines++;
	(void)snprintf(last_line, sizeof(last_line), "%.*s", STR_ARG(line));
}

static void jump_of_the_wall_clock_is_logged_once(void **state)
{
	static const struct {
		int64_t change_ms;
		size_t lines;
	} rows[] = { { 59999, 0 }, { -59999, 0 }, { 60000, 0 }, { -60000, 0 }, { 60001, 1 }, { -60001, 1 },
		{ -DAY_MS, 1 }, { DAY_MS, 1 } };
	struct app_fixture *const fx = *state;
	struct clock_monitor monitor = { 0 };

	clock_monitor_run(&fx->world, &monitor);
	for (size_t i = 0; i < array_len(rows); i++) {
		char field[40];

		n_jump_lines = 0;
		fixture_advance_clock(fx, seconds(90)); /* a round that took long is not a jump */
		atomic_fetch_add(&fx->clock.now, rows[i].change_ms);
		log_sink_set(store_jump_line, NULL);
		clock_monitor_run(&fx->world, &monitor);
		clock_monitor_run(&fx->world, &monitor);
		log_sink_set(NULL, NULL);
		assert_int_equal(n_jump_lines, rows[i].lines);
		(void)snprintf(field, sizeof(field), " clock=machine ms=%lld ", (long long)rows[i].change_ms);
		if (rows[i].lines > 0)
			assert_non_null(strstr(last_line, field));
	}
}

/* The thread was interrupted between its readings of the two clocks. */
static void interrupted_reading_is_no_jump(void **state)
{
	struct app_fixture *const fx = *state;
	struct clock_monitor monitor = { 0 };

	clock_monitor_run(&fx->world, &monitor);
	n_jump_lines = 0;
	log_sink_set(store_jump_line, NULL);
	atomic_store(&fx->clock.now_step, 61000);
	atomic_store(&fx->clock.ticks_step, 61000);
	clock_monitor_run(&fx->world, &monitor);
	atomic_store(&fx->clock.now_step, 0);
	atomic_store(&fx->clock.ticks_step, 0);
	clock_monitor_run(&fx->world, &monitor);
	log_sink_set(NULL, NULL);
	assert_int_equal(n_jump_lines, 0);
}

/* On PostgreSQL kycd uses the database's clock. The first difference only shows that two clocks differ; a
 * later one of more than a minute shows that the database's clock was set. Codes expire in time nevertheless.
 */
static void jump_of_the_database_clock_is_logged(void **state)
{
	static const struct {
		int64_t change_ms;
		size_t lines;
	} rows[] = { { -DAY_MS, 0 }, { 60000, 0 }, { -60000, 0 }, { 60001, 1 }, { -60001, 1 },
		{ -DAY_MS, 1 } };
	struct instance_pair *const pair = *state;
	struct app_fixture *const fx = &pair->first;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char code[7];

	for (size_t i = 0; i < array_len(rows); i++) {
		char field[40];

		if (i == array_len(rows) - 1) {
			(void)fixture_prepare(fx, &shop, ANA);
			fixture_get_otp(fx, &shop, ANA, code);
			instance_pair_advance_clocks(pair, minutes(10));
		}
		atomic_fetch_add(&pair->store_clock.now, rows[i].change_ms);
		n_jump_lines = 0;
		log_sink_set(store_jump_line, NULL);
		assert_int_equal(clock_sync_run(&fx->world, &fx->arena), OK);
		assert_int_equal(clock_sync_run(&fx->world, &fx->arena), OK);
		log_sink_set(NULL, NULL);
		assert_int_equal(n_jump_lines, rows[i].lines);
		(void)snprintf(
			field, sizeof(field), " clock=database ms=%lld ", (long long)rows[i].change_ms);
		if (rows[i].lines > 0)
			assert_non_null(strstr(last_line, field));
	}
	assert_int_equal(fixture_verify_otp(fx, &shop, ANA, code), VERIFY_EXPIRED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(code_expires_in_time_although_the_clock_was_set_back),
		TEST(code_of_an_earlier_process_is_expired_if_it_is_of_the_future),
		TEST(challenge_expires_in_time_although_the_clock_was_set_back),
		TEST(send_limit_holds_although_the_clock_was_set_back),
		TEST(queued_email_is_sent_although_the_clock_was_set_back),
		TEST(jump_of_the_wall_clock_is_logged_once),
		TEST(interrupted_reading_is_no_jump),
		cmocka_unit_test_setup_teardown(
			jump_of_the_database_clock_is_logged, instance_pair_setup, instance_pair_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Asserts the number of round trips to PostgreSQL in each use case. Over a network, the round trips determine
 * the duration of a call. */
#include "stores.h"

#include <stdlib.h>

#include "app/core/keyring.h"
#include "kit/app_fixture.h"
#include "kit/session_model.h"
#include "round_trip_counter.h"

#define ANA "ana.exemplo@example.com"
#define BEN "ben.exemplo@example.com"

struct round_trip_fixture {
	struct fixture f;
	struct app_fixture app;
	struct store *memory;
	struct caller shop;
};

static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

static int set_up(void **state)
{
	struct round_trip_fixture *const s = calloc(1, sizeof(*s));
	char other[MASTER_ID_SIZE];

	assert_non_null(s);
	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	postgres_create_schema(&s->f);
	fixture_open(&s->app);
	s->memory = s->app.store.inner;
	s->app.store.inner = postgres_open(&s->f, 2);
	assert_int_equal(keyring_open(&s->app.world, &s->f.arena, &master, &s->app.keys, other), OK);
	s->shop = fixture_add_tenant(&s->app, "shop", NULL, NO_QUOTA);
	(void)round_trips_since_last_call();
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct round_trip_fixture *const s = *state;

	fixture_close(&s->app);
	s->memory->ops->close(s->memory);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

static void new_person_is_prepared_in_one_round_trip(void **state)
{
	struct round_trip_fixture *const s = *state;

	assert_false(fixture_prepare(&s->app, &s->shop, ANA).already_prepared);
	assert_int_equal(round_trips_since_last_call(), 1);
}

/* `prepare` takes the same number of round trips whether or not another tenant of the group knows the
 * address, so that its duration does not reveal that. */
static void prepare_in_a_group_takes_two_round_trips(void **state)
{
	struct round_trip_fixture *const s = *state;
	const struct caller bank = fixture_add_tenant(&s->app, "bank", "both", NO_QUOTA);
	const struct caller club = fixture_add_tenant(&s->app, "club", "both", NO_QUOTA);

	(void)round_trips_since_last_call();
	assert_false(fixture_prepare(&s->app, &bank, ANA).already_prepared);
	assert_int_equal(round_trips_since_last_call(), 2);
	assert_false(fixture_prepare(&s->app, &club, ANA).already_prepared);
	assert_int_equal(round_trips_since_last_call(), 2);
}

/* A status request takes one round trip if the load plan covers all rows that it needs. */
static void status_takes_one_round_trip(void **state)
{
	struct round_trip_fixture *const s = *state;

	assert_int_equal(fixture_status(&s->app, &s->shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(round_trips_since_last_call(), 1);
	(void)fixture_prepare(&s->app, &s->shop, ANA);
	(void)round_trips_since_last_call();
	assert_int_equal(fixture_status(&s->app, &s->shop, ANA).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(round_trips_since_last_call(), 1);
	fixture_verify_email(&s->app, &s->shop, BEN);
	(void)fixture_create_session(&s->app, &s->shop, BEN);
	(void)round_trips_since_last_call();
	assert_string_equal(fixture_status(&s->app, &s->shop, BEN).status_name, "pending");
	assert_int_equal(round_trips_since_last_call(), 1);
	fixture_set_session_status(&s->app, &s->shop, BEN, STATUS_APPROVED);
	(void)round_trips_since_last_call();
	assert_true(fixture_status(&s->app, &s->shop, BEN).approved);
	assert_int_equal(round_trips_since_last_call(), 1);
}

/* While there is no session, the status contains the state of the last e-mail, which the load plan does not
 * cover. So all rows are loaded again in a transaction, then the e-mail, and then the transaction ends. */
static void status_beyond_the_load_plan_takes_four_round_trips(void **state)
{
	struct round_trip_fixture *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	(void)round_trips_since_last_call();
	assert_int_equal(fixture_status(&s->app, &s->shop, ANA).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(round_trips_since_last_call(), 4);
}

/* For an approved person, two further queries look for a blocklist warning and for the number of tries. */
static void create_for_an_approved_person_takes_four_round_trips(void **state)
{
	struct round_trip_fixture *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	(void)fixture_create_session(&s->app, &s->shop, ANA);
	fixture_set_session_status(&s->app, &s->shop, ANA, STATUS_APPROVED);
	(void)round_trips_since_last_call();
	assert_int_equal(fixture_create_session(&s->app, &s->shop, ANA).outcome, CREATE_OUTCOME_APPROVED);
	assert_int_equal(round_trips_since_last_call(), 4);
}

/* After declined sessions an earlier session may have been approved. With fewer than SESSIONS_NEWEST sessions
 * the load plan contains all of them; otherwise further queries are needed. */
static void status_after_declined_sessions_takes_one_round_trip(void **state)
{
	struct round_trip_fixture *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	for (int i = 0; i < SESSIONS_NEWEST; i++) {
		(void)fixture_create_session(&s->app, &s->shop, ANA);
		fixture_set_session_status(&s->app, &s->shop, ANA, STATUS_DECLINED);
		(void)round_trips_since_last_call();
		assert_string_equal(fixture_status(&s->app, &s->shop, ANA).status_name, "declined");
		assert_int_equal(round_trips_since_last_call(), i + 1 < SESSIONS_NEWEST ? 1 : 4);
	}
}

/* The round trips are: one for the load plan, one for the number of e-mails already sent, and one for the
 * rate limit of the caller's IP address. */
static void code_is_sent_in_three_round_trips(void **state)
{
	struct round_trip_fixture *const s = *state;

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	(void)round_trips_since_last_call();
	assert_int_equal(fixture_send_otp(&s->app, &s->shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(round_trips_since_last_call(), 3);
}

static void code_is_verified_in_two_round_trips(void **state)
{
	struct round_trip_fixture *const s = *state;
	char code[7], other[7];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	fixture_get_otp(&s->app, &s->shop, ANA, code);
	wrong_otp_for(code, other);
	(void)round_trips_since_last_call();
	assert_int_equal(fixture_verify_otp(&s->app, &s->shop, ANA, other), VERIFY_WRONG);
	assert_int_equal(round_trips_since_last_call(), 2);
	assert_int_equal(fixture_verify_otp(&s->app, &s->shop, ANA, code), VERIFY_ACCEPTED);
	assert_int_equal(round_trips_since_last_call(), 2);
}

/* The first round trip finds that the address is known. The last one ends the transaction; the caller does
 * not wait for it. */
static void second_prepare_takes_four_round_trips(void **state)
{
	struct round_trip_fixture *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	(void)fixture_create_session(&s->app, &s->shop, ANA);
	(void)round_trips_since_last_call();
	assert_true(fixture_prepare(&s->app, &s->shop, ANA).already_prepared);
	assert_int_equal(round_trips_since_last_call(), 4);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(new_person_is_prepared_in_one_round_trip),
		TEST(prepare_in_a_group_takes_two_round_trips),
		TEST(status_takes_one_round_trip),
		TEST(status_beyond_the_load_plan_takes_four_round_trips),
		TEST(create_for_an_approved_person_takes_four_round_trips),
		TEST(status_after_declined_sessions_takes_one_round_trip),
		TEST(code_is_sent_in_three_round_trips),
		TEST(code_is_verified_in_two_round_trips),
		TEST(second_prepare_takes_four_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

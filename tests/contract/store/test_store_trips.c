/* How often a use case asks PostgreSQL: what it costs is that, whatever a server can do. */
#include "stores.h"

#include <stdlib.h>

#include "app/core/keyring.h"
#include "kit/app_fixture.h"
#include "kit/session_model.h"
#include "trips.h"

#define ANA "ana.exemplo@example.com"
#define BEN "ben.exemplo@example.com"

struct scene {
	struct fixture f;
	struct app_fixture app;
	struct store *memory;
	struct caller shop;
};

static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

static int set_up(void **state)
{
	struct scene *const s = calloc(1, sizeof(*s));
	char other[MASTER_ID_SIZE];

	assert_non_null(s);
	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	postgres_make(&s->f);
	fixture_open(&s->app);
	s->memory = s->app.store.inner;
	s->app.store.inner = postgres_open(&s->f, 2);
	assert_int_equal(keyring_open(&s->app.world, &s->f.arena, &master, &s->app.keys, other), OK);
	s->shop = fixture_add_tenant(&s->app, "shop", NULL, NO_QUOTA);
	(void)trips_taken();
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *const s = *state;

	fixture_close(&s->app);
	s->memory->ops->close(s->memory);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

static void somebody_new_is_prepared_in_one(void **state)
{
	struct scene *const s = *state;

	assert_false(fixture_prepare(&s->app, &s->shop, ANA).already_prepared);
	assert_int_equal(trips_taken(), 1);
}

/* How long it takes must not tell a tenant whom others of its group know. */
static void a_group_has_two_whoever_is_prepared(void **state)
{
	struct scene *const s = *state;
	const struct caller bank = fixture_add_tenant(&s->app, "bank", "both", NO_QUOTA);
	const struct caller club = fixture_add_tenant(&s->app, "club", "both", NO_QUOTA);

	(void)trips_taken();
	assert_false(fixture_prepare(&s->app, &bank, ANA).already_prepared);
	assert_int_equal(trips_taken(), 2);
	assert_false(fixture_prepare(&s->app, &club, ANA).already_prepared);
	assert_int_equal(trips_taken(), 2);
}

/* Whoever they are, as long as the course goes where they are. */
static void a_status_is_one(void **state)
{
	struct scene *const s = *state;

	assert_int_equal(fixture_status(&s->app, &s->shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(trips_taken(), 1);
	(void)fixture_prepare(&s->app, &s->shop, ANA);
	(void)trips_taken();
	assert_int_equal(fixture_status(&s->app, &s->shop, ANA).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(trips_taken(), 1);
	fixture_verify_email(&s->app, &s->shop, BEN);
	(void)fixture_create_session(&s->app, &s->shop, BEN);
	(void)trips_taken();
	assert_string_equal(fixture_status(&s->app, &s->shop, BEN).word, "pending");
	assert_int_equal(trips_taken(), 1);
	fixture_set_session_status(&s->app, &s->shop, BEN, STATUS_APPROVED);
	(void)trips_taken();
	assert_true(fixture_status(&s->app, &s->shop, BEN).approved);
	assert_int_equal(trips_taken(), 1);
}

/* Their last letter is asked for, which no course goes to: all is asked again, and then the letter; and the
 * end of it. */
static void what_was_not_expected_is_asked_for(void **state)
{
	struct scene *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	(void)trips_taken();
	assert_int_equal(fixture_status(&s->app, &s->shop, ANA).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(trips_taken(), 4);
}

/* Who is approved already: what stands in the way of another session is asked for besides, in two questions.
 */
static void a_create_that_makes_nothing_is_four(void **state)
{
	struct scene *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	(void)fixture_create_session(&s->app, &s->shop, ANA);
	fixture_set_session_status(&s->app, &s->shop, ANA, STATUS_APPROVED);
	(void)trips_taken();
	assert_int_equal(fixture_create_session(&s->app, &s->shop, ANA).outcome, CREATED_APPROVED);
	assert_int_equal(trips_taken(), 4);
}

/* The last of those who were not approved yet may have been approved before: it is known of who has few
 * sessions without another question. */
static void who_tries_again_is_one_still(void **state)
{
	struct scene *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	for (int i = 0; i < SESSIONS_NEWEST; i++) {
		(void)fixture_create_session(&s->app, &s->shop, ANA);
		fixture_set_session_status(&s->app, &s->shop, ANA, STATUS_DECLINED);
		(void)trips_taken();
		assert_string_equal(fixture_status(&s->app, &s->shop, ANA).word, "declined");
		assert_int_equal(trips_taken(), i + 1 < SESSIONS_NEWEST ? 1 : 4);
	}
}

/* Besides: how many letters there were, and what the address that asks has left. */
static void a_code_is_sent_in_three(void **state)
{
	struct scene *const s = *state;

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	(void)trips_taken();
	assert_int_equal(fixture_send_otp(&s->app, &s->shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(trips_taken(), 3);
}

static void a_code_is_judged_in_two(void **state)
{
	struct scene *const s = *state;
	char code[7], other[7];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	fixture_get_otp(&s->app, &s->shop, ANA, code);
	wrong_otp_for(code, other);
	(void)trips_taken();
	assert_int_equal(fixture_verify_otp(&s->app, &s->shop, ANA, other), VERIFY_WRONG);
	assert_int_equal(trips_taken(), 2);
	assert_int_equal(fixture_verify_otp(&s->app, &s->shop, ANA, code), VERIFY_ACCEPTED);
	assert_int_equal(trips_taken(), 2);
}

/* The first finds that they are known; the last is the end of it, which nobody waits for. */
static void who_is_prepared_again_is_four(void **state)
{
	struct scene *const s = *state;

	fixture_verify_email(&s->app, &s->shop, ANA);
	(void)fixture_create_session(&s->app, &s->shop, ANA);
	(void)trips_taken();
	assert_true(fixture_prepare(&s->app, &s->shop, ANA).already_prepared);
	assert_int_equal(trips_taken(), 4);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(somebody_new_is_prepared_in_one),
		TEST(a_group_has_two_whoever_is_prepared),
		TEST(a_status_is_one),
		TEST(what_was_not_expected_is_asked_for),
		TEST(a_create_that_makes_nothing_is_four),
		TEST(who_tries_again_is_one_still),
		TEST(a_code_is_sent_in_three),
		TEST(a_code_is_judged_in_two),
		TEST(who_is_prepared_again_is_four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

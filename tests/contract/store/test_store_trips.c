/* How often a use case asks PostgreSQL: what it costs is that, whatever a server can do. */
#include "stores.h"

#include <stdlib.h>

#include "app/core/keyring.h"
#include "kit/session_model.h"
#include "kit/world.h"
#include "trips.h"

#define ANA "ana.exemplo@example.com"
#define BEN "ben.exemplo@example.com"

struct scene {
	struct fixture f;
	struct kit kit;
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
	kit_open(&s->kit);
	s->memory = s->kit.store.inner;
	s->kit.store.inner = postgres_open(&s->f, 2);
	assert_int_equal(keyring_open(&s->kit.world, &s->f.arena, &master, &s->kit.keys, other), OK);
	s->shop = kit_tenant(&s->kit, "shop", NULL, NO_QUOTA);
	(void)trips_taken();
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *const s = *state;

	kit_close(&s->kit);
	s->memory->ops->close(s->memory);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

static void somebody_new_is_prepared_in_one(void **state)
{
	struct scene *const s = *state;

	assert_false(kit_prepare(&s->kit, &s->shop, ANA).already_prepared);
	assert_int_equal(trips_taken(), 1);
}

/* How long it takes must not tell a tenant whom others of its group know. */
static void a_group_has_two_whoever_is_prepared(void **state)
{
	struct scene *const s = *state;
	const struct caller bank = kit_tenant(&s->kit, "bank", "both", NO_QUOTA);
	const struct caller club = kit_tenant(&s->kit, "club", "both", NO_QUOTA);

	(void)trips_taken();
	assert_false(kit_prepare(&s->kit, &bank, ANA).already_prepared);
	assert_int_equal(trips_taken(), 2);
	assert_false(kit_prepare(&s->kit, &club, ANA).already_prepared);
	assert_int_equal(trips_taken(), 2);
}

/* Whoever they are, as long as the course goes where they are. */
static void a_status_is_one(void **state)
{
	struct scene *const s = *state;

	assert_int_equal(kit_status(&s->kit, &s->shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	assert_int_equal(trips_taken(), 1);
	(void)kit_prepare(&s->kit, &s->shop, ANA);
	(void)trips_taken();
	assert_int_equal(kit_status(&s->kit, &s->shop, ANA).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(trips_taken(), 1);
	kit_prove(&s->kit, &s->shop, BEN);
	(void)kit_create(&s->kit, &s->shop, BEN);
	(void)trips_taken();
	assert_string_equal(kit_status(&s->kit, &s->shop, BEN).word, "pending");
	assert_int_equal(trips_taken(), 1);
	kit_decide(&s->kit, &s->shop, BEN, STATUS_APPROVED);
	(void)trips_taken();
	assert_true(kit_status(&s->kit, &s->shop, BEN).approved);
	assert_int_equal(trips_taken(), 1);
}

/* Their last letter is asked for, which no course goes to: all is asked again, and then the letter; and the
 * end of it. */
static void what_was_not_expected_is_asked_for(void **state)
{
	struct scene *const s = *state;

	kit_prove(&s->kit, &s->shop, ANA);
	(void)trips_taken();
	assert_int_equal(kit_status(&s->kit, &s->shop, ANA).result, STATUS_RESULT_NO_SESSION);
	assert_int_equal(trips_taken(), 4);
}

/* Who is approved already: what stands in the way of another session is asked for besides, in two questions.
 */
static void a_create_that_makes_nothing_is_four(void **state)
{
	struct scene *const s = *state;

	kit_prove(&s->kit, &s->shop, ANA);
	(void)kit_create(&s->kit, &s->shop, ANA);
	kit_decide(&s->kit, &s->shop, ANA, STATUS_APPROVED);
	(void)trips_taken();
	assert_int_equal(kit_create(&s->kit, &s->shop, ANA).outcome, CREATED_APPROVED);
	assert_int_equal(trips_taken(), 4);
}

/* The last of those who were not approved yet may have been approved before: it is known of who has few
 * sessions without another question. */
static void who_tries_again_is_one_still(void **state)
{
	struct scene *const s = *state;

	kit_prove(&s->kit, &s->shop, ANA);
	for (int i = 0; i < SESSIONS_NEWEST; i++) {
		(void)kit_create(&s->kit, &s->shop, ANA);
		kit_decide(&s->kit, &s->shop, ANA, STATUS_DECLINED);
		(void)trips_taken();
		assert_string_equal(kit_status(&s->kit, &s->shop, ANA).word, "declined");
		assert_int_equal(trips_taken(), i + 1 < SESSIONS_NEWEST ? 1 : 4);
	}
}

/* Besides: how many letters there were, and what the address that asks has left. */
static void a_code_is_sent_in_three(void **state)
{
	struct scene *const s = *state;

	(void)kit_prepare(&s->kit, &s->shop, ANA);
	(void)trips_taken();
	assert_int_equal(kit_send(&s->kit, &s->shop, ANA).verdict, SEND_QUEUED);
	assert_int_equal(trips_taken(), 3);
}

static void a_code_is_judged_in_two(void **state)
{
	struct scene *const s = *state;
	char code[7], other[7];

	(void)kit_prepare(&s->kit, &s->shop, ANA);
	kit_new_code(&s->kit, &s->shop, ANA, code);
	kit_other_code(code, other);
	(void)trips_taken();
	assert_int_equal(kit_verify(&s->kit, &s->shop, ANA, other), VERIFY_WRONG);
	assert_int_equal(trips_taken(), 2);
	assert_int_equal(kit_verify(&s->kit, &s->shop, ANA, code), VERIFY_ACCEPTED);
	assert_int_equal(trips_taken(), 2);
}

/* The first finds that they are known; the last is the end of it, which nobody waits for. */
static void who_is_prepared_again_is_four(void **state)
{
	struct scene *const s = *state;

	kit_prove(&s->kit, &s->shop, ANA);
	(void)kit_create(&s->kit, &s->shop, ANA);
	(void)trips_taken();
	assert_true(kit_prepare(&s->kit, &s->shop, ANA).already_prepared);
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

#include "domain/challenge.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define LIFE 600000
#define NOW 5000000

static struct challenge issued(void)
{
	struct challenge c = { .tenant_id = { "t" }, .wallet_index = { { 3 } } };

	challenge_issue(&c, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(LIFE));
	return c;
}

static void a_new_one_replaces_the_old(void **state)
{
	struct challenge c = { .tenant_id = { "t" },
		.wallet_index = { { 3 } },
		.digest = { { 9, 9 } },
		.created_at = { 1 },
		.expires_at = { 2 },
		.tries_left = 0 };

	(void)state;
	challenge_issue(&c, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(LIFE));
	assert_string_equal(c.tenant_id.text, "t");
	assert_memory_equal(&c.wallet_index, &(struct digest){ { 3 } }, sizeof(c.wallet_index));
	assert_memory_equal(&c.digest, &(struct digest){ { 7 } }, sizeof(c.digest));
	assert_int_equal(c.created_at.ms, NOW);
	assert_int_equal(c.expires_at.ms, NOW + LIFE);
	assert_int_equal(c.tries_left, CHALLENGE_TRIES);
}

static const struct {
	const char *name;
	int64_t at, tries;
	bool same, right;
	enum challenge_verdict look, judged;
	int64_t tries_after;
} rows[] = {
	{ "right at once", 0, 10, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "wrong at once", 0, 10, true, false, CHALLENGE_OPEN, CHALLENGE_WRONG, 9 },
	{ "right with the last try", 0, 1, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "wrong with the last try", 0, 1, true, false, CHALLENGE_OPEN, CHALLENGE_WRONG, 0 },
	{ "right, used or used up", 0, 0, true, true, CHALLENGE_NONE, CHALLENGE_NONE, 0 },
	{ "wrong, used or used up", 0, 0, true, false, CHALLENGE_NONE, CHALLENGE_NONE, 0 },
	{ "another text, rightly signed", 0, 10, false, true, CHALLENGE_NONE, CHALLENGE_NONE, 10 },
	{ "another text, wrongly signed", 0, 10, false, false, CHALLENGE_NONE, CHALLENGE_NONE, 10 },
	{ "right at t-1", LIFE - 1, 10, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "wrong at t-1", LIFE - 1, 10, true, false, CHALLENGE_OPEN, CHALLENGE_WRONG, 9 },
	{ "right at t", LIFE, 10, true, true, CHALLENGE_EXPIRED, CHALLENGE_EXPIRED, 10 },
	{ "wrong at t", LIFE, 10, true, false, CHALLENGE_EXPIRED, CHALLENGE_EXPIRED, 10 },
	{ "right at t+1", LIFE + 1, 10, true, true, CHALLENGE_EXPIRED, CHALLENGE_EXPIRED, 10 },
	{ "another text at t: it is not there at all", LIFE, 10, false, true, CHALLENGE_NONE, CHALLENGE_NONE,
		10 },
	{ "used up at t", LIFE, 0, true, true, CHALLENGE_NONE, CHALLENGE_NONE, 0 },
};

static void every_answer_has_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const moment now = { NOW + rows[i].at };
		struct challenge c = issued();

		c.tries_left = rows[i].tries;
		print_message("# %s\n", rows[i].name);
		assert_int_equal(challenge_peek(&c, rows[i].same, now), rows[i].look);
		assert_int_equal(c.tries_left, rows[i].tries);
		assert_int_equal(challenge_verify(&c, rows[i].same, rows[i].right, now), rows[i].judged);
		assert_int_equal(c.tries_left, rows[i].tries_after);
	}
}

/* interface.md 3 */
static void ten_wrong_ones_use_it_up(void **state)
{
	struct challenge c = issued();

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(challenge_verify(&c, true, false, (moment){ NOW }), CHALLENGE_WRONG);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW }), CHALLENGE_NONE);
}

static void it_is_answered_once(void **state)
{
	struct challenge c = issued();

	(void)state;
	assert_int_equal(challenge_verify(&c, true, false, (moment){ NOW }), CHALLENGE_WRONG);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW + 1 }), CHALLENGE_ACCEPTED);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW + 2 }), CHALLENGE_NONE);
}

static void no_challenge_is_none(void **state)
{
	struct challenge c = { .tries_left = 0 };

	(void)state;
	assert_int_equal(challenge_peek(&c, true, (moment){ NOW }), CHALLENGE_NONE);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW }), CHALLENGE_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_one_replaces_the_old),
		cmocka_unit_test(every_answer_has_its_verdict),
		cmocka_unit_test(ten_wrong_ones_use_it_up),
		cmocka_unit_test(it_is_answered_once),
		cmocka_unit_test(no_challenge_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

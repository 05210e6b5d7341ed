#include "domain/claim.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define NOW INT64_C(1767607500000)
#define HOUR INT64_C(3600000)

static const struct digest mine = { { 1 } }, theirs = { { 2 } };

static struct claim none(void)
{
	return (struct claim){ .email_index = { { 9 } },
		.code = { .tenant_id = { "t" }, .user_id = { "u" } } };
}

static struct claim made(void)
{
	struct claim c = none();

	assert_int_equal(claim_make(&c, &mine, (moment){ NOW }), CLAIM_MADE);
	otp_replace(&c.code, (struct digest){ { 7 } }, (moment){ NOW }, minutes(10), 5);
	return c;
}

static void the_first_is_made(void **state)
{
	struct claim c = none();

	(void)state;
	assert_false(claim_is_by_wallet(&c, &mine));
	/* The zeroed row is of nobody, also not of what is all zeros. */
	assert_false(claim_is_by_wallet(&c, &(struct digest){ { 0 } }));
	assert_int_equal(claim_make(&c, &mine, (moment){ NOW }), CLAIM_MADE);
	assert_true(claim_is_by_wallet(&c, &mine));
	assert_false(claim_is_by_wallet(&c, &theirs));
	assert_int_equal(c.claimed_at.ms, NOW);
	assert_memory_equal(&c.email_index, &(struct digest){ { 9 } }, sizeof(c.email_index));
}

static const struct {
	const char *name;
	const struct digest *wallet;
	int64_t age;
	enum claim_verdict verdict;
	bool keeps_code;
} rows[] = {
	{ "another wallet at once", &theirs, 0, CLAIM_CONFLICT, true },
	{ "another wallet at t-1", &theirs, HOUR - 1, CLAIM_CONFLICT, true },
	{ "another wallet at t", &theirs, HOUR, CLAIM_MADE, false },
	{ "another wallet at t+1", &theirs, HOUR + 1, CLAIM_MADE, false },
	{ "the same wallet at once", &mine, 0, CLAIM_UNCHANGED, true },
	{ "the same wallet at t-1", &mine, HOUR - 1, CLAIM_UNCHANGED, true },
	{ "the same wallet at t", &mine, HOUR, CLAIM_MADE, true },
	{ "the same wallet at t+1", &mine, HOUR + 1, CLAIM_MADE, true },
};

static void whose_it_is_hangs_on_its_age(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct claim before = made();
		struct claim c = before;

		print_message("# %s\n", rows[i].name);
		assert_int_equal(
			claim_make(&c, rows[i].wallet, (moment){ NOW + rows[i].age }), rows[i].verdict);
		assert_true(
			claim_is_by_wallet(&c, rows[i].verdict == CLAIM_CONFLICT ? &mine : rows[i].wallet));
		assert_string_equal(c.code.tenant_id.text, "t");
		assert_string_equal(c.code.user_id.text, "u");
		assert_int_equal(c.claimed_at.ms, rows[i].verdict == CLAIM_MADE ? NOW + rows[i].age : NOW);
		if (rows[i].keeps_code)
			assert_memory_equal(&c.code, &before.code, sizeof(c.code));
		else
			assert_false(otp_is_live(&c.code, (moment){ NOW }));
	}
}

/* Repeating a claim does not hold the e-mail longer than an hour. */
static void nobody_holds_an_email_for_ever(void **state)
{
	struct claim c = made();

	(void)state;
	for (int64_t age = 0; age < HOUR; age += HOUR / 10)
		assert_int_equal(claim_make(&c, &mine, (moment){ NOW + age }), CLAIM_UNCHANGED);
	assert_int_equal(claim_make(&c, &theirs, (moment){ NOW + HOUR }), CLAIM_MADE);
	assert_int_equal(claim_make(&c, &mine, (moment){ NOW + HOUR }), CLAIM_CONFLICT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_made),
		cmocka_unit_test(whose_it_is_hangs_on_its_age),
		cmocka_unit_test(nobody_holds_an_email_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static const struct digest wallet = { { 1 } }, other_wallet = { { 2 } };

static struct claim empty_claim(void)
{
	return (struct claim){ .email_index = { { 9 } },
		.code = { .tenant_id = { "t" }, .user_id = { "u" } } };
}

static struct claim claim_of_wallet(void)
{
	struct claim c = empty_claim();

	assert_int_equal(claim_make(&c, &wallet, (moment){ NOW }), CLAIM_MADE);
	otp_replace(&c.code, (struct digest){ { 7 } }, (moment){ NOW }, minutes(10), 5);
	return c;
}

static void first_claim_is_made(void **state)
{
	struct claim c = empty_claim();

	(void)state;
	assert_false(claim_is_by_wallet(&c, &wallet));
	/* A row that is all zeros is no claim, not even of a wallet whose index is all zeros. */
	assert_false(claim_is_by_wallet(&c, &(struct digest){ { 0 } }));
	assert_int_equal(claim_make(&c, &wallet, (moment){ NOW }), CLAIM_MADE);
	assert_true(claim_is_by_wallet(&c, &wallet));
	assert_false(claim_is_by_wallet(&c, &other_wallet));
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
	{ "another wallet at once", &other_wallet, 0, CLAIM_CONFLICT, true },
	{ "another wallet 1 ms before the hold time ends", &other_wallet, HOUR - 1, CLAIM_CONFLICT, true },
	{ "another wallet at the end of the hold time", &other_wallet, HOUR, CLAIM_MADE, false },
	{ "another wallet 1 ms after the hold time", &other_wallet, HOUR + 1, CLAIM_MADE, false },
	{ "the same wallet at once", &wallet, 0, CLAIM_UNCHANGED, true },
	{ "the same wallet 1 ms before the hold time ends", &wallet, HOUR - 1, CLAIM_UNCHANGED, true },
	{ "the same wallet at the end of the hold time", &wallet, HOUR, CLAIM_MADE, true },
	{ "the same wallet 1 ms after the hold time", &wallet, HOUR + 1, CLAIM_MADE, true },
};

static void verdict_depends_on_the_age_of_the_claim(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct claim before = claim_of_wallet();
		struct claim c = before;

		print_message("# %s\n", rows[i].name);
		assert_int_equal(
			claim_make(&c, rows[i].wallet, (moment){ NOW + rows[i].age }), rows[i].verdict);
		assert_true(
			claim_is_by_wallet(&c, rows[i].verdict == CLAIM_CONFLICT ? &wallet : rows[i].wallet));
		assert_string_equal(c.code.tenant_id.text, "t");
		assert_string_equal(c.code.user_id.text, "u");
		assert_int_equal(c.claimed_at.ms, rows[i].verdict == CLAIM_MADE ? NOW + rows[i].age : NOW);
		if (rows[i].keeps_code)
			assert_memory_equal(&c.code, &before.code, sizeof(c.code));
		else
			assert_false(otp_is_live(&c.code, (moment){ NOW }));
	}
}

/* A repeated claim does not extend the hold time of one hour. */
static void repeating_a_claim_does_not_extend_it(void **state)
{
	struct claim c = claim_of_wallet();

	(void)state;
	for (int64_t age = 0; age < HOUR; age += HOUR / 10)
		assert_int_equal(claim_make(&c, &wallet, (moment){ NOW + age }), CLAIM_UNCHANGED);
	assert_int_equal(claim_make(&c, &other_wallet, (moment){ NOW + HOUR }), CLAIM_MADE);
	assert_int_equal(claim_make(&c, &wallet, (moment){ NOW + HOUR }), CLAIM_CONFLICT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_claim_is_made),
		cmocka_unit_test(verdict_depends_on_the_age_of_the_claim),
		cmocka_unit_test(repeating_a_claim_does_not_extend_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

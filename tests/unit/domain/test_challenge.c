#include "domain/challenge.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define TTL 600000
#define NOW 5000000

static struct challenge issued_challenge(void)
{
	struct challenge c = { .tenant_id = { "t" }, .wallet_index = { { 3 } } };

	challenge_issue(&c, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(TTL));
	return c;
}

static void issuing_replaces_the_previous_challenge(void **state)
{
	struct challenge c = { .tenant_id = { "t" },
		.wallet_index = { { 3 } },
		.digest = { { 9, 9 } },
		.created_at = { 1 },
		.expires_at = { 2 },
		.tries_left = 0 };

	(void)state;
	challenge_issue(&c, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(TTL));
	assert_string_equal(c.tenant_id.text, "t");
	assert_memory_equal(&c.wallet_index, &(struct digest){ { 3 } }, sizeof(c.wallet_index));
	assert_memory_equal(&c.digest, &(struct digest){ { 7 } }, sizeof(c.digest));
	assert_int_equal(c.created_at.ms, NOW);
	assert_int_equal(c.expires_at.ms, NOW + TTL);
	assert_int_equal(c.tries_left, CHALLENGE_TRIES);
}

static const struct {
	const char *name;
	int64_t at, tries;
	bool same_text, signature_valid;
	enum challenge_verdict peeked, verified;
	int64_t tries_after;
} rows[] = {
	{ "valid at once", 0, 10, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "wrong at once", 0, 10, true, false, CHALLENGE_OPEN, CHALLENGE_WRONG, 9 },
	{ "valid with the last try", 0, 1, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "wrong with the last try", 0, 1, true, false, CHALLENGE_OPEN, CHALLENGE_WRONG, 0 },
	{ "valid, no tries left", 0, 0, true, true, CHALLENGE_NONE, CHALLENGE_NONE, 0 },
	{ "wrong, no tries left", 0, 0, true, false, CHALLENGE_NONE, CHALLENGE_NONE, 0 },
	{ "another text, valid signature", 0, 10, false, true, CHALLENGE_NONE, CHALLENGE_NONE, 10 },
	{ "another text, wrong signature", 0, 10, false, false, CHALLENGE_NONE, CHALLENGE_NONE, 10 },
	{ "clock set back by a minute", -60000, 10, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "clock set back by more than a minute", -60001, 10, true, true, CHALLENGE_EXPIRED,
		CHALLENGE_EXPIRED, 10 },
	{ "valid 1 ms before expiry", TTL - 1, 10, true, true, CHALLENGE_OPEN, CHALLENGE_ACCEPTED, 0 },
	{ "wrong 1 ms before expiry", TTL - 1, 10, true, false, CHALLENGE_OPEN, CHALLENGE_WRONG, 9 },
	{ "valid at expiry", TTL, 10, true, true, CHALLENGE_EXPIRED, CHALLENGE_EXPIRED, 10 },
	{ "wrong at expiry", TTL, 10, true, false, CHALLENGE_EXPIRED, CHALLENGE_EXPIRED, 10 },
	{ "valid 1 ms after expiry", TTL + 1, 10, true, true, CHALLENGE_EXPIRED, CHALLENGE_EXPIRED, 10 },
	{ "another text at expiry: not this challenge", TTL, 10, false, true, CHALLENGE_NONE, CHALLENGE_NONE,
		10 },
	{ "no tries left at expiry", TTL, 0, true, true, CHALLENGE_NONE, CHALLENGE_NONE, 0 },
};

static void signature_gets_the_expected_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const moment now = { NOW + rows[i].at };
		struct challenge c = issued_challenge();

		c.tries_left = rows[i].tries;
		print_message("# %s\n", rows[i].name);
		assert_int_equal(challenge_peek(&c, rows[i].same_text, now), rows[i].peeked);
		assert_int_equal(c.tries_left, rows[i].tries);
		assert_int_equal(challenge_verify(&c, rows[i].same_text, rows[i].signature_valid, now),
			rows[i].verified);
		assert_int_equal(c.tries_left, rows[i].tries_after);
	}
}

/* interface.md 3 */
static void challenge_is_unusable_after_ten_wrong_signatures(void **state)
{
	struct challenge c = issued_challenge();

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(challenge_verify(&c, true, false, (moment){ NOW }), CHALLENGE_WRONG);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW }), CHALLENGE_NONE);
}

static void challenge_is_accepted_only_once(void **state)
{
	struct challenge c = issued_challenge();

	(void)state;
	assert_int_equal(challenge_verify(&c, true, false, (moment){ NOW }), CHALLENGE_WRONG);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW + 1 }), CHALLENGE_ACCEPTED);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW + 2 }), CHALLENGE_NONE);
}

static void zeroed_challenge_gives_none(void **state)
{
	struct challenge c = { .tries_left = 0 };

	(void)state;
	assert_int_equal(challenge_peek(&c, true, (moment){ NOW }), CHALLENGE_NONE);
	assert_int_equal(challenge_verify(&c, true, true, (moment){ NOW }), CHALLENGE_NONE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(issuing_replaces_the_previous_challenge),
		cmocka_unit_test(signature_gets_the_expected_verdict),
		cmocka_unit_test(challenge_is_unusable_after_ten_wrong_signatures),
		cmocka_unit_test(challenge_is_accepted_only_once),
		cmocka_unit_test(zeroed_challenge_gives_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "domain/otp.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define TTL 600000
#define NOW 5000000

static struct otp issued_otp(void)
{
	struct otp otp = { .tenant_id = { "t" }, .user_id = { "u" } };

	otp_replace(&otp, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(TTL), 5);
	return otp;
}

static void new_code_replaces_the_previous_one(void **state)
{
	struct otp otp = {
		.tenant_id = { "t" },
		.user_id = { "u" },
		.digest = { { 9, 9 } },
		.created_at = { 1 },
		.expires_at = { 2 },
		.tries_left = 0,
		.used = true,
		.mail_id = { "old" },
	};

	(void)state;
	otp_replace(&otp, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(TTL), 5);
	assert_string_equal(otp.tenant_id.text, "t");
	assert_string_equal(otp.user_id.text, "u");
	assert_memory_equal(&otp.digest, &(struct digest){ { 7 } }, sizeof(otp.digest));
	assert_int_equal(otp.created_at.ms, NOW);
	assert_int_equal(otp.expires_at.ms, NOW + TTL);
	assert_int_equal(otp.tries_left, 5);
	assert_false(otp.used);
	assert_string_equal(otp.mail_id.text, "");
	assert_int_equal(otp_check(&otp, true, (moment){ NOW }), OTP_ACCEPTED);
}

static const struct {
	const char *name;
	int64_t at, tries;
	bool used, same_code;
	enum otp_verdict want;
	int64_t tries_after;
	bool used_after, was_live;
} rows[] = {
	{ "correct at once", 0, 5, false, true, OTP_ACCEPTED, 4, true, true },
	{ "wrong at once", 0, 5, false, false, OTP_WRONG, 4, false, true },
	{ "correct with the last try", 0, 1, false, true, OTP_ACCEPTED, 0, true, true },
	{ "wrong with the last try", 0, 1, false, false, OTP_WRONG, 0, false, true },
	{ "correct, no tries left", 0, 0, false, true, OTP_LOCKED, 0, false, false },
	{ "wrong, no tries left", 0, 0, false, false, OTP_LOCKED, 0, false, false },
	{ "correct 1 ms before expiry", TTL - 1, 5, false, true, OTP_ACCEPTED, 4, true, true },
	{ "wrong 1 ms before expiry", TTL - 1, 5, false, false, OTP_WRONG, 4, false, true },
	{ "no tries left 1 ms before expiry", TTL - 1, 0, false, true, OTP_LOCKED, 0, false, false },
	{ "clock set back by a minute", -60000, 5, false, true, OTP_ACCEPTED, 4, true, true },
	{ "clock set back by more than a minute", -60001, 5, false, true, OTP_EXPIRED, 5, false, false },
	{ "correct at expiry", TTL, 5, false, true, OTP_EXPIRED, 5, false, false },
	{ "correct 1 ms after expiry", TTL + 1, 5, false, true, OTP_EXPIRED, 5, false, false },
	{ "wrong at expiry", TTL, 5, false, false, OTP_EXPIRED, 5, false, false },
	{ "no tries left at expiry: expiry is checked first", TTL, 0, false, true, OTP_EXPIRED, 0, false,
		false },
	{ "used, correct again", 0, 4, true, true, OTP_EXPIRED, 4, true, false },
	{ "used, wrong", 0, 4, true, false, OTP_EXPIRED, 4, true, false },
	{ "used, no tries left", 0, 0, true, true, OTP_EXPIRED, 0, true, false },
};

static void try_gets_the_expected_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const moment now = { NOW + rows[i].at };
		struct otp otp = issued_otp();

		otp.tries_left = rows[i].tries;
		otp.used = rows[i].used;
		print_message("# %s\n", rows[i].name);
		assert_int_equal(otp_is_live(&otp, now), rows[i].was_live);
		assert_int_equal(otp_check(&otp, rows[i].same_code, now), rows[i].want);
		assert_int_equal(otp.tries_left, rows[i].tries_after);
		assert_int_equal(otp.used, rows[i].used_after);
	}
}

/* The fifth wrong code is answered with "wrong". The sixth try is refused even if its code is right
 * (interface.md 3). */
static void code_is_locked_after_five_wrong_tries(void **state)
{
	struct otp otp = issued_otp();

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(otp_check(&otp, false, (moment){ NOW }), OTP_WRONG);
	assert_int_equal(otp_check(&otp, true, (moment){ NOW }), OTP_LOCKED);
	assert_int_equal(otp_check(&otp, false, (moment){ NOW }), OTP_LOCKED);
}

static void code_is_accepted_only_once(void **state)
{
	struct otp otp = issued_otp();

	(void)state;
	assert_int_equal(otp_check(&otp, true, (moment){ NOW + 1 }), OTP_ACCEPTED);
	assert_int_equal(otp_check(&otp, true, (moment){ NOW + 2 }), OTP_EXPIRED);
}

static void zeroed_code_counts_as_expired(void **state)
{
	struct otp otp = { .used = false };

	(void)state;
	assert_int_equal(otp_check(&otp, true, (moment){ NOW }), OTP_EXPIRED);
	assert_false(otp_is_live(&otp, (moment){ NOW }));
}

static const struct {
	const char *text;
	int64_t digits;
	bool want;
} forms[] = {
	{ "493027", 6, true }, { "000000", 6, true }, { "999999", 6, true }, { "4930", 4, true },
	{ "49302711", 8, true }, { "49302", 6, false }, { "4930271", 6, false }, { "", 6, false },
	{ "", 0, false }, { "49302a", 6, false }, { "49302/", 6, false }, { "49302:", 6, false },
	{ "-49302", 6, false }, { " 49302", 6, false }, { "49302\n", 6, false },
	{ "\xd9\xa4\xd9\xa9\xd9\xa3", 6, false }, /* three Arabic-Indic digits, six bytes */
};

static void only_exact_digits_are_well_formed(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(forms); i++) {
		print_message("# form %zu\n", i);
		assert_int_equal(otp_is_well_formed(str_of(forms[i].text), forms[i].digits), forms[i].want);
	}
	assert_false(otp_is_well_formed((struct str){ "12345\0", 6 }, 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_code_replaces_the_previous_one),
		cmocka_unit_test(try_gets_the_expected_verdict),
		cmocka_unit_test(code_is_locked_after_five_wrong_tries),
		cmocka_unit_test(code_is_accepted_only_once),
		cmocka_unit_test(zeroed_code_counts_as_expired),
		cmocka_unit_test(only_exact_digits_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "domain/otp.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

#define LIFE 600000
#define NOW 5000000

static struct otp issued(void)
{
	struct otp otp = { .tenant_id = { "t" }, .user_id = { "u" } };

	otp_replace(&otp, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(LIFE), 5);
	return otp;
}

static void a_new_code_replaces_the_old(void **state)
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
	otp_replace(&otp, (struct digest){ { 7 } }, (moment){ NOW }, milliseconds(LIFE), 5);
	assert_string_equal(otp.tenant_id.text, "t");
	assert_string_equal(otp.user_id.text, "u");
	assert_memory_equal(&otp.digest, &(struct digest){ { 7 } }, sizeof(otp.digest));
	assert_int_equal(otp.created_at.ms, NOW);
	assert_int_equal(otp.expires_at.ms, NOW + LIFE);
	assert_int_equal(otp.tries_left, 5);
	assert_false(otp.used);
	assert_string_equal(otp.mail_id.text, "");
	assert_int_equal(otp_check(&otp, true, (moment){ NOW }), OTP_ACCEPTED);
}

static const struct {
	const char *name;
	int64_t at, tries;
	bool used, same;
	enum otp_verdict want;
	int64_t tries_after;
	bool used_after, was_live;
} rows[] = {
	{ "right at once", 0, 5, false, true, OTP_ACCEPTED, 4, true, true },
	{ "wrong at once", 0, 5, false, false, OTP_WRONG, 4, false, true },
	{ "right with the last try", 0, 1, false, true, OTP_ACCEPTED, 0, true, true },
	{ "wrong with the last try", 0, 1, false, false, OTP_WRONG, 0, false, true },
	{ "right, none left", 0, 0, false, true, OTP_LOCKED, 0, false, false },
	{ "wrong, none left", 0, 0, false, false, OTP_LOCKED, 0, false, false },
	{ "right at t-1", LIFE - 1, 5, false, true, OTP_ACCEPTED, 4, true, true },
	{ "wrong at t-1", LIFE - 1, 5, false, false, OTP_WRONG, 4, false, true },
	{ "locked at t-1", LIFE - 1, 0, false, true, OTP_LOCKED, 0, false, false },
	{ "right at t", LIFE, 5, false, true, OTP_EXPIRED, 5, false, false },
	{ "right at t+1", LIFE + 1, 5, false, true, OTP_EXPIRED, 5, false, false },
	{ "wrong at t", LIFE, 5, false, false, OTP_EXPIRED, 5, false, false },
	{ "none left at t: expired comes first", LIFE, 0, false, true, OTP_EXPIRED, 0, false, false },
	{ "used, right again", 0, 4, true, true, OTP_EXPIRED, 4, true, false },
	{ "used, wrong", 0, 4, true, false, OTP_EXPIRED, 4, true, false },
	{ "used, none left", 0, 0, true, true, OTP_EXPIRED, 0, true, false },
};

static void every_try_has_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const moment now = { NOW + rows[i].at };
		struct otp otp = issued();

		otp.tries_left = rows[i].tries;
		otp.used = rows[i].used;
		print_message("# %s\n", rows[i].name);
		assert_int_equal(otp_is_live(&otp, now), rows[i].was_live);
		assert_int_equal(otp_check(&otp, rows[i].same, now), rows[i].want);
		assert_int_equal(otp.tries_left, rows[i].tries_after);
		assert_int_equal(otp.used, rows[i].used_after);
	}
}

/* interface.md 3: the fifth wrong code is still wrong, the sixth try, right or wrong, is one too many. */
static void five_tries_and_no_more(void **state)
{
	struct otp otp = issued();

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(otp_check(&otp, false, (moment){ NOW }), OTP_WRONG);
	assert_int_equal(otp_check(&otp, true, (moment){ NOW }), OTP_LOCKED);
	assert_int_equal(otp_check(&otp, false, (moment){ NOW }), OTP_LOCKED);
}

static void a_code_opens_once(void **state)
{
	struct otp otp = issued();

	(void)state;
	assert_int_equal(otp_check(&otp, true, (moment){ NOW + 1 }), OTP_ACCEPTED);
	assert_int_equal(otp_check(&otp, true, (moment){ NOW + 2 }), OTP_EXPIRED);
}

static void no_code_is_expired(void **state)
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

static void codes_have_one_form(void **state)
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
		cmocka_unit_test(a_new_code_replaces_the_old),
		cmocka_unit_test(every_try_has_its_verdict),
		cmocka_unit_test(five_tries_and_no_more),
		cmocka_unit_test(a_code_opens_once),
		cmocka_unit_test(no_code_is_expired),
		cmocka_unit_test(codes_have_one_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

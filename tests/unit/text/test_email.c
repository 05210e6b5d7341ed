#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "text/email.h"

#define L10 "abcdefghij"
#define L50 L10 L10 L10 L10 L10
#define L63 L50 L10 "abc"
#define L64 L63 "d"

static struct arena arena;

static int setup(void **state maybe_unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	return 0;
}

static int teardown(void **state maybe_unused)
{
	arena_finish(&arena);
	return 0;
}

static const struct {
	const char *name, *raw, *address;
} accepted[] = {
	{ "plain", "ada@example.com", "ada@example.com" },
	{ "upper case", "ADA.Lovelace@EXAMPLE.Com", "ada.lovelace@example.com" },
	{ "white space around", " \t\r\nada@example.com\r\n ", "ada@example.com" },
	{ "zero-width and no-break spaces around", "\uFEFF\u200Bada@example.com\u00A0\u2060\n",
		"ada@example.com" },
	{ "direction marks around", "\u202Aada@example.com\u202C\u200F", "ada@example.com" },
	{ "zero-width space after an IDN", "a@b\u00FCcher.example\u200B", "a@xn--bcher-kva.example" },
	{ "plus tag is kept", "ada+tag@gmail.com", "ada+tag@gmail.com" },
	{ "dots are kept", "a.d.a@gmail.com", "a.d.a@gmail.com" },
	{ "all atext characters", "aZ09!#$%&'*+-/=?^_`{|}~@x.org", "az09!#$%&'*+-/=?^_`{|}~@x.org" },
	{ "one letter", "a@b.c", "a@b.c" },
	{ "sub domains", "a@b.c.d.e", "a@b.c.d.e" },
	{ "digits in the domain", "a@1.2.3.com", "a@1.2.3.com" },
	{ "last label with a letter", "a@example.4u", "a@example.4u" },
	{ "local part of 64", L64 "@x.org", L64 "@x.org" },
	{ "label of 63", "a@" L63 ".org", "a@" L63 ".org" },
	{ "254 bytes in total", L64 "@" L63 "." L63 "." L50 L10 "k", L64 "@" L63 "." L63 "." L50 L10 "k" },
	{ "IDN", "a@b\u00FCcher.example", "a@xn--bcher-kva.example" },
	{ "IDN, upper case", "a@B\u00DCCHER.Example", "a@xn--bcher-kva.example" },
	{ "IDN, decomposed", "a@bu\u0308cher.example", "a@xn--bcher-kva.example" },
	{ "IDN, ASCII form", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example" },
	{ "IDN, ASCII form, upper case", "a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example" },
	{ "sharp s is not mapped to ss (non-transitional)", "a@fa\u00DF.de", "a@xn--fa-hia.de" },
	{ "ideographic full stop", "a@\u4F8B\u3048\u3002jp", "a@xn--r8jz45g.jp" },
	{ "full-width domain", "a@\uFF45\uFF58.org", "a@ex.org" },
	{ "soft hyphen is removed", "a@ex\u00ADample.com", "a@example.com" },
};

static void valid_addresses_are_normalised(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(accepted); i++) {
		struct str once, twice;

		if (email_normalise(&arena, str_of(accepted[i].raw), &once) != OK)
			fail_msg("%s was rejected", accepted[i].name);
		if (!str_eq(once, str_of(accepted[i].address)))
			fail_msg("%s: %.*s", accepted[i].name, STR_ARG(once));
		assert_int_equal(email_normalise(&arena, once, &twice), OK);
		assert_true(str_eq(once, twice));
	}
}

static const struct {
	const char *name;
	struct str raw;
} rejected[] = {
	{ "empty", { NULL, 0 } },
	{ "white space only", STR_INIT(" \t\r\n") },
	{ "no @", STR_INIT("example.com") },
	{ "no local part", STR_INIT("@example.com") },
	{ "no domain", STR_INIT("ada@") },
	{ "two @", STR_INIT("ada@b@example.com") },
	{ "only @", STR_INIT("@") },
	{ "no dot", STR_INIT("ada@localhost") },
	{ "dot first", STR_INIT(".ada@example.com") },
	{ "dot last", STR_INIT("ada.@example.com") },
	{ "two dots", STR_INIT("a..da@example.com") },
	{ "quotes", STR_INIT("\"ada\"@example.com") },
	{ "quoted @", STR_INIT("\"a@b\"@example.com") },
	{ "comment", STR_INIT("ada(x)@example.com") },
	{ "brackets", STR_INIT("<ada@example.com>") },
	{ "name before", STR_INIT("Ada <ada@example.com>") },
	{ "two addresses", STR_INIT("ada@example.com,bob@example.com") },
	{ "space inside", STR_INIT("ad a@example.com") },
	{ "space before @", STR_INIT("ada @example.com") },
	{ "space after @", STR_INIT("ada@ example.com") },
	{ "space in domain", STR_INIT("ada@exam ple.com") },
	{ "backslash", STR_INIT("a\\da@example.com") },
	{ "non-ASCII local part", STR_INIT("ad\u00E4@example.com") },
	{ "local part of 65", STR_INIT(L64 "k@x.org") },
	{ "label of 64", STR_INIT("a@" L64 ".org") },
	{ "255 bytes in total", STR_INIT(L64 "@" L63 "." L63 "." L50 L10 "kl") },
	{ "huge", STR_INIT("a@" L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 L64 ".org") },
	{ "domain dot first", STR_INIT("ada@.example.com") },
	{ "domain dot last", STR_INIT("ada@example.com.") },
	{ "domain two dots", STR_INIT("ada@example..com") },
	{ "hyphen first", STR_INIT("ada@-example.com") },
	{ "hyphen last", STR_INIT("ada@example-.com") },
	{ "underscore", STR_INIT("ada@ex_ample.com") },
	{ "IPv4", STR_INIT("ada@127.0.0.1") },
	{ "IPv4 literal", STR_INIT("ada@[127.0.0.1]") },
	{ "IPv6 literal", STR_INIT("ada@[IPv6:::1]") },
	{ "last label of digits", STR_INIT("ada@example.123") },
	{ "full-width IPv4", STR_INIT("ada@\uFF11\uFF12.\uFF10.\uFF10.\uFF11") },
	{ "full-width @", STR_INIT("ada\uFF20example.com") },
	{ "full-width @ in the domain", STR_INIT("ada@b\uFF20example.com") },
	{ "invalid ASCII form", STR_INIT("ada@xn--\u00E4.com") },
	{ "empty ASCII form", STR_INIT("ada@xn--.com") },
	{ "symbol", STR_INIT("ada@\u2603.net") },
	{ "not-equal sign, which libidn2 accepts", STR_INIT("ada@a\u2260b.com") },
	{ "zero-width space in the local part", STR_INIT("a\u200Bda@bc.com") },
	{ "zero-width space before @", STR_INIT("ada\u200B@bc.com") },
	{ "only zero-width spaces", STR_INIT("\u200B\u200B") },
	{ "no-break space in the domain", STR_INIT("ada@b\u00A0c.com") },
	{ "space beside a letter of IDN", STR_INIT("ada@\u00FC b.com") },
	{ "underscore beside a letter of IDN", STR_INIT("ada@\u00FC_b.com") },
	{ "account-of sign (a/c)", STR_INIT("ada@\u2100.com") },
	{ "digit with its own dot", STR_INIT("ada@\u2488com.org") },
	{ "label starts with a combining mark", STR_INIT("ada@\u0301x.net") },
	{ "label is empty after mapping", STR_INIT("ada@\u00AD.com") },
	{ "NUL at the end", STR_INIT("ada@example.com\0") },
	{ "NUL inside", STR_INIT("ada@example.com\0.org") },
	{ "NUL in the local part", STR_INIT("a\0da@example.com") },
	{ "CR LF inside", STR_INIT("ada@example.com\r\nBcc: b@example.com") },
	{ "LF in the local part", STR_INIT("ad\na@example.com") },
	{ "control", STR_INIT("ad\x01@example.com") },
	{ "DEL", STR_INIT("ad\x7F@example.com") },
	{ "control in the domain", STR_INIT("ada@exam\x01ple.com") },
	{ "invalid UTF-8", STR_INIT("ada@ex\xC3.com") },
};

static void invalid_addresses_are_rejected(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rejected); i++) {
		struct str out = STR("before");

		if (email_normalise(&arena, rejected[i].raw, &out) != ERR_INPUT)
			fail_msg("%s was accepted: %.*s", rejected[i].name, STR_ARG(out));
		assert_true(str_eq(out, STR("before")));
	}
}

/* An internationalised domain whose ASCII form exceeds the limit is rejected even if the typed text is short
 * enough. */
static void length_limit_applies_to_the_ascii_form(void **state maybe_unused)
{
	char raw[128 + 260];
	struct str out;
	size_t n = 0;

	memcpy(raw, "a@", 2);
	n = 2;
	while (n < 230) {
		memcpy(raw + n, "\u00FC.", 3); /* 3 bytes become "xn--tda." */
		n += 3;
	}
	memcpy(raw + n, "org", 3);
	assert_true(n + 3 <= EMAIL_MAX);
	assert_int_equal(email_normalise(&arena, (struct str){ raw, n + 3 }, &out), ERR_INPUT);
	/* the ASCII form has 31 labels of 8 bytes each, "a@" and "com": 253 bytes in total */
	n = 2;
	for (int i = 0; i < 31; i++, n += 3)
		memcpy(raw + n, "\u00FC.", 3);
	memcpy(raw + n, "comm", 4);
	assert_int_equal(email_normalise(&arena, (struct str){ raw, n + 4 }, &out), OK);
	assert_int_equal(out.n, 254);
	memcpy(raw + n, "commm", 5);
	assert_int_equal(email_normalise(&arena, (struct str){ raw, n + 5 }, &out), ERR_INPUT);
}

/* Soft hyphens are removed, but they count towards the limit of the input. */
static void length_of_the_input_is_limited(void **state maybe_unused)
{
	char raw[1025] = "a@";
	struct str out;
	size_t n = 2;

	for (; n < 2 + 2 * 508; n += 2)
		memcpy(raw + n, "\u00AD", 2);
	memcpy(raw + n, "xx.org", 6);
	assert_int_equal(email_normalise(&arena, (struct str){ raw, n + 6 }, &out), OK);
	assert_int_equal(n + 6, 1024);
	assert_true(str_eq(out, STR("a@xx.org")));
	memcpy(raw + n, "xxx.org", 7);
	assert_int_equal(email_normalise(&arena, (struct str){ raw, n + 7 }, &out), ERR_INPUT);
}

static void full_arena_is_a_distinct_error(void **state maybe_unused)
{
	struct str out = STR("before");
	size_t failures = 0;

	for (size_t limit = 0; failures == limit; limit++) {
		struct arena tiny;

		arena_init(&tiny, limit);
		const enum err e = email_normalise(&tiny, STR("ada@example.com"), &out);
		if (e == ERR_INTERNAL) {
			failures++;
			assert_true(str_eq(out, STR("before")));
		} else {
			assert_int_equal(e, OK);
			assert_true(str_eq(out, STR("ada@example.com")));
		}
		arena_finish(&tiny);
	}
	assert_true(failures > 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(valid_addresses_are_normalised, setup, teardown),
		cmocka_unit_test_setup_teardown(invalid_addresses_are_rejected, setup, teardown),
		cmocka_unit_test_setup_teardown(length_limit_applies_to_the_ascii_form, setup, teardown),
		cmocka_unit_test_setup_teardown(length_of_the_input_is_limited, setup, teardown),
		cmocka_unit_test_setup_teardown(full_arena_is_a_distinct_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

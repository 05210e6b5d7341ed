#include "main/config/value_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define BOM "\xef\xbb\xbf"
#define REFUSED NULL

static const struct {
	enum setting_kind kind;
	bool in_file;
	const char *text, *value;
} rows[] = {
	/* Quotes around the whole value, and blanks or comments outside of them, are not part of the value.
	 */
	{ SETTING_SECRET, true, "abc", "abc" },
	{ SETTING_SECRET, true, "", "" },
	{ SETTING_SECRET, true, "\"abc\"", "abc" },
	{ SETTING_SECRET, false, "'abc'", "abc" },
	{ SETTING_SECRET, true, "`abc`", "abc" },
	{ SETTING_SECRET, true, "''", "" },
	{ SETTING_SECRET, true, " \tabc\r\n\n", "abc" },
	{ SETTING_SECRET, true, BOM "abc\n", "abc" },
	{ SETTING_SECRET, true, BOM "\"abc\"\r\n", "abc" },
	{ SETTING_SECRET, true, "\"abc\"   # ours", "abc" },
	{ SETTING_SECRET, true, "'a#b;c'", "a#b;c" },
	{ SETTING_SECRET, true, "a#b;c//d", "a#b;c//d" },
	{ SETTING_SECRET, true, "//abc", "//abc" },
	{ SETTING_SECRET, true, "abc, def", "abc, def" },
	{ SETTING_SECRET, true, "a pass phrase", "a pass phrase" },
	{ SETTING_SECRET, true, "ab\"cd'ef", "ab\"cd'ef" },
	{ SETTING_LINE, true, "From \"the file\"", "From \"the file\"" },
	{ SETTING_LINE, true, "\"Best\" Bank", "\"Best\" Bank" },
	{ SETTING_LINE, true, "'Acme'", "Acme" },
	{ SETTING_LINE, true, "Dunkin'", "Dunkin'" },
	{ SETTING_LINE, true, "'tis the season's best", "'tis the season's best" },
	{ SETTING_LINE, true, "\"Team #1\"", "Team #1" },
	{ SETTING_LINE, true, "Team#1", "Team#1" },
	{ SETTING_LINE, false, "Team #1", "Team #1" },
	{ SETTING_LINE, true, "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7 Acme",
		"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xa7 Acme" },
	{ SETTING_MAILBOX, true, "'no-reply@a.example'", "no-reply@a.example" },
	{ SETTING_MAILBOX, true, "\"Acme KYC\" <a@b.example>", "\"Acme KYC\" <a@b.example>" },
	{ SETTING_MAILBOX, true, "\"Acme <a@b.example>\"", "Acme <a@b.example>" },
	{ SETTING_MAILBOX, true, "O'Brien <a@b.example>", "O'Brien <a@b.example>" },
	{ SETTING_URL, true, "\"https://a.example/x#y\"", "https://a.example/x#y" },
	{ SETTING_URL, true, "https://a.example//x", "https://a.example//x" },

	/* A text is refused if quotes, comment marks or invisible characters may or may not be part of the
	 * value. */
	{ SETTING_SECRET, true, "\"abc", REFUSED },
	{ SETTING_SECRET, true, "abc\"", REFUSED },
	{ SETTING_SECRET, true, "\"", REFUSED },
	{ SETTING_SECRET, true, "'abc\"", REFUSED },
	{ SETTING_SECRET, true, "\"a\",\"b\"", REFUSED },
	{ SETTING_SECRET, true, "\"a\"b\"", REFUSED },
	{ SETTING_SECRET, true, "\" abc\"", REFUSED },
	{ SETTING_SECRET, true, "abc # ours", REFUSED },
	{ SETTING_SECRET, false, "abc # ours", REFUSED },
	{ SETTING_SECRET, true, "abc\t; ours", REFUSED },
	{ SETTING_SECRET, true, "abc // ours", REFUSED },
	{ SETTING_SECRET, true, "# none", REFUSED },
	{ SETTING_SECRET, true, "// none", REFUSED },
	{ SETTING_SECRET, true, "//", REFUSED },
	{ SETTING_SECRET, true, "abc\ndef\n", REFUSED },
	{ SETTING_SECRET, true, "abc\xc2\xa0", REFUSED },
	{ SETTING_SECRET, true,
		"\xe2\x80\x8b"
		"abc",
		REFUSED },
	{ SETTING_SECRET, true, "abc" BOM, REFUSED },
	{ SETTING_SECRET, true,
		"\xe2\x80\x9c"
		"abc\xe2\x80\x9d",
		REFUSED },
	{ SETTING_SECRET, false,
		"\xff\xfe"
		"a",
		REFUSED },
	{ SETTING_LINE, true, "Acme # our name", REFUSED },
	{ SETTING_LINE, true, "\"Acme", REFUSED },
	{ SETTING_LINE, true, "Acme\"", REFUSED },
	{ SETTING_LINE, true, "\"A\" and \"B\"", REFUSED },
	{ SETTING_LINE, true,
		"\xe2\x80\x9c"
		"Acme\xe2\x80\x9d",
		REFUSED },
	{ SETTING_LINE, true, "Ac\xe4me", REFUSED },
	{ SETTING_MAILBOX, true, "'a@b.example", REFUSED },
	{ SETTING_MAILBOX, true, "a@b.example'", REFUSED },
	{ SETTING_MAILBOX, true, "'Acme' <a@b.example>", REFUSED },
	{ SETTING_MAILBOX, true, "a@b.example # the sender", REFUSED },
	{ SETTING_NUMBER, true, "600 # seconds", REFUSED },
	{ SETTING_URL, true, "https://a.example # ours", REFUSED },
};

static void texts_are_cleaned_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct str text = str_of(rows[i].text);
		const char *const fault = value_text_clean(rows[i].kind, rows[i].in_file, &text);

		if ((fault != NULL) != (rows[i].value == REFUSED))
			fail_msg("wrong verdict on `%s`: %s", rows[i].text, fault ? fault : "accepted");
		if (!str_eq(text, str_of(fault ? rows[i].text : rows[i].value)))
			fail_msg("`%s` became `%.*s`", rows[i].text, STR_ARG(text));
	}
}

static const struct {
	const char *path;
	bool hidden;
} paths[] = {
	{ "/etc/kycd/master", false },
	{ "master", false },
	{ "secrets/a-file-with-a-rather-long-name", false },
	{ "3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/AA=", true },
	{ "whsec_0123456789abcdef0123", true },
	{ "smtp://user:word@mail.example", true },
	{ "postgresql://me:word@db/kycd", true },
	{ "one\ntwo", true },
};

static void a_secret_in_place_of_a_path_is_not_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(paths); i++)
		if (value_text_may_be_secret(str_of(paths[i].path)) != paths[i].hidden)
			fail_msg("wrong verdict on %s", paths[i].path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_cleaned_or_refused),
		cmocka_unit_test(a_secret_in_place_of_a_path_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

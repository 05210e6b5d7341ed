/* Tests of the frame that all pages share: it escapes untrusted text, its policy allows its style sheet, and
 * it states the page's language and that the page belongs to a sandbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "crypto/digest.h"
#include "i18n/page.h"
#include "text/encode.h"

static struct arena arena;

static bool has(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static struct str build_page(enum language language, bool sandbox)
{
	struct web_page page = {
		.language = language, .brand = STR("<b>\"A\" & Co"), .address = STR("<i>@x")
	};
	struct str text;

	page_begin(&page, &arena, MESSAGE_RETURN_TITLE, sandbox);
	page_paragraph(&page, MESSAGE_RETURN_RECEIVED);
	page_message(&page, MESSAGE_INBOX_TO);
	page_text(&page, STR("<u>"));
	page_markup(&page, "<hr>");
	assert_int_equal(page_end(&page, &text), OK);
	return text;
}

static void untrusted_text_is_escaped(void **state)
{
	const struct str text = build_page(LANGUAGE_EN, false);

	(void)state;
	assert_true(has(text, "<title>Thank you – &lt;b&gt;&quot;A&quot; &amp; Co</title>"));
	assert_true(has(
		text, "<p><bdi>&lt;b&gt;&quot;A&quot; &amp; Co</bdi> has received your information.</p>"));
	assert_true(has(text, "To <bdi>&lt;i&gt;@x</bdi>&lt;u&gt;<hr></main>"));
	assert_false(has(text, "<b>") || has(text, "<i>") || has(text, "<u>"));
}

static void page_states_its_language_its_direction_and_the_sandbox(void **state)
{
	(void)state;
	for (enum language language = 0; language < LANGUAGES; language++) {
		const struct str real = build_page(language, false), sandbox = build_page(language, true);
		const struct str tag = arena_printf(&arena, "<html lang=\"%s\" dir=\"%s\">",
			language_tags[language].p, language == LANGUAGE_AR ? "rtl" : "ltr");

		assert_true(has(real, tag.p));
		assert_false(has(real, "<header>"));
		assert_true(has(sandbox, "<header>"));
		assert_true(has(sandbox, message_text(language, MESSAGE_SANDBOX_NOTICE).p));
		assert_true(has(sandbox, message_text(language, MESSAGE_SANDBOX_NO_REAL_DATA).p));
	}
}

static void policy_contains_the_hash_of_the_style_sheet(void **state)
{
	const struct str text = build_page(LANGUAGE_EN, true);
	const char *const start = strstr(text.p, "<style>") + 7;
	unsigned char digest[DIGEST_BYTES];
	struct str base64, policy;

	(void)state;
	sha256((struct str){ start, (size_t)(strstr(start, "</style>") - start) }, digest);
	assert_int_equal(base64_write(&arena, digest, sizeof(digest), &base64), OK);
	assert_int_equal(page_policy(&arena, &policy), OK);
	assert_true(has(policy, base64.p));
	assert_true(str_starts(policy, STR("default-src 'none'; style-src 'sha256-")));
	assert_false(has(policy, "unsafe"));
}

static void page_larger_than_the_arena_fails(void **state)
{
	struct arena small;
	struct web_page page = { .brand = STR("b") };
	struct str text;

	(void)state;
	arena_init(&small, 2048);
	page_begin(&page, &small, MESSAGE_RETURN_TITLE, true);
	assert_int_equal(page_end(&page, &text), ERR_INPUT);
	arena_finish(&small);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(untrusted_text_is_escaped),
		cmocka_unit_test(page_states_its_language_its_direction_and_the_sandbox),
		cmocka_unit_test(policy_contains_the_hash_of_the_style_sheet),
		cmocka_unit_test(page_larger_than_the_arena_fails),
	};

	if (!crypto_start())
		return 1;
	arena_init(&arena, ARENA_CALL_LIMIT);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}

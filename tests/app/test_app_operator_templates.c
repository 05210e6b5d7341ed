/* Tests of e-mail templates that the operator provides: what they may contain, and how they are filled in. */
#include "app/mail/template.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "app/mail/templates.h"
#include "kit/app_fixture.h"

/* clang-format off */
static const struct {
	enum mail_part part;
	const char *text;
	size_t line;           /* line number of the expected fault; 0: the template is accepted */
	const char *mentioned; /* a part of the error sentence */
} rows[] = {
	{ MAIL_SUBJECT, "{brand}: code of {time}", 0, NULL },
	{ MAIL_SUBJECT, "Code\n", 0, NULL },
	{ MAIL_SUBJECT, "Code\r\n", 0, NULL },
	{ MAIL_SUBJECT, "Code\nBcc: x@example.com", 2, "one line" },
	{ MAIL_SUBJECT, "Code\n\n", 2, "one line" },
	{ MAIL_SUBJECT, "\nCode", 2, "one line" },
	{ MAIL_SUBJECT, "Co\tde", 1, "tab" },
	{ MAIL_SUBJECT, "", 1, "is empty" },
	{ MAIL_SUBJECT, " \n", 1, "is empty" },
	{ MAIL_SUBJECT, "{brand}{brand}{brand}{brand}", 0, NULL },
	{ MAIL_SUBJECT, "{brand}{brand}{brand}{brand}{brand}", 1, "at most 4" },
	{ MAIL_SUBJECT, "{who}", 1, "`{who}`" },
	{ MAIL_TEXT, "{code}", 0, NULL },
	{ MAIL_TEXT, "{code} {digits} {brand} {minutes} {time} {language} {sandbox}\r\n\tx\r\n", 0, NULL },
	{ MAIL_TEXT, "no\ncode", 1, "has no {code}" },
	{ MAIL_TEXT, "{digits}", 1, "has no {code}" },
	{ MAIL_TEXT, "{code}\n{cod}\n", 2, "`{cod}`" },
	{ MAIL_TEXT, "{code}\n\n{Code}", 3, "`{Code}`" },
	{ MAIL_TEXT, "{code} { brand }", 1, "`{ brand }`" },
	{ MAIL_TEXT, "{code} {", 1, "`{`" },
	{ MAIL_TEXT, "{code} }", 1, "`}`" },
	{ MAIL_TEXT, "{code}\n{{brand}}", 2, "`{" },
	{ MAIL_TEXT, "{code}\nx\xff", 2, "UTF-8" },
	{ MAIL_TEXT, "{code} \xc3\xa9", 0, NULL },
	{ MAIL_TEXT, "{code}\n\x01", 2, "control" },
	{ MAIL_TEXT, "{code}\nx\rx", 2, "control" },
	{ MAIL_TEXT, "{code}\n\x7f", 2, "control" },
	{ MAIL_TEXT, "{code} 12345 12345", 0, NULL },
	{ MAIL_TEXT, "{code}\n\n123456", 3, "six digits" },
	{ MAIL_TEXT, "{code} \u0661\u0662\u0663\u0664\u0665\u0666", 1, "six digits" },
	{ MAIL_TEXT, "{code}\nhttps://example.com", 2, "`://`" },
	{ MAIL_TEXT, "{code}\nWWW.example.com", 2, "`www.`" },
	{ MAIL_TEXT, "{code}\nMailTo:x@example.com", 2, "`mailto:`" },
	{ MAIL_TEXT, "{code} url(x) tel: \\ <b>", 0, NULL },
	{ MAIL_HTML, "<p>{code}</p>", 0, NULL },
	{ MAIL_HTML, "{code}", 0, NULL },
	{ MAIL_HTML, "<!DOCTYPE html>\n<html lang=\"it\" dir=ltr><head><meta charset='utf-8'><title>{brand}</title>"
		"<style media=\"screen\">p{margin:0}\nb > i { color: red }</style></head>"
		"<body style=\"margin:0\"><table role=presentation cellpadding=0><tr><td aria-label=\"x\">{code}<br/>"
		"</td></tr></table>{sandbox}</body></html>\n", 0, NULL },
	{ MAIL_HTML, "<p>code</p>", 1, "has no {code}" },
	{ MAIL_HTML, "<p>{code}\n<p>{brnd}", 2, "`{brnd}`" },
	{ MAIL_HTML, "{code}\n<a href=\"/x\">x</a>", 2, "<a>" },
	{ MAIL_HTML, "{code}\n<A\nhref=x>", 2, "<A>" },
	{ MAIL_HTML, "{code}\n\n<img src=x>", 3, "<img>" },
	{ MAIL_HTML, "{code}<script>x</script>", 1, "<script>" },
	{ MAIL_HTML, "{code}<form>", 1, "<form>" },
	{ MAIL_HTML, "{code}<link rel=stylesheet>", 1, "<link>" },
	{ MAIL_HTML, "{code}<iframe>", 1, "<iframe>" },
	{ MAIL_HTML, "{code}<svg>", 1, "<svg>" },
	{ MAIL_HTML, "{code}<\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22>", 1, "\u6F22> is not" },
	{ MAIL_HTML, "{code}<p \u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22\u6F22>", 1, "\u6F22` is not" },
	{ MAIL_HTML, "{code}<x-y>", 1, "<x-y>" },
	{ MAIL_HTML, "{code}</a>", 1, "<a>" },
	{ MAIL_HTML, "{code}\n1 < 2", 2, "&lt;" },
	{ MAIL_HTML, "{code}<", 1, "&lt;" },
	{ MAIL_HTML, "{code}<p", 1, "no end" },
	{ MAIL_HTML, "{code}<p class=\"x", 1, "no end" },
	{ MAIL_HTML, "{code}<p class=", 1, "no end" },
	{ MAIL_HTML, "{code}<p\nonclick=\"x\">", 2, "`onclick`" },
	{ MAIL_HTML, "{code}<p/onclick=x>", 1, "`onclick`" },
	{ MAIL_HTML, "{code}<p class=\"a\"onclick=x>", 1, "`onclick`" },
	{ MAIL_HTML, "{code}<td background=x>", 1, "`background`" },
	{ MAIL_HTML, "{code}<meta http-equiv=refresh>", 1, "`http-equiv`" },
	{ MAIL_HTML, "{code}<p =x>", 1, "not written right" },
	{ MAIL_HTML, "{code}<p title=\"{brand}\">", 1, "between elements" },
	{ MAIL_HTML, "{code}<p style='background:&#117;rl(x)'>", 1, "`&`" },
	{ MAIL_HTML, "{code}<p title=\"</title><img src=x>\">", 1, "`<`" },
	{ MAIL_HTML, "{code}<p style=\"background:\nURL (x) uRl(x)\">", 2, "`url(`" },
	{ MAIL_HTML, "{code}<style>\n@import 'x';</style>", 2, "`@import`" },
	{ MAIL_HTML, "{code}<style>p{background:\\75rl(x)}</style>", 1, "`\\`" },
	{ MAIL_HTML, "{code}<style>p{background:image-set('x' 1x)}</style>", 1, "`image" },
	{ MAIL_HTML, "{code}<style><img></style>", 1, "<style>" },
	{ MAIL_HTML, "{code}<title><b></title>", 1, "<title>" },
	{ MAIL_HTML, "{code}<style>p{}", 1, "no end" },
	{ MAIL_HTML, "<style>{code}</style>", 1, "has no {code}" },
	{ MAIL_HTML, "{code}<!-- x -->", 1, "comments" },
	{ MAIL_HTML, "{code}<!--[if mso]>", 1, "comments" },
	{ MAIL_HTML, "{code}<?xml?>", 1, "DOCTYPE" },
	{ MAIL_HTML, "{code}\n//x https://x", 2, "`://`" },
	{ MAIL_HTML, "{code}<p style=\"color:#123456\">", 1, "six digits" },
	{ MAIL_HTML, "{code}<p style=\"color:#12345a\">", 0, NULL },
	{ MAIL_HTML, "{code} &amp; &#8212; &lt;a&gt;", 0, NULL },
};
/* clang-format on */

static bool contains(struct str text, const char *part)
{
	return text.p && memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static void template_content_is_checked(void **state)
{
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct template_fault fault = { 0 };
		const enum err e = template_check(
			MAIL_CODE, rows[i].part, STR(""), str_of(rows[i].text), &fx->arena, &fault);

		/* Prints only the row number, because the template may have several lines. */
		print_message("# row %zu\n", i);
		assert_int_equal(e, rows[i].line ? ERR_INPUT : OK);
		if (!rows[i].line)
			continue;
		if (!contains(fault.sentence, rows[i].mentioned))
			fail_msg("%s: %s", rows[i].mentioned, fault.sentence.p);
		assert_int_equal(fault.line, rows[i].line);
	}
}

static void html_language_must_match_the_folder(void **state)
{
	static const struct {
		const char *folder, *text;
		size_t line; /* line number of the expected fault; 0: the language matches the folder */
	} pages[] = {
		{ "it", "<html lang=\"it\">{code}</html>", 0 },
		{ "it", "<html lang=IT>{code}</html>", 0 },
		{ "it", "<html lang='it-CH'>{code}</html>", 0 },
		{ "pt-BR", "<html lang=\"pt\">{code}</html>", 0 },
		{ "it", "<html>{code}</html>", 0 },
		{ "it", "<html lang=\"it\"><p lang=\"en\">{code}</p></html>", 0 },
		{ "it", "<html\nlang=\"en\">{code}</html>", 2 },
		{ "it", "<html lang=\"itn\">{code}</html>", 1 },
		{ "it", "<html lang=\"i\">{code}</html>", 1 },
		{ "it", "<html lang=\"\">{code}</html>", 1 },
		{ "pt-BR", "<html lang=\"pt-PT\">{code}</html>", 1 },
		{ "", "<html lang=\"en\">{code}</html>", 0 },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(pages); i++) {
		struct template_fault fault = { 0 };
		const enum err e = template_check(MAIL_CODE, MAIL_HTML, str_of(pages[i].folder),
			str_of(pages[i].text), &fx->arena, &fault);

		print_message("# row %zu\n", i);
		assert_int_equal(e, pages[i].line ? ERR_INPUT : OK);
		assert_int_equal(fault.line, pages[i].line);
		assert_int_equal(contains(fault.sentence, "does not fit the folder"), pages[i].line > 0);
	}
}

static void template_size_is_limited(void **state)
{
	struct app_fixture *const fx = *state;

	for (int part = 0; part < MAIL_PARTS; part++) {
		const size_t max = mail_part_sizes[part];
		char *const text = malloc(max + 1);
		struct template_fault fault = { 0 };

		assert_non_null(text);
		memset(text, 'x', max + 1);
		memcpy(text, "{code}", 6);
		for (size_t n = max - 1; n <= max + 1; n++) {
			const enum err e = template_check(MAIL_CODE, (enum mail_part)part, STR(""),
				(struct str){ text, n }, &fx->arena, &fault);

			assert_int_equal(e, n <= max ? OK : ERR_INPUT);
		}
		assert_true(contains(fault.sentence, "too large"));
		free(text);
	}
}

/* Checks every prefix and suffix of every template. Each is in an allocation of exactly its size, so that the
 * address sanitizer detects reads beyond its end. */
static void truncated_templates_are_checked_within_bounds(void **state)
{
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const size_t n = strlen(rows[i].text);

		for (size_t cut = 0; cut <= 2 * n; cut++) {
			const size_t from = cut <= n ? 0 : cut - n, size = cut <= n ? cut : 2 * n - cut;
			char *const text = malloc(size + 1);
			struct template_fault fault = { 0 };

			assert_non_null(text);
			memcpy(text + 1, rows[i].text + from, size);
			const enum err e = template_check(MAIL_CODE, rows[i].part, STR(""),
				(struct str){ text + 1, size }, &fx->arena, &fault);
			assert_true(e == OK || (e == ERR_INPUT && fault.line > 0 && fault.sentence.n > 0));
			assert_true(e == OK || str_is_utf8(fault.sentence));
			free(text);
		}
	}
}

static void nul_is_a_control_character(void **state)
{
	static const char text[] = "{code}\n\0x";
	struct app_fixture *const fx = *state;
	struct template_fault fault = { 0 };

	assert_int_equal(template_check(MAIL_CODE, MAIL_TEXT, STR(""), (struct str){ text, sizeof(text) - 1 },
				 &fx->arena, &fault),
		ERR_INPUT);
	assert_int_equal(fault.line, 2);
}

/* The operator provides one part of the e-mail in Portuguese, and all parts in Italian. */
static const struct templates operator_templates = {
	.languages = {
		{ .tag = STR_INIT("pt-BR"),
			.parts[MAIL_CODE][MAIL_HTML] = STR_INIT(
				"<title>{brand}</title><body><p>{code} {brand} {minutes} {time}</p></body>") },
		{ .tag = STR_INIT("it"),
			.parts[MAIL_CODE] = { [MAIL_SUBJECT] = STR_INIT("Codice per {brand}"),
				[MAIL_TEXT] = STR_INIT("{code}: il codice. {digits} {language}\n"),
				[MAIL_HTML] = STR_INIT("<p>{sandbox}{code}</p>") } },
	},
	.n = 2,
};

static struct mail_message write_mail(struct app_fixture *fx, const char *language, bool sandbox)
{
	static const struct effect effect = { .id = { "01ke6svz70pwqnq2kfkaee0378" },
		.created_at = { FIXTURE_NOW } };
	const struct mail_params from = { .effect = &effect,
		.to = STR("ana@example.com"),
		.code = STR("493027"),
		.brand = STR("A<B>{code}"),
		.language = str_of(language),
		.templates = &operator_templates,
		.host = STR("localhost"),
		.life = seconds(600),
		.sandbox = sandbox };
	struct mail_message message;

	assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
	return message;
}

static void operator_part_replaces_the_built_in_part(void **state)
{
	const struct mail_message message = write_mail(*state, "pt-BR", false);

	assert_string_equal(message.html.p, "<title>A&lt;B&gt;{code}</title><body><p>493027 "
					    "<bdi>A&lt;B&gt;{code}</bdi> 10 10:05 UTC</p></body>");
	assert_true(str_starts(message.text, STR("493027 \u00e9 o seu c\u00f3digo A<B>{code}.\n")));
	assert_true(str_starts(message.subject, STR("Seu ")));
	assert_string_equal(message.language.p, "pt-BR");
	assert_true(str_starts(write_mail(*state, "en", false).html, STR("<!DOCTYPE html>")));
}

static void language_of_the_operator_can_be_selected(void **state)
{
	static const struct {
		const char *preferred[2], *tag;
	} choices[] = {
		{ { "it", "en" }, "it" },
		{ { "it-CH", "en" }, "it" },
		{ { "IT", "en" }, "it" },
		{ { "ja", "it" }, "it" },
		{ { "pt", "it" }, "pt-BR" },
		{ { "zh", "ja" }, "en" },
	};
	const struct mail_message message = write_mail(*state, "it", false);

	assert_string_equal(message.subject.p, "Codice per A<B>{code}");
	assert_string_equal(message.text.p, "493027: il codice. 4 9 3 0 2 7 it\n");
	assert_string_equal(message.html.p, "<p>493027</p>");
	assert_string_equal(message.language.p, "it");
	for (size_t i = 0; i < array_len(choices); i++) {
		const struct str preferred[] = { str_of(choices[i].preferred[0]),
			str_of(choices[i].preferred[1]) };

		assert_string_equal(mail_template_language(&operator_templates, MAIL_CODE, preferred, 2).p,
			choices[i].tag);
	}
	const struct str italian = STR("it");
	assert_string_equal(mail_template_language(NULL, MAIL_CODE, &italian, 1).p, "en");
}

/* The e-mail with a link code: if the operator's language has no template for it, the next preferred language
 * is used. Its templates must contain the wallet, so that the reader can decide whether the link is wanted.
 */
static void link_code_mail_has_its_own_templates(void **state)
{
	static const struct {
		const char *text, *missing;
	} texts[] = {
		{ "{code} {wallet}", NULL },
		{ "{wallet} {code} {digits} {brand} {minutes} {time} {language} {sandbox}", NULL },
		{ "{code}", "has no {wallet}" },
		{ "{wallet}", "has no {code}" },
	};
	struct app_fixture *const fx = *state;
	const struct str preferred[] = { STR("it"), STR("es") };

	assert_string_equal(mail_template_language(&operator_templates, MAIL_LINK, preferred, 2).p, "es");
	for (size_t i = 0; i < array_len(texts); i++)
		for (int part = MAIL_TEXT; part <= MAIL_HTML; part++) {
			struct template_fault fault = { 0 };
			const enum err e = template_check(MAIL_LINK, (enum mail_part)part, STR(""),
				str_of(texts[i].text), &fx->arena, &fault);

			assert_int_equal(e, texts[i].missing ? ERR_INPUT : OK);
			if (texts[i].missing)
				assert_true(contains(fault.sentence, texts[i].missing));
		}
	struct template_fault fault = { 0 };
	assert_int_equal(
		template_check(MAIL_CODE, MAIL_TEXT, STR(""), STR("{code} {wallet}"), &fx->arena, &fault),
		ERR_INPUT);
}

/* The only link that a template can have is that of the e-mail with a verification link. */
static void verification_link_mail_has_exactly_one_kind_of_link(void **state)
{
	static const struct {
		enum mail_kind mail;
		enum mail_part part;
		const char *text, *mentioned; /* NULL: the template is valid */
	} texts[] = {
		{ MAIL_VERIFICATION_LINK, MAIL_SUBJECT, "{brand}", NULL },
		{ MAIL_VERIFICATION_LINK, MAIL_TEXT, "{url} {brand} {date} {time} {language} {sandbox}",
			NULL },
		{ MAIL_VERIFICATION_LINK, MAIL_TEXT, "{brand}", "has no {url}" },
		{ MAIL_VERIFICATION_LINK, MAIL_TEXT, "{url} {code}", "not a known placeholder" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}\">x</a>", NULL },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML,
			"<A class=\"b\" HREF=\"{url}\" style=\"color:red\">{url}</A>", NULL },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}\">x</a><a href=\"{url}\">{url}</a>",
			NULL },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "{url}", "has no <a href=" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a>{url}</a>", "has no <a href=" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<p href=\"{url}\">x</p>", "attribute `href`" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a x=\"{url}\">x</a>", "attribute `x`" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}\">x</a href=\"{url}\">",
			"attribute `href`" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href='{url}'>x</a>", "the only link" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href={url}>x</a>", "the only link" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href>x</a>", "the only link" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}?a=b\">x</a>", "the only link" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{brand}\">x</a>", "the only link" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}\" href=\"/x\">x</a>", "the only link" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}\" title=\"{url}\">x</a>",
			"between elements" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<a href=\"{url}\"><img></a>", "<img>" },
		{ MAIL_VERIFICATION_LINK, MAIL_HTML, "<abbr href=\"{url}\">x</abbr>", "attribute `href`" },
		{ MAIL_CODE, MAIL_HTML, "{code}<a href=\"{url}\">x</a>", "<a>" },
		{ MAIL_LINK, MAIL_HTML, "{code}{wallet}<a>x</a>", "<a>" },
		{ MAIL_CODE, MAIL_TEXT, "{code} {url}", "not a known placeholder" },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(texts); i++) {
		struct template_fault fault = { 0 };
		const enum err e = template_check(
			texts[i].mail, texts[i].part, STR(""), str_of(texts[i].text), &fx->arena, &fault);

		print_message("# row %zu\n", i);
		assert_int_equal(e, texts[i].mentioned ? ERR_INPUT : OK);
		if (texts[i].mentioned && !contains(fault.sentence, texts[i].mentioned))
			fail_msg("%s: %s", texts[i].mentioned, fault.sentence.p);
	}
}

static void sandbox_notice_is_added_if_the_template_has_none(void **state)
{
	assert_true(contains(write_mail(*state, "it", true).html,
		"<p><p>This e-mail comes from a sandbox: no real person is being verified.</p>\n493027</p>"));
	assert_true(contains(write_mail(*state, "it", true).text, "it\n\nThis e-mail comes from a sandbox"));
	assert_true(contains(write_mail(*state, "pt-BR", true).html, "verificada.</p>\n</body>"));
	assert_false(contains(write_mail(*state, "it", false).text, "sandbox"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(template_content_is_checked),
		TEST(html_language_must_match_the_folder),
		TEST(template_size_is_limited),
		TEST(truncated_templates_are_checked_within_bounds),
		TEST(nul_is_a_control_character),
		TEST(operator_part_replaces_the_built_in_part),
		TEST(language_of_the_operator_can_be_selected),
		TEST(link_code_mail_has_its_own_templates),
		TEST(verification_link_mail_has_exactly_one_kind_of_link),
		TEST(sandbox_notice_is_added_if_the_template_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

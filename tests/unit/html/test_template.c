/* Tests of the template engine, with the templates of tests/unit/html/web/, which tools/embed_templates.py
 * has compiled: values are escaped for the place where they stand, blocks nest, and a name without a value
 * fails. */
#include "html/template.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "html/templates.h"

DECLARE_TEMPLATE(places);
DECLARE_TEMPLATE(blocks);
DECLARE_TEMPLATE(messages);
DECLARE_TEMPLATE(unknown);

struct part {
	struct str text;
	bool is_last;
};

struct item {
	struct str text;
	bool is_last;
	struct template_list parts;
};

struct values {
	struct str text, name, markup, colour, url, address, else_text;
	bool flag;
	enum message_id message;
	struct template_list items;
};

static const struct template_value part_values[] = {
	TEXT_VALUE(struct part, text),
	FLAG_VALUE(struct part, is_last),
};
static const struct template_table parts = TEMPLATE_TABLE(struct part, part_values);
static const struct template_value item_values[] = {
	TEXT_VALUE(struct item, text),
	FLAG_VALUE(struct item, is_last),
	LIST_VALUE(struct item, parts, &parts),
};
static const struct template_table items = TEMPLATE_TABLE(struct item, item_values);
static const struct template_value value_rows[] = {
	TEXT_VALUE(struct values, text),
	NAME_VALUE(struct values, name),
	MARKUP_VALUE(struct values, markup),
	COLOUR_VALUE(struct values, colour),
	TEXT_VALUE(struct values, url),
	NAME_VALUE(struct values, address),
	TEXT_VALUE(struct values, else_text),
	FLAG_VALUE(struct values, flag),
	MESSAGE_VALUE(struct values, message),
	LIST_VALUE(struct values, items, &items),
};
static const struct template_table table = TEMPLATE_TABLE(struct values, value_rows);

static struct arena arena;

static struct str rendered(
	const struct template *template, enum language language, const struct values *values)
{
	const struct template_scope scope = { &table, values, NULL };
	struct buf out;
	struct str text;

	buf_init(&out, &arena);
	template_render(&out, template, language, &scope);
	assert_int_equal(buf_done(&out, &text), OK);
	return text;
}

static void values_are_escaped_for_their_place(void **state)
{
	const struct values values = { .text = STR("<\"'&>"),
		.name = STR("<b>"),
		.markup = STR("<hr>"),
		.colour = STR("rgb(0,82,204)"),
		.url = STR("/a?b=c&d") };

	(void)state;
	assert_string_equal(rendered(&template_places, LANGUAGE_EN, &values).p,
		"<title>&lt;b&gt; &lt;&quot;&#39;&amp;&gt;</title>\n"
		"<p class=\"&lt;&quot;&#39;&amp;&gt;\" title=\"&lt;b&gt;\"><bdi>&lt;b&gt;</bdi> &lt;&quot;&#39;&amp;&gt; <hr></p>\n"
		"<a href=\"/a?b=c&amp;d\">a</a><a href=\"/x/%3C%22%27%26%3E?y=%3C%22%27%26%3E#z\">b</a>"
		"<form action=\"/a?b=c&amp;d/%3C%22%27%26%3E\"></form>\n"
		"<textarea>\n &lt;b&gt;\n</textarea>\n"
		"<style>\na { color: rgb(0,82,204); }\n</style>\n<p style=\"color: rgb(0,82,204)\">c</p>\n");
}

static void style_takes_nothing_but_a_colour(void **state)
{
	static const char *const refused[] = { "red;", "red}", "</style>", "url(a:b)", "RED", "red /*",
		"\\72 ed", "\"", "red !important" };

	(void)state;
	for (size_t i = 0; i < array_len(refused); i++) {
		const struct values values = { .colour = str_of(refused[i]) };
		const struct template_scope scope = { &table, &values, NULL };
		struct buf out;
		struct str text;

		buf_init(&out, &arena);
		template_render(&out, &template_places, LANGUAGE_EN, &scope);
		assert_int_not_equal(buf_done(&out, &text), OK);
	}
}

static void url_with_a_scheme_that_runs_scripts_is_replaced(void **state)
{
	static const struct {
		const char *url, *written;
	} rows[] = {
		{ "https://a.example/?b", "https://a.example/?b" },
		{ "http://a.example", "http://a.example" },
		{ "mailto:a@b.example", "mailto:a@b.example" },
		{ "/path", "/path" },
		{ "?query", "?query" },
		{ "", "" },
		{ "javascript:alert(1)", "#" },
		{ " javascript:alert(1)", "#" },
		{ "JavaScript:alert(1)", "#" },
		{ "data:text/html,x", "#" },
		{ "path", "#" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct values values = { .url = str_of(rows[i].url) };
		const struct str text = rendered(&template_places, LANGUAGE_EN, &values);
		const struct str expected = arena_printf(&arena, "<a href=\"%s\">a</a>", rows[i].written);

		if (!strstr(text.p, expected.p))
			fail_msg("%s: %s", rows[i].url, text.p);
	}
}

static void blocks_without_values_are_left_out(void **state)
{
	const struct values values = { .text = STR("") };

	(void)state;
	assert_string_equal(
		rendered(&template_blocks, LANGUAGE_EN, &values).p, "<b>no flag</b>\nno message\nnone\n");
}

static void blocks_nest_and_inner_values_hide_outer_ones(void **state)
{
	const struct part some[] = { { STR("x"), false }, { STR("y"), true } };
	const struct item rows[] = { { STR("one"), false, { some, 2 } }, { STR("two"), true, { NULL, 0 } } };
	const struct values values = { .text = STR("outer"),
		.name = STR("N"),
		.flag = true,
		.message = MESSAGE_FRAME_SKIP,
		.items = { rows, 2 },
		.else_text = STR("e") };

	(void)state;
	assert_string_equal(rendered(&template_blocks, LANGUAGE_EN, &values).p,
		"<b>text</b>\n<b>flag</b>\nSkip to the content\n"
		"<li>one x y! <bdi>N</bdi></li>\ne\n<li class=\"last\">two <bdi>N</bdi></li>\ne\nsome\n");
}

static void message_has_its_values_and_the_language(void **state)
{
	const struct values values = { .text = STR("t"), .address = STR("a&b@x.example") };

	(void)state;
	assert_string_equal(rendered(&template_messages, LANGUAGE_PT_BR, &values).p,
		"<p title=\"Para a&amp;b@x.example\">Para <bdi>a&amp;b@x.example</bdi></p>\n"
		"<hr class=\"t\">\n<i>Ir para o conte\303\272do</i>\n");
}

static void outer_scope_is_used_after_the_page_s_own(void **state)
{
	const struct values own = { .text = STR("own") };
	const struct part frame = { STR("frame"), true };
	const struct template_scope outer = { &table, &own, NULL }, scope = { &parts, &frame, &outer };
	struct buf out;
	struct str text;

	(void)state;
	buf_init(&out, &arena);
	template_render(&out, &template_messages, LANGUAGE_EN, &scope);
	assert_int_equal(buf_done(&out, &text), OK);
	assert_non_null(strstr(text.p, "<hr class=\"frame\">"));
}

static void name_without_a_value_fails(void **state)
{
	const struct values values = { .text = STR("x") };
	const struct template_scope scope = { &table, &values, NULL };
	struct buf out;
	struct str text;

	(void)state;
	buf_init(&out, &arena);
	template_render(&out, &template_unknown, LANGUAGE_EN, &scope);
	assert_int_not_equal(buf_done(&out, &text), OK);
}

static void page_larger_than_the_arena_fails(void **state)
{
	const struct item many[64] = { { STR("one"), false, { NULL, 0 } } };
	const struct values values = { .items = { many, array_len(many) } };
	const struct template_scope scope = { &table, &values, NULL };
	struct arena small;
	struct buf out;
	struct str text;

	(void)state;
	arena_init(&small, 512);
	buf_init(&out, &small);
	template_render(&out, &template_blocks, LANGUAGE_EN, &scope);
	assert_int_not_equal(buf_done(&out, &text), OK);
	arena_finish(&small);
}

static void table_lists_the_pages_without_their_parts(void **state)
{
	static const char *const paths[] = { "blocks", "messages", "page", "places", "unknown" };

	(void)state;
	assert_int_equal(n_templates, array_len(paths));
	for (size_t i = 0; i < n_templates; i++)
		assert_string_equal(templates[i]->path, paths[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped_for_their_place),
		cmocka_unit_test(style_takes_nothing_but_a_colour),
		cmocka_unit_test(url_with_a_scheme_that_runs_scripts_is_replaced),
		cmocka_unit_test(blocks_without_values_are_left_out),
		cmocka_unit_test(blocks_nest_and_inner_values_hide_outer_ones),
		cmocka_unit_test(message_has_its_values_and_the_language),
		cmocka_unit_test(outer_scope_is_used_after_the_page_s_own),
		cmocka_unit_test(name_without_a_value_fails),
		cmocka_unit_test(page_larger_than_the_arena_fails),
		cmocka_unit_test(table_lists_the_pages_without_their_parts),
	};

	arena_init(&arena, ARENA_CALL_LIMIT);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}

/* Tests of `GET /assets/:file`: the style sheet and the scripts have the names that pages use; the name of
 * the style sheet may end in a colour. */
#include "web/assets.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "web/routes.h"

static struct arena arena;

static struct reply get(struct str file)
{
	struct call call = { .arena = &arena, .params = { file } };

	return asset_route.run.run_inline(&call);
}

/* "kycd-<hash>" with an ending. */
static struct str style_named(const char *ending)
{
	const struct str name = asset_style()->name;

	return arena_printf(&arena, "%.*s%s", (int)(name.n - 4), name.p, ending);
}

static void every_asset_is_served_under_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_assets; i++) {
		const struct reply reply = get(assets[i].name);

		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.content_type, assets[i].type);
		assert_true(str_eq(reply.body, assets[i].content));
		assert_true(reply_has_header(&reply, STR("Cache-Control")));
	}
}

static void style_sheet_with_a_colour_ends_in_its_rules(void **state)
{
	const struct reply reply = get(style_named("-0a6634.css"));

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "text/css; charset=utf-8");
	assert_true(reply_has_header(&reply, STR("Cache-Control")));
	assert_true(str_starts(reply.body, asset_style()->content));
	assert_true(str_starts(
		str_from(reply.body, asset_style()->content.n), STR(":root{--accent:#0a6634}@media ")));
}

static void other_names_are_not_found(void **state)
{
	const struct str names[] = { STR("kycd.css"), STR("kycd-0000000000000000.css"),
		STR("kycd-0000000000000000-0a6634.css"), style_named("-0A6634.css"),
		style_named("-0a663.css"), style_named("-0a66345.css"), style_named("-0a663g.css"),
		style_named("+0a6634.css"), style_named("-0a6634.js"), style_named(""), STR("") };

	(void)state;
	for (size_t i = 0; i < array_len(names); i++) {
		const struct reply reply = get(names[i]);

		if (reply.status != 404 || reply_has_header(&reply, STR("Cache-Control")))
			fail_msg("%s: %d", names[i].p, reply.status);
	}
}

/* A page has at most 40 KB with its style sheet, script and logo. */
static void assets_are_small(void **state)
{
	(void)state;
	assert_in_range(asset_style()->content.n, 1, 10 * 1024);
	for (size_t i = 1; i < n_assets; i++)
		assert_in_range(assets[i].content.n, 1, 8 * 1024);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_asset_is_served_under_its_name),
		cmocka_unit_test(style_sheet_with_a_colour_ends_in_its_rules),
		cmocka_unit_test(other_names_are_not_found),
		cmocka_unit_test(assets_are_small),
	};

	arena_init(&arena, ARENA_CALL_LIMIT);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}

/* Tests of the embedded style sheet and scripts, with those of tests/unit/html/web/: they are made smaller,
 * their names contain a hash, and browsers may keep them. */
#include "html/asset.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "crypto/digest.h"
#include "text/encode.h"

static void files_are_joined_by_name_and_made_smaller(void **state)
{
	(void)state;
	assert_string_equal(
		asset_style()->content.p, ".a{margin:calc(1px + 2px) auto}.b>.c:first-child,.d{color:red}");
	assert_string_equal(
		asset_script(STR("demo"))->content.p, "const a = 1; // a remark\ndocument.title = `${a}`;\n");
	assert_null(asset_script(STR("kycd")));
	assert_int_equal(n_assets, 4);
}

static void style_sheet_of_some_pages_is_no_part_of_the_shared_one(void **state)
{
	(void)state;
	assert_string_equal(asset_page_style(STR("printed"))->content.p, ".e{color:blue}");
	assert_null(asset_page_style(STR("demo")));
	assert_null(asset_page_style(STR("kycd")));
	assert_null(asset_script(STR("printed")));
}

static void imported_script_is_part_of_the_script(void **state)
{
	(void)state;
	assert_string_equal(asset_script(STR("more"))->content.p,
		"{\nconst a = 1; // a remark\ndocument.title = `${a}`;\n}\nconst a = 2;\n");
}

static void name_contains_the_hash_of_the_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_assets; i++) {
		unsigned char digest[DIGEST_BYTES];
		char hex[2 * DIGEST_BYTES + 1], name[64];

		sha256(assets[i].content, digest);
		hex_write(digest, sizeof(digest), hex);
		snprintf(name, sizeof(name), "%s-%.16s.%s", assets[i].base, hex, i < 2 ? "css" : "js");
		assert_string_equal(assets[i].name.p, name);
		assert_ptr_equal(asset_find(str_of(name)), &assets[i]);
	}
	assert_null(asset_find(STR("kycd-0000000000000000.css")));
	assert_null(asset_find(STR("")));
}

static void browsers_may_keep_an_asset(void **state)
{
	const struct reply reply = asset_reply(asset_style(), STR("x"));

	(void)state;
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "text/css; charset=utf-8");
	assert_int_equal(reply.n_headers, 1);
	assert_string_equal(reply.headers[0].name.p, "Cache-Control");
	assert_string_equal(reply.headers[0].value.p, "public, max-age=31536000, immutable");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_joined_by_name_and_made_smaller),
		cmocka_unit_test(style_sheet_of_some_pages_is_no_part_of_the_shared_one),
		cmocka_unit_test(imported_script_is_part_of_the_script),
		cmocka_unit_test(name_contains_the_hash_of_the_content),
		cmocka_unit_test(browsers_may_keep_an_asset),
	};

	return crypto_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}

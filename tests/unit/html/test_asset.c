/* Tests of the embedded style sheet and scripts, with those of tests/unit/html/web/: they are made smaller,
 * their names contain a hash, and browsers may keep them. */
#define ZLIB_CONST
#include "html/asset.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <zlib.h>

#include "base/attr.h"
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

static struct reply reply_to(struct arena *a, const struct asset *asset, const char *accepted)
{
	struct request request = { .method = METHOD_GET };

	if (accepted) {
		request.headers[0] = (struct header){ STR("Accept-Encoding"), str_of(accepted) };
		request.n_headers = 1;
	}
	return asset_reply(a, &request, asset, asset->content);
}

static struct str header_of(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->n_headers; i++)
		if (str_eq(reply->headers[i].name, str_of(name)))
			return reply->headers[i].value;
	return STR("");
}

static void browsers_may_keep_an_asset(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	const struct reply reply = reply_to(&a, asset_style(), NULL);
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "text/css; charset=utf-8");
	assert_string_equal(header_of(&reply, "Cache-Control").p, "public, max-age=31536000, immutable");
	assert_string_equal(header_of(&reply, "Vary").p, "Accept-Encoding");
	arena_finish(&a);
}

static void text_is_compressed_only_for_clients_that_accept_gzip(void **state)
{
	static const struct {
		const char *accepted;
		bool compressed;
	} rows[] = {
		{ NULL, false },
		{ "", false },
		{ "identity", false },
		{ "br, deflate", false },
		{ "gzip", true },
		{ "GZIP", true },
		{ "br;q=1.0, gzip;q=0.8, *;q=0.1", true },
		{ "gzip;q=0", false },
		{ "gzip; q=0.000", false },
		{ "gzip;q=0.001", true },
		{ "xgzip", false },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = reply_to(&a, asset_style(), rows[i].accepted);

		print_message("# %s\n", rows[i].accepted ? rows[i].accepted : "no header");
		assert_int_equal(header_of(&reply, "Content-Encoding").n > 0, rows[i].compressed);
		assert_int_equal(str_eq(reply.body, asset_style()->content), !rows[i].compressed);
	}
	arena_finish(&a);
}

static void compressed_text_is_the_text(void **state)
{
	unsigned char plain[256];
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	const struct reply reply = reply_to(&a, asset_style(), "gzip");
	z_stream stream = { .next_in = (const Bytef *)reply.body.p,
		.avail_in = (uInt)reply.body.n,
		.next_out = plain,
		.avail_out = sizeof(plain) };
	assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_true(str_eq((struct str){ (const char *)plain, stream.total_out }, asset_style()->content));
	assert_int_equal(inflateEnd(&stream), Z_OK);
	arena_finish(&a);
}

static void text_is_not_compressed_if_memory_is_missing(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 16);
	const struct reply reply = reply_to(&a, asset_style(), "gzip");
	assert_int_equal(reply.status, 200);
	assert_int_equal(header_of(&reply, "Content-Encoding").n, 0);
	assert_true(str_eq(reply.body, asset_style()->content));
	arena_finish(&a);
}

static void picture_is_not_compressed(void **state)
{
	static const struct asset png = { .type = "image/png", .content = STR_INIT("not really a picture") };
	struct arena a;

	(void)state;
	arena_init(&a, 65536);
	const struct reply reply = reply_to(&a, &png, "gzip");
	assert_int_equal(reply.n_headers, 1);
	assert_true(str_eq(reply.body, png.content));
	arena_finish(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_joined_by_name_and_made_smaller),
		cmocka_unit_test(style_sheet_of_some_pages_is_no_part_of_the_shared_one),
		cmocka_unit_test(imported_script_is_part_of_the_script),
		cmocka_unit_test(name_contains_the_hash_of_the_content),
		cmocka_unit_test(browsers_may_keep_an_asset),
		cmocka_unit_test(text_is_compressed_only_for_clients_that_accept_gzip),
		cmocka_unit_test(compressed_text_is_the_text),
		cmocka_unit_test(text_is_not_compressed_if_memory_is_missing),
		cmocka_unit_test(picture_is_not_compressed),
	};

	return crypto_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}

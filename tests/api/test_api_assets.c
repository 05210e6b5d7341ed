/* Tests of `GET /assets/:file`: the style sheet and the scripts have the names that pages use; the name of
 * the style sheet may end in a colour; logos of tenants have the name of their digest. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "base/attr.h"
#include "crypto/digest.h"
#include "kit/api_fixture.h"
#include "text/encode.h"
#include "web/core/assets.h"
#include "web/core/routes.h"

#define IMMUTABLE "public, max-age=31536000, immutable"

static int setup(void **state)
{
	const int failed = api_fixture_setup(state);
	struct api_fixture *const fx = *state;

	if (failed)
		return failed;
	fx->api.routes = web_routes;
	fx->api.n_routes = n_web_routes;
	return 0;
}

static struct reply get(struct api_fixture *fx, const char *file)
{
	char path[192];

	(void)snprintf(path, sizeof(path), "/assets/%s", file);
	return api_get(fx, NULL, path);
}

static void assert_asset(struct reply reply, const char *type, struct str content)
{
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, type);
	assert_true(str_eq(reply.body, content));
	assert_string_equal(reply_find_header(&reply, "Cache-Control").p, IMMUTABLE);
	assert_string_equal(reply_find_header(&reply, "X-Content-Type-Options").p, "nosniff");
}

/* "kycd-<hash>" with an ending. */
static const char *style_named(struct api_fixture *fx, const char *ending)
{
	const struct str name = asset_style()->name;

	return arena_printf(&fx->app.arena, "%.*s%s", (int)(name.n - 4), name.p, ending).p;
}

static void every_asset_is_served_under_its_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < n_assets; i++)
		assert_asset(get(*state, assets[i].name.p), assets[i].type, assets[i].content);
}

static void style_sheet_with_a_colour_ends_in_its_rules(void **state)
{
	struct api_fixture *const fx = *state;
	const struct reply reply = get(fx, style_named(fx, "-0a6634.css"));

	assert_true(str_starts(reply.body, asset_style()->content));
	assert_true(str_starts(
		str_from(reply.body, asset_style()->content.n), STR(":root{--accent:#0a6634}@media ")));
	assert_asset(reply, "text/css; charset=utf-8", reply.body);
}

/* Sets a logo for a tenant; writes its name. */
static void set_logo(struct api_fixture *fx, struct str image, char name[160])
{
	const struct tenant_change change = { .name = STR("acme"), .branding = { .logo = image } };
	unsigned char digest[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];
	struct tenant tenant;

	assert_int_equal(operator_add_tenant(&fx->app.world, &fx->app.arena, &change, &tenant), OK);
	sha256(image, digest);
	hex_write(digest, sizeof(digest), hex);
	(void)snprintf(name, 160, "logo-%s.png", hex);
}

static void logo_of_a_tenant_is_served_under_its_digest(void **state)
{
	static const struct str image = STR_INIT("\x89PNG\r\n\x1a\n and more");
	struct api_fixture *const fx = *state;
	char name[160];

	set_logo(fx, image, name);
	assert_asset(get(fx, name), "image/png", image);
	name[5] = name[5] == '0' ? '1' : '0';
	assert_int_equal(get(fx, name).status, 404);
}

static void other_names_are_not_found(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const names[] = {
		"kycd.css",
		"kycd-0000000000000000.css",
		"kycd-0000000000000000-0a6634.css",
		style_named(fx, "-0A6634.css"),
		style_named(fx, "-0a663.css"),
		style_named(fx, "-0a66345.css"),
		style_named(fx, "-0a663g.css"),
		style_named(fx, "+0a6634.css"),
		style_named(fx, "-0a6634.js"),
		style_named(fx, ""),
		"logo-00.png",
		"logo-0000000000000000000000000000000000000000000000000000000000000000.png",
		"logo-000000000000000000000000000000000000000000000000000000000000000g.png",
		"logo-ABCDEF0000000000000000000000000000000000000000000000000000000000.png",
	};

	for (size_t i = 0; i < array_len(names); i++) {
		const struct reply reply = get(fx, names[i]);

		if (reply.status != 404)
			fail_msg("%s: %d", names[i], reply.status);
		assert_string_equal(reply_find_header(&reply, "Cache-Control").p, "no-store");
	}
}

/* A page has at most 40 KB with its style sheet, script and logo. */
static void style_sheet_and_scripts_are_small(void **state)
{
	(void)state;
	assert_in_range(asset_style()->content.n, 1, 12 * 1024);
	for (size_t i = 1; i < n_assets; i++)
		assert_in_range(assets[i].content.n, 1, 16 * 1024);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, api_fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_asset_is_served_under_its_name),
		TEST(style_sheet_with_a_colour_ends_in_its_rules),
		TEST(logo_of_a_tenant_is_served_under_its_digest),
		TEST(other_names_are_not_found),
		TEST(style_sheet_and_scripts_are_small),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

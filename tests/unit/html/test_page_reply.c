/* Tests of the frame of a page and of the headers of its reply. */
#include "html/page.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "html/asset.h"

DECLARE_TEMPLATE(page);
DECLARE_TEMPLATE(unknown);

struct values {
	struct str text;
};
static const struct template_value value_rows[] = { TEXT_VALUE(struct values, text) };
static const struct page_template page = {
	.template = &template_page, .values = TEMPLATE_TABLE(struct values, value_rows), .script = "demo"
};
static const struct values values = { STR_INIT("own") };

static struct arena arena;

static struct str rendered(const struct page_frame *frame)
{
	struct str text;

	assert_int_equal(page_render(&arena, frame, &page, &values, &text), OK);
	return text;
}

static void assert_has(struct str text, const char *part)
{
	if (!strstr(text.p, part))
		fail_msg("%s is not in %s", part, text.p);
}

static void plain_frame_has_the_shared_assets(void **state)
{
	const struct str text = rendered(&(struct page_frame){ .brand = STR("<B>") });
	const struct str links = arena_printf(&arena,
		"<link href=\"/assets/%s\"><script src=\"/assets/%s\"></script><img src=\"\">",
		asset_style()->name.p, asset_script(STR("demo"))->name.p);

	(void)state;
	assert_has(text, "<html lang=\"en\" dir=\"ltr\" class=\"narrow\">");
	assert_has(text, links.p);
	assert_has(text, "<p><bdi>&lt;B&gt;</bdi> own</p>");
	assert_null(strstr(text.p, "hreflang"));
}

static void frame_shows_the_tenant_and_the_other_languages(void **state)
{
	struct page_frame frame = { .language = LANGUAGE_ES,
		.brand = STR("B"),
		.colour = STR("aabbcc"),
		.logo = STR("01ef"),
		.support_url = STR("https://help.example/"),
		.privacy_url = STR("javascript:alert(1)"),
		.sandbox = true,
		.wide = true,
		.assets = STR("/base") };
	const struct str style = arena_printf(&arena, "<link href=\"/base/assets/%.*s-aabbcc.css\">",
		(int)(asset_style()->name.n - 4), asset_style()->name.p);

	(void)state;
	assert_int_equal(page_set_language_urls(&arena, &frame, STR("/p"), STR("step=a")), OK);
	const struct str text = rendered(&frame);
	assert_has(text, "<html lang=\"es\" dir=\"ltr\" class=\"wide\">");
	assert_has(text, style.p);
	assert_has(text, "<img src=\"/base/assets/logo-01ef.png\">");
	assert_has(text, "<bdi>B</bdi> own sandbox footer</p>");
	assert_has(text, "<a href=\"https://help.example/\">Obtener ayuda</a> <a href=\"#\">");
	assert_has(text, "<a href=\"/p?lang=pt-BR&amp;step=a\" hreflang=\"pt-BR\">Portugu\303\252s</a>");
	assert_has(text, "hreflang=\"es\">Espa\303\261ol!</a>");
}

static struct str header(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->n_headers; i++)
		if (str_eq(reply->headers[i].name, str_of(name)))
			return reply->headers[i].value;
	return STR("(none)");
}

static void reply_permits_only_what_the_page_needs(void **state)
{
#define POLICY                                                                                               \
	"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'"
	static const struct {
		struct page_frame frame;
		const char *policy;
	} rows[] = {
		{ { .language = LANGUAGE_EN }, POLICY "; form-action 'self'; frame-ancestors 'none'" },
		{ { .form_origins = STR_INIT("https://a.example https://b.example") }, POLICY
			"; form-action 'self' https://a.example https://b.example; frame-ancestors 'none'" },
		{ { .any_form_origin = true, .may_be_framed = true }, POLICY },
		{ { .has_frames = true },
			POLICY "; frame-src 'self'; form-action 'self'; frame-ancestors 'none'" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct reply reply = { .status = 0 };

		assert_int_equal(page_reply(&arena, &rows[i].frame, &page, &values, 410, &reply), OK);
		assert_int_equal(reply.status, 410);
		assert_string_equal(reply.content_type, "text/html; charset=utf-8");
		assert_string_equal(header(&reply, "Content-Security-Policy").p, rows[i].policy);
		assert_string_equal(header(&reply, "Content-Language").p, "en");
		assert_string_equal(header(&reply, "Referrer-Policy").p, "no-referrer");
	}
}

static void page_that_cannot_be_rendered_leaves_the_reply_unchanged(void **state)
{
	static const struct page_template unknown = { .template = &template_unknown },
					  without_script = { .template = &template_page,
						  .values = TEMPLATE_TABLE(struct values, value_rows),
						  .script = "absent" };
	const struct page_frame frame = { .brand = STR("B") };
	struct reply reply = { .status = 7 };
	struct arena small;

	(void)state;
	assert_int_equal(page_reply(&arena, &frame, &unknown, NULL, 200, &reply), ERR_INPUT);
	assert_int_equal(page_reply(&arena, &frame, &without_script, &values, 200, &reply), ERR_INPUT);
	arena_init(&small, 256);
	assert_int_equal(page_reply(&small, &frame, &page, &values, 200, &reply), ERR_INPUT);
	arena_finish(&small);
	assert_int_equal(reply.status, 7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_frame_has_the_shared_assets),
		cmocka_unit_test(frame_shows_the_tenant_and_the_other_languages),
		cmocka_unit_test(reply_permits_only_what_the_page_needs),
		cmocka_unit_test(page_that_cannot_be_rendered_leaves_the_reply_unchanged),
	};

	arena_init(&arena, ARENA_CALL_LIMIT);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}

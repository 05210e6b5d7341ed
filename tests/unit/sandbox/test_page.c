#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "html/asset.h"
#include "sandbox/api/pages.h"
#include "sandbox/page/hosted_page.h"
#include "sandbox/page/page_text.h"
#include "sandbox/state/scenario.h"
#include "sandbox_fixture.h"

#define CREATE_BODY "{\"callback\":\"https://app.example.com/kyc/done?a=1\"}"

static int setup(void **state)
{
	static struct sandbox_fixture fx;

	fixture_open(&fx, 0);
	fixture_get_token(&fx);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

static bool page_contains(const struct sandbox_fixture *fx, const char *text)
{
	return memmem(fx->reply.body.p, fx->reply.body.n, text, strlen(text)) != NULL;
}

static struct str read_status(struct sandbox_fixture *fx, const struct session_ref *session)
{
	(void)fixture_call_v1(fx, "GET", make_path("/v1/session/", session->id, "/decision/"), NULL);
	return reply_text(fx, "status");
}

static int request_page(struct sandbox_fixture *fx, const struct session_ref *session, const char *method)
{
	return fixture_call(fx, method, make_path("/session/", session->token, ""), NULL, NULL);
}

static int submit(
	struct sandbox_fixture *fx, const struct session_ref *session, const char *headers, const char *body)
{
	return fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"), headers, body);
}

static void first_visit_starts_the_session(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(request_page(fx, &session, "HEAD"), 200);
	assert_true(str_eq(read_status(fx, &session), STR("Not Started")));
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_true(str_eq(read_status(fx, &session), STR("In Progress")));
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_true(str_eq(read_status(fx, &session), STR("In Progress")));
}

static void page_offers_every_scenario(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char value[96];
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_string_equal(fx->reply.content_type, "text/html; charset=utf-8");
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(value, sizeof(value), "value=\"%.*s\"", STR_ARG(catalogue[i].slug));
		if (!page_contains(fx, value))
			fail_msg("%s", value);
	}
	(void)snprintf(value, sizeof(value), "action=\"/sandbox/didit/session/%s/submit\"", session.token);
	assert_true(page_contains(fx, value));
	assert_true(page_contains(fx, "This is a sandbox: no real person is being verified."));
	assert_true(page_contains(fx, "Never enter real personal data"));
	assert_true(page_contains(fx, "<html lang=\"en\" dir=\"ltr\">"));
}

/* outcome_message itself asserts that every scenario has a description. */
static void every_scenario_has_its_own_description(void **state)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(outcome_message(&catalogue[i]), outcome_message(&catalogue[j]));
}

static void page_shows_the_requested_steps(void **state)
{
	static const struct {
		const char *features, *present, *absent;
	} rows[] = {
		{ "OCR", "Photos of an identity document", "selfie, to check" },
		{ "OCR", "A check of the device", "Reading the chip" },
		{ "OCR", "an identity document", "Watchlist screening" },
		{ "OCR + NFC", "Reading the chip", "Watchlist screening" },
		{ "OCR + AML", "Watchlist screening", "Reading the chip" },
		{ "OCR + FACE", "Comparing the selfie", "Watchlist screening" },
		{ "OCR + FACE", "selfie, to check", "Reading the chip" },
		{ "OCR + NFC + FACE + AML", "Reading the chip", "A proof of address" },
		{ "OCR",
			"chip of the document could not be verified <span class=\"muted\">(not part of this session)",
			"the document has expired <" },
		{ "OCR + NFC", "chip of the document could not be verified</span>",
			"could not be verified <span" },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char body[128];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body), "{\"callback\":\"https://a.example\",\"features\":\"%s\"}",
			rows[i].features);
		fixture_create_v1(fx, body, &session);
		(void)request_page(fx, &session, "GET");
		if (!page_contains(fx, rows[i].present) || page_contains(fx, rows[i].absent))
			fail_msg("%s: %s, not %s", rows[i].features, rows[i].present, rows[i].absent);
	}
}

static void scenario_named_by_the_vendor_is_preselected(void **state)
{
	static const struct {
		const char *vendor, *present;
	} rows[] = {
		{ "decline_aml_hit", "required value=\"decline_aml_hit\" checked>" },
		{ "review_poa_partial_match", "<details open>" },
		{ "decline", "<details>" },
		{ "unknown-user", "<details>" },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char body[128];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"callback\":\"https://a.example\",\"vendor_data\":\"%s\"}", rows[i].vendor);
		fixture_create_v1(fx, body, &session);
		(void)request_page(fx, &session, "GET");
		if (!page_contains(fx, rows[i].present))
			fail_msg("%s: %s", rows[i].vendor, rows[i].present);
		assert_true(page_contains(fx, " checked>") == (strchr(rows[i].vendor, '_') != NULL));
	}
}

static void language_comes_from_the_link_then_the_browser(void **state)
{
	static const struct {
		const char *prefix, *headers, *tag;
	} rows[] = {
		{ "", NULL, "en" },
		{ "", "Accept-Language: es-MX,es;q=0.9,en;q=0.8", "es" },
		{ "", "Accept-Language: ja", "en" },
		{ "/pt", NULL, "pt-BR" },
		{ "/pt-BR", "Accept-Language: es", "pt-BR" },
		{ "/es", "Accept-Language: en", "es" },
		{ "/it", "Accept-Language: es", "es" },
		{ "/ar", "Accept-Language: es", "ar" },
		{ "/zh-CN", NULL, "en" },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char path[96], expected[160];

	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_create_v1(fx, CREATE_BODY, &session);
		(void)snprintf(path, sizeof(path), "%s/session/%s", rows[i].prefix, session.token);
		assert_int_equal(fixture_call(fx, "GET", path, rows[i].headers, NULL), 200);
		(void)snprintf(expected, sizeof(expected), "<html lang=\"%s\"", rows[i].tag);
		if (!page_contains(fx, expected) ||
			!str_eq(reply_header_value(fx, "Content-Language"), str_of(rows[i].tag)))
			fail_msg("%s %s: not %s", rows[i].prefix, rows[i].headers, rows[i].tag);
		/* The form contains the language only if the link named one. Otherwise the browser's
		 * languages decide again when the form is sent. */
		(void)snprintf(expected, sizeof(expected), "name=\"language\" value=\"%s\"", rows[i].tag);
		assert_true(page_contains(fx, expected) == (rows[i].prefix[0] != 0));
		assert_int_equal(submit(fx, &session, FORM_HEADER, "scenario=nonsense&language=pt-BR"), 400);
		assert_true(page_contains(fx, "<html lang=\"pt-BR\""));
		assert_true(str_eq(read_status(fx, &session), STR("In Progress")));
	}
}

/* A language in the link takes precedence over the languages of the session and of the browser. */
static void session_language_takes_precedence_over_the_browser(void **state)
{
	static const struct {
		const char *path, *tag;
	} rows[] = { { "/session/", "es" }, { "/pt-BR/session/", "pt-BR" }, { "/it/session/", "es" } };
	struct sandbox_fixture *const fx = *state;
	char path[96], token[16], expected[64];

	assert_int_equal(
		fixture_call(fx, "POST", "/v3/session/", "X-Api-Key: sandbox\nContent-Type: application/json",
			"{\"workflow_id\":\"00000000-0000-4000-8000-000000000008\",\"language\":\"es\"}"),
		201);
	assert_true(str_copy_to(reply_text(fx, "session_token"), token, sizeof(token)));
	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", rows[i].path, token);
		(void)snprintf(expected, sizeof(expected), "<html lang=\"%s\"", rows[i].tag);
		assert_int_equal(fixture_call(fx, "GET", path, "Accept-Language: en", NULL), 200);
		if (!page_contains(fx, expected))
			fail_msg("%s: not %s", rows[i].path, rows[i].tag);
	}
	/* Without a callback the form redirects to the session's page, in the same language. */
	(void)snprintf(path, sizeof(path), "/session/%s/submit", token);
	assert_int_equal(fixture_call(fx, "POST", path, FORM_HEADER, "scenario=approve&language=pt-BR"), 303);
	(void)snprintf(path, sizeof(path), "/sandbox/didit/pt-BR/session/%s", token);
	assert_true(str_eq(reply_header_value(fx, "Location"), str_of(path)));
}

static void resubmission_shows_only_the_steps_to_repeat(void **state)
{
	struct sandbox_session session = { .parts = PARTS_ALL };
	enum message_id steps[STEPS_MAX];

	(void)state;
	assert_int_equal(steps_of(&session, steps), 11);
	assert_int_equal(steps[0], MESSAGE_STEP_DOCUMENT);
	assert_int_equal(steps[10], MESSAGE_STEP_LOCATION);
	session.redo = PART(SECTION_PHONE) | PART(SECTION_LIVENESS);
	assert_int_equal(steps_of(&session, steps), 2);
	assert_int_equal(steps[0], MESSAGE_STEP_LIVENESS);
	assert_int_equal(steps[1], MESSAGE_STEP_PHONE);
}

static void link_with_an_invalid_language_is_not_found(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char path[96];
	static const char *const prefixes[] = { "/v1", "/v3", "/x", "/%3Cb%3E", "/sandbox" };

	fixture_create_v1(fx, CREATE_BODY, &session);
	for (size_t i = 0; i < array_len(prefixes); i++) {
		(void)snprintf(path, sizeof(path), "%s/session/%s", prefixes[i], session.token);
		assert_int_equal(fixture_call(fx, "GET", path, NULL, NULL), 404);
		assert_string_equal(fx->reply.content_type, "application/json");
	}
	assert_true(str_eq(read_status(fx, &session), STR("Not Started")));
}

/* A page fits into the first window of a new TCP connection, so that one round trip suffices. */
static void every_page_fits_the_size_limit(void **state)
{
	static const enum didit_status statuses[] = { DIDIT_IN_PROGRESS, DIDIT_APPROVED, DIDIT_DECLINED,
		DIDIT_IN_REVIEW, DIDIT_EXPIRED, DIDIT_ABANDONED, DIDIT_KYC_EXPIRED };
	struct sandbox_fixture *const fx = *state;
	struct sandbox_session session = { .number = INT64_MAX, .token = "AAAAAAAAAAAA", .parts = PARTS_ALL };

	for (enum language language = 0; language < LANGUAGES; language++) {
		for (size_t i = 0; i < array_len(statuses) + 1; i++) {
			struct hosted_page page = {
				.brand = STR(
					"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\"\""),
				.base_path = STR("/sandbox/didit"),
				.session = i < array_len(statuses) ? &session : NULL,
				.language = language,
				.by_link = true,
				.has_error = true
			};
			struct reply reply;

			session.status = statuses[i % array_len(statuses)];
			assert_int_equal(hosted_page_reply(&fx->arena, &page, 200, &reply), OK);
			assert_in_range(reply.body.n, 1000, PAGE_MAX);
			arena_reset(&fx->arena);
		}
	}
}

static void page_without_callback_has_no_return_button(void **state)
{
	struct sandbox_fixture *const fx = *state;
	const struct sandbox_session session = { .token = "AAAAAAAAAAAA", .status = DIDIT_APPROVED };
	const struct hosted_page page = { .brand = STR("b"), .session = &session };
	struct reply reply;

	assert_int_equal(hosted_page_reply(&fx->arena, &page, 200, &reply), OK);
	assert_null(memmem(reply.body.p, reply.body.n, "class=\"button\"", 14));
	assert_non_null(memmem(reply.body.p, reply.body.n, "You can close this page", 23));
}

static void brand_is_escaped(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	(void)request_page(fx, &session, "GET");
	assert_true(page_contains(fx, "Exa&lt;m&gt;ple &amp; Co"));
	assert_false(page_contains(fx, "Exa<m>"));
}

/* The sandbox may run alone, so it serves the style sheet itself, below its base path. */
static void page_uses_only_the_sandbox_s_own_style_sheet(void **state)
{
	struct sandbox_fixture *const fx = *state;
	const struct asset *const style = asset_style();
	struct session_ref session;
	char link[128], path[96];

	fixture_create_v1(fx, CREATE_BODY, &session);
	(void)request_page(fx, &session, "GET");
	(void)snprintf(link, sizeof(link), "href=\"/sandbox/didit/assets/%s\"", style->name.p);
	assert_true(page_contains(fx, link));
	assert_false(page_contains(fx, "<script"));
	assert_false(page_contains(fx, " style="));
	assert_false(page_contains(fx, "src="));

	/* Without form-action and frame-ancestors: the callback may have any host, and the page may be
	 * framed. */
	const struct str policy = reply_header_value(fx, "Content-Security-Policy");
	assert_true(
		str_eq(policy, STR("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
				   "connect-src 'self'; base-uri 'none'")));
	assert_true(str_eq(reply_header_value(fx, "Referrer-Policy"), STR("no-referrer")));
	assert_true(str_eq(reply_header_value(fx, "Cache-Control"), STR("no-store")));

	(void)snprintf(path, sizeof(path), "/assets/%s", style->name.p);
	assert_int_equal(fixture_call(fx, "GET", path, NULL, NULL), 200);
	assert_true(str_eq(fx->reply.body, style->content));
	assert_true(str_starts(reply_header_value(fx, "Cache-Control"), STR("public, max-age=")));
	assert_int_equal(fixture_call(fx, "GET", "/assets/kycd-0000000000000000.css", NULL, NULL), 404);
}

static void form_redirects_to_the_callback(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char expected[160];

	fixture_create_v1(fx, CREATE_BODY, &session);
	(void)request_page(fx, &session, "GET");
	assert_int_equal(submit(fx, &session, FORM_HEADER, "scenario=review"), 303);
	(void)snprintf(expected, sizeof(expected),
		"https://app.example.com/kyc/done?a=1&verificationSessionId=%s&status=In%%20Review",
		session.id);
	assert_true(str_eq(reply_header_value(fx, "Location"), str_of(expected)));
	assert_true(str_eq(read_status(fx, &session), STR("In Review")));
}

static void return_url_keeps_the_query_and_fragment_of_the_callback(void **state)
{
	static const struct {
		const char *callback, *expected;
	} rows[] = {
		{ "https://a.example", "https://a.example?verificationSessionId=I&status=Approved" },
		{ "https://a.example/?", "https://a.example/?verificationSessionId=I&status=Approved" },
		{ "https://a.example/?x=1",
			"https://a.example/?x=1&verificationSessionId=I&status=Approved" },
		{ "https://a.example/?x=1&",
			"https://a.example/?x=1&verificationSessionId=I&status=Approved" },
		{ "https://a.example/#f", "https://a.example/?verificationSessionId=I&status=Approved#f" },
		{ "https://a.example/?x#f?y",
			"https://a.example/?x&verificationSessionId=I&status=Approved#f?y" },
		{ "https://a.example/#", "https://a.example/?verificationSessionId=I&status=Approved#" },
		{ "https://a.example/\xC3\xA9\"<>%20",
			"https://a.example/%C3%A9%22%3C%3E%20?verificationSessionId=I&status=Approved" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct sandbox_session session = {
			.id = "I", .status = DIDIT_APPROVED, .callback = str_of(rows[i].callback)
		};
		struct str url = { NULL, 0 };

		if (return_url_write(&fx->arena, &session, &url) != OK ||
			!str_eq(url, str_of(rows[i].expected)))
			fail_msg("%s: %.*s", rows[i].callback, STR_ARG(url));
	}
}

/* clang-format off */
static const struct submit_row {
		const char *name, *vendor, *headers, *body;
		int expected;
		const char *status;
} submit_rows[] = {
		{ "approve", "u", JSON_HEADER, "{\"scenario\":\"approve\"}", 200, "Approved" },
		{ "decline", "u", JSON_HEADER, "{\"scenario\":\"decline\"}", 200, "Declined" },
		{ "review", "u", JSON_HEADER, "{\"scenario\":\"review\"}", 200, "In Review" },
		{ "a slug", "u", JSON_HEADER, "{\"scenario\":\"decline_face_blocklist\"}", 200, "Declined" },
		{ "none", "u", JSON_HEADER, "{}", 400, "Not Started" },
		{ "null", "u", JSON_HEADER, "{\"scenario\":null}", 400, "Not Started" },
		{ "no body", "u", NULL, NULL, 400, "Not Started" },
		{ "misspelt", "u", JSON_HEADER, "{\"scenaro\":\"approve\"}", 400, "Not Started" },
		{ "in capitals", "u", JSON_HEADER, "{\"Scenario\":\"approve\"}", 400, "Not Started" },
		{ "misspelt, preselected", "approve", JSON_HEADER, "{\"scenaro\":\"decline\"}", 400, "Not Started" },
		{ "one field too many", "u", JSON_HEADER, "{\"scenario\":\"approve\",\"x\":1}", 400, "Not Started" },
		{ "no body, preselected", "approve", NULL, NULL, 200, "Approved" },
		{ "by vendor_data", "review_poa_partial_match", JSON_HEADER, "{}", 200, "In Review" },
		{ "not by vendor_data", "review", JSON_HEADER, "{\"scenario\":\"approve\"}", 200, "Approved" },
		{ "unknown", "u", JSON_HEADER, "{\"scenario\":\"nonsense\"}", 400, "Not Started" },
		{ "empty", "u", JSON_HEADER, "{\"scenario\":\"\"}", 400, "Not Started" },
		{ "number", "u", JSON_HEADER, "{\"scenario\":1}", 400, "Not Started" },
		{ "broken", "u", JSON_HEADER, "{", 400, "Not Started" },
		{ "list", "u", JSON_HEADER, "[]", 400, "Not Started" },
		{ "text", "u", "Content-Type: text/plain", "approve", 415, "Not Started" },
		{ "form", "u", FORM_HEADER, "scenario=decline_aml_hit", 303, "Declined" },
		{ "form without a choice", "u", FORM_HEADER, "x=y", 400, "Not Started" },
		{ "form misspelt", "u", FORM_HEADER, "scenaro=approve", 400, "Not Started" },
		{ "form misspelt, preselected", "decline", FORM_HEADER, "scenaro=approve", 400,
			"Not Started" },
		{ "form unknown", "u", FORM_HEADER, "scenario=nonsense", 400, "Not Started" },
		{ "form twice", "u", FORM_HEADER, "scenario=approve&scenario=decline", 400, "Not Started" },
};
/* clang-format on */

static void submit_validates_the_scenario(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char body[128];

	for (size_t i = 0; i < array_len(submit_rows); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"callback\":\"https://a.example/\",\"vendor_data\":\"%s\"}",
			submit_rows[i].vendor);
		fixture_create_v1(fx, body, &session);

		const int status = submit(fx, &session, submit_rows[i].headers, submit_rows[i].body);

		if (status != submit_rows[i].expected ||
			(status == 200 && (!str_eq(reply_text(fx, "status"), str_of(submit_rows[i].status)) ||
						  !str_eq(reply_text(fx, "session_id"), str_of(session.id)))))
			fail_msg("%s: %d %.*s", submit_rows[i].name, status, STR_ARG(fx->reply.body));
		if (!str_eq(read_status(fx, &session), str_of(submit_rows[i].status)))
			fail_msg("%s: %.*s", submit_rows[i].name, STR_ARG(reply_text(fx, "status")));
	}
}

static void invalid_scenario_shows_an_error_on_the_page(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(submit(fx, &session, FORM_HEADER, "scenario=%3Cscript%3E"), 400);
	assert_true(page_contains(fx, "role=\"alert\""));
	assert_false(page_contains(fx, "<script"));
}

static void invalid_scenario_error_lists_the_known_ones(void **state)
{
	static const struct {
		const char *body, *start;
	} rows[] = {
		{ "{\"scenario\":\"aprove\"}",
			"Not a valid choice. Known scenarios: approve, decline, review, " },
		{ "{}", "This field is required. Known scenarios: approve, decline, " },
		{ "{\"a\\\"b\":1}",
			"Unknown field \"a\"b\". The only field is \"scenario\". Known scenarios: approve, " },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	fixture_create_v1(fx, CREATE_BODY, &session);
	for (size_t i = 0; i < array_len(rows); i++) {
		assert_int_equal(submit(fx, &session, "Content-Type: application/json", rows[i].body), 400);

		const struct str message = json_text(reply_at(fx, "scenario.0"));

		if (!str_starts(message, str_of(rows[i].start)))
			fail_msg("%s: %.*s", rows[i].body, STR_ARG(message));
		for (size_t k = 0; k < n; k++)
			assert_non_null(
				memmem(message.p, message.n, catalogue[k].slug.p, catalogue[k].slug.n));
	}
}

/* The URL of a session that was created with a language contains the language. The page and /submit exist at
 * this URL and at the URL without a language. */
static void every_form_of_the_link_has_page_and_submit(void **state)
{
	static const char *const languages[] = { "", "en", "fr", "pt-BR", "zh-TW", "bs", "kk", "ky", "mn",
		"sq" };
	static const char *const prefixes[] = { "", "/fr", "/es" };
	struct sandbox_fixture *const fx = *state;
	const struct str base = STR("http://127.0.0.1:8080/sandbox/didit");
	struct session_ref session;
	char body[160], path[112], url[96];

	for (size_t i = 0; i < array_len(languages); i++) {
		for (size_t k = 0; k <= array_len(prefixes); k++) {
			(void)snprintf(body, sizeof(body),
				"{\"workflow_id\":\"00000000-0000-4000-8000-000000000008\"%s%s%s}",
				languages[i][0] ? ",\"language\":\"" : "", languages[i],
				languages[i][0] ? "\"" : "");
			fixture_create_v3(fx, body, &session);
			assert_true(str_starts(reply_text(fx, "url"), base));
			assert_true(str_copy_to(str_from(reply_text(fx, "url"), base.n), url, sizeof(url)));
			if (k > 0)
				(void)snprintf(
					url, sizeof(url), "%s/session/%s", prefixes[k - 1], session.token);
			assert_int_equal(fixture_call(fx, "GET", url, NULL, NULL), 200);
			(void)snprintf(path, sizeof(path), "%s/submit", url);
			if (fixture_call(fx, "POST", path, JSON_HEADER, "{\"scenario\":\"approve\"}") != 200)
				fail_msg("%s", path);
			assert_true(str_eq(reply_text(fx, "status"), STR("Approved")));
		}
	}
	fixture_create_v1(fx, CREATE_BODY, &session);
	(void)snprintf(path, sizeof(path), "/xx/session/%s/submit", session.token);
	assert_int_equal(fixture_call(fx, "POST", path, JSON_HEADER, "{\"scenario\":\"approve\"}"), 404);
	assert_true(str_eq(read_status(fx, &session), STR("Not Started")));
}

static void finished_session_accepts_no_submit(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(submit(fx, &session, JSON_HEADER, "{\"scenario\":\"approve\"}"), 200);
	assert_int_equal(submit(fx, &session, NULL, NULL), 409);
	assert_int_equal(submit(fx, &session, FORM_HEADER, "scenario=decline"), 409);
	assert_true(page_contains(fx, "This verification is finished"));
	assert_true(str_eq(read_status(fx, &session), STR("Approved")));
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_true(page_contains(fx, "This verification is finished"));
	assert_true(page_contains(fx, "kyc/done?a=1&amp;verificationSessionId="));
	assert_false(page_contains(fx, "<form"));
}

static void expired_link_accepts_no_submit(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	fx->clock.wall += 604800000;
	assert_int_equal(submit(fx, &session, NULL, NULL), 409);
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_true(page_contains(fx, "This link has expired"));
	assert_true(page_contains(fx, "It was not opened in time."));
	assert_true(page_contains(fx, "try again"));
	assert_false(page_contains(fx, "<form"));
}

static void started_session_expires_after_seven_days(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, CREATE_BODY, &session);
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	fx->clock.wall += 604799999;
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_true(page_contains(fx, "<form"));
	fx->clock.wall += 1;
	assert_int_equal(request_page(fx, &session, "GET"), 200);
	assert_true(page_contains(fx, "The time for this verification is over"));
	assert_false(page_contains(fx, "<form"));
}

static void unknown_link_shows_a_page(void **state)
{
	struct sandbox_fixture *const fx = *state;

	assert_int_equal(fixture_call(fx, "GET", "/session/AAAAAAAAAAAA", NULL, NULL), 404);
	assert_true(page_contains(fx, "This link does not exist"));
	assert_int_equal(fixture_call(fx, "POST", "/session/AAAAAAAAAAAA/submit", NULL, NULL), 404);
	assert_true(str_eq(reply_text(fx, "detail"), STR("Not found.")));
	assert_int_equal(
		fixture_call(fx, "POST", "/session/AAAAAAAAAAAA/submit", FORM_HEADER, "scenario=approve"),
		404);
	assert_true(page_contains(fx, "This link does not exist"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_visit_starts_the_session),
		TEST(page_offers_every_scenario),
		TEST(every_scenario_has_its_own_description),
		TEST(page_shows_the_requested_steps),
		TEST(scenario_named_by_the_vendor_is_preselected),
		TEST(language_comes_from_the_link_then_the_browser),
		TEST(session_language_takes_precedence_over_the_browser),
		TEST(resubmission_shows_only_the_steps_to_repeat),
		TEST(link_with_an_invalid_language_is_not_found),
		TEST(every_page_fits_the_size_limit),
		TEST(page_without_callback_has_no_return_button),
		TEST(brand_is_escaped),
		TEST(page_uses_only_the_sandbox_s_own_style_sheet),
		TEST(form_redirects_to_the_callback),
		TEST(return_url_keeps_the_query_and_fragment_of_the_callback),
		TEST(submit_validates_the_scenario),
		TEST(invalid_scenario_shows_an_error_on_the_page),
		TEST(invalid_scenario_error_lists_the_known_ones),
		TEST(every_form_of_the_link_has_page_and_submit),
		TEST(finished_session_accepts_no_submit),
		TEST(expired_link_accepts_no_submit),
		TEST(started_session_expires_after_seven_days),
		TEST(unknown_link_shows_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

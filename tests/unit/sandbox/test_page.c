#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"
#include "i18n/page.h"
#include "sandbox/api/pages.h"
#include "sandbox/page/hosted_page.h"
#include "sandbox/page/page_text.h"
#include "sandbox/state/scenario.h"

#define PLAIN "{\"callback\":\"https://app.example.com/kyc/done?a=1\"}"

static int setup(void **state)
{
	static struct box box;

	box_open(&box, 0);
	box_login(&box);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	return 0;
}

static bool page_has(const struct box *box, const char *what)
{
	return memmem(box->reply.body.p, box->reply.body.n, what, strlen(what)) != NULL;
}

static struct str status_of(struct box *box, const struct made_session *made)
{
	(void)box_api(box, "GET", box_path("/v1/session/", made->id, "/decision/"), NULL);
	return box_text(box, "status");
}

static int visit(struct box *box, const struct made_session *made, const char *method)
{
	return box_call(box, method, box_path("/session/", made->token, ""), NULL, NULL);
}

static int submit(struct box *box, const struct made_session *made, const char *headers, const char *body)
{
	return box_call(box, "POST", box_path("/session/", made->token, "/submit"), headers, body);
}

static void the_first_visit_starts_it(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	assert_int_equal(visit(box, &made, "HEAD"), 200);
	assert_true(str_eq(status_of(box, &made), STR("Not Started")));
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_true(str_eq(status_of(box, &made), STR("In Progress")));
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_true(str_eq(status_of(box, &made), STR("In Progress")));
}

static void the_page_offers_every_outcome(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char value[96];
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	box_create(box, PLAIN, &made);
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_string_equal(box->reply.content_type, "text/html; charset=utf-8");
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(value, sizeof(value), "value=\"%.*s\"", STR_ARG(catalogue[i].slug));
		if (!page_has(box, value))
			fail_msg("%s", value);
	}
	(void)snprintf(value, sizeof(value), "action=\"/sandbox/didit/session/%s/submit\"", made.token);
	assert_true(page_has(box, value));
	assert_true(page_has(box, "This is a sandbox: nobody is really being verified."));
	assert_true(page_has(box, "Never enter real personal data"));
	assert_true(page_has(box, "<html lang=\"en\" dir=\"ltr\">"));
}

/* outcome_message asserts that there is one. */
static void every_outcome_has_words_of_its_own(void **state)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			assert_int_not_equal(outcome_message(&catalogue[i]), outcome_message(&catalogue[j]));
}

static void the_steps_are_those_asked_for(void **state)
{
	static const struct {
		const char *features, *shown, *hidden;
	} rows[] = {
		{ "OCR", "Photos of an identity document", "selfie, to see" },
		{ "OCR", "A look at the device", "Reading the chip" },
		{ "OCR", "an identity document", "A look into watchlists" },
		{ "OCR + NFC", "Reading the chip", "A look into watchlists" },
		{ "OCR + AML", "A look into watchlists", "Reading the chip" },
		{ "OCR + FACE", "Comparing the selfie", "A look into watchlists" },
		{ "OCR + FACE", "selfie, to see", "Reading the chip" },
		{ "OCR + NFC + FACE + AML", "Reading the chip", "A proof of address" },
		{ "OCR", "chip of the document could not be verified <span class=\"soft\">(not a step here)",
			"the document has expired <" },
		{ "OCR + NFC", "chip of the document could not be verified</span>",
			"could not be verified <span" },
	};
	struct box *const box = *state;
	struct made_session made;
	char body[128];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body), "{\"callback\":\"https://a.example\",\"features\":\"%s\"}",
			rows[i].features);
		box_create(box, body, &made);
		(void)visit(box, &made, "GET");
		if (!page_has(box, rows[i].shown) || page_has(box, rows[i].hidden))
			fail_msg("%s: %s, not %s", rows[i].features, rows[i].shown, rows[i].hidden);
	}
}

static void what_was_wished_is_chosen_already(void **state)
{
	static const struct {
		const char *vendor, *shown;
	} rows[] = {
		{ "decline_aml_hit", "required value=\"decline_aml_hit\" checked>" },
		{ "review_poa_partial_match", "<details open>" },
		{ "decline", "<details>" },
		{ "somebody", "<details>" },
	};
	struct box *const box = *state;
	struct made_session made;
	char body[128];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"callback\":\"https://a.example\",\"vendor_data\":\"%s\"}", rows[i].vendor);
		box_create(box, body, &made);
		(void)visit(box, &made, "GET");
		if (!page_has(box, rows[i].shown))
			fail_msg("%s: %s", rows[i].vendor, rows[i].shown);
		assert_true(page_has(box, " checked>") == (strchr(rows[i].vendor, '_') != NULL));
	}
}

static void the_language_of_the_link_then_of_the_browser(void **state)
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
		{ "/fr", "Accept-Language: es", "es" },
		{ "/zh-CN", NULL, "en" },
	};
	struct box *const box = *state;
	struct made_session made;
	char path[96], want[160];

	for (size_t i = 0; i < array_len(rows); i++) {
		box_create(box, PLAIN, &made);
		(void)snprintf(path, sizeof(path), "%s/session/%s", rows[i].prefix, made.token);
		assert_int_equal(box_call(box, "GET", path, rows[i].headers, NULL), 200);
		(void)snprintf(want, sizeof(want), "<html lang=\"%s\"", rows[i].tag);
		if (!page_has(box, want) || !str_eq(box_header(box, "Content-Language"), str_of(rows[i].tag)))
			fail_msg("%s %s: not %s", rows[i].prefix, rows[i].headers, rows[i].tag);
		/* the form keeps what the link named, and leaves to the browser what it did not */
		(void)snprintf(want, sizeof(want), "name=\"language\" value=\"%s\"", rows[i].tag);
		assert_true(page_has(box, want) == (rows[i].prefix[0] != 0));
		assert_int_equal(submit(box, &made, BOX_FORM, "scenario=nonsense&language=pt-BR"), 400);
		assert_true(page_has(box, "<html lang=\"pt-BR\""));
		assert_true(str_eq(status_of(box, &made), STR("In Progress")));
	}
}

/* Before what the browser asks for, when the link that was sent on names none. */
static void the_language_of_the_session(void **state)
{
	static const struct {
		const char *path, *tag;
	} rows[] = { { "/session/", "es" }, { "/pt-BR/session/", "pt-BR" }, { "/fr/session/", "es" } };
	struct box *const box = *state;
	char path[96], token[16], want[64];

	assert_int_equal(
		box_call(box, "POST", "/v3/session/", "X-Api-Key: sandbox\nContent-Type: application/json",
			"{\"workflow_id\":\"00000000-0000-4000-8000-000000000008\",\"language\":\"es\"}"),
		201);
	assert_true(str_copy_to(box_text(box, "session_token"), token, sizeof(token)));
	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", rows[i].path, token);
		(void)snprintf(want, sizeof(want), "<html lang=\"%s\"", rows[i].tag);
		assert_int_equal(box_call(box, "GET", path, "Accept-Language: en", NULL), 200);
		if (!page_has(box, want))
			fail_msg("%s: not %s", rows[i].path, rows[i].tag);
	}
	/* no callback: the browser is sent to the page itself, in the language it was in */
	(void)snprintf(path, sizeof(path), "/session/%s/submit", token);
	assert_int_equal(box_call(box, "POST", path, BOX_FORM, "scenario=approve&language=pt-BR"), 303);
	(void)snprintf(path, sizeof(path), "/sandbox/didit/pt-BR/session/%s", token);
	assert_true(str_eq(box_header(box, "Location"), str_of(path)));
}

static void only_what_is_to_be_done_again(void **state)
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

static void what_is_no_language_is_no_page(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char path[96];
	static const char *const prefixes[] = { "/v1", "/v3", "/x", "/%3Cb%3E", "/sandbox" };

	box_create(box, PLAIN, &made);
	for (size_t i = 0; i < array_len(prefixes); i++) {
		(void)snprintf(path, sizeof(path), "%s/session/%s", prefixes[i], made.token);
		assert_int_equal(box_call(box, "GET", path, NULL, NULL), 404);
		assert_string_equal(box->reply.content_type, "application/json");
	}
	assert_true(str_eq(status_of(box, &made), STR("Not Started")));
}

/* One flight of a fresh connection, and it is all there is. */
static void every_page_is_small(void **state)
{
	static const enum didit_status statuses[] = { DIDIT_IN_PROGRESS, DIDIT_APPROVED, DIDIT_DECLINED,
		DIDIT_IN_REVIEW, DIDIT_EXPIRED, DIDIT_ABANDONED, DIDIT_KYC_EXPIRED };
	struct box *const box = *state;
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
			struct str text;

			session.status = statuses[i % array_len(statuses)];
			assert_int_equal(hosted_page_write(&box->arena, &page, &text), OK);
			assert_in_range(text.n, 3000, PAGE_MAX);
			arena_reset(&box->arena);
		}
	}
}

static void without_a_callback_there_is_no_button(void **state)
{
	struct box *const box = *state;
	const struct sandbox_session session = { .token = "AAAAAAAAAAAA", .status = DIDIT_APPROVED };
	const struct hosted_page page = { .brand = STR("b"), .session = &session };
	struct str text;

	assert_int_equal(hosted_page_write(&box->arena, &page, &text), OK);
	assert_null(memmem(text.p, text.n, "class=\"button\"", 14));
	assert_non_null(memmem(text.p, text.n, "You can close this page", 23));
}

static void the_brand_is_escaped(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	(void)visit(box, &made, "GET");
	assert_true(page_has(box, "Exa&lt;m&gt;ple &amp; Co"));
	assert_false(page_has(box, "Exa<m>"));
}

/* The policy names this very style, no script, nothing from elsewhere. */
static void the_policy_fits_the_page(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	unsigned char digest[DIGEST_BYTES];
	static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char hash[45] = { 0 };

	box_create(box, PLAIN, &made);
	(void)visit(box, &made, "GET");

	const char *const body = box->reply.body.p;
	const char *const start = strstr(body, "<style>") + 7, *const end = strstr(body, "</style>");

	sha256((struct str){ start, (size_t)(end - start) }, digest);
	for (size_t i = 0; i < 43; i++) {
		unsigned bits = 0;

		for (size_t b = 0; b < 6; b++) {
			const size_t at = 6 * i + b;

			bits = bits << 1 | (at < 256 ? (unsigned)(digest[at / 8] >> (7 - at % 8)) & 1U : 0);
		}
		hash[i] = base64[bits];
	}
	hash[43] = '=';

	const struct str policy = box_header(box, "Content-Security-Policy");

	assert_true(str_starts(policy, STR("default-src 'none'; style-src 'sha256-")));
	assert_non_null(memmem(policy.p, policy.n, hash, 44));
	assert_null(memmem(policy.p, policy.n, "unsafe", 6));
	assert_false(page_has(box, "<script"));
	assert_false(page_has(box, " style="));
	assert_false(page_has(box, "src="));
	assert_true(str_eq(box_header(box, "Referrer-Policy"), STR("no-referrer")));
}

static void the_form_leads_back(void **state)
{
	struct box *const box = *state;
	struct made_session made;
	char want[160];

	box_create(box, PLAIN, &made);
	(void)visit(box, &made, "GET");
	assert_int_equal(submit(box, &made, BOX_FORM, "scenario=review"), 303);
	(void)snprintf(want, sizeof(want),
		"https://app.example.com/kyc/done?a=1&verificationSessionId=%s&status=In%%20Review", made.id);
	assert_true(str_eq(box_header(box, "Location"), str_of(want)));
	assert_true(str_eq(status_of(box, &made), STR("In Review")));
}

static void the_way_back_keeps_the_callback(void **state)
{
	static const struct {
		const char *callback, *want;
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct sandbox_session session = {
			.id = "I", .status = DIDIT_APPROVED, .callback = str_of(rows[i].callback)
		};
		struct str url = { NULL, 0 };

		if (return_url_write(&box->arena, &session, &url) != OK || !str_eq(url, str_of(rows[i].want)))
			fail_msg("%s: %.*s", rows[i].callback, STR_ARG(url));
	}
}

static void choices(void **state)
{
	static const char json[] = "Content-Type: application/json";
	static const struct {
		const char *name, *vendor, *headers, *body;
		int want;
		const char *status;
	} rows[] = {
		{ "approve", "u", json, "{\"scenario\":\"approve\"}", 200, "Approved" },
		{ "decline", "u", json, "{\"scenario\":\"decline\"}", 200, "Declined" },
		{ "review", "u", json, "{\"scenario\":\"review\"}", 200, "In Review" },
		{ "a slug", "u", json, "{\"scenario\":\"decline_face_blocklist\"}", 200, "Declined" },
		{ "none", "u", json, "{}", 200, "Approved" },
		{ "null", "u", json, "{\"scenario\":null}", 200, "Approved" },
		{ "no body", "u", NULL, NULL, 200, "Approved" },
		{ "by vendor_data", "review_poa_partial_match", json, "{}", 200, "In Review" },
		{ "not by vendor_data", "review", json, "{\"scenario\":\"approve\"}", 200, "Approved" },
		{ "unknown", "u", json, "{\"scenario\":\"nonsense\"}", 400, "Not Started" },
		{ "empty", "u", json, "{\"scenario\":\"\"}", 400, "Not Started" },
		{ "number", "u", json, "{\"scenario\":1}", 400, "Not Started" },
		{ "broken", "u", json, "{", 400, "Not Started" },
		{ "list", "u", json, "[]", 400, "Not Started" },
		{ "text", "u", "Content-Type: text/plain", "approve", 415, "Not Started" },
		{ "form", "u", BOX_FORM, "scenario=decline_aml_hit", 303, "Declined" },
		{ "form without a choice", "u", BOX_FORM, "x=y", 303, "Approved" },
		{ "form unknown", "u", BOX_FORM, "scenario=nonsense", 400, "Not Started" },
		{ "form twice", "u", BOX_FORM, "scenario=approve&scenario=decline", 400, "Not Started" },
	};
	struct box *const box = *state;
	struct made_session made;
	char body[128];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"callback\":\"https://a.example/\",\"vendor_data\":\"%s\"}", rows[i].vendor);
		box_create(box, body, &made);

		const int status = submit(box, &made, rows[i].headers, rows[i].body);

		if (status != rows[i].want ||
			(status == 200 && (!str_eq(box_text(box, "status"), str_of(rows[i].status)) ||
						  !str_eq(box_text(box, "session_id"), str_of(made.id)))))
			fail_msg("%s: %d %.*s", rows[i].name, status, STR_ARG(box->reply.body));
		if (!str_eq(status_of(box, &made), str_of(rows[i].status)))
			fail_msg("%s: %.*s", rows[i].name, STR_ARG(box_text(box, "status")));
	}
}

static void a_wrong_choice_is_told_on_the_page(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	assert_int_equal(submit(box, &made, BOX_FORM, "scenario=%3Cscript%3E"), 400);
	assert_true(page_has(box, "role=\"alert\""));
	assert_false(page_has(box, "<script"));
}

static void a_finished_session_is_finished(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	assert_int_equal(submit(box, &made, NULL, NULL), 200);
	assert_int_equal(submit(box, &made, NULL, NULL), 409);
	assert_int_equal(submit(box, &made, BOX_FORM, "scenario=decline"), 409);
	assert_true(page_has(box, "This check is finished"));
	assert_true(str_eq(status_of(box, &made), STR("Approved")));
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_true(page_has(box, "This check is finished"));
	assert_true(page_has(box, "kyc/done?a=1&amp;verificationSessionId="));
	assert_false(page_has(box, "<form"));
}

static void an_expired_link_takes_nothing(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	box->clock.wall += 604800000;
	assert_int_equal(submit(box, &made, NULL, NULL), 409);
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_true(page_has(box, "This link has expired"));
	assert_true(page_has(box, "It was not opened in time."));
	assert_true(page_has(box, "start again"));
	assert_false(page_has(box, "<form"));
}

static void time_runs_out_for_who_has_begun(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, PLAIN, &made);
	assert_int_equal(visit(box, &made, "GET"), 200);
	box->clock.wall += 604799999;
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_true(page_has(box, "<form"));
	box->clock.wall += 1;
	assert_int_equal(visit(box, &made, "GET"), 200);
	assert_true(page_has(box, "The time for this check is over"));
	assert_false(page_has(box, "<form"));
}

static void an_unknown_link_has_a_page_too(void **state)
{
	struct box *const box = *state;

	assert_int_equal(box_call(box, "GET", "/session/AAAAAAAAAAAA", NULL, NULL), 404);
	assert_true(page_has(box, "No such link"));
	assert_int_equal(box_call(box, "POST", "/session/AAAAAAAAAAAA/submit", NULL, NULL), 404);
	assert_true(str_eq(box_text(box, "detail"), STR("Not found.")));
	assert_int_equal(
		box_call(box, "POST", "/session/AAAAAAAAAAAA/submit", BOX_FORM, "scenario=approve"), 404);
	assert_true(page_has(box, "No such link"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_first_visit_starts_it),
		TEST(the_page_offers_every_outcome),
		TEST(every_outcome_has_words_of_its_own),
		TEST(the_steps_are_those_asked_for),
		TEST(what_was_wished_is_chosen_already),
		TEST(the_language_of_the_link_then_of_the_browser),
		TEST(the_language_of_the_session),
		TEST(only_what_is_to_be_done_again),
		TEST(what_is_no_language_is_no_page),
		TEST(every_page_is_small),
		TEST(without_a_callback_there_is_no_button),
		TEST(the_brand_is_escaped),
		TEST(the_policy_fits_the_page),
		TEST(the_form_leads_back),
		TEST(the_way_back_keeps_the_callback),
		TEST(choices),
		TEST(a_wrong_choice_is_told_on_the_page),
		TEST(a_finished_session_is_finished),
		TEST(an_expired_link_takes_nothing),
		TEST(time_runs_out_for_who_has_begun),
		TEST(an_unknown_link_has_a_page_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of the pages of a verification link: the page of each step and state, and the redirect of each form.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "kit/api_fixture.h"
#include "kit/fake_provider.h"
#include "kit/verification_fixture.h"
#include "web/core/page_limit.h"
#include "web/core/routes.h"
#include "web/verify/errors.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define EMAIL "j.doe@example.com"

struct pages {
	struct api_fixture *fx;
	struct caller caller;
	struct fixture_link link;
};

/* A link of a tenant, and the routes of the pages. */
static struct pages open_pages(void **state, const char *suggestion)
{
	struct api_fixture *const fx = *state;
	struct pages pages = { .fx = fx };

	fx->api.routes = web_routes;
	fx->api.n_routes = n_web_routes;
	pages.caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	pages.link = fixture_create_link(&fx->app, &pages.caller, suggestion);
	return pages;
}

static const char *path_of(const struct pages *pages, const char *rest)
{
	return arena_printf(&pages->fx->app.arena, "/verify/%.*s%s", STR_ARG(pages->link.visit.token), rest)
		.p;
}

static struct reply get(const struct pages *pages, const char *rest)
{
	return api_get(pages->fx, NULL, path_of(pages, rest));
}

static struct reply post(const struct pages *pages, const char *action, const char *body)
{
	const struct test_request request = {
		.method = METHOD_POST, .path = path_of(pages, action), .body = body, .content_type = FORM_TYPE
	};

	return api_send(pages->fx, &request);
}

static bool contains(const struct reply *reply, const char *text)
{
	return memmem(reply->body.p, reply->body.n, text, strlen(text)) != NULL;
}

static void assert_contains(struct reply reply, const char *text)
{
	if (!contains(&reply, text))
		fail_msg("no %s in %.*s", text, STR_ARG(reply.body));
}

static void assert_lacks(struct reply reply, const char *text)
{
	if (contains(&reply, text))
		fail_msg("%s in %.*s", text, STR_ARG(reply.body));
}

/* Fails unless the reply redirects to the page of the link with this error; NULL: without one. */
static void assert_redirect(const struct pages *pages, const struct reply reply, const char *error)
{
	const struct str location = reply_find_header(&reply, "Location");
	const char *const name = error ? strstr(location.p, "error=") : NULL;

	assert_int_equal(reply.status, 303);
	assert_true(str_starts(location, str_of(path_of(pages, "?lang="))));
	if (error && (!name || !str_starts(str_of(name + strlen("error=")), str_of(error))))
		fail_msg("%s: %s", error, location.p);
	if (!error && strstr(location.p, "error="))
		fail_msg("%s", location.p);
	assert_string_equal(reply_find_header(&reply, "Referrer-Policy").p, "no-referrer");
}

/* Follows a redirect. */
static struct reply follow(const struct pages *pages, const struct reply reply)
{
	return api_get(pages->fx, NULL, reply_find_header(&reply, "Location").p);
}

static void each_step_has_its_page(void **state)
{
	const struct pages pages = open_pages(state, NULL);
	struct reply reply = get(&pages, "");
	char code[7], body[32];

	assert_int_equal(reply.status, 200);
	assert_contains(reply, "/start?lang=en\"");
	assert_redirect(&pages, post(&pages, "/start?lang=en", ""), NULL);
	reply = get(&pages, "");
	assert_contains(reply, "name=\"email\"");
	assert_redirect(&pages, post(&pages, "/email?lang=en", "email=" EMAIL), NULL);
	reply = get(&pages, "");
	assert_contains(reply, "autocomplete=\"one-time-code\"");
	assert_lacks(reply, EMAIL);
	fixture_get_link_code(&pages.fx->app, &pages.link, NULL, code);
	(void)snprintf(body, sizeof(body), "code=%.3s+%.3s", code, code + 3);
	assert_redirect(&pages, post(&pages, "/code?lang=en", body), NULL);
	assert_contains(get(&pages, ""), "/check?lang=en\"");
	assert_redirect(&pages, post(&pages, "/code?lang=en", body), NULL);
	assert_contains(get(&pages, ""), "/check?lang=en\"");
	reply = post(&pages, "/check?lang=en", "");
	assert_int_equal(reply.status, 303);
	assert_string_equal(reply_find_header(&reply, "Location").p, "https://provider.test/session/1");
}

static void person_may_go_back_to_the_address_until_the_proof(void **state)
{
	const struct pages pages = open_pages(state, EMAIL);

	assert_contains(get(&pages, "?step=address"), "/start?");
	assert_int_equal(fixture_start_link(&pages.fx->app, &pages.link), VERIFICATION_STARTED);
	assert_lacks(get(&pages, ""), EMAIL);
	(void)fixture_send_code_to(&pages.fx->app, &pages.link, NULL);
	assert_contains(get(&pages, ""), "name=\"code\"");
	assert_contains(get(&pages, "?step=address"), "name=\"email\"");
	assert_contains(get(&pages, "?step=wallet"), "name=\"wallet\"");
	fixture_prove_email(&pages.fx->app, &pages.link, NULL);
	assert_contains(get(&pages, "?step=address"), "/check?");
	assert_contains(get(&pages, "?step=wallet"), "/check?");
}

static void wallet_is_verified_by_copy_and_paste(void **state)
{
	const struct pages pages = open_pages(state, NULL);
	struct signing_wallet wallet;
	struct reply reply;

	assert_int_equal(fixture_start_link(&pages.fx->app, &pages.link), VERIFICATION_STARTED);
	wallet = signing_wallet_new(WALLET_EVM, 1);
	const char *const body = arena_printf(&pages.fx->app.arena, "wallet=%s", wallet.wallet.text).p;
	assert_redirect(&pages, post(&pages, "/challenge?lang=en", body), NULL);
	reply = get(&pages, "");
	assert_contains(reply, wallet.wallet.text);
	assert_contains(reply, "name=\"signature\"");
}

/* What each form answers to bad input. */
static const struct {
	const char *action, *body, *error;
} bad_input[] = {
	{ "/email", "email=", "email_missing" },
	{ "/email", "", "email_missing" },
	{ "/email", "email=nobody", "email_invalid" },
	{ "/email", "email=%FF", "email_invalid" },
	{ "/code", "", "code_missing" },
	{ "/code", "code=+", "code_missing" },
	{ "/code", "code=12", "code_format" },
	{ "/code", "code=abcdef", "code_format" },
	{ "/code", "code=%FF", "code_format" },
	{ "/challenge", "wallet=", "wallet_missing" },
	{ "/challenge", "", "wallet_missing" },
	{ "/challenge", "wallet=0x12", "wallet_invalid" },
	{ "/signature", "", "signature_missing" },
};

static void bad_input_redirects_to_the_page_with_its_error(void **state)
{
	const struct pages pages = open_pages(state, NULL);

	assert_int_equal(fixture_start_link(&pages.fx->app, &pages.link), VERIFICATION_STARTED);
	for (size_t i = 0; i < array_len(bad_input); i++) {
		const struct reply reply = post(&pages, bad_input[i].action, bad_input[i].body);

		print_message("# %s %s\n", bad_input[i].action, bad_input[i].body);
		assert_redirect(&pages, reply, bad_input[i].error);
		if (strcmp(bad_input[i].action, "/email") == 0 ||
			strcmp(bad_input[i].action, "/challenge") == 0)
			assert_contains(follow(&pages, reply), "role=\"alert\"");
	}
	assert_int_equal(pages.fx->app.mailer.n, 0);
}

static void error_of_another_step_is_not_shown(void **state)
{
	const struct pages pages = open_pages(state, NULL);

	assert_lacks(get(&pages, "?error=code_wrong"), "role=\"alert\"");
	assert_lacks(get(&pages, "?error=nonsense"), "role=\"alert\"");
	assert_contains(get(&pages, "?error=consent_missing"), "role=\"alert\"");
	assert_contains(get(&pages, "?error=unavailable&at=99999999999999"), "role=\"alert\"");
}

static void wrong_codes_are_told_until_the_lock(void **state)
{
	const struct pages pages = open_pages(state, NULL);
	struct reply reply;
	char code[7], body[32];

	assert_int_equal(fixture_start_link(&pages.fx->app, &pages.link), VERIFICATION_STARTED);
	fixture_get_link_code(&pages.fx->app, &pages.link, EMAIL, code);
	code[0] = code[0] == '0' ? '1' : '0';
	(void)snprintf(body, sizeof(body), "code=%s", code);
	reply = post(&pages, "/code", body);
	assert_redirect(&pages, reply, "code_wrong");
	reply = follow(&pages, reply);
	assert_contains(reply, "aria-invalid=\"true\"");
	assert_contains(reply, "href=\"#code\"");
	assert_contains(reply, "aria-describedby=\"code-error code-hint\"");
	for (int64_t i = 1; i < pages.fx->app.rules.otp_tries; i++)
		(void)post(&pages, "/code", body);
	assert_redirect(&pages, post(&pages, "/code", body), "code_locked");
	assert_lacks(get(&pages, ""), "name=\"code\"");
	assert_contains(get(&pages, ""), "/resend?");
}

static void code_is_not_sent_again_before_the_wait(void **state)
{
	const struct pages pages = open_pages(state, EMAIL);
	struct reply reply;

	assert_int_equal(fixture_start_link(&pages.fx->app, &pages.link), VERIFICATION_STARTED);
	assert_redirect(&pages, post(&pages, "/email", NULL), NULL);
	for (int64_t i = 1; i < pages.fx->app.rules.send_bucket.burst; i++)
		assert_redirect(&pages, post(&pages, "/resend", ""), NULL);
	reply = get(&pages, "");
	assert_contains(reply, "id=\"resend-wait\"");
	reply = post(&pages, "/resend", "");
	assert_redirect(&pages, reply, "resend_limited");
	assert_contains(follow(&pages, reply), "role=\"alert\"");
}

/* What the page of the check says when the provider does not create a session. */
static void provider_that_is_down_is_told(void **state)
{
	static const struct {
		enum provider_cause cause;
		const char *error;
	} rows[] = {
		{ PROVIDER_PAUSED, "provider_paused" },
		{ PROVIDER_UNREACHABLE, "provider_down" },
	};
	const struct pages pages = open_pages(state, EMAIL);
	struct reply reply;

	assert_int_equal(fixture_start_link(&pages.fx->app, &pages.link), VERIFICATION_STARTED);
	fixture_prove_email(&pages.fx->app, &pages.link, NULL);
	for (size_t i = 0; i < array_len(rows); i++) {
		fake_provider_set_failure(pages.fx->app.provider, rows[i].cause);
		reply = post(&pages, "/check", "");
		assert_redirect(&pages, reply, rows[i].error);
		assert_contains(follow(&pages, reply), "role=\"alert\"");
	}
	fixture_set_quota(&pages.fx->app, "shop", 0);
	fake_provider_set_failure(pages.fx->app.provider, PROVIDER_OK);
	reply = post(&pages, "/check", "");
	assert_redirect(&pages, reply, "quota");
}

static void link_that_does_not_work_says_so(void **state)
{
	struct pages pages = open_pages(state, NULL);
	struct reply reply;

	assert_int_equal(fixture_revoke_link(&pages.fx->app, &pages.caller, &pages.link), OK);
	assert_int_equal(get(&pages, "").status, 410);
	assert_int_equal(get(&pages, "/state").status, 410);
	assert_redirect(&pages, post(&pages, "/start", ""), NULL);
	pages.link = fixture_create_link(&pages.fx->app, &pages.caller, NULL);
	fixture_advance_clock(&pages.fx->app, VERIFICATION_LINK_LIFE);
	assert_int_equal(get(&pages, "").status, 410);
	pages.link.visit.token = STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
	reply = get(&pages, "");
	assert_int_equal(reply.status, 404);
	assert_lacks(reply, "/start?");
	assert_int_equal(get(&pages, "/state").status, 404);
}

static void page_is_for_this_person_only(void **state)
{
	const struct pages pages = open_pages(state, NULL);
	const struct reply reply = get(&pages, "");

	assert_string_equal(reply_find_header(&reply, "Cache-Control").p, "no-store");
	assert_string_equal(reply_find_header(&reply, "Referrer-Policy").p, "no-referrer");
	assert_string_equal(reply_find_header(&reply, "Content-Language").p, "en");
	assert_non_null(
		strstr(reply_find_header(&reply, "Content-Security-Policy").p, "form-action 'self';"));
	assert_null(reply_find_header(&reply, "Set-Cookie").p);
}

static void language_is_that_of_the_query_the_link_the_browser(void **state)
{
	struct verification_link_params params = { .life = VERIFICATION_LINK_LIFE, .language = STR("fr") };
	struct pages pages = open_pages(state, NULL);
	struct test_request request = { .method = METHOD_GET,
		.more_headers = { { STR("Accept-Language"), STR("de, en;q=0.5") } } };
	struct reply reply;

	request.path = path_of(&pages, "");
	reply = api_send(pages.fx, &request);
	assert_string_equal(reply_find_header(&reply, "Content-Language").p, "de");
	pages.link = fixture_create_link_with(&pages.fx->app, &pages.caller, &params);
	request.path = path_of(&pages, "");
	reply = api_send(pages.fx, &request);
	assert_string_equal(reply_find_header(&reply, "Content-Language").p, "fr");
	request.path = path_of(&pages, "?lang=ar");
	reply = api_send(pages.fx, &request);
	assert_string_equal(reply_find_header(&reply, "Content-Language").p, "ar");
	assert_contains(reply, "/start?lang=ar\"");
	assert_contains(reply, "dir=\"rtl\"");
}

static void form_of_another_type_is_refused(void **state)
{
	const struct pages pages = open_pages(state, NULL);
	const struct test_request request = {
		.method = METHOD_POST, .path = path_of(&pages, "/email"), .body = "{\"email\":\"" EMAIL "\"}"
	};

	assert_int_equal(api_send(pages.fx, &request).status, 415);
}

static void address_of_a_form_leads_to_the_page(void **state)
{
	const struct pages pages = open_pages(state, NULL);

	assert_redirect(&pages, get(&pages, "/code"), NULL);
}

static void failure_of_the_store_has_a_page(void **state)
{
	const struct pages pages = open_pages(state, NULL);

	/* The view, then the branding. */
	for (size_t succeed = 0; succeed < 2; succeed++) {
		atomic_store(&pages.fx->app.store.transactions_before_fault, succeed);
		atomic_store(&pages.fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
		const struct reply reply = get(&pages, "");
		assert_int_equal(reply.status, 503);
		assert_contains(reply, "<h1>");
		assert_non_null(reply_find_header(&reply, "Retry-After").p);
	}
	assert_redirect(&pages, post(&pages, "/start", ""), "unavailable");
	atomic_store(&pages.fx->app.store.fault, STORE_FAULT_NONE);
}

static int64_t frozen_micros(void)
{
	return 1;
}

static void too_many_requests_have_a_page(void **state)
{
	const struct pages pages = open_pages(state, NULL);
	struct page_limits *limits;
	struct reply reply = { .status = 200 };

	assert_int_equal(page_limits_open(&limits), OK);
	pages.fx->api.page_limits = limits;
	pages.fx->api.micros = frozen_micros;
	pages.fx->app.rules.rate_per_second = 1;
	for (int i = 0; i <= PAGE_LIMIT_PEOPLE && reply.status == 200; i++)
		reply = get(&pages, "");
	pages.fx->api.page_limits = NULL;
	page_limits_close(limits);
	assert_int_equal(reply.status, 429);
	assert_contains(reply, "<h1>");
	assert_non_null(reply_find_header(&reply, "Retry-After").p);
}

#define PAGES_TEST(f) cmocka_unit_test_setup_teardown(f, api_fixture_setup, api_fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PAGES_TEST(each_step_has_its_page),
		PAGES_TEST(person_may_go_back_to_the_address_until_the_proof),
		PAGES_TEST(wallet_is_verified_by_copy_and_paste),
		PAGES_TEST(bad_input_redirects_to_the_page_with_its_error),
		PAGES_TEST(error_of_another_step_is_not_shown),
		PAGES_TEST(wrong_codes_are_told_until_the_lock),
		PAGES_TEST(code_is_not_sent_again_before_the_wait),
		PAGES_TEST(provider_that_is_down_is_told),
		PAGES_TEST(link_that_does_not_work_says_so),
		PAGES_TEST(page_is_for_this_person_only),
		PAGES_TEST(language_is_that_of_the_query_the_link_the_browser),
		PAGES_TEST(form_of_another_type_is_refused),
		PAGES_TEST(address_of_a_form_leads_to_the_page),
		PAGES_TEST(failure_of_the_store_has_a_page),
		PAGES_TEST(too_many_requests_have_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

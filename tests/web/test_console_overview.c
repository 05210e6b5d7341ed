/* The page Overview of the console: its numbers and links, a new installation, and what an operator of one
 * tenant sees. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/event/numbering.h"
#include "app/operator/account.h"
#include "app/operator/session.h"
#include "kit/api_fixture.h"
#include "kit/fake_provider.h"
#include "web/console/overview_values.h"
#include "web/console/routes.h"
#include "web/console/settings.h"

#define ORIGIN "https://console.example.com"
#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static const struct console_settings settings = {
	.site = { STR_INIT(ORIGIN), STR_INIT("console.example.com") }, .is_https = true
};

static struct api_fixture *open_console(void **state)
{
	struct api_fixture *const fx = *state;

	fx->api.routes = console_routes;
	fx->api.n_routes = n_console_routes;
	fx->api.console = &settings;
	return fx;
}

struct sign_in {
	struct api_fixture *fx;
	struct str token;
};

static enum err start_session(struct tx *tx, void *arg)
{
	struct sign_in *const job = arg;
	struct operator_account account = { .role = OPERATOR_VIEWER };
	size_t n;

	TRY(store_find(tx, QUERY_OPERATOR_ACCOUNTS, &account, page_of(0, 1), &account, &n));
	assert_int_equal(n, 1);
	return console_session_start(&job->fx->app.world, tx, &account, STR("r"), &job->token);
}

/* Signs in a viewer of the tenant; NULL: of all tenants. Returns the cookie. */
static struct str sign_in(struct api_fixture *fx, const struct tenant_id *tenant)
{
	const struct operator_account_params params = { .email = STR("op@example.com"),
		.role = OPERATOR_VIEWER,
		.tenants = tenant,
		.n_tenants = tenant != NULL };
	struct operator_account account;
	struct sign_in job = { .fx = fx };
	struct str link;

	assert_int_equal(operator_account_add(&fx->app.world, &fx->app.arena, &params, &account, &link), OK);
	assert_int_equal(
		store_transact(fx->app.world.store, TX_WRITE, &fx->app.arena, start_session, &job), OK);
	return arena_printf(&fx->app.arena, "__Host-kycd-console=%.*s", STR_ARG(job.token));
}

static struct reply get(struct api_fixture *fx, struct str cookie, const char *path)
{
	const struct test_request request = { .method = METHOD_GET,
		.path = path,
		.more_headers = { { STR("host"), STR("console.example.com") }, { STR("cookie"), cookie } } };

	assert_int_equal(event_number_all(&fx->app.world), OK);
	return api_send(fx, &request);
}

static bool contains(struct reply reply, const char *text)
{
	return memmem(reply.body.p, reply.body.n, text, strlen(text)) != NULL;
}

static void assert_contains(struct reply reply, const char *text)
{
	if (!contains(reply, text))
		fail_msg("no %s in %.*s", text, STR_ARG(reply.body));
}

static void browser_without_a_session_is_sent_to_the_sign_in(void **state)
{
	struct api_fixture *const fx = open_console(state);
	const struct reply reply = get(fx, STR("__Host-kycd-console=x"), "/console");

	assert_int_equal(reply.status, 303);
	assert_string_equal(reply_find_header(&reply, "Location").p, "/console/sign-in");
}

static void new_installation_says_what_to_do_next(void **state)
{
	struct api_fixture *const fx = open_console(state);
	const struct reply reply = get(fx, sign_in(fx, NULL), "/console");

	assert_int_equal(reply.status, 200);
	assert_contains(reply, "Nothing here yet");
	assert_contains(reply, "kycd tenant add shop");
	assert_false(contains(reply, "<svg"));
}

static void numbers_lead_to_their_lists(void **state)
{
	struct api_fixture *const fx = open_console(state);
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, 1);
	struct reply reply = get(fx, sign_in(fx, NULL), "/console");

	assert_contains(reply, "No person was prepared yet");
	fixture_verify_email(&fx->app, &shop, ANA);
	(void)fixture_create_session(&fx->app, &shop, ANA);
	fixture_advance_clock(&fx->app, minutes(2));
	fixture_poll_status(&fx->app, &shop, ANA, STATUS_APPROVED);
	(void)fixture_prepare(&fx->app, &shop, BOB);
	struct sign_in job = { .fx = fx };

	assert_int_equal(
		store_transact(fx->app.world.store, TX_WRITE, &fx->app.arena, start_session, &job), OK);
	const struct str cookie = arena_printf(
		&fx->app.arena, "__Host-kycd-console=%.*s", STR_ARG(job.token));

	reply = get(fx, cookie, "/console");
	assert_false(contains(reply, "No person was prepared yet"));
	assert_contains(reply, "<a href=\"/console/people?status=approved\">1</a>");
	assert_contains(reply, "<a href=\"/console/people?status=pending\">1</a>");
	assert_contains(reply, "<a href=\"/console/reviews\">0</a>");
	assert_contains(reply, "<a href=\"/console/people?status=approved&amp;from=2026-01-05\">1</a>");
	assert_contains(reply, "<a href=\"/console/people?from=2025-12-30\">2</a>"); /* 7 days */
	assert_contains(reply, "<a href=\"/console/people?from=2025-12-07\">2</a>"); /* 30 days */
	assert_contains(reply, "50 %");
	assert_contains(reply, "<title>2026-01-05: 1 approved, 0 declined</title>");
	assert_contains(reply, "1 of 1");
	assert_contains(reply, "Almost used up");
	assert_contains(reply, "<a href=\"/console?tenant=shop\">");
	reply = get(fx, cookie, "/console?tenant=shop");
	assert_contains(reply, "Overview of <bdi>shop</bdi>");
	assert_contains(reply, "<a href=\"/console/people?status=approved&amp;tenant=shop\">1</a>");
	reply = get(fx, cookie, "/console?tenant=%3Cscript%3E");
	assert_int_equal(reply.status, 404);
	assert_false(contains(reply, "<script>"));
}

static void operator_of_one_tenant_reads_nothing_of_others(void **state)
{
	struct api_fixture *const fx = open_console(state);
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct str cookie = sign_in(fx, &shop.tenant.id);

	(void)fixture_prepare(&fx->app, &shop, ANA);
	(void)fixture_prepare(&fx->app, &bank, ANA);
	(void)fixture_prepare(&fx->app, &bank, BOB);
	const struct reply reply = get(fx, cookie, "/console");

	assert_contains(reply, "<a href=\"/console/people?status=pending\">1</a>");
	assert_false(contains(reply, "bank"));
	assert_int_equal(get(fx, cookie, "/console?tenant=bank").status, 404);
	assert_int_equal(get(fx, cookie, "/console?tenant=shop").status, 200);
}

static void reasons_are_sorted_by_their_number(void **state)
{
	struct api_fixture *const fx = *state;
	struct overview overview = { .today = 20458 };
	struct overview_values values = { .is_dev = false };
	const struct bar_values *rows;

	overview.periods[OVERVIEW_MONTH].reasons[REASON_UNDERAGE] = 2;
	overview.periods[OVERVIEW_MONTH].reasons[REASON_FACE_MISMATCH] = 1234567;
	overview.periods[OVERVIEW_MONTH].reasons[REASON_OTHER] = 2;
	assert_int_equal(overview_values_fill(&fx->app.arena, &overview, STR(""), &values), OK);
	assert_int_equal(values.reasons.n, 3);
	rows = values.reasons.items;
	assert_string_equal(rows[0].label.p, "face mismatch");
	assert_string_equal(rows[0].value.p, "1,234,567");
	assert_string_equal(rows[1].label.p, "underage");
	assert_string_equal(rows[2].label.p, "other");
	assert_string_equal(values.today.p, "2026-01-05");
	assert_string_equal(values.first_day.p, "2025-12-07");
}

static void numbers_and_times_are_written_for_people(void **state)
{
	static const struct {
		int64_t n;
		const char *text;
	} numbers[] = { { 0, "0" }, { 999, "999" }, { 1000, "1,000" }, { 1234567, "1,234,567" }, { -1, "-1" },
		{ -1000, "-1,000" }, { -999, "-999" }, { INT64_MIN, "-9,223,372,036,854,775,808" } };
	static const struct {
		int64_t ms;
		const char *text;
	} times[] = { { 0, "0 s" }, { 999, "0 s" }, { 59999, "59 s" }, { 60000, "1 min 0 s" },
		{ 3599999, "59 min 59 s" }, { 3600000, "1 h 0 min" }, { 172799999, "47 h 59 min" },
		{ 172800000, "2 days 0 h" } };
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(numbers); i++)
		assert_string_equal(overview_number(&fx->app.arena, numbers[i].n).p, numbers[i].text);
	for (size_t i = 0; i < array_len(times); i++)
		assert_string_equal(
			overview_duration(&fx->app.arena, milliseconds(times[i].ms)).p, times[i].text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_fixture_setup, api_fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(browser_without_a_session_is_sent_to_the_sign_in),
		TEST(new_installation_says_what_to_do_next),
		TEST(numbers_lead_to_their_lists),
		TEST(operator_of_one_tenant_reads_nothing_of_others),
		TEST(reasons_are_sorted_by_their_number),
		TEST(numbers_and_times_are_written_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The endpoints for the provider's webhook and for people who return from the provider's page. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/operator.h"
#include "base/log.h"
#include "base/metrics.h"
#include "kit/api_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define WEBHOOK "/webhooks/didit"
#define RETURN "/return?verificationSessionId=scripted-1"

static struct caller tenant_with_session(struct api_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);

	fixture_verify_email(&fx->app, &shop, ANA);
	assert_int_equal(fixture_create_session(&fx->app, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	fixture_advance_clock(&fx->app, seconds(30));
	return shop;
}

static struct reply post_event(
	struct api_fixture *fx, unsigned char number, enum session_status status, int64_t sent)
{
	struct provider_event event = { .ref = { "scripted-1" },
		.is_authenticated = true,
		.status_text = str_of(session_status_provider_name(status)),
		.status_known = true,
		.status = status,
		.kind = STR("status.updated"),
		.sent_at = { sent } };

	event.event_key.bytes[0] = number;
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_OK, &event);
	return api_post(fx, NULL, WEBHOOK, "{}");
}

static void duplicate_event_is_acknowledged_and_ignored(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	for (int i = 0; i < 2; i++)
		assert_reply(
			post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000), 200, "{\"received\":true}");
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_APPROVED);
	assert_int_equal(fixture_count_audit(&fx->app, AUDIT_PROVIDER_EVENT), 1);
	assert_int_equal(fake_provider_poll_count(fx->app.provider), 0);
}

static void unsigned_or_malformed_event_is_rejected(void **state)
{
	struct api_fixture *const fx = *state;

	assert_answer(api_post(fx, NULL, WEBHOOK, "{}"), 401, "invalid_signature",
		"Signature missing, wrong or stale");
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_MALFORMED, NULL);
	assert_answer(api_post(fx, NULL, WEBHOOK, "{"), 400, "bad_request", "Malformed request");
}

static void event_for_unknown_session_gets_404_for_ten_minutes(void **state)
{
	struct api_fixture *const fx = *state;
	struct provider_event event = { .ref = { "foreign" },
		.is_authenticated = true,
		.status_text = STR("Approved"),
		.status_known = true,
		.status = STATUS_APPROVED,
		.sent_at = { FIXTURE_NOW },
		.session_created = { FIXTURE_NOW } };

	fake_provider_set_event(fx->app.provider, EVENT_PARSE_OK, &event);
	assert_answer(api_post(fx, NULL, WEBHOOK, "{}"), 404, "session_not_found", "No such session");
	fixture_advance_clock(&fx->app, milliseconds(599999));
	assert_int_equal(api_post(fx, NULL, WEBHOOK, "{}").status, 404);
	fixture_advance_clock(&fx->app, milliseconds(1));
	assert_reply(api_post(fx, NULL, WEBHOOK, "{}"), 200, "{\"received\":true}");
	event.session_created = (moment){ 0 };
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_OK, &event);
	assert_reply(api_post(fx, NULL, WEBHOOK, "{}"), 200, "{\"received\":true}");
}

static void conflicting_event_polls_the_provider(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW };
	struct api_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, seconds(1));
	assert_reply(post_event(fx, 2, STATUS_NOT_STARTED, FIXTURE_NOW + 2000), 200, "{\"received\":true}");
	assert_int_equal(fake_provider_poll_count(fx->app.provider), 1);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_IN_REVIEW);
	assert_int_equal(fixture_count_audit(&fx->app, AUDIT_PROVIDER_EVENT), 2);
}

static void failed_poll_gives_503_so_that_the_event_is_sent_again(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	fake_provider_set_failure(fx->app.provider, PROVIDER_UNREACHABLE);
	const struct reply reply = post_event(fx, 2, STATUS_NOT_STARTED, FIXTURE_NOW + 2000);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("60")));
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_APPROVED);
	fake_provider_set_failure(fx->app.provider, PROVIDER_OK);
	fixture_advance_clock(&fx->app, seconds(1));
	assert_reply(post_event(fx, 2, STATUS_NOT_STARTED, FIXTURE_NOW + 2000), 200, "{\"received\":true}");
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
}

static struct {
	char last[1024];
	int lines;
} logged;

static void store_log_line(void *arg, struct str line)
{
	(void)arg;
	if (!memmem(line.p, line.n, " event=provider_events_", strlen(" event=provider_events_")))
		return; /* not a line about events, for example the line of the request */
	(void)!str_copy_to(line, logged.last, sizeof(logged.last));
	logged.lines++;
}

/* Asserts that the warning is logged at the first request and then once a minute, with the number of requests
 * since the previous line. */
static void assert_throttled_warning(struct api_fixture *fx, struct reply (*send)(struct api_fixture *fx),
	int status, const char *first_line, const char *second_line)
{
	fixture_advance_clock(&fx->app, minutes(2));
	logged.lines = 0;
	log_sink_set(store_log_line, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(send(fx).status, status);
	assert_int_equal(logged.lines, 1);
	assert_non_null(strstr(logged.last, first_line));
	fixture_advance_clock(&fx->app, milliseconds(59999));
	assert_int_equal(send(fx).status, status);
	assert_int_equal(logged.lines, 1);
	fixture_advance_clock(&fx->app, milliseconds(1));
	assert_int_equal(send(fx).status, status);
	assert_int_equal(logged.lines, 2);
	assert_non_null(strstr(logged.last, second_line));
	log_sink_set(NULL, NULL);
}

static struct reply post_forged(struct api_fixture *fx)
{
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_BAD_SIGNATURE, NULL);
	return api_post(fx, NULL, WEBHOOK, "{\"session_id\":\"not-logged\"}");
}

static void bad_signatures_are_logged_once_a_minute(void **state)
{
	assert_throttled_warning(*state, post_forged, 401,
		"level=warn event=provider_events_bad_signature times=1 reason=", " times=4 reason=");
	assert_non_null(strstr(logged.last, " action=\"compare KYCD_DIDIT_WEBHOOK_SECRET with "));
	assert_null(strstr(logged.last, "not-logged"));
}

static struct reply post_conflicting(struct api_fixture *fx)
{
	return post_event(fx, 2, STATUS_NOT_STARTED, FIXTURE_NOW + 2000);
}

static void deferred_events_are_logged_with_the_reason(void **state)
{
	struct api_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	fake_provider_set_failure(fx->app.provider, PROVIDER_PAUSED);
	assert_throttled_warning(fx, post_conflicting, 503,
		"level=warn event=provider_events_deferred times=1 reason=\"the session cannot be read",
		" times=4 ");
	assert_non_null(strstr(logged.last, "the rate limit is reached"));
	fake_provider_set_failure(fx->app.provider, PROVIDER_UNREACHABLE);
	assert_throttled_warning(
		fx, post_conflicting, 503, "times=1 reason=\"the session could not be read", " times=4 ");
}

static void event_that_caused_a_poll_is_counted_as_such(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW };
	struct api_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	const int64_t needs_poll = metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_NEEDS_POLL, 0);
	const int64_t stale = metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_STALE, 0);
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, seconds(10));
	assert_int_equal(post_conflicting(fx).status, 200);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_NEEDS_POLL, 0), needs_poll + 1);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_STALE, 0), stale);
}

static void store_failure_gives_503_so_that_the_event_is_sent_again(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	atomic_store(&fx->app.store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_equal(post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000).status, 503);
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
	assert_int_equal(post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000).status, 200);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_APPROVED);
}

static void disabled_webhook_is_no_route(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	fx->app.rules.provider_events_off = true;
	assert_answer(post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000), 404, "route_not_found",
		"No such route");
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
}

static void audit_names_the_provider_and_the_request(void **state)
{
	static const struct audit_entry since;
	struct api_fixture *const fx = *state;
	struct audit_entry rows[64];
	size_t found = 0;

	(void)tenant_with_session(fx);
	const struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW };
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	const struct reply event_reply = post_event(fx, 1, STATUS_IN_PROGRESS, FIXTURE_NOW + 1000);
	fixture_advance_clock(&fx->app, seconds(1));
	const struct reply return_reply = api_get(fx, NULL, RETURN);
	const size_t n = fixture_find(&fx->app, QUERY_AUDIT_SINCE, &since, rows, 64);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].action != AUDIT_DECISION)
			continue;
		assert_int_equal(rows[i].actor_kind, ACTOR_PROVIDER);
		assert_true(str_eq(str_of(rows[i].request_id),
			reply_find_header(found ? &return_reply : &event_reply, "X-Request-Id")));
		found++;
	}
	assert_int_equal(found, 2);
}

static void set_return_url(struct api_fixture *fx, const char *url)
{
	const struct tenant_change change = { .name = STR("shop"), .return_url = str_of(url) };
	struct tenant tenant;

	assert_int_equal(operator_set_tenant(&fx->app.world, &fx->app.arena, &change, &tenant), OK);
}

static void return_redirects_to_the_tenants_page(void **state)
{
	static const struct {
		const char *url, *location;
	} rows[] = {
		{ "https://shop.test/done", "https://shop.test/done?session_id=scripted-1" },
		{ "https://shop.test/?a=b", "https://shop.test/?a=b&session_id=scripted-1" },
		{ "https://shop.test/app#/kyc?x", "https://shop.test/app?session_id=scripted-1#/kyc?x" },
	};
	struct api_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		set_return_url(fx, rows[i].url);
		const struct reply reply = api_get(fx, NULL, RETURN "&status=Approved");
		assert_int_equal(reply.status, 303);
		assert_int_equal(reply.body.n, 0);
		assert_true(str_eq(reply_find_header(&reply, "Location"), str_of(rows[i].location)));
		assert_true(str_eq(reply_find_header(&reply, "Referrer-Policy"), STR("no-referrer")));
	}
	assert_int_equal(fake_provider_poll_count(fx->app.provider), 1);
}

static void return_polls_the_decision_and_ignores_the_status_in_the_url(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	fake_provider_set_failure(fx->app.provider, PROVIDER_UNREACHABLE);
	assert_int_equal(api_get(fx, NULL, RETURN "&status=Approved").status, 200);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
	fake_provider_set_failure(fx->app.provider, PROVIDER_OK);
	const struct session_snapshot snapshot = { .status = STATUS_DECLINED };
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, seconds(10));
	assert_int_equal(api_get(fx, NULL, RETURN "&status=Approved").status, 200);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_DECLINED);
}

static void return_writes_only_if_a_poll_is_due(void **state)
{
	static const struct {
		const char *path;
		int64_t wait_ms;
		/* Expected write transactions: one that stores the time of the poll and one that stores its
		 * result. */
		size_t writes;
	} rows[] = {
		{ "/return", 0, 0 },
		{ "/return?verificationSessionId=foreign", 0, 0 },
		{ RETURN, 0, 2 },
		{ RETURN, 0, 0 },
		{ RETURN, 9999, 0 },
		{ RETURN, 1, 2 },
	};
	struct api_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(&fx->app, milliseconds(rows[i].wait_ms));
		const size_t before = atomic_load(&fx->app.store.writes);
		assert_int_equal(api_get(fx, NULL, rows[i].path).status, 200);
		assert_int_equal(atomic_load(&fx->app.store.writes) - before, rows[i].writes);
	}
}

static bool contains(const struct reply *reply, const char *part)
{
	return memmem(reply->body.p, reply->body.n, part, strlen(part)) != NULL;
}

static void return_shows_the_same_page_for_every_session_without_tenant_page(void **state)
{
	static const char *const rows[] = { "/return", "/return?verificationSessionId=foreign",
		"/return?verificationSessionId=", "/return?verificationSessionId=%zz", "/return?x=y",
		"/return?verificationSessionId=<script>", "/api/return" };
	struct api_fixture *const fx = *state;

	fx->app.rules.brand = STR("A<b>&\"C");
	(void)tenant_with_session(fx);
	const struct reply return_page = api_get(fx, NULL, RETURN);
	assert_int_equal(return_page.status, 200);
	assert_string_equal(return_page.content_type, "text/html; charset=utf-8");
	assert_true(contains(&return_page, "A&lt;b&gt;&amp;&quot;C"));
	assert_false(contains(&return_page, "<script"));
	assert_false(contains(&return_page, "sandbox"));
	assert_true(str_starts(
		reply_find_header(&return_page, "Content-Security-Policy"), STR("default-src 'none'")));
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = api_get(fx, NULL, rows[i]);
		assert_int_equal(reply.status, 200);
		assert_true(str_eq(reply.body, return_page.body));
	}
	fx->app.rules.sandbox = true;
	const struct reply sandbox = api_get(fx, NULL, RETURN);
	assert_true(contains(&sandbox, "This is a sandbox"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(duplicate_event_is_acknowledged_and_ignored),
		TEST(unsigned_or_malformed_event_is_rejected),
		TEST(event_for_unknown_session_gets_404_for_ten_minutes),
		TEST(conflicting_event_polls_the_provider),
		TEST(failed_poll_gives_503_so_that_the_event_is_sent_again),
		TEST(bad_signatures_are_logged_once_a_minute),
		TEST(deferred_events_are_logged_with_the_reason),
		TEST(event_that_caused_a_poll_is_counted_as_such),
		TEST(store_failure_gives_503_so_that_the_event_is_sent_again),
		TEST(disabled_webhook_is_no_route),
		TEST(audit_names_the_provider_and_the_request),
		TEST(return_redirects_to_the_tenants_page),
		TEST(return_polls_the_decision_and_ignores_the_status_in_the_url),
		TEST(return_writes_only_if_a_poll_is_due),
		TEST(return_shows_the_same_page_for_every_session_without_tenant_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

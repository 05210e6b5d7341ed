/* What comes from the provider's side: its events, and people on their way back. */
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
#define HOOK "/webhooks/didit"
#define BACK "/return?verificationSessionId=scripted-1"

static struct caller with_session(struct api_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);

	fixture_verify_email(&fx->app, &shop, ANA);
	assert_int_equal(fixture_create_session(&fx->app, &shop, ANA).outcome, CREATED);
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
	return api_post(fx, NULL, HOOK, "{}");
}

static void an_event_is_received_once_or_twice(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	for (int i = 0; i < 2; i++)
		assert_reply(
			post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000), 200, "{\"received\":true}");
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_APPROVED);
	assert_int_equal(fixture_count_audit(&fx->app, AUDIT_PROVIDER_EVENT), 1);
	assert_int_equal(fake_provider_read_count(fx->app.provider), 0);
}

static void what_is_not_signed_or_not_an_event(void **state)
{
	struct api_fixture *const fx = *state;

	assert_answer(api_post(fx, NULL, HOOK, "{}"), 401, "invalid_signature",
		"Signature missing, wrong or stale");
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_MALFORMED, NULL);
	assert_answer(api_post(fx, NULL, HOOK, "{"), 400, "bad_request", "Malformed request");
}

static void an_unknown_sessions_event_by_its_age(void **state)
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
	assert_answer(api_post(fx, NULL, HOOK, "{}"), 404, "session_not_found", "No such session");
	fixture_advance_clock(&fx->app, milliseconds(599999));
	assert_int_equal(api_post(fx, NULL, HOOK, "{}").status, 404);
	fixture_advance_clock(&fx->app, milliseconds(1));
	assert_reply(api_post(fx, NULL, HOOK, "{}"), 200, "{\"received\":true}");
	event.session_created = (moment){ 0 };
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_OK, &event);
	assert_reply(api_post(fx, NULL, HOOK, "{}"), 200, "{\"received\":true}");
}

static void in_doubt_the_provider_is_asked(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW };
	struct api_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, seconds(1));
	assert_reply(post_event(fx, 2, STATUS_NOT_STARTED, FIXTURE_NOW + 2000), 200, "{\"received\":true}");
	assert_int_equal(fake_provider_read_count(fx->app.provider), 1);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_IN_REVIEW);
	assert_int_equal(fixture_count_audit(&fx->app, AUDIT_PROVIDER_EVENT), 2);
}

static void when_the_provider_does_not_tell_the_event_shall_come_again(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

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
} heard;

static void hear(void *arg, struct str line)
{
	(void)arg;
	if (!memmem(line.p, line.n, " event=provider_events_", strlen(" event=provider_events_")))
		return; /* the request's own */
	(void)!str_copy_to(line, heard.last, sizeof(heard.last));
	heard.lines++;
}

/* Said at once, then once a minute with how often; nothing of what came is told. */
static void expect_throttled(struct api_fixture *fx, struct reply (*cause)(struct api_fixture *fx),
	int status, const char *first, const char *second)
{
	fixture_advance_clock(&fx->app, minutes(2));
	heard.lines = 0;
	log_sink_set(hear, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(cause(fx).status, status);
	assert_int_equal(heard.lines, 1);
	assert_non_null(strstr(heard.last, first));
	fixture_advance_clock(&fx->app, milliseconds(59999));
	assert_int_equal(cause(fx).status, status);
	assert_int_equal(heard.lines, 1);
	fixture_advance_clock(&fx->app, milliseconds(1));
	assert_int_equal(cause(fx).status, status);
	assert_int_equal(heard.lines, 2);
	assert_non_null(strstr(heard.last, second));
	log_sink_set(NULL, NULL);
}

static struct reply post_forged(struct api_fixture *fx)
{
	fake_provider_set_event(fx->app.provider, EVENT_PARSE_BAD_SIGNATURE, NULL);
	return api_post(fx, NULL, HOOK, "{\"session_id\":\"told-nowhere\"}");
}

static void who_signs_with_another_secret_is_told_now_and_then(void **state)
{
	expect_throttled(*state, post_forged, 401,
		"level=warn event=provider_events_bad_signature times=1 reason=", " times=4 reason=");
	assert_non_null(strstr(heard.last, " action=\"compare KYCD_DIDIT_WEBHOOK_SECRET with "));
	assert_null(strstr(heard.last, "told-nowhere"));
}

static struct reply post_doubtful(struct api_fixture *fx)
{
	return post_event(fx, 2, STATUS_NOT_STARTED, FIXTURE_NOW + 2000);
}

static void what_cannot_be_asked_about_is_told_in_words(void **state)
{
	struct api_fixture *const fx = *state;

	(void)with_session(fx);
	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	fake_provider_set_failure(fx->app.provider, PROVIDER_PAUSED);
	expect_throttled(fx, post_doubtful, 503,
		"level=warn event=provider_events_deferred times=1 reason=\"the session cannot be read",
		" times=4 ");
	assert_non_null(strstr(heard.last, "the rate limit is reached"));
	fake_provider_set_failure(fx->app.provider, PROVIDER_UNREACHABLE);
	expect_throttled(
		fx, post_doubtful, 503, "times=1 reason=\"the session could not be read", " times=4 ");
}

static void an_event_that_made_us_ask_is_counted_as_that(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW };
	struct api_fixture *const fx = *state;

	(void)with_session(fx);
	(void)post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000);
	const int64_t doubtful = metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_NEEDS_POLL, 0);
	const int64_t stale = metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_STALE, 0);
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, seconds(10));
	assert_int_equal(post_doubtful(fx).status, 200);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_NEEDS_POLL, 0), doubtful + 1);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_STALE, 0), stale);
}

static void a_store_that_fails_lets_the_event_come_again(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	atomic_store(&fx->app.store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_equal(post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000).status, 503);
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
	assert_int_equal(post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000).status, 200);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_APPROVED);
}

static void events_switched_off(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	fx->app.rules.provider_events_off = true;
	assert_answer(post_event(fx, 1, STATUS_APPROVED, FIXTURE_NOW + 1000), 404, "route_not_found",
		"No such route");
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
}

static void the_provider_is_the_actor_and_the_call_is_named(void **state)
{
	static const struct audit_entry since;
	struct api_fixture *const fx = *state;
	struct audit_entry rows[64];
	size_t found = 0;

	(void)with_session(fx);
	const struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW };
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	const struct reply event = post_event(fx, 1, STATUS_IN_PROGRESS, FIXTURE_NOW + 1000);
	fixture_advance_clock(&fx->app, seconds(1));
	const struct reply back = api_get(fx, NULL, BACK);
	const size_t n = fixture_find(&fx->app, QUERY_AUDIT_SINCE, &since, rows, 64);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].action != AUDIT_DECISION)
			continue;
		assert_int_equal(rows[i].actor_kind, ACTOR_PROVIDER);
		assert_true(str_eq(str_of(rows[i].request_id),
			reply_find_header(found ? &back : &event, "X-Request-Id")));
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

static void a_return_goes_on_to_the_tenants_page(void **state)
{
	static const struct {
		const char *url, *location;
	} rows[] = {
		{ "https://shop.test/done", "https://shop.test/done?session_id=scripted-1" },
		{ "https://shop.test/?a=b", "https://shop.test/?a=b&session_id=scripted-1" },
		{ "https://shop.test/app#/kyc?x", "https://shop.test/app?session_id=scripted-1#/kyc?x" },
	};
	struct api_fixture *const fx = *state;

	(void)with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		set_return_url(fx, rows[i].url);
		const struct reply reply = api_get(fx, NULL, BACK "&status=Approved");
		assert_int_equal(reply.status, 303);
		assert_int_equal(reply.body.n, 0);
		assert_true(str_eq(reply_find_header(&reply, "Location"), str_of(rows[i].location)));
		assert_true(str_eq(reply_find_header(&reply, "Referrer-Policy"), STR("no-referrer")));
	}
	assert_int_equal(fake_provider_read_count(fx->app.provider), 1);
}

static void a_return_reads_the_decision_and_never_believes_the_url(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	fake_provider_set_failure(fx->app.provider, PROVIDER_UNREACHABLE);
	assert_int_equal(api_get(fx, NULL, BACK "&status=Approved").status, 200);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_NOT_STARTED);
	fake_provider_set_failure(fx->app.provider, PROVIDER_OK);
	const struct session_snapshot snapshot = { .status = STATUS_DECLINED };
	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, seconds(10));
	assert_int_equal(api_get(fx, NULL, BACK "&status=Approved").status, 200);
	assert_int_equal(fixture_latest_session(&fx->app, &shop, ANA).status, STATUS_DECLINED);
}

static void a_return_asks_the_writer_only_when_a_reading_is_due(void **state)
{
	static const struct {
		const char *path;
		int64_t wait;
		size_t writes; /* the mark that it was asked, and what the reading said */
	} rows[] = {
		{ "/return", 0, 0 },
		{ "/return?verificationSessionId=foreign", 0, 0 },
		{ BACK, 0, 2 },
		{ BACK, 0, 0 },
		{ BACK, 9999, 0 },
		{ BACK, 1, 2 },
	};
	struct api_fixture *const fx = *state;

	(void)with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(&fx->app, milliseconds(rows[i].wait));
		const size_t before = atomic_load(&fx->app.store.writes);
		assert_int_equal(api_get(fx, NULL, rows[i].path).status, 200);
		assert_int_equal(atomic_load(&fx->app.store.writes) - before, rows[i].writes);
	}
}

static bool has(const struct reply *reply, const char *part)
{
	return memmem(reply->body.p, reply->body.n, part, strlen(part)) != NULL;
}

static void without_a_page_of_the_tenants_there_is_ours_for_everybody(void **state)
{
	static const char *const rows[] = { "/return", "/return?verificationSessionId=foreign",
		"/return?verificationSessionId=", "/return?verificationSessionId=%zz", "/return?x=y",
		"/return?verificationSessionId=<script>", "/api/return" };
	struct api_fixture *const fx = *state;

	fx->app.rules.brand = STR("A<b>&\"C");
	(void)with_session(fx);
	const struct reply known = api_get(fx, NULL, BACK);
	assert_int_equal(known.status, 200);
	assert_string_equal(known.content_type, "text/html; charset=utf-8");
	assert_true(has(&known, "A&lt;b&gt;&amp;&quot;C"));
	assert_false(has(&known, "<script"));
	assert_false(has(&known, "sandbox"));
	assert_true(
		str_starts(reply_find_header(&known, "Content-Security-Policy"), STR("default-src 'none'")));
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply other = api_get(fx, NULL, rows[i]);
		assert_int_equal(other.status, 200);
		assert_true(str_eq(other.body, known.body));
	}
	fx->app.rules.sandbox = true;
	const struct reply sandbox = api_get(fx, NULL, BACK);
	assert_true(has(&sandbox, "This is a sandbox"));
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(an_event_is_received_once_or_twice),
		TEST(what_is_not_signed_or_not_an_event),
		TEST(an_unknown_sessions_event_by_its_age),
		TEST(in_doubt_the_provider_is_asked),
		TEST(when_the_provider_does_not_tell_the_event_shall_come_again),
		TEST(who_signs_with_another_secret_is_told_now_and_then),
		TEST(what_cannot_be_asked_about_is_told_in_words),
		TEST(an_event_that_made_us_ask_is_counted_as_that),
		TEST(a_store_that_fails_lets_the_event_come_again),
		TEST(events_switched_off),
		TEST(the_provider_is_the_actor_and_the_call_is_named),
		TEST(a_return_goes_on_to_the_tenants_page),
		TEST(a_return_reads_the_decision_and_never_believes_the_url),
		TEST(a_return_asks_the_writer_only_when_a_reading_is_due),
		TEST(without_a_page_of_the_tenants_there_is_ours_for_everybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The Prometheus endpoint: metrics that are read from the store. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "api/endpoints/routes.h"
#include "app/core/quota.h"
#include "app/session/decision.h"
#include "app/session/decision_count.h"
#include "base/metrics.h"
#include "kit/api_fixture.h"
#include "kit/fake_provider.h"

static struct str get_metrics(struct api_fixture *fx)
{
	fx->api.routes = admin_routes;
	fx->api.n_routes = n_admin_routes;
	const struct reply reply = api_get(fx, NULL, "/metrics");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
	return reply.body;
}

#define ANA "ana.exemplo@example.com"
#define METRICS_BYTES ((size_t)4 * 1024 * 1024)

static bool contains(struct str text, const char *line)
{
	return memmem(text.p, text.n, line, strlen(line)) != NULL;
}

static void quota_used_this_month_is_reported_for_each_tenant(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, 10);
	const struct caller bank = fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct quota rows[] = { { shop.tenant.id, 202601, 3, 0, 0 },
		{ shop.tenant.id, 202512, 9, 0, 0 }, { bank.tenant.id, 202512, 5, 0, 0 } };

	for (size_t i = 0; i < array_len(rows); i++)
		fixture_save(&fx->app, RECORD_QUOTA, &rows[i]);
	struct str text = get_metrics(fx);
	assert_true(contains(text, "\n# TYPE kycd_quota_used gauge\n"
				   "kycd_quota_used{tenant=\"bank\"} 0\n"
				   "kycd_quota_used{tenant=\"shop\"} 3\n"));
	/* A new tenant is in the next response, and in a new month the used quota starts at 0. */
	(void)fixture_add_tenant(&fx->app, "arc", NULL, NO_QUOTA);
	fixture_advance_clock(&fx->app, days(27));
	text = get_metrics(fx);
	assert_true(contains(text, "kycd_quota_used{tenant=\"arc\"} 0\nkycd_quota_used{tenant=\"bank\"} 0\n"
				   "kycd_quota_used{tenant=\"shop\"} 0\n"));
}

static void store_failure_omits_quotas_only(void **state)
{
	struct api_fixture *const fx = *state;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	atomic_store(&fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
	const struct str text = get_metrics(fx);
	assert_false(contains(text, "kycd_quota_used"));
	assert_true(contains(text, "kycd_queue_depth "));
}

static void number_of_reported_tenants_is_limited(void **state)
{
	struct api_fixture *const fx = *state;
	size_t n = 0;

	for (int i = 0; i < QUOTAS_REPORTED + 20; i++) {
		struct tenant tenant = { .monthly_quota = NO_QUOTA };

		(void)snprintf(tenant.id.text, sizeof(tenant.id.text), "%026d", i);
		(void)snprintf(tenant.name, sizeof(tenant.name), "%063d", i); /* the longest name */
		fixture_save(&fx->app, RECORD_TENANT, &tenant);
	}
	fx->call_bytes = METRICS_BYTES;
	struct str rest = get_metrics(fx), line;
	while (str_cut(&rest, '\n', &line))
		n += str_starts(line, STR("kycd_quota_used{")) +
		     str_starts(line, STR("kycd_decisions_total{"));
	assert_int_equal(n, QUOTAS_REPORTED * (1 + DECISION_STATUSES));
}

static void poll_decision(struct api_fixture *fx, enum session_status status)
{
	static const struct actor actor = { .kind = ACTOR_WORKER };
	const struct session_snapshot snapshot = { .status = status };
	const struct poll_params params = { STR("scripted-1"), seconds(3), POLL_FOR_CALLER };
	enum provider_cause cause;

	fake_provider_set_snapshot(fx->app.provider, &snapshot);
	fixture_advance_clock(&fx->app, minutes(10));
	assert_int_equal(app_poll_session(&fx->app.world, &fx->app.arena, &actor, &params, &cause), OK);
}

/* A decision is counted once, although each transaction of the memory store runs twice, for the tenant of the
 * session only, and only if it changed the session. */
static void decisions_are_counted_by_tenant_and_status(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);

	(void)fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	assert_true(
		contains(get_metrics(fx), "kycd_decisions_total{tenant=\"shop\",status=\"approved\"} 0\n"));
	fixture_verify_email(&fx->app, &shop, ANA);
	assert_int_equal(fixture_create_session(&fx->app, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	poll_decision(fx, STATUS_IN_PROGRESS);
	poll_decision(fx, STATUS_IN_REVIEW);
	poll_decision(fx, STATUS_APPROVED);
	poll_decision(fx, STATUS_APPROVED);
	poll_decision(fx, STATUS_DECLINED);
	poll_decision(fx, STATUS_APPROVED);
	const struct str text = get_metrics(fx);
	assert_true(contains(text, "\n# TYPE kycd_decisions_total counter\n"
				   "kycd_decisions_total{tenant=\"bank\",status=\"approved\"} 0\n"));
	assert_true(contains(text, "kycd_decisions_total{tenant=\"shop\",status=\"approved\"} 2\n"
				   "kycd_decisions_total{tenant=\"shop\",status=\"declined\"} 1\n"
				   "kycd_decisions_total{tenant=\"shop\",status=\"in_review\"} 1\n"));
	assert_false(contains(text, "in_progress"));
}

/* If the table is full, decisions of further tenants are not counted; those of the others still are. */
static void number_of_counted_tenants_is_limited(void **state)
{
	struct tenant_id id = { "" };

	(void)state;
	for (int i = 0; i < DECISION_TENANTS_MAX + 2; i++) {
		(void)snprintf(id.text, sizeof(id.text), "%026d", i);
		decision_count(&id, STATUS_APPROVED);
		decision_count(&id, STATUS_IN_PROGRESS);
		decision_count(&id, STATUS_APPROVED);
		assert_int_equal(decision_count_read(&id, STATUS_APPROVED), i < DECISION_TENANTS_MAX ? 2 : 0);
		assert_int_equal(decision_count_read(&id, STATUS_IN_PROGRESS), 0);
	}
	(void)snprintf(id.text, sizeof(id.text), "%026d", 0);
	decision_count(&id, STATUS_DECLINED);
	assert_int_equal(decision_count_read(&id, STATUS_DECLINED), 1);
}

static void verify(struct api_fixture *fx, const char *key, const char *code, int status)
{
	char body[128];

	(void)snprintf(body, sizeof(body), "{\"email\":\"" ANA "\",\"code\":\"%s\"}", code);
	assert_int_equal(api_post(fx, key, "/security/email/verify-otp", body).status, status);
}

/* Also once each, and not if the result could not be stored. */
static void checked_codes_are_counted_by_outcome(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	char code[7], wrong_code[7];

	(void)fixture_prepare(&fx->app, &shop, ANA);
	fixture_get_otp(&fx->app, &shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	atomic_store(&fx->app.store.fault, STORE_FAULT_AFTER_WORK);
	verify(fx, key.text, wrong_code, 503);
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	for (int i = 0; i < 5; i++)
		verify(fx, key.text, wrong_code, 400);
	verify(fx, key.text, wrong_code, 400);
	verify(fx, key.text, "12", 400);
	fixture_get_otp(&fx->app, &shop, ANA, code);
	fixture_advance_clock(&fx->app, minutes(10));
	verify(fx, key.text, code, 400);
	fixture_get_otp(&fx->app, &shop, ANA, code);
	verify(fx, key.text, code, 200);
	verify(fx, key.text, code, 400); /* already verified: no code was checked */
	const struct str text = get_metrics(fx);
	assert_true(contains(text, "kycd_code_checks_total{kind=\"code\",outcome=\"accepted\"} 1\n"
				   "kycd_code_checks_total{kind=\"code\",outcome=\"expired\"} 1\n"
				   "kycd_code_checks_total{kind=\"code\",outcome=\"locked\"} 2\n"
				   "kycd_code_checks_total{kind=\"code\",outcome=\"wrong\"} 5\n"
				   "kycd_code_checks_total{kind=\"link_code\",outcome=\"accepted\"} 0\n"));
}

static void latency_is_measured_by_route(void **state)
{
	struct api_fixture *const fx = *state;

	dispatch_label(&fx->api);
	(void)api_get(fx, NULL, "/health/live");
	(void)api_get(fx, NULL, "/health/live");
	(void)api_get(fx, NULL, "/nowhere");
	const struct str text = get_metrics(fx);
	assert_true(contains(text, "kycd_request_duration_seconds_count{route=\"/health/live\"} 2\n"));
	assert_true(contains(text, "kycd_request_duration_seconds_count{route=\"none\"} 1\n"));
	assert_true(contains(text, "kycd_request_duration_seconds_count{route=\"/kyc/prepare\"} 0\n"));
	assert_true(contains(
		text, "kycd_request_duration_seconds_bucket{route=\"/health/live\",le=\"+Inf\"} 2\n"));
}

static int setup(void **state)
{
	metrics_reset();
	decision_count_reset();
	routes_label();
	return api_fixture_setup(state);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(quota_used_this_month_is_reported_for_each_tenant),
		TEST(store_failure_omits_quotas_only),
		TEST(number_of_reported_tenants_is_limited),
		TEST(decisions_are_counted_by_tenant_and_status),
		TEST(number_of_counted_tenants_is_limited),
		TEST(checked_codes_are_counted_by_outcome),
		TEST(latency_is_measured_by_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
#include "kit/api_fixture.h"

static struct str get_metrics(struct api_fixture *fx)
{
	fx->api.routes = admin_routes;
	fx->api.n_routes = n_admin_routes;
	const struct reply reply = api_get(fx, NULL, "/metrics");
	assert_int_equal(reply.status, 200);
	assert_string_equal(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
	return reply.body;
}

static bool contains(struct str text, const char *line)
{
	return memmem(text.p, text.n, line, strlen(line)) != NULL;
}

static void quota_used_this_month_is_reported_for_each_tenant(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(&fx->app, "shop", NULL, 10);
	const struct caller bank = fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct quota rows[] = { { shop.tenant.id, 202601, 3 }, { shop.tenant.id, 202512, 9 },
		{ bank.tenant.id, 202512, 5 } };

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
	struct str rest = get_metrics(fx), line;
	while (str_cut(&rest, '\n', &line))
		n += str_starts(line, STR("kycd_quota_used{"));
	assert_int_equal(n, QUOTAS_REPORTED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(quota_used_this_month_is_reported_for_each_tenant),
		TEST(store_failure_omits_quotas_only),
		TEST(number_of_reported_tenants_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

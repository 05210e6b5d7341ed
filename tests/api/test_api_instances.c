/* API keys and rate limits with several instances on one shared store. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "api/core/guard.h"
#include "app/admin/operator.h"
#include "base/lock.h"
#include "crypto/api_key.h"
#include "kit/instance_pair.h"

#define INSTANCES 4

struct cluster {
	struct instance_pair pair;
	struct world worlds[INSTANCES];
	struct guard *guards[INSTANCES];
	char key[API_KEY_LENGTH + 1];
	struct api_key row;
};

/* Opens the guards of all instances. Their clocks agree; a wrong clock would make no difference, because rate
 * limits use the store's clock. */
static void open_cluster(struct cluster *c, int64_t per_minute)
{
	const struct key_params params = {
		.tenant = STR("shop"), .rate_per_minute = per_minute, .rate_per_second = 1000000
	};

	(void)fixture_add_tenant(&c->pair.first, "shop", NULL, NO_QUOTA);
	assert_int_equal(
		operator_create_key(&c->pair.first.world, &c->pair.first.arena, &params, &c->row, c->key),
		OK);
	for (size_t i = 0; i < INSTANCES; i++) {
		c->worlds[i] = i % 2 ? c->pair.second.world : c->pair.first.world;
		c->worlds[i].instance.text[0] = (char)('a' + i);
		assert_int_equal(guard_open(&c->worlds[i], &c->guards[i]), OK);
	}
}

static int cluster_setup(void **state)
{
	struct cluster *const c = calloc(1, sizeof(*c));

	assert_non_null(c);
	instance_pair_open(&c->pair);
	*state = c;
	return 0;
}

static int cluster_teardown(void **state)
{
	struct cluster *const c = *state;

	for (size_t i = 0; i < INSTANCES; i++)
		guard_close(c->guards[i]);
	instance_pair_close(&c->pair);
	free(c);
	return 0;
}

static struct guard_result check_key(struct cluster *c, size_t instance)
{
	struct request request = { .method = METHOD_GET, .n_headers = 1 };
	struct guard_result out = { .verdict = GUARD_PASSED };
	struct arena a;

	request.headers[0] = (struct header){ STR("x-api-key"), str_of(c->key) };
	arena_init(&a, ARENA_CALL_LIMIT);
	guard_check(c->guards[instance], &request, &a, &out);
	arena_finish(&a);
	return out;
}

/* Patterns of load: which instance gets the n-th request. */
static size_t all_in_turn(unsigned n)
{
	return n % INSTANCES;
}
static size_t always_one(unsigned n)
{
	(void)n;
	return 1;
}
static size_t mostly_one(unsigned n)
{
	return n % 50 == 0 ? n / 50 % INSTANCES : 0;
}
/* Changes every ten seconds. */
static size_t each_for_ten_seconds(unsigned n)
{
	return n / 400 % INSTANCES;
}

#define MINUTES 3
#define STEP_MS 25

/* Forty requests per second are sent, of which ten per second are allowed. At most 10 % more than the limit
 * pass in any minute, and at least 90 % of it over all minutes. */
static void limit_per_minute_is_shared_across_instances(void **state)
{
	static size_t (*const patterns[])(
		unsigned n) = { all_in_turn, always_one, mostly_one, each_for_ten_seconds };
	static int passed[MINUTES * 60000 / STEP_MS];
	const unsigned n_requests = MINUTES * 60000 / STEP_MS, requests_per_minute = 60000 / STEP_MS;
	struct cluster *const c = *state;

	open_cluster(c, 600);
	for (size_t pattern = 0; pattern < array_len(patterns); pattern++) {
		const size_t before = atomic_load(&c->pair.first.store.writes);
		int total = 0, in_last_minute = 0;

		for (unsigned n = 0; n < n_requests; n++) {
			passed[n] = check_key(c, patterns[pattern](n)).verdict == GUARD_PASSED;
			total += passed[n];
			in_last_minute += passed[n] -
					  (n >= requests_per_minute ? passed[n - requests_per_minute] : 0);
			assert_true(in_last_minute <= 660);
			instance_pair_advance_clocks(&c->pair, milliseconds(STEP_MS));
		}
		/* Requests may leave the window of a minute late, by at most a sixteenth of its length. */
		assert_in_range(total, MINUTES * 540, MINUTES * 660);
		/* At most one write transaction per nine accepted requests, and two per second and instance
		 * while requests are refused. */
		assert_in_range(atomic_load(&c->pair.first.store.writes) - before, 1,
			MINUTES * (600 / 9 + 8) + MINUTES * 60 * 2 * INSTANCES);
		instance_pair_advance_clocks(&c->pair, minutes(2));
	}
}

static void refused_request_gets_a_wait_time_at_every_instance(void **state)
{
	struct cluster *const c = *state;

	open_cluster(c, 60);
	for (int i = 0; i < 60; i++)
		assert_int_equal(check_key(c, 0).verdict, GUARD_PASSED);
	for (size_t i = 0; i < INSTANCES; i++) {
		const struct guard_result limited = check_key(c, i);

		assert_int_equal(limited.verdict, GUARD_LIMITED);
		assert_int_equal(limited.limits.per_minute, 60);
		assert_in_range(limited.wait.ms, 56000, 64000);
	}
	/* Now that the limit is known to be reached, a request is refused without a write transaction. */
	const size_t writes = atomic_load(&c->pair.first.store.writes);
	assert_int_equal(check_key(c, 0).verdict, GUARD_LIMITED);
	assert_int_equal(atomic_load(&c->pair.first.store.writes), writes);
	instance_pair_advance_clocks(&c->pair, seconds(64));
	assert_int_equal(check_key(c, 0).verdict, GUARD_PASSED);
}

struct load_thread {
	struct cluster *cluster;
	size_t instance;
	struct thread thread;
	int passed;
};

static void send_requests(void *arg)
{
	struct load_thread *const t = arg;

	for (int i = 0; i < 300; i++)
		t->passed += check_key(t->cluster, t->instance).verdict == GUARD_PASSED;
}

/* Three threads at each of four instances send requests while the clock stands still. Together they never
 * exceed the limit. */
static void concurrent_requests_do_not_exceed_the_limit(void **state)
{
	struct cluster *const c = *state;
	struct load_thread load[3 * INSTANCES];
	int total = 0;

	open_cluster(c, 600);
	for (size_t i = 0; i < array_len(load); i++) {
		load[i] = (struct load_thread){ .cluster = c, .instance = i % INSTANCES };
		assert_int_equal(thread_start(&load[i].thread, send_requests, &load[i]), OK);
	}
	for (size_t i = 0; i < array_len(load); i++) {
		thread_join(&load[i].thread);
		total += load[i].passed;
	}
	assert_in_range(total, 540, 600);
}

static void unshared_store_is_not_written_for_limits(void **state)
{
	struct cluster *const c = *state;

	c->pair.first.store.base.shared = false;
	open_cluster(c, 600);
	const size_t writes = atomic_load(&c->pair.first.store.writes);
	for (int i = 0; i < 600; i++)
		assert_int_equal(check_key(c, 0).verdict, GUARD_PASSED);
	assert_int_equal(check_key(c, 0).verdict, GUARD_LIMITED);
	assert_int_equal(atomic_load(&c->pair.first.store.writes), writes);
}

static void store_failure_is_unavailable_instead_of_limited(void **state)
{
	struct cluster *const c = *state;

	open_cluster(c, 600);
	assert_int_equal(check_key(c, 0).verdict, GUARD_PASSED);
	/* The instance reserves nine requests of the limit with one write transaction. */
	for (int i = 0; i < 8; i++)
		assert_int_equal(check_key(c, 0).verdict, GUARD_PASSED);
	atomic_store(&c->pair.first.store.fault, STORE_FAULT_BEFORE_WORK);
	assert_int_equal(check_key(c, 0).verdict, GUARD_UNAVAILABLE);
	atomic_store(&c->pair.first.store.fault, STORE_FAULT_NONE);
	assert_int_equal(check_key(c, 0).verdict, GUARD_PASSED);
}

static void revoked_key_is_refused_by_all_instances_within_a_second(void **state)
{
	struct cluster *const c = *state;

	open_cluster(c, 600);
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(check_key(c, i).verdict, GUARD_PASSED);
	assert_int_equal(
		operator_revoke_key(&c->worlds[0], &c->pair.first.arena, NULL, str_of(c->row.id.text)), OK);
	instance_pair_advance_clocks(&c->pair, milliseconds(999));
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(check_key(c, i).verdict, GUARD_UNAUTHORIZED);
}

static void tenant_change_reaches_all_instances_within_a_second(void **state)
{
	const struct tenant_change change = { .name = STR("shop"), .display_name = STR("The Shop") };
	struct cluster *const c = *state;
	struct tenant tenant;

	open_cluster(c, 600);
	for (size_t i = 0; i < INSTANCES; i++)
		assert_string_equal(check_key(c, i).caller.tenant.display_name, "");
	assert_int_equal(operator_set_tenant(&c->worlds[0], &c->pair.first.arena, &change, &tenant), OK);
	instance_pair_advance_clocks(&c->pair, milliseconds(999));
	for (size_t i = 0; i < INSTANCES; i++)
		assert_string_equal(check_key(c, i).caller.tenant.display_name, "The Shop");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, cluster_setup, cluster_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(limit_per_minute_is_shared_across_instances),
		TEST(refused_request_gets_a_wait_time_at_every_instance),
		TEST(concurrent_requests_do_not_exceed_the_limit),
		TEST(unshared_store_is_not_written_for_limits),
		TEST(store_failure_is_unavailable_instead_of_limited),
		TEST(revoked_key_is_refused_by_all_instances_within_a_second),
		TEST(tenant_change_reaches_all_instances_within_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

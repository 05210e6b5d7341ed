/* Keys and rates of several instances that share one store. */
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
	struct instance_pair pair; /* first */
	struct world worlds[INSTANCES];
	struct guard *guards[INSTANCES];
	char key[API_KEY_LENGTH + 1];
	struct api_key row;
};

/* Clocks agree here; what a clock that is off does to rates is nothing: they go by the store's. */
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

static struct guarded knock(struct cluster *c, size_t at)
{
	struct request request = { .method = METHOD_GET, .n_headers = 1 };
	struct guarded out = { .verdict = GUARD_PASSED };
	struct arena a;

	request.headers[0] = (struct header){ STR("x-api-key"), str_of(c->key) };
	arena_init(&a, ARENA_CALL_LIMIT);
	guard_check(c->guards[at], &request, &a, &out);
	arena_finish(&a);
	return out;
}

/* Which instance is asked for the n-th time. */
static size_t each_in_turn(unsigned n)
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
/* Each for ten seconds. */
static size_t one_after_the_other(unsigned n)
{
	return n / 400 % INSTANCES;
}

#define MINUTES 3
#define STEP_MS 25

/* Forty a second are wanted, ten may pass: in no minute more than a tenth beyond, and over all of them hardly
 * fewer. */
static void a_minutes_limit_holds_across_instances(void **state)
{
	static size_t (*const ways[])(
		unsigned n) = { each_in_turn, always_one, mostly_one, one_after_the_other };
	static int passed[MINUTES * 60000 / STEP_MS];
	const unsigned steps = MINUTES * 60000 / STEP_MS, minute = 60000 / STEP_MS;
	struct cluster *const c = *state;

	open_cluster(c, 600);
	for (size_t way = 0; way < array_len(ways); way++) {
		const size_t before = atomic_load(&c->pair.first.store.writes);
		int total = 0, within = 0;

		for (unsigned n = 0; n < steps; n++) {
			passed[n] = knock(c, ways[way](n)).verdict == GUARD_PASSED;
			total += passed[n];
			within += passed[n] - (n >= minute ? passed[n - minute] : 0);
			assert_true(within <= 660);
			instance_pair_advance_clocks(&c->pair, milliseconds(STEP_MS));
		}
		/* A window is refilled a sixteenth late at most. */
		assert_in_range(total, MINUTES * 540, MINUTES * 660);
		/* A draw for nine calls, and two a second and instance while there is nothing. */
		assert_in_range(atomic_load(&c->pair.first.store.writes) - before, 1,
			MINUTES * (600 / 9 + 8) + MINUTES * 60 * 2 * INSTANCES);
		instance_pair_advance_clocks(&c->pair, minutes(2));
	}
}

static void who_is_refused_hears_when_to_come_again(void **state)
{
	struct cluster *const c = *state;

	open_cluster(c, 60);
	for (int i = 0; i < 60; i++)
		assert_int_equal(knock(c, 0).verdict, GUARD_PASSED);
	for (size_t i = 0; i < INSTANCES; i++) {
		const struct guarded limited = knock(c, i);

		assert_int_equal(limited.verdict, GUARD_LIMITED);
		assert_int_equal(limited.per_minute, 60);
		assert_in_range(limited.wait.ms, 56000, 64000);
	}
	/* Asked again at once it is not drawn again at once. */
	const size_t writes = atomic_load(&c->pair.first.store.writes);
	assert_int_equal(knock(c, 0).verdict, GUARD_LIMITED);
	assert_int_equal(atomic_load(&c->pair.first.store.writes), writes);
	instance_pair_advance_clocks(&c->pair, seconds(64));
	assert_int_equal(knock(c, 0).verdict, GUARD_PASSED);
}

struct connection_index {
	struct cluster *cluster;
	size_t at;
	struct thread thread;
	int passed;
};

static void hammer(void *arg)
{
	struct connection_index *const crowd = arg;

	for (int i = 0; i < 300; i++)
		crowd->passed += knock(crowd->cluster, crowd->at).verdict == GUARD_PASSED;
}

/* Three threads at each of four instances, with no time passing: never one too many. */
static void callers_at_once_are_counted_once_each(void **state)
{
	struct cluster *const c = *state;
	struct connection_index crowds[3 * INSTANCES];
	int total = 0;

	open_cluster(c, 600);
	for (size_t i = 0; i < array_len(crowds); i++) {
		crowds[i] = (struct connection_index){ .cluster = c, .at = i % INSTANCES };
		assert_int_equal(thread_start(&crowds[i].thread, hammer, &crowds[i]), OK);
	}
	for (size_t i = 0; i < array_len(crowds); i++) {
		thread_join(&crowds[i].thread);
		total += crowds[i].passed;
	}
	assert_in_range(total, 540, 600);
}

static void alone_nothing_is_written(void **state)
{
	struct cluster *const c = *state;

	c->pair.first.store.base.shared = false;
	open_cluster(c, 600);
	const size_t writes = atomic_load(&c->pair.first.store.writes);
	for (int i = 0; i < 600; i++)
		assert_int_equal(knock(c, 0).verdict, GUARD_PASSED);
	assert_int_equal(knock(c, 0).verdict, GUARD_LIMITED);
	assert_int_equal(atomic_load(&c->pair.first.store.writes), writes);
}

static void a_store_that_cannot_count_is_no_refusal(void **state)
{
	struct cluster *const c = *state;

	open_cluster(c, 600);
	assert_int_equal(knock(c, 0).verdict, GUARD_PASSED);
	for (int i = 0; i < 8; i++) /* what was drawn is spent */
		assert_int_equal(knock(c, 0).verdict, GUARD_PASSED);
	atomic_store(&c->pair.first.store.fault, STORE_FAULT_BEFORE_WORK);
	assert_int_equal(knock(c, 0).verdict, GUARD_UNAVAILABLE);
	atomic_store(&c->pair.first.store.fault, STORE_FAULT_NONE);
	assert_int_equal(knock(c, 0).verdict, GUARD_PASSED);
}

static void revoked_by_one_it_is_out_at_all_within_a_second(void **state)
{
	struct cluster *const c = *state;

	open_cluster(c, 600);
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(knock(c, i).verdict, GUARD_PASSED);
	assert_int_equal(
		operator_revoke_key(&c->worlds[0], &c->pair.first.arena, str_of(c->row.id.text)), OK);
	instance_pair_advance_clocks(&c->pair, milliseconds(999));
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(knock(c, i).verdict, GUARD_UNAUTHORIZED);
}

static void a_tenants_new_name_is_known_to_all_within_a_second(void **state)
{
	const struct tenant_change change = { .name = STR("shop"), .display_name = STR("The Shop") };
	struct cluster *const c = *state;
	struct tenant tenant;

	open_cluster(c, 600);
	for (size_t i = 0; i < INSTANCES; i++)
		assert_string_equal(knock(c, i).caller.tenant.display_name, "");
	assert_int_equal(operator_set_tenant(&c->worlds[0], &c->pair.first.arena, &change, &tenant), OK);
	instance_pair_advance_clocks(&c->pair, milliseconds(999));
	for (size_t i = 0; i < INSTANCES; i++)
		assert_string_equal(knock(c, i).caller.tenant.display_name, "The Shop");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, cluster_setup, cluster_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_minutes_limit_holds_across_instances),
		TEST(who_is_refused_hears_when_to_come_again),
		TEST(callers_at_once_are_counted_once_each),
		TEST(alone_nothing_is_written),
		TEST(a_store_that_cannot_count_is_no_refusal),
		TEST(revoked_by_one_it_is_out_at_all_within_a_second),
		TEST(a_tenants_new_name_is_known_to_all_within_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

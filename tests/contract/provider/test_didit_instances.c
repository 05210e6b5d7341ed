/* Tests that several instances with one store share one Didit token and one budget of polls. */
#include "fake_didit.h"

#include "app/core/shared_state.h"
#include "base/attr.h"
#include "domain/throttle.h"
#include "kit/instance_pair.h"
#include "net/https_client.h"
#include "provider/throttled_provider.h"
#include "provider/token_source.h"
#include "text/encode.h"

#define INSTANCES 4

/* A kycd instance with its own token source and shared-state adapter. */
struct instance {
	struct world world;
	struct shared_state *shared_state;
	struct token_source *tokens;
};

struct cluster {
	struct instance_pair pair;
	struct fake_didit *didit;
	struct https_client *https;
	struct instance instances[INSTANCES];
};

static void instance_open(struct cluster *c, size_t i, const char *secret)
{
	struct instance *const o = &c->instances[i];
	struct token_conf conf = {
		.auth_url = arena_printf(&c->didit->arena, "http://127.0.0.1:%d", c->didit->server.port),
		.client_id = STR("ExampleClientId"),
		.client_secret = str_of(secret),
		.https = c->https,
		.clock = &c->didit->clock,
	};

	o->world = c->pair.first.world;
	o->world.instance.text[0] = (char)('a' + i);
	assert_int_equal(shared_state_open(&o->world, &o->shared_state), OK);
	conf.shared_state = o->shared_state;
	assert_int_equal(token_open(&conf, &o->tokens), OK);
}

static int set_up(void **state)
{
	const struct https_conf https = { .calls_max = 64 };
	struct cluster *const c = calloc(1, sizeof(*c));

	assert_non_null(c);
	instance_pair_open(&c->pair);
	c->didit = fake_new();
	assert_int_equal(https_open(&https, &c->https), OK);
	for (size_t i = 0; i < INSTANCES; i++)
		instance_open(c, i, "a secret");
	*state = c;
	return 0;
}

static void instance_close(struct instance *o)
{
	token_close(o->tokens);
	o->shared_state->ops->close(o->shared_state);
}

static int tear_down(void **state)
{
	struct cluster *const c = *state;
	void *didit = c->didit;

	for (size_t i = 0; i < INSTANCES; i++)
		instance_close(&c->instances[i]);
	https_close(c->https);
	(void)fake_close(&didit);
	instance_pair_close(&c->pair);
	free(c);
	return 0;
}

static enum err get_token(struct cluster *c, size_t i, struct token *token)
{
	const int64_t deadline = fake_ticks(&c->didit->clock) + 10000;
	struct provider_failure failure;

	return token_get(c->instances[i].tokens, deadline, token, &failure);
}

static void advance_clock_ms(struct cluster *c, int64_t ms)
{
	atomic_fetch_add(&c->didit->clock_offset_ms, ms);
	instance_pair_advance_clocks(&c->pair, milliseconds(ms));
}

static void one_token_is_used_by_all_instances(void **state)
{
	struct cluster *const c = *state;
	struct token token, first;

	assert_int_equal(get_token(c, 0, &first), OK);
	for (size_t i = 1; i < INSTANCES; i++) {
		assert_int_equal(get_token(c, i, &token), OK);
		assert_string_equal(token.text, first.text);
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 1);
	/* The token is renewed once by all instances together, five minutes before it expires. The additional
	 * second allows for the duration of the test. */
	advance_clock_ms(c, INT64_C(1000) * (86400 - 301));
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get_token(c, i, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), 1);
	advance_clock_ms(c, 1000);
	for (size_t i = 0; i < INSTANCES; i++) {
		assert_int_equal(get_token(c, i, &token), OK);
		assert_string_not_equal(token.text, first.text);
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

struct token_caller {
	struct cluster *cluster;
	size_t instance;
	struct thread thread;
	struct token token;
	enum err e;
};

static void call_get_token(void *arg)
{
	struct token_caller *const a = arg;

	a->e = get_token(a->cluster, a->instance, &a->token);
}

static void concurrent_calls_fetch_one_token(void **state)
{
	struct cluster *const c = *state;
	static struct token_caller callers[3 * INSTANCES];

	atomic_store(&c->didit->token_hold, 1);
	for (size_t i = 0; i < array_len(callers); i++) {
		callers[i] = (struct token_caller){ .cluster = c, .instance = i % INSTANCES };
		assert_int_equal(thread_start(&callers[i].thread, call_get_token, &callers[i]), OK);
	}
	for (int i = 0; i < 500 && atomic_load(&c->didit->token_requests) == 0; i++)
		sleep_10_ms();
	for (int i = 0; i < 30; i++) /* gives a second token request the time to arrive */
		sleep_10_ms();
	atomic_store(&c->didit->token_hold, 0);
	for (size_t i = 0; i < array_len(callers); i++) {
		thread_join(&callers[i].thread);
		assert_int_equal(callers[i].e, OK);
		assert_string_equal(callers[i].token.text, callers[0].token.text);
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 1);
}

static void rejected_token_is_replaced_once_for_all_instances(void **state)
{
	struct cluster *const c = *state;
	struct token old[INSTANCES], token;

	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get_token(c, i, &old[i]), OK);
	for (size_t i = 0; i < INSTANCES; i++) {
		token_refused(c->instances[i].tokens, &old[i]);
		assert_int_equal(get_token(c, i, &token), OK);
		assert_string_equal(token.text, "token-2");
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

static void after_a_failed_fetch_another_instance_may_fetch(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	fake_set_response(c->didit, &c->didit->token, (struct fake_response){ .status = 503 });
	assert_int_equal(get_token(c, 0, &token), ERR_UPSTREAM);
	fake_set_response(c->didit, &c->didit->token, (struct fake_response){ .status = 0 });
	assert_int_equal(get_token(c, 1, &token), OK);
	assert_int_equal(get_token(c, 0, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

/* An instance that crashes while it fetches a token keeps the fetch lease until the lease expires, here after
 * 11 s. */
static void fetch_lease_of_a_crashed_instance_expires(void **state)
{
	static const struct token_request request = { STR_INIT("account"), 0, { 11000 } };
	static const struct {
		size_t instance;
		int64_t advance_ms;
		enum token_action action;
	} rows[] = {
		{ 0, 0, TOKEN_FETCH }, { 1, 10999, TOKEN_WAIT }, { 1, 1, TOKEN_FETCH },
		{ 0, 11001, TOKEN_FETCH }, { 0, 0, TOKEN_FETCH }, /* an instance may renew its own lease */
	};
	struct cluster *const c = *state;
	struct shared_token token;
	enum token_action action;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct shared_state *const shared_state = c->instances[rows[i].instance].shared_state;

		advance_clock_ms(c, rows[i].advance_ms);
		assert_int_equal(shared_state->ops->get_token(shared_state, &request, &token, &action), OK);
		assert_int_equal(action, rows[i].action);
	}
}

static void instance_with_another_secret_gets_its_own_token(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	instance_close(&c->instances[1]);
	instance_open(c, 1, "a new secret");
	assert_int_equal(get_token(c, 0, &token), OK);
	assert_int_equal(get_token(c, 1, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

static void token_without_lifetime_is_not_shared(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	c->didit->expires_in = "0";
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get_token(c, i, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), INSTANCES);
}

static void each_instance_fetches_its_own_token_when_the_store_fails(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	atomic_store(&c->pair.first.store.fault, STORE_FAULT_BEFORE_WORK);
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get_token(c, i, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), INSTANCES);
	atomic_store(&c->pair.first.store.fault, STORE_FAULT_NONE);
	token_refused(c->instances[3].tokens, &token);
	assert_int_equal(get_token(c, 3, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), INSTANCES + 1);
}

struct load_token_params {
	struct cluster *cluster;
	struct provider_token row;
};

/* Loads the row of the shared token. The name of the row is a keyed hash of the URL and the credentials. */
static enum err load_token(struct tx *tx, void *arg)
{
	struct load_token_params *const l = arg;
	const struct str account = arena_printf(&l->cluster->pair.first.arena,
		"http://127.0.0.1:%d/auth/v2/token/ Basic %s", l->cluster->didit->server.port,
		"RXhhbXBsZUNsaWVudElkOmEgc2VjcmV0");
	const struct str parts[] = { STR("token"), account };
	unsigned char digest[DIGEST_BYTES];

	keyed_digest(&l->cluster->pair.first.keys.index, parts, array_len(parts), digest);
	hex_write(digest, sizeof(digest), l->row.name);
	return store_load_token(tx, &l->row);
}

static struct provider_token stored_token(struct cluster *c)
{
	struct load_token_params l = { .cluster = c };

	assert_int_equal(
		store_transact(c->pair.first.world.store, TX_READ, &c->pair.first.arena, load_token, &l), OK);
	return l.row;
}

static void token_is_stored_encrypted(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	assert_int_equal(get_token(c, 0, &token), OK);
	struct provider_token row = stored_token(c);
	assert_true(row.sealed_token.n > 0);
	assert_null(memmem(row.sealed_token.p, row.sealed_token.n, token.text, strlen(token.text)));
	assert_null(strstr(row.name, "Example"));
}

static bool count_poll_allowed(struct instance *o, enum throttle_call call)
{
	static const struct throttle_limits limits = { 80, 80 };
	bool passes = false;

	assert_int_equal(o->shared_state->ops->count_poll(o->shared_state, &limits, call, &passes), OK);
	return passes;
}

static void poll_budget_per_minute_is_shared(void **state)
{
	struct cluster *const c = *state;
	int total = 0;

	for (int i = 0; i < 200; i++)
		total += count_poll_allowed(&c->instances[i % INSTANCES], THROTTLE_POLL_DUE);
	assert_int_equal(total, 60); /* the rest of the 80 polls is reserved for callers that wait */
	for (int i = 0; i < 200; i++)
		total += count_poll_allowed(&c->instances[i % INSTANCES], THROTTLE_POLL_WAITING);
	assert_int_equal(total, 80);
	advance_clock_ms(c, 59999);
	assert_false(count_poll_allowed(&c->instances[0], THROTTLE_POLL_WAITING));
	advance_clock_ms(c, 3751); /* the window has 16 parts, so the budget returns up to 3,750 ms late */
	assert_true(count_poll_allowed(&c->instances[0], THROTTLE_POLL_WAITING));
}

/* Polls through the throttled provider, as in production, use the shared budget. */
static void poll_beyond_the_shared_budget_is_rejected(void **state)
{
	struct cluster *const c = *state;
	enum provider_cause cause;
	struct session_snapshot snapshot;
	int total = 0;

	assert_int_equal(throttled_provider_open(
				 c->didit->provider, &c->didit->clock, seconds(10), &c->didit->provider),
		OK);
	throttled_provider_share(c->didit->provider, c->instances[0].shared_state);
	for (int i = 0; i < 50; i++)
		total += count_poll_allowed(&c->instances[1], THROTTLE_POLL_WAITING);
	assert_int_equal(total, 50);
	for (int i = 0; i < 40; i++)
		total += fake_read(c->didit, "s-1", seconds(10), &snapshot, &cause) == OK;
	assert_int_equal(total, 80);
	assert_int_equal(cause, PROVIDER_PAUSED);
	assert_int_equal(atomic_load(&c->didit->reads), 30);
	/* Rejected calls release their slots, so that later calls are made. */
	advance_clock_ms(c, 64000);
	for (int i = 0; i < 30; i++)
		assert_int_equal(fake_read(c->didit, "s-1", seconds(10), &snapshot, &cause), OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(one_token_is_used_by_all_instances),
		TEST(concurrent_calls_fetch_one_token),
		TEST(rejected_token_is_replaced_once_for_all_instances),
		TEST(after_a_failed_fetch_another_instance_may_fetch),
		TEST(fetch_lease_of_a_crashed_instance_expires),
		TEST(instance_with_another_secret_gets_its_own_token),
		TEST(token_without_lifetime_is_not_shared),
		TEST(each_instance_fetches_its_own_token_when_the_store_fails),
		TEST(token_is_stored_encrypted),
		TEST(poll_budget_per_minute_is_shared),
		TEST(poll_beyond_the_shared_budget_is_rejected),
	};

	return cmocka_run_group_tests(tests, fake_start_libraries, NULL);
}

/* Didit and several instances on one store: one token, one budget of readings. */
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

/* Each has a source of tokens and a door of its own. */
struct office {
	struct world world;
	struct shared_state *shared_state;
	struct token_source *tokens;
};

struct cluster {
	struct instance_pair pair;
	struct fake_didit *didit;
	struct https_client *https;
	struct office offices[INSTANCES];
};

static void open_office(struct cluster *c, size_t i, const char *secret)
{
	struct office *const o = &c->offices[i];
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
		open_office(c, i, "a secret");
	*state = c;
	return 0;
}

static void close_office(struct office *o)
{
	token_close(o->tokens);
	o->shared_state->ops->close(o->shared_state);
}

static int tear_down(void **state)
{
	struct cluster *const c = *state;
	void *didit = c->didit;

	for (size_t i = 0; i < INSTANCES; i++)
		close_office(&c->offices[i]);
	https_close(c->https);
	(void)fake_close(&didit);
	instance_pair_close(&c->pair);
	free(c);
	return 0;
}

static enum err get(struct cluster *c, size_t i, struct token *token)
{
	const int64_t deadline = fake_ticks(&c->didit->clock) + 10000;
	enum provider_cause cause;

	return token_get(c->offices[i].tokens, deadline, token, &cause);
}

static void jump(struct cluster *c, int64_t ms)
{
	atomic_fetch_add(&c->didit->ahead, ms);
	instance_pair_advance_clocks(&c->pair, milliseconds(ms));
}

static void one_token_serves_all(void **state)
{
	struct cluster *const c = *state;
	struct token token, first;

	assert_int_equal(get(c, 0, &first), OK);
	for (size_t i = 1; i < INSTANCES; i++) {
		assert_int_equal(get(c, i, &token), OK);
		assert_string_equal(token.text, first.text);
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 1);
	/* Renewed once, five minutes before its end; a second of grace for the time that the test takes. */
	jump(c, INT64_C(1000) * (86400 - 301));
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get(c, i, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), 1);
	jump(c, 1000);
	for (size_t i = 0; i < INSTANCES; i++) {
		assert_int_equal(get(c, i, &token), OK);
		assert_string_not_equal(token.text, first.text);
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

struct caller_of_all {
	struct cluster *cluster;
	size_t at;
	struct thread thread;
	struct token token;
	enum err e;
};

static void ask(void *arg)
{
	struct caller_of_all *const a = arg;

	a->e = get(a->cluster, a->at, &a->token);
}

static void all_at_once_fetch_once(void **state)
{
	struct cluster *const c = *state;
	static struct caller_of_all callers[3 * INSTANCES];

	atomic_store(&c->didit->token_hold, 1);
	for (size_t i = 0; i < array_len(callers); i++) {
		callers[i] = (struct caller_of_all){ .cluster = c, .at = i % INSTANCES };
		assert_int_equal(thread_start(&callers[i].thread, ask, &callers[i]), OK);
	}
	for (int i = 0; i < 500 && atomic_load(&c->didit->waiting) == 0; i++)
		fake_nap();
	for (int i = 0; i < 30; i++) /* others would have come meanwhile */
		fake_nap();
	atomic_store(&c->didit->token_hold, 0);
	for (size_t i = 0; i < array_len(callers); i++) {
		thread_join(&callers[i].thread);
		assert_int_equal(callers[i].e, OK);
		assert_string_equal(callers[i].token.text, callers[0].token.text);
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 1);
}

static void what_is_refused_is_renewed_once_for_all(void **state)
{
	struct cluster *const c = *state;
	struct token old[INSTANCES], token;

	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get(c, i, &old[i]), OK);
	for (size_t i = 0; i < INSTANCES; i++) {
		token_refused(c->offices[i].tokens, &old[i]);
		assert_int_equal(get(c, i, &token), OK);
		assert_string_equal(token.text, "token-2");
	}
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

static void a_fetch_that_failed_is_somebody_elses_turn(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	fake_says(c->didit, &c->didit->token, (struct said){ .status = 503 });
	assert_int_equal(get(c, 0, &token), ERR_UPSTREAM);
	fake_says(c->didit, &c->didit->token, (struct said){ .status = 0 });
	assert_int_equal(get(c, 1, &token), OK);
	assert_int_equal(get(c, 0, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

/* Its turn, and it never came back: after what a fetch may take, and a second. */
static void a_dead_ones_turn_runs_out(void **state)
{
	static const struct token_request request = { STR_INIT("account"), 0, { 11000 } };
	static const struct {
		size_t who;
		int64_t later_ms;
		enum token_action action;
	} rows[] = {
		{ 0, 0, TOKEN_FETCH }, { 1, 10999, TOKEN_WAIT }, { 1, 1, TOKEN_FETCH },
		{ 0, 11001, TOKEN_FETCH }, { 0, 0, TOKEN_FETCH }, /* one's own is no obstacle */
	};
	struct cluster *const c = *state;
	struct shared_token token;
	enum token_action action;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct shared_state *const asker = c->offices[rows[i].who].shared_state;

		jump(c, rows[i].later_ms);
		assert_int_equal(asker->ops->get_token(asker, &request, &token, &action), OK);
		assert_int_equal(action, rows[i].action);
	}
}

static void another_secret_is_another_account(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	close_office(&c->offices[1]);
	open_office(c, 1, "a new secret");
	assert_int_equal(get(c, 0, &token), OK);
	assert_int_equal(get(c, 1, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), 2);
}

static void what_says_no_life_stays_with_who_fetched_it(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	c->didit->expires_in = "0";
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get(c, i, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), INSTANCES);
}

static void without_the_store_each_fetches_for_itself(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	atomic_store(&c->pair.first.store.fault, STORE_FAULT_BEFORE_WORK);
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(get(c, i, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), INSTANCES);
	atomic_store(&c->pair.first.store.fault, STORE_FAULT_NONE);
	token_refused(c->offices[3].tokens, &token);
	assert_int_equal(get(c, 3, &token), OK);
	assert_int_equal(atomic_load(&c->didit->tokens), INSTANCES + 1);
}

struct looking {
	struct cluster *cluster;
	struct provider_token row;
};

/* There is no question for it: by the name that it has from a keyed hash. */
static enum err look(struct tx *tx, void *arg)
{
	struct looking *const l = arg;
	const struct str account = arena_printf(&l->cluster->pair.first.arena,
		"http://127.0.0.1:%d/auth/v2/token/ Basic %s", l->cluster->didit->server.port,
		"RXhhbXBsZUNsaWVudElkOmEgc2VjcmV0");
	const struct str parts[] = { STR("token"), account };
	unsigned char digest[DIGEST_BYTES];

	keyed_digest(&l->cluster->pair.first.keys.index, parts, array_len(parts), digest);
	hex_write(digest, sizeof(digest), l->row.name);
	return store_load_token(tx, &l->row);
}

static struct provider_token the_row(struct cluster *c)
{
	struct looking l = { .cluster = c };

	assert_int_equal(
		store_transact(c->pair.first.world.store, TX_READ, &c->pair.first.arena, look, &l), OK);
	return l.row;
}

static void no_token_stands_in_the_clear(void **state)
{
	struct cluster *const c = *state;
	struct token token;

	assert_int_equal(get(c, 0, &token), OK);
	struct provider_token row = the_row(c);
	assert_true(row.sealed_token.n > 0);
	assert_null(memmem(row.sealed_token.p, row.sealed_token.n, token.text, strlen(token.text)));
	assert_null(strstr(row.name, "Example"));
}

static bool reads(struct office *o, enum throttle_call call)
{
	static const struct throttle_limits limits = { 80, 80 };
	bool passes = false;

	assert_int_equal(o->shared_state->ops->count_poll(o->shared_state, &limits, call, &passes), OK);
	return passes;
}

static void eighty_readings_a_minute_are_shared(void **state)
{
	struct cluster *const c = *state;
	int total = 0;

	for (int i = 0; i < 200; i++)
		total += reads(&c->offices[i % INSTANCES], THROTTLE_POLL_DUE);
	assert_int_equal(total, 60); /* the rest is for who waits */
	for (int i = 0; i < 200; i++)
		total += reads(&c->offices[i % INSTANCES], THROTTLE_POLL_WAITING);
	assert_int_equal(total, 80);
	jump(c, 59999);
	assert_false(reads(&c->offices[0], THROTTLE_POLL_WAITING));
	jump(c, 3751); /* a sixteenth of a minute late at most */
	assert_true(reads(&c->offices[0], THROTTLE_POLL_WAITING));
}

/* Through the door, as the program has it. */
static void who_finds_the_budget_used_up_is_not_let_through(void **state)
{
	struct cluster *const c = *state;
	enum provider_cause cause;
	struct session_snapshot snapshot;
	int total = 0;

	assert_int_equal(throttled_provider_open(
				 c->didit->provider, &c->didit->clock, seconds(10), &c->didit->provider),
		OK);
	throttled_provider_share(c->didit->provider, c->offices[0].shared_state);
	for (int i = 0; i < 50; i++)
		total += reads(&c->offices[1], THROTTLE_POLL_WAITING);
	assert_int_equal(total, 50);
	for (int i = 0; i < 40; i++)
		total += fake_read(c->didit, "s-1", seconds(10), &snapshot, &cause) == OK;
	assert_int_equal(total, 80);
	assert_int_equal(cause, PROVIDER_PAUSED);
	assert_int_equal(atomic_load(&c->didit->reads), 30);
	/* What was turned away holds no place. */
	jump(c, 64000);
	for (int i = 0; i < 30; i++)
		assert_int_equal(fake_read(c->didit, "s-1", seconds(10), &snapshot, &cause), OK);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(one_token_serves_all),
		TEST(all_at_once_fetch_once),
		TEST(what_is_refused_is_renewed_once_for_all),
		TEST(a_fetch_that_failed_is_somebody_elses_turn),
		TEST(a_dead_ones_turn_runs_out),
		TEST(another_secret_is_another_account),
		TEST(what_says_no_life_stays_with_who_fetched_it),
		TEST(without_the_store_each_fetches_for_itself),
		TEST(no_token_stands_in_the_clear),
		TEST(eighty_readings_a_minute_are_shared),
		TEST(who_finds_the_budget_used_up_is_not_let_through),
	};

	return cmocka_run_group_tests(tests, fake_world_start, NULL);
}

/* Four instances on one PostgreSQL, each with connections of its own, and the use cases at the same time in
 * all of them: every limit holds, and everything is done once. */
#include "stores.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/clock_sync.h"
#include "app/core/keyring.h"
#include "app/core/leader_lease.h"
#include "app/core/rate.h"
#include "app/core/shared_state.h"
#include "app/enrolment/challenge.h"
#include "app/mail/outbox.h"
#include "app/mail/workers.h"
#include "app/session/pending_session.h"
#include "app/session/provider_event.h"
#include "base/attr.h"
#include "base/lock.h"
#include "domain/lease.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define INSTANCES 4
#define EACH 4 /* callers of each instance */
#define CALLERS ((size_t)INSTANCES * EACH)
#define PG_CONNECTIONS 6

#define ANA "ana.exemplo@example.com"
#define JANUARY 202601

struct scene {
	struct fixture f;
	struct app_fixture app; /* the first instance, and what all have together */
	struct store *memory;
	struct store *stores[INSTANCES];
	struct world worlds[INSTANCES];
	struct single_flights *single_flights[INSTANCES];
	struct caller shop;
};

static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

struct opening {
	struct scene *scene;
	size_t at;
	struct keys keys;
	struct thread thread;
	enum err e;
};

static void open_keys(void *arg)
{
	struct opening *const o = arg;
	char other[MASTER_ID_SIZE];
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	o->e = keyring_open(&o->scene->worlds[o->at], &a, &master, &o->keys, other);
	arena_finish(&a);
}

/* All start at the same time on an empty database: one of them makes its keys, all have the same. */
static void open_all_keys(struct scene *s)
{
	struct opening openings[INSTANCES];

	for (size_t i = 0; i < INSTANCES; i++) {
		openings[i] = (struct opening){ .scene = s, .at = i };
		assert_int_equal(thread_start(&openings[i].thread, open_keys, &openings[i]), OK);
	}
	for (size_t i = 0; i < INSTANCES; i++) {
		thread_join(&openings[i].thread);
		assert_int_equal(openings[i].e, OK);
		assert_memory_equal(&openings[i].keys, &openings[0].keys, sizeof(openings[0].keys));
	}
	s->app.keys = openings[0].keys;
}

static int set_up(void **state)
{
	struct scene *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	postgres_make(&s->f);
	fixture_open(&s->app);
	s->memory = s->app.store.inner;
	for (size_t i = 0; i < INSTANCES; i++) {
		s->stores[i] = postgres_open(&s->f, PG_CONNECTIONS);
		assert_true(s->stores[i]->shared);
		s->worlds[i] = s->app.world;
		s->worlds[i].store = s->stores[i];
		s->worlds[i].instance.text[0] = (char)('a' + i);
		assert_int_equal(single_flights_open(&s->single_flights[i]), OK);
	}
	s->app.store.inner = s->stores[0];
	open_all_keys(s);
	s->shop = fixture_add_tenant(&s->app, "shop", NULL, NO_QUOTA);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *const s = *state;

	for (size_t i = 0; i < INSTANCES; i++)
		single_flights_close(s->single_flights[i]);
	fixture_close(&s->app); /* with the first store */
	for (size_t i = 1; i < INSTANCES; i++)
		s->stores[i]->ops->close(s->stores[i]);
	s->memory->ops->close(s->memory);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

/* One of the callers; what it did is counted by its outcome. */
struct rival {
	struct scene *scene;
	size_t n;
	const struct world *world;
	struct single_flights *single_flights;
	struct arena arena;
	int (*act)(struct rival *r);
	atomic_size_t *arrived;
	struct thread thread;
	int outcome;
	struct str text;
	struct provider_ref ref;
};

static void run(void *arg)
{
	struct rival *const r = arg;

	atomic_fetch_add(r->arrived, 1);
	while (atomic_load(r->arrived) < CALLERS)
		sched_yield();
	r->outcome = r->act(r);
}

/* All at once; how many came out so. */
static void let_all(struct scene *s, int (*act)(struct rival *r), struct str text, int counts[16])
{
	static struct rival rivals[CALLERS];
	atomic_size_t arrived = 0;

	memset(counts, 0, 16 * sizeof(counts[0]));
	for (size_t i = 0; i < CALLERS; i++) {
		rivals[i] = (struct rival){ .scene = s,
			.n = i,
			.world = &s->worlds[i % INSTANCES],
			.single_flights = s->single_flights[i % INSTANCES],
			.act = act,
			.arrived = &arrived,
			.text = text };
		arena_init(&rivals[i].arena, ARENA_CALL_LIMIT);
		assert_int_equal(thread_start(&rivals[i].thread, run, &rivals[i]), OK);
	}
	for (size_t i = 0; i < CALLERS; i++) {
		thread_join(&rivals[i].thread);
		assert_in_range(rivals[i].outcome, 0, 15);
		counts[rivals[i].outcome]++;
		arena_finish(&rivals[i].arena);
	}
}

/* A failure of the store is none of the outcomes. */
#define FAILED 15

struct verifying {
	struct rival *r;
	enum verify_verdict verdict;
};

static enum err do_verify(struct tx *tx, void *arg)
{
	struct verifying *const v = arg;

	return app_verify_email_otp(v->r->world, tx, &v->r->scene->shop, STR(ANA), v->r->text, &v->verdict);
}

static int verify(struct rival *r)
{
	struct verifying v = { .r = r };
	const enum err e = store_transact(r->world->store, TX_WRITE, &r->arena, do_verify, &v);

	return e == OK ? (int)v.verdict : FAILED;
}

static void five_wrong_codes_are_five(void **state)
{
	struct scene *const s = *state;
	char code[7], other[7];
	int counts[16];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	fixture_get_otp(&s->app, &s->shop, ANA, code);
	wrong_otp_for(code, other);
	let_all(s, verify, str_of(other), counts);
	assert_int_equal(counts[VERIFY_WRONG], 5);
	assert_int_equal(counts[VERIFY_LOCKED], CALLERS - 5);
	assert_int_equal(fixture_verify_otp(&s->app, &s->shop, ANA, code), VERIFY_LOCKED);
}

static void a_right_code_is_right_once(void **state)
{
	struct scene *const s = *state;
	char code[7];
	int counts[16];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	fixture_get_otp(&s->app, &s->shop, ANA, code);
	let_all(s, verify, str_of(code), counts);
	assert_int_equal(counts[VERIFY_ACCEPTED], 1);
	assert_int_equal(counts[VERIFY_ALREADY], CALLERS - 1);
}

/* 1: somebody else was faster. */
static int prepare(struct rival *r)
{
	const struct prepare_params params = { identifier_email(r->text), STR(""), false, NULL };
	struct prepare_result prepared;
	const enum err e = app_prepare_email(r->world, &r->arena, &r->scene->shop, &params, &prepared);

	return e == OK ? prepared.already_prepared : FAILED;
}

static void a_new_address_is_one_person(void **state)
{
	struct scene *const s = *state;
	int counts[16];

	for (int round = 0; round < 4; round++) {
		char email[] = "new.0@example.com";

		email[4] = (char)('0' + round);
		let_all(s, prepare, str_of(email), counts);
		assert_int_equal(counts[0], 1);
		assert_int_equal(counts[1], CALLERS - 1);
		const struct user user = fixture_user(&s->app, &s->shop, email);
		struct address address = { .blind_index = user.blind_index };
		fixture_load(&s->app, RECORD_ADDRESS, &address);
		assert_string_equal(address.user_id.text, user.id.text);
	}
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_PREPARED), 4);
}

static int ask_for_code(struct rival *r)
{
	const struct send_otp_params params = { STR(ANA), STR("") };
	struct send_result sent;
	const enum err e = app_send_email_otp(r->world, &r->arena, &r->scene->shop, &params, &sent);

	return e == OK ? (int)sent.verdict : FAILED;
}

static void three_codes_at_a_time_are_three(void **state)
{
	struct scene *const s = *state;
	int counts[16];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	let_all(s, ask_for_code, STR(""), counts);
	assert_int_equal(counts[SEND_QUEUED], 3);
	assert_int_equal(counts[SEND_LIMITED], CALLERS - 3);
	/* Of the three the last one counts. */
	assert_int_equal(fixture_deliver_outbox(&s->app), 3);
	assert_int_equal(s->app.mailer.n, 1);
}

static void emails_of(size_t n, char out[32])
{
	(void)snprintf(out, 32, "p%02zu@example.com", n);
}

static int ask_for_code_each(struct rival *r)
{
	struct caller caller = r->scene->shop;
	struct send_otp_params params = { .language = STR("") };
	char email[32];
	struct send_result sent;

	emails_of(r->n, email);
	params.email = str_of(email);
	caller.has_end_user = ip_read(STR("192.0.2.7"), &caller.end_user);
	const enum err e = app_send_email_otp(r->world, &r->arena, &caller, &params, &sent);

	return e == OK && caller.has_end_user ? (int)sent.verdict : FAILED;
}

/* Ten times what one person may, whoever they are for. */
static void ten_people_at_one_address_are_ten(void **state)
{
	struct scene *const s = *state;
	int counts[16];
	char email[32];

	s->app.rules.send_bucket.burst = 1;
	for (size_t i = 0; i < CALLERS; i++) {
		emails_of(i, email);
		(void)fixture_prepare(&s->app, &s->shop, email);
	}
	let_all(s, ask_for_code_each, STR(""), counts);
	assert_int_equal(counts[SEND_QUEUED], 10);
	assert_int_equal(counts[SEND_LIMITED], CALLERS - 10);
}

static int create(struct rival *r)
{
	const struct create_params params = { &r->scene->shop, flow_find(STR("verify_public_kyc")),
		identifier_email(STR(ANA)), STR(""), { 0 } };
	struct create_result created = { .outcome = CREATED_FAILED };
	const enum err e = app_create_session(r->world, r->single_flights, &r->arena, &params, &created);

	r->ref = created.ref;
	return e == OK ? (int)created.outcome : FAILED;
}

static void all_have_one_session(void **state)
{
	struct scene *const s = *state;
	int counts[16];

	fixture_set_quota(&s->app, "shop", 1);
	fixture_verify_email(&s->app, &s->shop, ANA);
	let_all(s, create, STR(""), counts);
	assert_int_equal(counts[CREATED], CALLERS);
	assert_int_equal(fake_provider_create_count(s->app.provider), 1);
	assert_int_equal(fixture_count_sessions(&s->app, &s->shop, ANA), 1);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 1);
}

static int create_each(struct rival *r)
{
	char email[32];
	struct create_params params = { .caller = &r->scene->shop,
		.flow = flow_find(STR("verify_public_kyc")) };
	struct create_result created = { .outcome = CREATED_FAILED };

	emails_of(r->n, email);
	params.identifier = identifier_email(str_of(email));
	const enum err e = app_create_session(r->world, r->single_flights, &r->arena, &params, &created);

	return e == OK ? (int)created.outcome : FAILED;
}

static void a_quota_of_five_is_five(void **state)
{
	struct scene *const s = *state;
	char email[32];
	int counts[16];

	fixture_set_quota(&s->app, "shop", 5);
	for (size_t i = 0; i < CALLERS; i++) {
		emails_of(i, email);
		fixture_verify_email(&s->app, &s->shop, email);
	}
	let_all(s, create_each, STR(""), counts);
	assert_int_equal(counts[CREATED], 5);
	assert_int_equal(counts[CREATED_OVER_QUOTA], CALLERS - 5);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 5);
	assert_int_equal(fake_provider_create_count(s->app.provider), 5);
	/* A new quota holds at once, wherever it is asked for. */
	fixture_set_quota(&s->app, "shop", 7);
	let_all(s, create_each, STR(""), counts);
	assert_int_equal(counts[CREATED], 7);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 7);
}

static int repair(struct rival *r)
{
	return pending_session_repair_all(r->world, &r->arena) == OK ? 0 : FAILED;
}

static void a_dead_ones_unit_comes_back_once(void **state)
{
	struct scene *const s = *state;
	const struct quota used = { s->shop.tenant.id, JANUARY, 3 };
	struct session pending = { .id = { "01note" },
		.tenant_id = s->shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(&s->app.world),
		.next_poll_at = { 1 },
		.instance_id = { "01dead" },
		.quota_month = JANUARY };
	int counts[16];

	fixture_verify_email(&s->app, &s->shop, ANA);
	pending.user_id = fixture_user(&s->app, &s->shop, ANA).id;
	fixture_save(&s->app, RECORD_SESSION, &pending);
	fixture_save(&s->app, RECORD_QUOTA, &used);
	let_all(s, repair, STR(""), counts);
	assert_int_equal(counts[0], CALLERS);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 2);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_SESSION_RELEASED), 1);
}

static int hear(struct rival *r)
{
	static const struct actor didit = { .kind = ACTOR_PROVIDER };
	const struct provider_event event = { .topic = TOPIC_STATUS,
		.ref = { "scripted-1" },
		.status_text = STR("Approved"),
		.status_known = true,
		.status = STATUS_APPROVED,
		.kind = STR("status.updated"),
		.sent_at = moment_add(world_now(r->world), minutes(1)),
		.event_key = { { 7 } },
		.raw = STR("{}"),
		.is_authenticated = true };
	enum provider_event_verdict verdict;
	const enum err e = provider_event_process(r->world, &didit, &event, seconds(5), &verdict);

	return e == OK ? (int)verdict : FAILED;
}

static void an_event_that_comes_to_all_is_taken_once(void **state)
{
	struct scene *const s = *state;
	int counts[16];

	fixture_verify_email(&s->app, &s->shop, ANA);
	assert_int_equal(fixture_create_session(&s->app, &s->shop, ANA).outcome, CREATED);
	let_all(s, hear, STR(""), counts);
	assert_int_equal(counts[PROVIDER_EVENT_RECORDED], 1);
	assert_int_equal(counts[PROVIDER_EVENT_DUPLICATE], CALLERS - 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_PROVIDER_EVENT), 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_DECISION), 1);
	assert_int_equal(fixture_latest_session(&s->app, &s->shop, ANA).status, STATUS_APPROVED);
}

static int draw_all(struct rival *r)
{
	struct rate_draw draw = { .name = "key x", .limit = 64 };
	int drawn = 0;

	for (int i = 0; i < 8; i++) {
		if (rate_reserve(r->world, &r->arena, &draw) != OK)
			return FAILED;
		drawn += (int)draw.drawn;
		arena_reset(&r->arena);
	}
	return drawn;
}

static void a_minutes_limit_is_drawn_once(void **state)
{
	struct scene *const s = *state;
	int counts[16], total = 0;

	let_all(s, draw_all, STR(""), counts);
	assert_int_equal(counts[FAILED], 0);
	for (int i = 0; i < FAILED; i++)
		total += i * counts[i];
	assert_int_equal(total, 64);
}

static int read_some(struct rival *r)
{
	static const struct throttle_limits limits = { 80, 80 };
	struct shared_state *shared_state;
	int n = 0;

	if (shared_state_open(r->world, &shared_state) != OK)
		return FAILED;
	for (int i = 0; i < 10; i++) {
		bool passes = false;

		if (shared_state->ops->count_poll(shared_state, &limits, THROTTLE_POLL_WAITING, &passes) !=
			OK)
			n = FAILED;
		n += passes;
	}
	shared_state->ops->close(shared_state);
	return n > FAILED ? FAILED : n;
}

static void the_budget_of_readings_is_one(void **state)
{
	struct scene *const s = *state;
	int counts[16], total = 0;

	let_all(s, read_some, STR(""), counts);
	assert_int_equal(counts[FAILED], 0);
	for (int i = 0; i < FAILED; i++)
		total += i * counts[i];
	assert_int_equal(total, 80);
}

static int take_turn(struct rival *r)
{
	struct leader_lease turn = { .name = "work" };
	bool ours;

	return leader_lease_acquire(r->world, &r->arena, &turn, &ours) == OK ? ours : FAILED;
}

static void a_turn_is_one_instances(void **state)
{
	struct scene *const s = *state;
	int counts[16];

	let_all(s, take_turn, STR(""), counts);
	/* All callers of an instance are that instance. */
	assert_int_equal(counts[true], EACH);
	assert_int_equal(counts[false], CALLERS - EACH);
}

#define LETTERS 120

/* Eight workers of each of four instances: each letter goes once. */
static void each_letter_goes_once(void **state)
{
	struct scene *const s = *state;
	struct workers *workers[INSTANCES];
	struct effect row;
	const struct effect open = { .done = false };
	char email[32];

	/* As the workers will. */
	assert_int_equal(clock_sync_run(&s->worlds[0], &s->app.arena), OK);
	for (size_t i = 0; i < LETTERS; i++) {
		(void)snprintf(email, sizeof(email), "l%03zu@example.com", i);
		(void)fixture_prepare(&s->app, &s->shop, email);
		assert_int_equal(fixture_send_otp(&s->app, &s->shop, email).verdict, SEND_QUEUED);
	}
	for (size_t i = 0; i < INSTANCES; i++)
		assert_int_equal(workers_start(&s->worlds[i], &workers[i]), OK);
	for (int i = 0; i < 2000 && fixture_find(&s->app, QUERY_EFFECTS_OPEN, &open, &row, 1) > 0; i++)
		single_flight_wait(s->single_flights[0], milliseconds(10));
	for (size_t i = 0; i < INSTANCES; i++)
		workers_stop(workers[i]);
	assert_int_equal(fixture_find(&s->app, QUERY_EFFECTS_OPEN, &open, &row, 1), 0);
	assert_int_equal(s->app.mailer.n, LETTERS);
	for (size_t i = 0; i < LETTERS; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
				s->app.mailer.messages[i].message_id, s->app.mailer.messages[k].message_id);
}

/* Each with a wallet of its own: one claims it, the others hear of a conflict, and change nothing. */
static int claim(struct rival *r)
{
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, (unsigned char)(0x20 + r->n));
	struct prepare_wallet_params params = { .wallet = &w.wallet, .email = STR(ANA) };
	char signature[WALLET_SIGNATURE_SIZE];
	struct prepare_wallet_result done;
	struct str text;

	if (app_challenge(r->world, &r->arena, &r->scene->shop, str_of(w.wallet.text), &text) != OK)
		return FAILED;
	signing_wallet_sign(&w, text, signature);
	params.message = text;
	params.signature = str_of(signature);
	const enum err e = app_prepare_wallet(r->world, &r->arena, &r->scene->shop, &params, &done);

	return e == OK && done.verdict == CHALLENGE_ACCEPTED ? done.conflict : FAILED;
}

static void of_all_claims_there_is_one(void **state)
{
	struct scene *const s = *state;
	struct enrolment rows[CALLERS];
	const struct enrolment probe = { .tenant_id = s->shop.tenant.id };
	int counts[16];

	for (int round = 0; round < 4; round++) {
		let_all(s, claim, STR(""), counts);
		/* After the first time the one who has it is among them again. */
		assert_int_equal(counts[false], 1);
		assert_int_equal(counts[true], CALLERS - 1);
	}
	assert_int_equal(fixture_find(&s->app, QUERY_ENROLMENTS_OF_TENANT, &probe, rows, CALLERS), 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_LINK_CLAIMED), 2);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_LINK_REFUSED), 4 * (CALLERS - 1));
}

struct joining {
	struct rival *r;
	struct signing_wallet wallet;
	enum verify_verdict verdict;
};

static enum err do_join(struct tx *tx, void *arg)
{
	struct joining *const j = arg;
	const struct link_otp_params params = { &j->wallet.wallet, STR(ANA), STR("") };

	return app_verify_link_otp(j->r->world, tx, &j->r->scene->shop, &params, j->r->text, &j->verdict);
}

static int join(struct rival *r)
{
	struct joining j = { .r = r, .wallet = signing_wallet_new(WALLET_EVM, 0x11) };
	const enum err e = store_transact(r->world->store, TX_WRITE, &r->arena, do_join, &j);

	return e == OK ? (int)j.verdict : FAILED;
}

static int create_by_either(struct rival *r)
{
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct create_params params = { &r->scene->shop, flow_find(STR("verify_public_kyc")),
		r->n / INSTANCES % 2 ? identifier_email(STR(ANA)) : identifier_wallet(str_of(w.wallet.text)),
		STR(""), { 0 } };
	struct create_result created = { .outcome = CREATED_FAILED };
	const enum err e = app_create_session(r->world, r->single_flights, &r->arena, &params, &created);

	return e == OK ? (int)created.outcome : FAILED;
}

/* Five tries of the pair's code, one join of the right one; then one session, by whichever address. */
static void a_pair_is_joined_once_and_has_one_session(void **state)
{
	struct scene *const s = *state;
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	char code[7], other[7];
	int counts[16];

	(void)fixture_claim_email(&s->app, &s->shop, &w, ANA);
	fixture_get_link_otp(&s->app, &s->shop, &w, ANA, code);
	wrong_otp_for(code, other);
	let_all(s, join, str_of(other), counts);
	assert_int_equal(counts[VERIFY_WRONG], 5);
	assert_int_equal(counts[VERIFY_LOCKED], CALLERS - 5);
	fixture_get_link_otp(&s->app, &s->shop, &w, ANA, code);
	let_all(s, join, str_of(code), counts);
	assert_int_equal(counts[VERIFY_ACCEPTED], 1);
	assert_int_equal(counts[VERIFY_ALREADY], CALLERS - 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_LINKED), 2);
	let_all(s, create_by_either, STR(""), counts);
	assert_int_equal(counts[CREATED], CALLERS);
	assert_int_equal(fake_provider_create_count(s->app.provider), 1);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(five_wrong_codes_are_five),
		TEST(a_right_code_is_right_once),
		TEST(a_new_address_is_one_person),
		TEST(three_codes_at_a_time_are_three),
		TEST(ten_people_at_one_address_are_ten),
		TEST(all_have_one_session),
		TEST(a_quota_of_five_is_five),
		TEST(a_dead_ones_unit_comes_back_once),
		TEST(an_event_that_comes_to_all_is_taken_once),
		TEST(a_minutes_limit_is_drawn_once),
		TEST(the_budget_of_readings_is_one),
		TEST(a_turn_is_one_instances),
		TEST(each_letter_goes_once),
		TEST(of_all_claims_there_is_one),
		TEST(a_pair_is_joined_once_and_has_one_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Four instances with their own connections to one PostgreSQL database run use cases at the same time: every
 * limit holds across instances, and everything is done once. */
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
#define CALLERS_EACH 4 /* calling threads of each instance */
#define CALLERS ((size_t)INSTANCES * CALLERS_EACH)
#define PG_CONNECTIONS 6

#define ANA "ana.exemplo@example.com"
#define JANUARY 202601

struct instances_fixture {
	struct fixture f;
	struct app_fixture app; /* the first instance, with the clock, mailer and provider of all instances */
	struct store *memory;
	struct store *stores[INSTANCES];
	struct world worlds[INSTANCES];
	struct single_flights *single_flights[INSTANCES];
	struct caller shop;
};

static const struct secret_key master = { { 1, 2, 3, 4, 5, 6, 7, 8 } };

struct keyring_params {
	struct instances_fixture *fixture;
	size_t instance;
	struct keys keys;
	struct thread thread;
	enum err e;
};

static void open_keys(void *arg)
{
	struct keyring_params *const o = arg;
	char other[MASTER_ID_SIZE];
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	o->e = keyring_open(&o->fixture->worlds[o->instance], &a, &master, &o->keys, other);
	arena_finish(&a);
}

/* Opens the keyring in all instances at the same time, on an empty database. One instance creates the keys,
 * and all must get these keys. */
static void open_all_keys(struct instances_fixture *s)
{
	struct keyring_params params[INSTANCES];

	for (size_t i = 0; i < INSTANCES; i++) {
		params[i] = (struct keyring_params){ .fixture = s, .instance = i };
		assert_int_equal(thread_start(&params[i].thread, open_keys, &params[i]), OK);
	}
	for (size_t i = 0; i < INSTANCES; i++) {
		thread_join(&params[i].thread);
		assert_int_equal(params[i].e, OK);
		assert_memory_equal(&params[i].keys, &params[0].keys, sizeof(params[0].keys));
	}
	s->app.keys = params[0].keys;
}

static int set_up(void **state)
{
	struct instances_fixture *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	arena_init(&s->f.arena, ARENA_TEST_LIMIT);
	postgres_create_schema(&s->f);
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
	struct instances_fixture *const s = *state;

	for (size_t i = 0; i < INSTANCES; i++)
		single_flights_close(s->single_flights[i]);
	fixture_close(&s->app); /* closes the first store too */
	for (size_t i = 1; i < INSTANCES; i++)
		s->stores[i]->ops->close(s->stores[i]);
	s->memory->ops->close(s->memory);
	arena_finish(&s->f.arena);
	free(s);
	return 0;
}

/* A calling thread. Its result is a number below 16, which run_in_parallel() counts. */
struct parallel_call {
	struct instances_fixture *fixture;
	size_t n;
	const struct world *world;
	struct single_flights *single_flights;
	struct arena arena;
	int (*call)(struct parallel_call *r);
	atomic_size_t *n_arrived;
	struct thread thread;
	int result;
	struct str text;
	struct provider_ref ref;
};

static void run_call(void *arg)
{
	struct parallel_call *const r = arg;

	atomic_fetch_add(r->n_arrived, 1);
	while (atomic_load(r->n_arrived) < CALLERS)
		sched_yield();
	r->result = r->call(r);
}

/* Runs `call` in all callers at the same time. counts[r] is the number of callers whose result was r. */
static void run_in_parallel(
	struct instances_fixture *s, int (*call)(struct parallel_call *r), struct str text, int counts[16])
{
	static struct parallel_call parallel_calls[CALLERS];
	atomic_size_t n_arrived = 0;

	memset(counts, 0, 16 * sizeof(counts[0]));
	for (size_t i = 0; i < CALLERS; i++) {
		parallel_calls[i] = (struct parallel_call){ .fixture = s,
			.n = i,
			.world = &s->worlds[i % INSTANCES],
			.single_flights = s->single_flights[i % INSTANCES],
			.call = call,
			.n_arrived = &n_arrived,
			.text = text };
		arena_init(&parallel_calls[i].arena, ARENA_CALL_LIMIT);
		assert_int_equal(thread_start(&parallel_calls[i].thread, run_call, &parallel_calls[i]), OK);
	}
	for (size_t i = 0; i < CALLERS; i++) {
		thread_join(&parallel_calls[i].thread);
		assert_in_range(parallel_calls[i].result, 0, 15);
		counts[parallel_calls[i].result]++;
		arena_finish(&parallel_calls[i].arena);
	}
}

/* Result of a caller whose use case returned an error. */
#define FAILED 15

struct verify_params {
	struct parallel_call *r;
	enum verify_verdict verdict;
};

static enum err verify_in_tx(struct tx *tx, void *arg)
{
	struct verify_params *const v = arg;

	return app_verify_email_otp(v->r->world, tx, &v->r->fixture->shop, STR(ANA), v->r->text, &v->verdict);
}

static int verify(struct parallel_call *r)
{
	struct verify_params v = { .r = r };
	const enum err e = store_transact(r->world->store, TX_WRITE, &r->arena, verify_in_tx, &v);

	return e == OK ? (int)v.verdict : FAILED;
}

static void wrong_codes_are_limited_to_five(void **state)
{
	struct instances_fixture *const s = *state;
	char code[7], wrong_code[7];
	int counts[16];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	fixture_get_otp(&s->app, &s->shop, ANA, code);
	wrong_otp_for(code, wrong_code);
	run_in_parallel(s, verify, str_of(wrong_code), counts);
	assert_int_equal(counts[VERIFY_WRONG], 5);
	assert_int_equal(counts[VERIFY_LOCKED], CALLERS - 5);
	assert_int_equal(fixture_verify_otp(&s->app, &s->shop, ANA, code), VERIFY_LOCKED);
}

static void correct_code_is_accepted_once(void **state)
{
	struct instances_fixture *const s = *state;
	char code[7];
	int counts[16];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	fixture_get_otp(&s->app, &s->shop, ANA, code);
	run_in_parallel(s, verify, str_of(code), counts);
	assert_int_equal(counts[VERIFY_ACCEPTED], 1);
	assert_int_equal(counts[VERIFY_ALREADY], CALLERS - 1);
}

/* Result 1: the address was already prepared. */
static int prepare(struct parallel_call *r)
{
	const struct prepare_params params = { .identifier = identifier_email(r->text), .language = STR("") };
	struct prepare_result prepared;
	const enum err e = app_prepare_email(r->world, &r->arena, &r->fixture->shop, &params, &prepared);

	return e == OK ? prepared.already_prepared : FAILED;
}

static void new_address_creates_one_person(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16];

	for (int round = 0; round < 4; round++) {
		char email[] = "new.0@example.com";

		email[4] = (char)('0' + round);
		run_in_parallel(s, prepare, str_of(email), counts);
		assert_int_equal(counts[0], 1);
		assert_int_equal(counts[1], CALLERS - 1);
		const struct user user = fixture_user(&s->app, &s->shop, email);
		struct address address = { .blind_index = user.blind_index };
		fixture_load(&s->app, RECORD_ADDRESS, &address);
		assert_string_equal(address.user_id.text, user.id.text);
	}
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_PREPARED), 4);
}

static int send_code(struct parallel_call *r)
{
	const struct send_otp_params params = { STR(ANA), STR("") };
	struct send_result sent;
	const enum err e = app_send_email_otp(r->world, &r->arena, &r->fixture->shop, &params, &sent);

	return e == OK ? (int)sent.verdict : FAILED;
}

static void codes_per_person_are_limited_to_three(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16];

	(void)fixture_prepare(&s->app, &s->shop, ANA);
	run_in_parallel(s, send_code, STR(""), counts);
	assert_int_equal(counts[SEND_QUEUED], 3);
	assert_int_equal(counts[SEND_LIMITED], CALLERS - 3);
	/* Three e-mails with a code are queued. Only the e-mail with the latest code is sent. */
	assert_int_equal(fixture_deliver_outbox(&s->app), 3);
	assert_int_equal(s->app.mailer.n, 1);
}

static void format_email(size_t n, char out[32])
{
	(void)snprintf(out, 32, "p%02zu@example.com", n);
}

static int send_code_each(struct parallel_call *r)
{
	struct caller caller = r->fixture->shop;
	struct send_otp_params params = { .language = STR("") };
	char email[32];
	struct send_result sent;

	format_email(r->n, email);
	params.email = str_of(email);
	caller.has_end_user = ip_read(STR("192.0.2.7"), &caller.end_user);
	const enum err e = app_send_email_otp(r->world, &r->arena, &caller, &params, &sent);

	return e == OK && caller.has_end_user ? (int)sent.verdict : FAILED;
}

/* The limit of an IP address is ten times the limit of a person and counts e-mails for all persons together.
 */
static void codes_per_ip_address_are_limited_to_ten(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16];
	char email[32];

	s->app.rules.send_bucket.burst = 1;
	for (size_t i = 0; i < CALLERS; i++) {
		format_email(i, email);
		(void)fixture_prepare(&s->app, &s->shop, email);
	}
	run_in_parallel(s, send_code_each, STR(""), counts);
	assert_int_equal(counts[SEND_QUEUED], 10);
	assert_int_equal(counts[SEND_LIMITED], CALLERS - 10);
}

static int create(struct parallel_call *r)
{
	const struct create_params params = { &r->fixture->shop, flow_find(STR("verify_public_kyc")),
		identifier_email(STR(ANA)), STR(""), { 0 } };
	struct create_result created = { .outcome = CREATE_OUTCOME_FAILED };
	const enum err e = app_create_session(r->world, r->single_flights, &r->arena, &params, &created);

	r->ref = created.ref;
	return e == OK ? (int)created.outcome : FAILED;
}

static void parallel_creates_return_one_session(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16];

	fixture_set_quota(&s->app, "shop", 1);
	fixture_verify_email(&s->app, &s->shop, ANA);
	run_in_parallel(s, create, STR(""), counts);
	assert_int_equal(counts[CREATE_OUTCOME_CREATED], CALLERS);
	assert_int_equal(fake_provider_create_count(s->app.provider), 1);
	assert_int_equal(fixture_count_sessions(&s->app, &s->shop, ANA), 1);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 1);
}

static int create_each(struct parallel_call *r)
{
	char email[32];
	struct create_params params = { .caller = &r->fixture->shop,
		.flow = flow_find(STR("verify_public_kyc")) };
	struct create_result created = { .outcome = CREATE_OUTCOME_FAILED };

	format_email(r->n, email);
	params.identifier = identifier_email(str_of(email));
	const enum err e = app_create_session(r->world, r->single_flights, &r->arena, &params, &created);

	return e == OK ? (int)created.outcome : FAILED;
}

static void quota_is_not_exceeded(void **state)
{
	struct instances_fixture *const s = *state;
	char email[32];
	int counts[16];

	fixture_set_quota(&s->app, "shop", 5);
	for (size_t i = 0; i < CALLERS; i++) {
		format_email(i, email);
		fixture_verify_email(&s->app, &s->shop, email);
	}
	run_in_parallel(s, create_each, STR(""), counts);
	assert_int_equal(counts[CREATE_OUTCOME_CREATED], 5);
	assert_int_equal(counts[CREATE_OUTCOME_OVER_QUOTA], CALLERS - 5);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 5);
	assert_int_equal(fake_provider_create_count(s->app.provider), 5);
	/* A changed quota takes effect at once in every instance. */
	fixture_set_quota(&s->app, "shop", 7);
	run_in_parallel(s, create_each, STR(""), counts);
	assert_int_equal(counts[CREATE_OUTCOME_CREATED], 7);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 7);
}

static int repair(struct parallel_call *r)
{
	return pending_session_repair_all(r->world, &r->arena) == OK ? 0 : FAILED;
}

static void quota_unit_of_a_crashed_instance_is_released_once(void **state)
{
	struct instances_fixture *const s = *state;
	const struct quota used = { s->shop.tenant.id, JANUARY, 3, 0, 0 };
	struct session pending = { .id = { "01pending" },
		.tenant_id = s->shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = world_now(&s->app.world),
		.next_poll_at = { 1 },
		.instance_id = { "01crashed" },
		.quota_month = JANUARY };
	int counts[16];

	fixture_verify_email(&s->app, &s->shop, ANA);
	pending.user_id = fixture_user(&s->app, &s->shop, ANA).id;
	fixture_save(&s->app, RECORD_SESSION, &pending);
	fixture_save(&s->app, RECORD_QUOTA, &used);
	run_in_parallel(s, repair, STR(""), counts);
	assert_int_equal(counts[0], CALLERS);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 2);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_SESSION_RELEASED), 1);
}

static int process_event(struct parallel_call *r)
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

static void event_received_by_all_is_recorded_once(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16];

	fixture_verify_email(&s->app, &s->shop, ANA);
	assert_int_equal(fixture_create_session(&s->app, &s->shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	run_in_parallel(s, process_event, STR(""), counts);
	assert_int_equal(counts[PROVIDER_EVENT_RECORDED], 1);
	assert_int_equal(counts[PROVIDER_EVENT_DUPLICATE], CALLERS - 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_PROVIDER_EVENT), 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_DECISION), 1);
	assert_int_equal(fixture_latest_session(&s->app, &s->shop, ANA).status, STATUS_APPROVED);
}

static int reserve_rate(struct parallel_call *r)
{
	struct rate_reservation reservation = { .name = "key x", .limit = 64 };
	int reserved = 0;

	for (int i = 0; i < 8; i++) {
		if (rate_reserve(r->world, &r->arena, &reservation) != OK)
			return FAILED;
		reserved += (int)reservation.reserved;
		arena_reset(&r->arena);
	}
	return reserved;
}

static void rate_limit_per_minute_is_shared(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16], total = 0;

	run_in_parallel(s, reserve_rate, STR(""), counts);
	assert_int_equal(counts[FAILED], 0);
	for (int i = 0; i < FAILED; i++)
		total += i * counts[i];
	assert_int_equal(total, 64);
}

static int count_polls(struct parallel_call *r)
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

static void poll_budget_is_shared(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16], total = 0;

	run_in_parallel(s, count_polls, STR(""), counts);
	assert_int_equal(counts[FAILED], 0);
	for (int i = 0; i < FAILED; i++)
		total += i * counts[i];
	assert_int_equal(total, 80);
}

static int acquire_lease(struct parallel_call *r)
{
	struct leader_lease lease = { .name = "work" };
	bool acquired;

	return leader_lease_acquire(r->world, &r->arena, &lease, &acquired) == OK ? acquired : FAILED;
}

static void lease_is_held_by_one_instance(void **state)
{
	struct instances_fixture *const s = *state;
	int counts[16];

	run_in_parallel(s, acquire_lease, STR(""), counts);
	/* Only one instance gets the lease. All calling threads of that instance share it. */
	assert_int_equal(counts[true], CALLERS_EACH);
	assert_int_equal(counts[false], CALLERS - CALLERS_EACH);
}

#define EMAILS 120

/* The workers of all instances together send each e-mail once. */
static void each_email_is_sent_once(void **state)
{
	struct instances_fixture *const s = *state;
	struct workers *workers[INSTANCES];
	struct effect row;
	const struct effect open = { .done = false };
	char email[32];

	/* Corrects the first instance's clock by the store's clock, as the workers do, so that all e-mails
	 * below use the same time. */
	assert_int_equal(clock_sync_run(&s->worlds[0], &s->app.arena), OK);
	for (size_t i = 0; i < EMAILS; i++) {
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
	assert_int_equal(s->app.mailer.n, EMAILS);
	for (size_t i = 0; i < EMAILS; i++)
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(
				s->app.mailer.messages[i].message_id, s->app.mailer.messages[k].message_id);
}

/* Each caller claims the same e-mail address for its own wallet. One succeeds; the others get a conflict and
 * change nothing. */
static int claim(struct parallel_call *r)
{
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, (unsigned char)(0x20 + r->n));
	struct prepare_wallet_params params = { .wallet = &w.wallet, .email = STR(ANA) };
	char signature[WALLET_SIGNATURE_SIZE];
	struct prepare_wallet_result done;
	struct str text;

	if (app_challenge(r->world, &r->arena, &r->fixture->shop,
		    &(struct challenge_params){ .wallet = &w.wallet }, &text) != OK)
		return FAILED;
	signing_wallet_sign(&w, text, signature);
	params.message = text;
	params.signature = str_of(signature);
	const enum err e = app_prepare_wallet(r->world, &r->arena, &r->fixture->shop, &params, &done);

	return e == OK && done.verdict == CHALLENGE_ACCEPTED ? done.conflict : FAILED;
}

static void only_one_claim_succeeds(void **state)
{
	struct instances_fixture *const s = *state;
	struct enrolment rows[CALLERS];
	const struct enrolment probe = { .tenant_id = s->shop.tenant.id };
	int counts[16];

	for (int round = 0; round < 4; round++) {
		run_in_parallel(s, claim, STR(""), counts);
		/* The wallet that has the claim claims the address again in later rounds and succeeds. */
		assert_int_equal(counts[false], 1);
		assert_int_equal(counts[true], CALLERS - 1);
	}
	assert_int_equal(fixture_find(&s->app, QUERY_ENROLMENTS_OF_TENANT, &probe, rows, CALLERS), 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_LINK_CLAIMED), 2);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_LINK_REFUSED), 4 * (CALLERS - 1));
}

struct link_params {
	struct parallel_call *r;
	struct signing_wallet wallet;
	enum verify_verdict verdict;
};

static enum err link_in_tx(struct tx *tx, void *arg)
{
	struct link_params *const j = arg;
	const struct link_otp_params params = { &j->wallet.wallet, STR(ANA), STR("") };

	return app_verify_link_otp(j->r->world, tx, &j->r->fixture->shop, &params, j->r->text, &j->verdict);
}

static int link_with_code(struct parallel_call *r)
{
	struct link_params j = { .r = r, .wallet = signing_wallet_new(WALLET_EVM, 0x11) };
	const enum err e = store_transact(r->world->store, TX_WRITE, &r->arena, link_in_tx, &j);

	return e == OK ? (int)j.verdict : FAILED;
}

static int create_by_email_or_wallet(struct parallel_call *r)
{
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const struct create_params params = { &r->fixture->shop, flow_find(STR("verify_public_kyc")),
		r->n / INSTANCES % 2 ? identifier_email(STR(ANA)) : identifier_wallet(str_of(w.wallet.text)),
		STR(""), { 0 } };
	struct create_result created = { .outcome = CREATE_OUTCOME_FAILED };
	const enum err e = app_create_session(r->world, r->single_flights, &r->arena, &params, &created);

	return e == OK ? (int)created.outcome : FAILED;
}

/* A link code can be tried wrongly five times and confirms the link once. Then the person has one session,
 * whichever address is used. */
static void addresses_are_linked_once_and_have_one_session(void **state)
{
	struct instances_fixture *const s = *state;
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	char code[7], wrong_code[7];
	int counts[16];

	(void)fixture_claim_email(&s->app, &s->shop, &w, ANA);
	fixture_get_link_otp(&s->app, &s->shop, &w, ANA, code);
	wrong_otp_for(code, wrong_code);
	run_in_parallel(s, link_with_code, str_of(wrong_code), counts);
	assert_int_equal(counts[VERIFY_WRONG], 5);
	assert_int_equal(counts[VERIFY_LOCKED], CALLERS - 5);
	fixture_get_link_otp(&s->app, &s->shop, &w, ANA, code);
	run_in_parallel(s, link_with_code, str_of(code), counts);
	assert_int_equal(counts[VERIFY_ACCEPTED], 1);
	assert_int_equal(counts[VERIFY_ALREADY], CALLERS - 1);
	assert_int_equal(fixture_count_audit(&s->app, AUDIT_LINKED), 2);
	run_in_parallel(s, create_by_email_or_wallet, STR(""), counts);
	assert_int_equal(counts[CREATE_OUTCOME_CREATED], CALLERS);
	assert_int_equal(fake_provider_create_count(s->app.provider), 1);
	assert_int_equal(fixture_quota_used(&s->app, &s->shop, JANUARY), 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(wrong_codes_are_limited_to_five),
		TEST(correct_code_is_accepted_once),
		TEST(new_address_creates_one_person),
		TEST(codes_per_person_are_limited_to_three),
		TEST(codes_per_ip_address_are_limited_to_ten),
		TEST(parallel_creates_return_one_session),
		TEST(quota_is_not_exceeded),
		TEST(quota_unit_of_a_crashed_instance_is_released_once),
		TEST(event_received_by_all_is_recorded_once),
		TEST(rate_limit_per_minute_is_shared),
		TEST(poll_budget_is_shared),
		TEST(lease_is_held_by_one_instance),
		TEST(each_email_is_sent_once),
		TEST(only_one_claim_succeeds),
		TEST(addresses_are_linked_once_and_have_one_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* app_create_session: concurrent requests for one person, pending sessions of other instances, and failures
 * of the store between its transactions. */
#include "app/session/create.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/session/pending_session.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define JANUARY 202601
#define FEBRUARY 202602
#define CALLERS 30
#define WAIT_LIMIT seconds(20)

struct request {
	struct app_fixture *fx;
	const struct world *world;
	struct single_flights *single_flights;
	const struct caller *caller;
	const char *email;
	struct thread thread;
	struct arena arena;
	struct create_result created;
	enum err e;
};

static void run_create(void *arg)
{
	struct request *const c = arg;
	const struct create_params params = { c->caller, flow_find(STR("verify_public_kyc")),
		identifier_from_text(c->email), STR(""), { 0 } };

	c->e = app_create_session(c->world, c->single_flights, &c->arena, &params, &c->created);
}

static void start_request(struct request *c, struct app_fixture *fx, const struct caller *caller)
{
	*c = (struct request){ .fx = fx,
		.world = &fx->world,
		.single_flights = fx->single_flights,
		.caller = caller,
		.email = ANA };
	arena_init(&c->arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&c->thread, run_create, c), OK);
}

static void join_request(struct request *c)
{
	thread_join(&c->thread);
}

static void free_request(struct request *c)
{
	arena_finish(&c->arena);
}

static void wait_for_waiters(struct app_fixture *fx, const struct user *user, size_t n)
{
	for (int i = 0; i < 2000 && single_flight_waiting(fx->single_flights, user->id.text) < n; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	assert_int_equal(single_flight_waiting(fx->single_flights, user->id.text), n);
}

/* Waits until the leader has called the provider and all other requests wait for it. */
static void wait_for_leader_and_waiters(struct app_fixture *fx, const struct caller *caller, size_t n)
{
	const struct user user = fixture_user(fx, caller, ANA);

	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	wait_for_waiters(fx, &user, n - 1);
}

static void concurrent_requests_share_one_provider_call_and_quota_unit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", 1);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", 0);
	struct request requests[CALLERS];

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &bank, ANA);
	fake_provider_hold_creates(fx->provider);
	start_request(&requests[0], fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	for (size_t i = 1; i < CALLERS; i++)
		start_request(&requests[i], fx, i % 2 ? &bank : &shop);
	wait_for_leader_and_waiters(fx, &shop, CALLERS);
	fake_provider_release_creates(fx->provider);
	for (size_t i = 0; i < CALLERS; i++) {
		join_request(&requests[i]);
		assert_int_equal(requests[i].e, OK);
		assert_int_equal(requests[i].created.outcome, CREATE_OUTCOME_CREATED);
		assert_string_equal(requests[i].created.ref.text, "scripted-1");
		assert_true(str_eq(requests[i].created.url, STR("https://provider.test/session/1")));
		free_request(&requests[i]);
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_quota_used(fx, &bank, JANUARY), 0);
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
}

/* The wallet is linked while a request by e-mail waits for the provider. Then a request by wallet joins the
 * waiting request and gets the same session. */
static void request_by_a_wallet_linked_meanwhile_joins_the_call(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct request by_email, by_wallet;

	fixture_verify_email(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	fake_provider_hold_creates(fx->provider);
	start_request(&by_email, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	fixture_link(fx, &shop, &w, ANA);
	by_wallet = (struct request){ .fx = fx,
		.world = &fx->world,
		.single_flights = fx->single_flights,
		.caller = &shop,
		.email = w.wallet.text };
	arena_init(&by_wallet.arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&by_wallet.thread, run_create, &by_wallet), OK);
	wait_for_waiters(fx, &user, 1);
	fake_provider_release_creates(fx->provider);
	join_request(&by_email);
	join_request(&by_wallet);
	assert_int_equal(by_email.created.outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(by_wallet.created.outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(by_email.created.ref.text, by_wallet.created.ref.text);
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED), 0);
	free_request(&by_email);
	free_request(&by_wallet);
}

static void failure_of_the_call_is_returned_to_all_waiting_requests(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct request requests[CALLERS];

	fixture_verify_email(fx, &shop, ANA);
	fake_provider_hold_creates(fx->provider);
	for (size_t i = 0; i < CALLERS; i++)
		start_request(&requests[i], fx, &shop);
	wait_for_leader_and_waiters(fx, &shop, CALLERS);
	fake_provider_set_failure(fx->provider, PROVIDER_CREDITS);
	fake_provider_release_creates(fx->provider);
	for (size_t i = 0; i < CALLERS; i++) {
		join_request(&requests[i]);
		assert_int_equal(requests[i].e, OK);
		assert_int_equal(requests[i].created.outcome, CREATE_OUTCOME_FAILED);
		assert_int_equal(requests[i].created.failure.cause, PROVIDER_CREDITS);
		free_request(&requests[i]);
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	/* The failure is not cached: the next request calls the provider again. */
	fake_provider_set_failure(fx->provider, PROVIDER_OK);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fake_provider_create_count(fx->provider), 2);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

/* The test itself is the leader of the single flight until all requests wait. It then finishes the flight
 * without a result, so that each request tries to become the leader. */
static void exhausted_quota_is_returned_to_all_waiting_requests(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 0);
	static const unsigned char nothing[SINGLE_FLIGHT_OUTCOME];
	struct request requests[CALLERS];
	unsigned char outcome[SINGLE_FLIGHT_OUTCOME];

	fixture_verify_email(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	for (int repetition = 0; repetition < 20; repetition++) {
		assert_int_equal(single_flight_join(fx->single_flights, user.id.text, WAIT_LIMIT, outcome,
					 sizeof(outcome)),
			SINGLE_FLIGHT_LEAD);
		for (size_t i = 0; i < CALLERS; i++)
			start_request(&requests[i], fx, &shop);
		wait_for_waiters(fx, &user, CALLERS);
		single_flight_finish(fx->single_flights, user.id.text, nothing, sizeof(nothing));
		for (size_t i = 0; i < CALLERS; i++) {
			join_request(&requests[i]);
			assert_int_equal(requests[i].e, OK);
			assert_int_equal(requests[i].created.outcome, CREATE_OUTCOME_OVER_QUOTA);
			free_request(&requests[i]);
		}
	}
}

static void requests_wait_at_most_twice_the_provider_timeout(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct request leader;

	fixture_verify_email(fx, &shop, ANA);
	fx->rules.provider_timeout = milliseconds(50);
	fake_provider_hold_creates(fx->provider);
	start_request(&leader, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_TIMEOUT);
	fake_provider_release_creates(fx->provider);
	join_request(&leader);
	assert_int_equal(leader.created.outcome, CREATE_OUTCOME_CREATED);
	free_request(&leader);
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
}

static void requests_of_different_people_run_in_parallel(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct request ana, bob;

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &shop, BOB);
	fake_provider_hold_creates(fx->provider);
	start_request(&ana, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	bob = (struct request){ .fx = fx,
		.world = &fx->world,
		.single_flights = fx->single_flights,
		.caller = &shop,
		.email = BOB };
	arena_init(&bob.arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&bob.thread, run_create, &bob), OK);
	assert_true(fake_provider_wait_for_creates(fx->provider, 2, WAIT_LIMIT));
	fake_provider_release_creates(fx->provider);
	join_request(&ana);
	join_request(&bob);
	assert_int_equal(ana.created.outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(bob.created.outcome, CREATE_OUTCOME_CREATED);
	assert_string_not_equal(ana.created.ref.text, bob.created.ref.text);
	free_request(&ana);
	free_request(&bob);
}

static void quota_unit_returns_to_the_month_it_was_taken_from(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 5);
	struct request leader;

	atomic_store(&fx->clock.now, INT64_C(1769904000000) - 1000); /* a second before February */
	fixture_verify_email(fx, &shop, ANA);
	fake_provider_hold_creates(fx->provider);
	start_request(&leader, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	fixture_advance_clock(fx, seconds(2));
	fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
	fake_provider_release_creates(fx->provider);
	join_request(&leader);
	assert_int_equal(leader.created.outcome, CREATE_OUTCOME_FAILED);
	free_request(&leader);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	assert_int_equal(fixture_quota_used(fx, &shop, FEBRUARY), 0);
}

static void request_waits_for_a_call_of_another_instance(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct world other = fx->world;
	struct single_flights *single_flights;
	struct request first, second;

	fixture_verify_email(fx, &shop, ANA);
	other.instance = (struct instance_id){ "01other" };
	assert_int_equal(single_flights_open(&single_flights), OK);
	fake_provider_hold_creates(fx->provider);
	start_request(&first, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, WAIT_LIMIT));
	const size_t writes = atomic_load(&fx->store.writes);
	second = (struct request){
		.fx = fx, .world = &other, .single_flights = single_flights, .caller = &shop, .email = ANA
	};
	arena_init(&second.arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&second.thread, run_create, &second), OK);
	for (int i = 0; i < 2000 && atomic_load(&fx->store.writes) == writes; i++)
		single_flight_wait(single_flights, milliseconds(10));
	/* The second request has read the pending session of the first one and waits for it. */
	assert_true(atomic_load(&fx->store.writes) > writes);
	fake_provider_release_creates(fx->provider);
	join_request(&first);
	join_request(&second);
	assert_int_equal(second.created.outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(second.created.ref.text, first.created.ref.text);
	assert_true(str_eq(second.created.url, first.created.url));
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	free_request(&first);
	free_request(&second);
	single_flights_close(single_flights);
}

/* Saves the rows that a crash leaves behind between storing the pending session and storing the provider's
 * answer. */
static struct session save_pending_session(
	struct app_fixture *fx, const struct caller *caller, const char *instance, int64_t age_ms)
{
	const struct quota quota = { caller->tenant.id, JANUARY, 1, 0, 0 };
	struct session pending = { .id = { "01crashed" },
		.user_id = fixture_user(fx, caller, ANA).id,
		.tenant_id = caller->tenant.id,
		.flow = "verify_public_kyc",
		.provider_version = "v1",
		.status = STATUS_CREATING,
		.created_at = { world_now(&fx->world).ms - age_ms },
		.next_poll_at = { world_now(&fx->world).ms - age_ms +
				  pending_session_max_age(&fx->world).ms },
		.quota_month = JANUARY };

	assert_true(
		str_copy_to(str_of(instance), pending.instance_id.text, sizeof(pending.instance_id.text)));
	fixture_save(fx, RECORD_SESSION, &pending);
	fixture_save(fx, RECORD_QUOTA, &quota);
	return pending;
}

static void create_releases_pending_session_after_twice_the_timeout(void **state)
{
	static const struct {
		int64_t age_ms;
		enum create_outcome outcome;
	} rows[] = { { 19999, CREATE_OUTCOME_TIMEOUT }, { 20000, CREATE_OUTCOME_CREATED },
		{ 20001, CREATE_OUTCOME_CREATED } };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, 1);
		const size_t creates = fake_provider_create_count(fx->provider),
			     audit_count = fixture_count_audit(fx, AUDIT_SESSION_RELEASED);

		fixture_verify_email(fx, &shop, ANA);
		struct session pending = save_pending_session(fx, &shop, "01crashed", rows[i].age_ms);
		atomic_store(&fx->clock.ticks_step, 6000);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, rows[i].outcome);
		atomic_store(&fx->clock.ticks_step, 0);
		const bool repaired = rows[i].outcome == CREATE_OUTCOME_CREATED;
		assert_int_equal(fixture_try_load(fx, RECORD_SESSION, &pending), !repaired);
		assert_int_equal(fake_provider_create_count(fx->provider) - creates, repaired);
		assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED) - audit_count, repaired);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
		fixture_advance_clock(fx, hours(1));
	}
}

static void pending_session_that_expires_while_waiting_is_released(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);

	fixture_verify_email(fx, &shop, BOB);
	const size_t used_before = fx->arena.used;
	assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome, CREATE_OUTCOME_CREATED);
	const size_t used_by_one_call = fx->arena.used - used_before;

	fixture_verify_email(fx, &shop, ANA);
	(void)save_pending_session(fx, &shop, "01crashed", 15000);
	atomic_store(&fx->clock.ticks_step, 2000);
	atomic_store(&fx->clock.now_step, 2000);
	const size_t before = fx->arena.used;
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	/* A waiting call loads the rows again and again, but its memory use stays bounded. */
	assert_true(fx->arena.used - before < used_by_one_call + used_by_one_call / 2);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
}

static void pending_session_is_released_even_if_no_session_may_be_created(void **state)
{
	static const struct {
		enum session_status status;
		bool blocklisted;
		enum create_outcome outcome;
	} rows[] = {
		{ STATUS_APPROVED, false, CREATE_OUTCOME_APPROVED },
		{ STATUS_DECLINED, true, CREATE_OUTCOME_REFUSED },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		fixture_verify_email(fx, &shop, ANA);
		(void)fixture_create_session(fx, &shop, ANA);
		struct session session = fixture_latest_session(fx, &shop, ANA);
		session.status = rows[i].status;
		session.blocklisted = rows[i].blocklisted;
		fixture_save(fx, RECORD_SESSION, &session);
		fixture_advance_clock(fx, minutes(5));
		struct session pending = save_pending_session(fx, &shop, "01crashed", 20000);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, rows[i].outcome);
		assert_false(fixture_try_load(fx, RECORD_SESSION, &pending));
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
		fixture_advance_clock(fx, hours(1));
	}
}

static void current_pending_session_does_not_hide_an_approval(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_advance_clock(fx, minutes(5));
	(void)save_pending_session(fx, &shop, "01other", 19999);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_APPROVED);
}

/* The provider created a session, but kycd failed to store it. Version 1 of the provider's API cannot search
 * for sessions, so that session stays unused at the provider. The person's next request releases the pending
 * session and returns its quota unit. */
static void session_that_was_not_stored_is_released_by_the_next_request(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct request request;

	fixture_verify_email(fx, &shop, ANA);
	/* The read transaction and the one that stores the pending session succeed; the third one fails. */
	atomic_store(&fx->store.transactions_before_fault, 2);
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	start_request(&request, fx, &shop);
	join_request(&request);
	assert_int_equal(request.e, ERR_STORAGE);
	free_request(&request);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_CREATING);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_int_equal(created.outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(created.ref.text, "scripted-2");
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

static void store_failure_before_the_provider_call_prevents_it(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct request request;

	fixture_verify_email(fx, &shop, ANA);
	for (size_t n_ok = 0; n_ok < 2; n_ok++) {
		atomic_store(&fx->store.transactions_before_fault, n_ok);
		atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
		start_request(&request, fx, &shop);
		join_request(&request);
		atomic_store(&fx->store.fault, STORE_FAULT_NONE);
		assert_int_equal(request.e, ERR_STORAGE);
		free_request(&request);
		assert_int_equal(fake_provider_create_count(fx->provider), 0);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	}
}

/* The background worker releases pending sessions of crashed instances even if their people never make
 * another request, because other people's sessions need the quota units. */
static void background_worker_releases_pending_sessions_of_crashed_instances(void **state)
{
	struct app_fixture *const fx = *state;
	static const struct {
		int64_t age_ms;
		bool ours, released;
	} rows[] = {
		{ 19999, false, false },
		{ 20000, false, true },
		{ 20001, false, true },
		{ 90000, true, false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, 1);
		const char *const instance = rows[i].ours ? fx->world.instance.text : "01crashed";
		const size_t audit_count = fixture_count_audit(fx, AUDIT_SESSION_RELEASED);

		fixture_verify_email(fx, &shop, ANA);
		fixture_verify_email(fx, &shop, BOB);
		struct session pending = save_pending_session(fx, &shop, instance, rows[i].age_ms);
		assert_int_equal(pending_session_repair_all(&fx->world, &fx->arena), OK);
		assert_int_equal(fixture_try_load(fx, RECORD_SESSION, &pending), !rows[i].released);
		assert_int_equal(
			fixture_count_audit(fx, AUDIT_SESSION_RELEASED) - audit_count, rows[i].released);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), !rows[i].released);
		assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome,
			rows[i].released ? CREATE_OUTCOME_CREATED : CREATE_OUTCOME_OVER_QUOTA);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(concurrent_requests_share_one_provider_call_and_quota_unit),
		TEST(request_by_a_wallet_linked_meanwhile_joins_the_call),
		TEST(failure_of_the_call_is_returned_to_all_waiting_requests),
		TEST(exhausted_quota_is_returned_to_all_waiting_requests),
		TEST(requests_wait_at_most_twice_the_provider_timeout),
		TEST(requests_of_different_people_run_in_parallel),
		TEST(quota_unit_returns_to_the_month_it_was_taken_from),
		TEST(request_waits_for_a_call_of_another_instance),
		TEST(create_releases_pending_session_after_twice_the_timeout),
		TEST(pending_session_that_expires_while_waiting_is_released),
		TEST(pending_session_is_released_even_if_no_session_may_be_created),
		TEST(background_worker_releases_pending_sessions_of_crashed_instances),
		TEST(current_pending_session_does_not_hide_an_approval),
		TEST(session_that_was_not_stored_is_released_by_the_next_request),
		TEST(store_failure_before_the_provider_call_prevents_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* create: callers at the same time, instances that died, a store that fails in the middle. */
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
#define PATIENCE seconds(20)

struct customer {
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

static void order(void *arg)
{
	struct customer *const c = arg;
	const struct create_params params = { c->caller, flow_find(STR("verify_public_kyc")),
		identifier_from_text(c->email), STR(""), { 0 } };

	c->e = app_create_session(c->world, c->single_flights, &c->arena, &params, &c->created);
}

static void start(struct customer *c, struct app_fixture *fx, const struct caller *caller)
{
	*c = (struct customer){ .fx = fx,
		.world = &fx->world,
		.single_flights = fx->single_flights,
		.caller = caller,
		.email = ANA };
	arena_init(&c->arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&c->thread, order, c), OK);
}

static void finish(struct customer *c)
{
	thread_join(&c->thread);
}

static void drop(struct customer *c)
{
	arena_finish(&c->arena);
}

static void await_waiting(struct app_fixture *fx, const struct user *user, size_t n)
{
	for (int i = 0; i < 2000 && single_flight_waiting(fx->single_flights, user->id.text) < n; i++)
		single_flight_wait(fx->single_flights, milliseconds(10));
	assert_int_equal(single_flight_waiting(fx->single_flights, user->id.text), n);
}

/* The leader is with the provider, all others wait for it. */
static void await_all(struct app_fixture *fx, const struct caller *caller, size_t n)
{
	const struct user user = fixture_user(fx, caller, ANA);

	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	await_waiting(fx, &user, n - 1);
}

static void thirty_at_once_are_one_call_one_unit_and_one_url(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", 1);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", 0);
	struct customer customers[CALLERS];

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &bank, ANA);
	fake_provider_hold_creates(fx->provider);
	start(&customers[0], fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	for (size_t i = 1; i < CALLERS; i++)
		start(&customers[i], fx, i % 2 ? &bank : &shop);
	await_all(fx, &shop, CALLERS);
	fake_provider_release_creates(fx->provider);
	for (size_t i = 0; i < CALLERS; i++) {
		finish(&customers[i]);
		assert_int_equal(customers[i].e, OK);
		assert_int_equal(customers[i].created.outcome, CREATED);
		assert_string_equal(customers[i].created.ref.text, "scripted-1");
		assert_true(str_eq(customers[i].created.url, STR("https://provider.test/session/1")));
		drop(&customers[i]);
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_quota_used(fx, &bank, JANUARY), 0);
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
}

/* The e-mail's call is out when the two become one person: the wallet's waits for it and has its session. */
static void who_is_joined_meanwhile_waits_for_the_others_call(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	struct customer by_email, by_wallet;

	fixture_verify_email(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	fake_provider_hold_creates(fx->provider);
	start(&by_email, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	fixture_link(fx, &shop, &w, ANA);
	by_wallet = (struct customer){ .fx = fx,
		.world = &fx->world,
		.single_flights = fx->single_flights,
		.caller = &shop,
		.email = w.wallet.text };
	arena_init(&by_wallet.arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&by_wallet.thread, order, &by_wallet), OK);
	await_waiting(fx, &user, 1);
	fake_provider_release_creates(fx->provider);
	finish(&by_email);
	finish(&by_wallet);
	assert_int_equal(by_email.created.outcome, CREATED);
	assert_int_equal(by_wallet.created.outcome, CREATED);
	assert_string_equal(by_email.created.ref.text, by_wallet.created.ref.text);
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED), 0);
	drop(&by_email);
	drop(&by_wallet);
}

static void a_failed_call_is_the_failure_of_all_who_waited(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct customer customers[CALLERS];

	fixture_verify_email(fx, &shop, ANA);
	fake_provider_hold_creates(fx->provider);
	for (size_t i = 0; i < CALLERS; i++)
		start(&customers[i], fx, &shop);
	await_all(fx, &shop, CALLERS);
	fake_provider_set_failure(fx->provider, PROVIDER_CREDITS);
	fake_provider_release_creates(fx->provider);
	for (size_t i = 0; i < CALLERS; i++) {
		finish(&customers[i]);
		assert_int_equal(customers[i].e, OK);
		assert_int_equal(customers[i].created.outcome, CREATED_FAILED);
		assert_int_equal(customers[i].created.cause, PROVIDER_CREDITS);
		drop(&customers[i]);
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	/* The next call tries anew. */
	fake_provider_set_failure(fx->provider, PROVIDER_OK);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	assert_int_equal(fake_provider_create_count(fx->provider), 2);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

/* Behind a flight of ours all wait; when it lands, all want to lead at once. */
static void a_quota_used_up_is_said_to_all_who_waited(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 0);
	static const unsigned char nothing[SINGLE_FLIGHT_OUTCOME];
	struct customer customers[CALLERS];
	unsigned char outcome[SINGLE_FLIGHT_OUTCOME];

	fixture_verify_email(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	for (int round = 0; round < 20; round++) {
		assert_int_equal(single_flight_join(fx->single_flights, user.id.text, PATIENCE, outcome,
					 sizeof(outcome)),
			SINGLE_FLIGHT_LEAD);
		for (size_t i = 0; i < CALLERS; i++)
			start(&customers[i], fx, &shop);
		await_waiting(fx, &user, CALLERS);
		single_flight_finish(fx->single_flights, user.id.text, nothing, sizeof(nothing));
		for (size_t i = 0; i < CALLERS; i++) {
			finish(&customers[i]);
			assert_int_equal(customers[i].e, OK);
			assert_int_equal(customers[i].created.outcome, CREATED_OVER_QUOTA);
			drop(&customers[i]);
		}
	}
}

static void waiting_is_bounded_by_twice_the_time_out(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct customer leader;

	fixture_verify_email(fx, &shop, ANA);
	fx->rules.provider_timeout = milliseconds(50);
	fake_provider_hold_creates(fx->provider);
	start(&leader, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_TIMEOUT);
	fake_provider_release_creates(fx->provider);
	finish(&leader);
	assert_int_equal(leader.created.outcome, CREATED);
	drop(&leader);
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
}

static void persons_do_not_wait_for_each_other(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct customer ana, bob;

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &shop, BOB);
	fake_provider_hold_creates(fx->provider);
	start(&ana, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	bob = (struct customer){ .fx = fx,
		.world = &fx->world,
		.single_flights = fx->single_flights,
		.caller = &shop,
		.email = BOB };
	arena_init(&bob.arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&bob.thread, order, &bob), OK);
	assert_true(fake_provider_wait_for_creates(fx->provider, 2, PATIENCE));
	fake_provider_release_creates(fx->provider);
	finish(&ana);
	finish(&bob);
	assert_int_equal(ana.created.outcome, CREATED);
	assert_int_equal(bob.created.outcome, CREATED);
	assert_string_not_equal(ana.created.ref.text, bob.created.ref.text);
	drop(&ana);
	drop(&bob);
}

static void the_unit_goes_back_to_the_month_it_came_from(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 5);
	struct customer leader;

	atomic_store(&fx->clock.now, INT64_C(1769904000000) - 1000); /* a second before February */
	fixture_verify_email(fx, &shop, ANA);
	fake_provider_hold_creates(fx->provider);
	start(&leader, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	fixture_advance_clock(fx, seconds(2));
	fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
	fake_provider_release_creates(fx->provider);
	finish(&leader);
	assert_int_equal(leader.created.outcome, CREATED_FAILED);
	drop(&leader);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	assert_int_equal(fixture_quota_used(fx, &shop, FEBRUARY), 0);
}

static void another_instances_call_is_waited_for(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct world other = fx->world;
	struct single_flights *single_flights;
	struct customer here, there;

	fixture_verify_email(fx, &shop, ANA);
	other.instance = (struct instance_id){ "01other" };
	assert_int_equal(single_flights_open(&single_flights), OK);
	fake_provider_hold_creates(fx->provider);
	start(&here, fx, &shop);
	assert_true(fake_provider_wait_for_creates(fx->provider, 1, PATIENCE));
	const size_t writes = atomic_load(&fx->store.writes);
	there = (struct customer){
		.fx = fx, .world = &other, .single_flights = single_flights, .caller = &shop, .email = ANA
	};
	arena_init(&there.arena, ARENA_CALL_LIMIT);
	assert_int_equal(thread_start(&there.thread, order, &there), OK);
	for (int i = 0; i < 2000 && atomic_load(&fx->store.writes) == writes; i++)
		single_flight_wait(single_flights, milliseconds(10));
	assert_true(atomic_load(&fx->store.writes) > writes); /* it looked, and waits */
	fake_provider_release_creates(fx->provider);
	finish(&here);
	finish(&there);
	assert_int_equal(there.created.outcome, CREATED);
	assert_string_equal(there.created.ref.text, here.created.ref.text);
	assert_true(str_eq(there.created.url, here.created.url));
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	drop(&here);
	drop(&there);
	single_flights_close(single_flights);
}

/* What a crash between the note and the record leaves behind. */
static struct session leave_a_note(
	struct app_fixture *fx, const struct caller *caller, const char *instance, int64_t age_ms)
{
	const struct quota quota = { caller->tenant.id, JANUARY, 1 };
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

static void a_dead_instances_note_is_repaired_after_twice_the_time_out(void **state)
{
	static const struct {
		int64_t age_ms;
		enum create_outcome outcome;
	} rows[] = { { 19999, CREATED_TIMEOUT }, { 20000, CREATED }, { 20001, CREATED } };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, 1);
		const size_t creates = fake_provider_create_count(fx->provider),
			     acts = fixture_count_audit(fx, AUDIT_SESSION_RELEASED);

		fixture_verify_email(fx, &shop, ANA);
		struct session pending = leave_a_note(fx, &shop, "01dead", rows[i].age_ms);
		atomic_store(&fx->clock.ticks_step, 6000);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, rows[i].outcome);
		atomic_store(&fx->clock.ticks_step, 0);
		const bool repaired = rows[i].outcome == CREATED;
		assert_int_equal(fixture_try_load(fx, RECORD_SESSION, &pending), !repaired);
		assert_int_equal(fake_provider_create_count(fx->provider) - creates, repaired);
		assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED) - acts, repaired);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
		fixture_advance_clock(fx, hours(1));
	}
}

static void a_note_that_ripens_while_one_waits_is_repaired(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);

	fixture_verify_email(fx, &shop, BOB);
	const size_t at_first = fx->arena.used;
	assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome, CREATED);
	const size_t at_once = fx->arena.used - at_first;

	fixture_verify_email(fx, &shop, ANA);
	(void)leave_a_note(fx, &shop, "01dead", 15000);
	atomic_store(&fx->clock.ticks_step, 2000);
	atomic_store(&fx->clock.now_step, 2000);
	const size_t before = fx->arena.used;
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	/* However often it looked again: a call's memory is bounded. */
	assert_true(fx->arena.used - before < at_once + at_once / 2);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
}

static void a_dead_note_gives_its_unit_back_also_to_the_approved_and_the_blocklisted(void **state)
{
	static const struct {
		enum session_status status;
		bool blocklisted;
		enum create_outcome outcome;
	} rows[] = {
		{ STATUS_APPROVED, false, CREATED_APPROVED },
		{ STATUS_DECLINED, true, CREATED_REFUSED },
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
		struct session pending = leave_a_note(fx, &shop, "01dead", 20000);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, rows[i].outcome);
		assert_false(fixture_try_load(fx, RECORD_SESSION, &pending));
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
		fixture_advance_clock(fx, hours(1));
	}
}

static void a_living_note_does_not_hide_an_approval(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_advance_clock(fx, minutes(5));
	(void)leave_a_note(fx, &shop, "01other", 19999);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_APPROVED);
}

/* The provider made a session and we could not write it down: an orphan of v1, its unit comes back. */
static void what_could_not_be_recorded_is_put_right_by_the_next_call(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct customer customer;

	fixture_verify_email(fx, &shop, ANA);
	atomic_store(&fx->store.transactions_before_fault, 2); /* the look, and the note */
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	start(&customer, fx, &shop);
	finish(&customer);
	assert_int_equal(customer.e, ERR_STORAGE);
	drop(&customer);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_CREATING);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_int_equal(created.outcome, CREATED);
	assert_string_equal(created.ref.text, "scripted-2");
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

static void a_store_that_fails_before_the_call_lets_nobody_call(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);
	struct customer customer;

	fixture_verify_email(fx, &shop, ANA);
	for (size_t spared = 0; spared < 2; spared++) {
		atomic_store(&fx->store.transactions_before_fault, spared);
		atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
		start(&customer, fx, &shop);
		finish(&customer);
		atomic_store(&fx->store.fault, STORE_FAULT_NONE);
		assert_int_equal(customer.e, ERR_STORAGE);
		drop(&customer);
		assert_int_equal(fake_provider_create_count(fx->provider), 0);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	}
}

/* Whether or not its person comes again: the unit is somebody's next session. */
static void a_dead_instances_note_is_swept_without_its_person(void **state)
{
	struct app_fixture *const fx = *state;
	static const struct {
		int64_t age_ms;
		bool ours, swept;
	} rows[] = {
		{ 19999, false, false },
		{ 20000, false, true },
		{ 20001, false, true },
		{ 90000, true, false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, 1);
		const char *const instance = rows[i].ours ? fx->world.instance.text : "01dead";
		const size_t acts = fixture_count_audit(fx, AUDIT_SESSION_RELEASED);

		fixture_verify_email(fx, &shop, ANA);
		fixture_verify_email(fx, &shop, BOB);
		struct session pending = leave_a_note(fx, &shop, instance, rows[i].age_ms);
		assert_int_equal(pending_session_repair_all(&fx->world, &fx->arena), OK);
		assert_int_equal(fixture_try_load(fx, RECORD_SESSION, &pending), !rows[i].swept);
		assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED) - acts, rows[i].swept);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), !rows[i].swept);
		assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome,
			rows[i].swept ? CREATED : CREATED_OVER_QUOTA);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(thirty_at_once_are_one_call_one_unit_and_one_url),
		TEST(who_is_joined_meanwhile_waits_for_the_others_call),
		TEST(a_failed_call_is_the_failure_of_all_who_waited),
		TEST(a_quota_used_up_is_said_to_all_who_waited),
		TEST(waiting_is_bounded_by_twice_the_time_out),
		TEST(persons_do_not_wait_for_each_other),
		TEST(the_unit_goes_back_to_the_month_it_came_from),
		TEST(another_instances_call_is_waited_for),
		TEST(a_dead_instances_note_is_repaired_after_twice_the_time_out),
		TEST(a_note_that_ripens_while_one_waits_is_repaired),
		TEST(a_dead_note_gives_its_unit_back_also_to_the_approved_and_the_blocklisted),
		TEST(a_dead_instances_note_is_swept_without_its_person),
		TEST(a_living_note_does_not_hide_an_approval),
		TEST(what_could_not_be_recorded_is_put_right_by_the_next_call),
		TEST(a_store_that_fails_before_the_call_lets_nobody_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

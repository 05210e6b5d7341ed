/* A question to the provider that went without an answer: what it may have left is found before another is
 * asked. */
#include "app/session/provider_session.h"

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
#define JANUARY 202601
#define URL "https://provider.test/session/left"

static const struct provider_session left = {
	.ref = { "left-1" }, .url = STR_INIT(URL), .status = STATUS_NOT_STARTED
};

static struct caller proven(struct app_fixture *fx, int64_t quota)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, quota);

	fixture_verify_email(fx, &shop, ANA);
	return shop;
}

static struct create_result create_in(
	struct app_fixture *fx, const struct caller *shop, enum provider_cause cause)
{
	fake_provider_set_failure(fx->provider, cause);
	const struct create_result created = fixture_create_session(fx, shop, ANA);
	fake_provider_set_failure(fx->provider, PROVIDER_OK);
	return created;
}

static void is_the_one_left(struct app_fixture *fx, const struct caller *shop)
{
	const struct create_result created = fixture_create_session(fx, shop, ANA);

	assert_int_equal(created.outcome, CREATED);
	assert_string_equal(created.ref.text, left.ref.text);
	assert_true(str_eq(created.url, STR(URL)));
	assert_int_equal(fixture_quota_used(fx, shop, JANUARY), 1);
	assert_int_equal(fixture_count_sessions(fx, shop, ANA), 1);
	assert_int_equal(fixture_user(fx, shop, ANA).orphan_suspected_at.ms, 0);
}

static void what_an_unanswered_question_left_is_found(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, 1);

	fake_provider_set_found_session(fx->provider, &left);
	const struct create_result failed = create_in(fx, &shop, PROVIDER_UNREACHABLE);
	assert_int_equal(failed.outcome, CREATED_FAILED);
	assert_int_equal(failed.cause, PROVIDER_UNREACHABLE);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	assert_int_equal(fake_provider_find_count(fx->provider), 0); /* nobody doubted before */
	fixture_advance_clock(fx, minutes(3));
	is_the_one_left(fx, &shop);
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fake_provider_find_count(fx->provider), 1);
	assert_int_equal(fake_provider_last_search(fx->provider).since.ms, FIXTURE_NOW);
	assert_true(str_eq(
		fake_provider_last_vendor_data(fx->provider), str_of(fixture_user(fx, &shop, ANA).id.text)));
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_FAILED), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_CREATED), 1);
	/* It is a session like any other. */
	is_the_one_left(fx, &shop);
	assert_int_equal(fake_provider_find_count(fx->provider), 1);
}

static void where_nothing_was_left_another_is_made(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, 1);

	fake_provider_set_found_session(fx->provider, NULL);
	(void)create_in(fx, &shop, PROVIDER_INVALID_RESPONSE);
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-1");
	assert_int_equal(fake_provider_find_count(fx->provider), 1);
	assert_int_equal(fake_provider_create_count(fx->provider), 2);
	assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, 0);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

static void who_is_not_answered_again_stays_in_doubt_since_the_first_time(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, 1);

	fake_provider_set_found_session(fx->provider, &left);
	(void)create_in(fx, &shop, PROVIDER_UNUSABLE);
	for (int i = 1; i <= 3; i++) {
		fixture_advance_clock(fx, minutes(1));
		assert_int_equal(create_in(fx, &shop, PROVIDER_UNREACHABLE).outcome, CREATED_FAILED);
		assert_int_equal(create_in(fx, &shop, PROVIDER_PAUSED).outcome, CREATED_PAUSED);
		assert_int_equal(create_in(fx, &shop, PROVIDER_REFUSED).cause, PROVIDER_REFUSED);
		assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, FIXTURE_NOW);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 1); /* never blindly */
	is_the_one_left(fx, &shop);
}

static void a_clear_refusal_leaves_no_doubt(void **state)
{
	static const enum provider_cause clear[] = { PROVIDER_REFUSED, PROVIDER_CREDITS, PROVIDER_LIMIT,
		PROVIDER_PAUSED };
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, 1);

	fake_provider_set_found_session(fx->provider, NULL);
	for (size_t i = 0; i < array_len(clear); i++) {
		assert_int_not_equal(create_in(fx, &shop, clear[i]).outcome, CREATED);
		assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, 0);
	}
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	assert_int_equal(fake_provider_find_count(fx->provider), 0);
}

/* v1 has no list: the try stands in the trail, and the next call decides. */
static void where_nobody_can_search_the_next_call_decides(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, 1);

	(void)create_in(fx, &shop, PROVIDER_UNREACHABLE);
	assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_FAILED), 1);
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-1");
	assert_int_equal(fake_provider_create_count(fx->provider), 2);
}

static void note_of(struct app_fixture *fx, const struct caller *shop, const char *instance)
{
	struct session pending = { .id = { "01note" },
		.user_id = fixture_user(fx, shop, ANA).id,
		.tenant_id = shop->tenant.id,
		.status = STATUS_CREATING,
		.created_at = { FIXTURE_NOW },
		.next_poll_at = { FIXTURE_NOW + 20000 },
		.quota_month = JANUARY };
	const struct quota used = { shop->tenant.id, JANUARY, 1 };

	assert_true(
		str_copy_to(str_of(instance), pending.instance_id.text, sizeof(pending.instance_id.text)));
	fixture_save(fx, RECORD_SESSION, &pending);
	fixture_save(fx, RECORD_QUOTA, &used);
}

/* The instance died while it asked; whoever is first clears up: the person's next call, or the worker. */
static void what_a_crash_left_is_adopted(void **state)
{
	for (int worker = 0; worker < 2; worker++) {
		struct app_fixture *const fx = *state;
		const struct caller shop = proven(fx, 1);

		fake_provider_set_found_session(fx->provider, &left);
		note_of(fx, &shop, "01anotherinstance000000000");
		fixture_advance_clock(fx, seconds(20));
		if (worker) {
			assert_int_equal(pending_session_repair_all(&fx->world, &fx->arena), OK);
			assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, FIXTURE_NOW);
			assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
		}
		is_the_one_left(fx, &shop);
		assert_int_equal(fake_provider_create_count(fx->provider), 0);
		assert_int_equal(fake_provider_last_search(fx->provider).since.ms, FIXTURE_NOW);
		assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED), 1);
		fixture_close(fx);
		fixture_open(fx);
	}
}

static void a_session_that_we_know_is_resumed_and_costs_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, 2);
	struct provider_session again = {
		.ref = { "scripted-1" }, .url = STR_INIT(URL), .status = STATUS_RESUBMITTED
	};

	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_DECLINED);
	fixture_advance_clock(fx, seconds(1));
	fake_provider_set_found_session(fx->provider, &again);
	(void)create_in(fx, &shop, PROVIDER_UNREACHABLE);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_int_equal(created.outcome, CREATED);
	assert_string_equal(created.ref.text, "scripted-1");
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_int_equal(session.status, STATUS_RESUBMITTED);
	assert_int_equal(session.last_poll_at.ms, FIXTURE_NOW + 1000);
	assert_true(str_eq(fixture_status(fx, &shop, ANA).url, STR(URL)));
}

static void nobody_gets_what_is_somebody_elses(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = proven(fx, NO_QUOTA);
	struct provider_session theirs = { .ref = { "scripted-1" }, .url = STR_INIT(URL) };

	fixture_verify_email(fx, &shop, "bob.exemplo@example.com");
	(void)fixture_create_session(fx, &shop, "bob.exemplo@example.com");
	fake_provider_set_found_session(fx->provider, &theirs);
	(void)create_in(fx, &shop, PROVIDER_UNREACHABLE);
	const struct create_params params = { &shop, flow_find(STR("verify_public_kyc")),
		identifier_from_text(ANA), STR(""), { 0 } };
	struct create_result created;

	assert_int_not_equal(
		app_create_session(&fx->world, fx->single_flights, &fx->arena, &params, &created), OK);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(what_an_unanswered_question_left_is_found),
		TEST(where_nothing_was_left_another_is_made),
		TEST(who_is_not_answered_again_stays_in_doubt_since_the_first_time),
		TEST(a_clear_refusal_leaves_no_doubt),
		TEST(where_nobody_can_search_the_next_call_decides),
		TEST(what_a_crash_left_is_adopted),
		TEST(a_session_that_we_know_is_resumed_and_costs_nothing),
		TEST(nobody_gets_what_is_somebody_elses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* A `create` call to the provider without an answer may have left a session there. The next request searches
 * for it before it creates another one. */
#include "app/session/provider_session.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/session/pending_session.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define JANUARY 202601
#define URL "https://provider.test/session/orphan"

static const struct provider_session orphan = {
	.ref = { "orphan-1" }, .url = STR_INIT(URL), .status = STATUS_NOT_STARTED
};

static struct caller tenant_with_verified_email(struct app_fixture *fx, int64_t quota)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, quota);

	fixture_verify_email(fx, &shop, ANA);
	return shop;
}

static struct create_result create_with_failure(
	struct app_fixture *fx, const struct caller *shop, enum provider_cause cause)
{
	fake_provider_set_failure(fx->provider, cause);
	const struct create_result created = fixture_create_session(fx, shop, ANA);
	fake_provider_set_failure(fx->provider, PROVIDER_OK);
	return created;
}

static void assert_orphan_returned(struct app_fixture *fx, const struct caller *shop)
{
	const struct create_result created = fixture_create_session(fx, shop, ANA);

	assert_int_equal(created.outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(created.ref.text, orphan.ref.text);
	assert_true(str_eq(created.url, STR(URL)));
	assert_int_equal(fixture_quota_used(fx, shop, JANUARY), 1);
	assert_int_equal(fixture_count_sessions(fx, shop, ANA), 1);
	assert_int_equal(fixture_user(fx, shop, ANA).orphan_suspected_at.ms, 0);
}

static void session_left_by_an_unanswered_call_is_found(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	fake_provider_set_found_session(fx->provider, &orphan);
	const struct create_result failed = create_with_failure(fx, &shop, PROVIDER_UNREACHABLE);
	assert_int_equal(failed.outcome, CREATE_OUTCOME_FAILED);
	assert_int_equal(failed.failure.cause, PROVIDER_UNREACHABLE);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	/* The provider was not searched, because before this call no orphan was suspected. */
	assert_int_equal(fake_provider_find_count(fx->provider), 0);
	fixture_advance_clock(fx, minutes(3));
	assert_orphan_returned(fx, &shop);
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fake_provider_find_count(fx->provider), 1);
	assert_int_equal(fake_provider_last_search(fx->provider).since.ms, FIXTURE_NOW);
	assert_true(str_eq(
		fake_provider_last_person_id(fx->provider), str_of(fixture_user(fx, &shop, ANA).id.text)));
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_FAILED), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_CREATED), 1);
	/* From now on the session is returned without another search. */
	assert_orphan_returned(fx, &shop);
	assert_int_equal(fake_provider_find_count(fx->provider), 1);
}

static void new_session_is_created_if_none_was_left(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	fake_provider_set_found_session(fx->provider, NULL);
	(void)create_with_failure(fx, &shop, PROVIDER_INVALID_RESPONSE);
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-1");
	assert_int_equal(fake_provider_find_count(fx->provider), 1);
	assert_int_equal(fake_provider_create_count(fx->provider), 2);
	assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, 0);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

static void suspected_orphan_keeps_the_time_of_the_first_failure(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	fake_provider_set_found_session(fx->provider, &orphan);
	(void)create_with_failure(fx, &shop, PROVIDER_UNUSABLE);
	for (int i = 1; i <= 3; i++) {
		fixture_advance_clock(fx, minutes(1));
		assert_int_equal(
			create_with_failure(fx, &shop, PROVIDER_UNREACHABLE).outcome, CREATE_OUTCOME_FAILED);
		assert_int_equal(
			create_with_failure(fx, &shop, PROVIDER_PAUSED).outcome, CREATE_OUTCOME_PAUSED);
		assert_int_equal(
			create_with_failure(fx, &shop, PROVIDER_REFUSED).failure.cause, PROVIDER_REFUSED);
		assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, FIXTURE_NOW);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	}
	/* Without a search that succeeds, kycd does not create another session. */
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_orphan_returned(fx, &shop);
}

static void refusal_by_the_provider_leaves_no_suspected_orphan(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_REFUSED, PROVIDER_CREDITS, PROVIDER_LIMIT,
		PROVIDER_PAUSED };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	fake_provider_set_found_session(fx->provider, NULL);
	for (size_t i = 0; i < array_len(causes); i++) {
		assert_int_not_equal(
			create_with_failure(fx, &shop, causes[i]).outcome, CREATE_OUTCOME_CREATED);
		assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, 0);
	}
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fake_provider_find_count(fx->provider), 0);
}

/* Version 1 of the API cannot search for sessions. So the next request creates a new session; the failed call
 * is in the audit log. */
static void provider_without_search_creates_a_new_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	(void)create_with_failure(fx, &shop, PROVIDER_UNREACHABLE);
	assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, 0);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_FAILED), 1);
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-1");
	assert_int_equal(fake_provider_create_count(fx->provider), 2);
}

static void save_pending_session(struct app_fixture *fx, const struct caller *shop, const char *instance)
{
	struct session pending = { .id = { "01pending" },
		.user_id = fixture_user(fx, shop, ANA).id,
		.tenant_id = shop->tenant.id,
		.status = STATUS_CREATING,
		.created_at = { FIXTURE_NOW },
		.next_poll_at = { FIXTURE_NOW + 20000 },
		.quota_month = JANUARY };
	const struct quota used = { shop->tenant.id, JANUARY, 1, 0, 0 };

	assert_true(
		str_copy_to(str_of(instance), pending.instance_id.text, sizeof(pending.instance_id.text)));
	fixture_save(fx, RECORD_SESSION, &pending);
	fixture_save(fx, RECORD_QUOTA, &used);
}

/* An instance that uses the store alone need not wait until a pending session is old. There are more of them
 * than one batch. */
static void instance_that_is_alone_releases_all_pending_sessions_at_its_start(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);
	struct session pending = { .user_id = fixture_user(fx, &shop, ANA).id,
		.tenant_id = shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = { FIXTURE_NOW },
		.next_poll_at = { FIXTURE_NOW + 20000 },
		.quota_month = JANUARY,
		.instance_id = { "01anotherinstance000000000" } };
	const struct quota used = { shop.tenant.id, JANUARY, 40, 0, 0 };

	for (int i = 0; i < 40; i++) {
		(void)snprintf(pending.id.text, sizeof(pending.id.text), "01pending%d", i);
		fixture_save(fx, RECORD_SESSION, &pending);
	}
	fixture_save(fx, RECORD_QUOTA, &used);
	fake_provider_set_found_session(fx->provider, &orphan);
	assert_int_equal(pending_session_take_over(&fx->world, &fx->arena), OK);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
	assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, FIXTURE_NOW);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED), 40);
	assert_orphan_returned(fx, &shop);
	assert_int_equal(fake_provider_create_count(fx->provider), 0);
}

/* The instance crashed during its call to the provider. The pending session is released by the person's next
 * request or by the background worker, whichever is first. Then a search finds the session that the call
 * created. */
static void session_left_by_a_crash_is_found(void **state)
{
	for (int worker = 0; worker < 2; worker++) {
		struct app_fixture *const fx = *state;
		const struct caller shop = tenant_with_verified_email(fx, 1);

		fake_provider_set_found_session(fx->provider, &orphan);
		save_pending_session(fx, &shop, "01anotherinstance000000000");
		fixture_advance_clock(fx, seconds(20));
		if (worker) {
			assert_int_equal(pending_session_repair_all(&fx->world, &fx->arena), OK);
			assert_int_equal(fixture_user(fx, &shop, ANA).orphan_suspected_at.ms, FIXTURE_NOW);
			assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
		}
		assert_orphan_returned(fx, &shop);
		assert_int_equal(fake_provider_create_count(fx->provider), 0);
		assert_int_equal(fake_provider_last_search(fx->provider).since.ms, FIXTURE_NOW);
		assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_RELEASED), 1);
		fixture_close(fx);
		fixture_open(fx);
	}
}

static void found_session_that_is_known_uses_no_quota(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 2);
	struct provider_session known_session = {
		.ref = { "scripted-1" }, .url = STR_INIT(URL), .status = STATUS_RESUBMITTED
	};

	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_DECLINED);
	fixture_advance_clock(fx, seconds(1));
	fake_provider_set_found_session(fx->provider, &known_session);
	(void)create_with_failure(fx, &shop, PROVIDER_UNREACHABLE);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_int_equal(created.outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(created.ref.text, "scripted-1");
	assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_int_equal(session.status, STATUS_RESUBMITTED);
	assert_int_equal(session.last_poll_at.ms, FIXTURE_NOW + 1000);
	assert_true(str_eq(fixture_status(fx, &shop, ANA).url, STR(URL)));
}

static void found_session_of_another_person_is_rejected(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);
	struct provider_session other_session = { .ref = { "scripted-1" }, .url = STR_INIT(URL) };

	fixture_verify_email(fx, &shop, "bob.exemplo@example.com");
	(void)fixture_create_session(fx, &shop, "bob.exemplo@example.com");
	fake_provider_set_found_session(fx->provider, &other_session);
	(void)create_with_failure(fx, &shop, PROVIDER_UNREACHABLE);
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
		TEST(session_left_by_an_unanswered_call_is_found),
		TEST(new_session_is_created_if_none_was_left),
		TEST(suspected_orphan_keeps_the_time_of_the_first_failure),
		TEST(refusal_by_the_provider_leaves_no_suspected_orphan),
		TEST(provider_without_search_creates_a_new_session),
		TEST(session_left_by_a_crash_is_found),
		TEST(instance_that_is_alone_releases_all_pending_sessions_at_its_start),
		TEST(found_session_that_is_known_uses_no_quota),
		TEST(found_session_of_another_person_is_rejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

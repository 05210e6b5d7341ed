/* app_create_session: every outcome, with one request at a time (see also test_app_create_concurrent.c). */
#include "app/session/create.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/session/decision.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define JANUARY 202601
#define FEBRUARY 202602

static struct caller tenant_with_verified_email(struct app_fixture *fx, int64_t quota)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, quota);

	fixture_verify_email(fx, &shop, ANA);
	return shop;
}

static void assert_created_session(const struct create_result *created, const char *ref, const char *url)
{
	assert_int_equal(created->outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(created->ref.text, ref);
	assert_true(str_eq(created->url, str_of(url)));
}

static void session_requires_prepare_and_verification(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_NOT_PREPARED);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_UNVERIFIED);
	assert_int_equal(fake_provider_create_count(fx->provider), 0);
	fixture_verify_email(fx, &shop, ANA);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_created_session(&created, "scripted-1", "https://provider.test/session/1");
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_CREATED), 1);
}

static void provider_gets_an_opaque_id_and_no_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	assert_true(str_eq(
		fake_provider_last_person_id(fx->provider), str_of(fixture_user(fx, &shop, ANA).id.text)));
}

static void session_row_stores_flow_version_features_and_tenant(void **state)
{
	struct app_fixture *const fx = *state;

	fx->rules.features = STR("OCR + FACE");
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);
	(void)fixture_create_session(fx, &shop, ANA);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_string_equal(session.flow, "verify_public_kyc");
	assert_string_equal(session.provider_version, "v1");
	assert_string_equal(session.features, "OCR + FACE");
	assert_string_equal(session.tenant_id.text, shop.tenant.id.text);
	assert_int_equal(session.quota_month, JANUARY);
	assert_int_equal(session.created_at.ms, FIXTURE_NOW);
	assert_int_equal(session.last_update_at.ms, FIXTURE_NOW);
	assert_null(memmem(session.sealed_url.p, session.sealed_url.n, "provider", 8));
}

static void open_session_is_returned_again(void **state)
{
	static const enum session_status open_statuses[] = { STATUS_NOT_STARTED, STATUS_IN_PROGRESS,
		STATUS_AWAITING_USER, STATUS_RESUBMITTED, STATUS_IN_REVIEW };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	(void)fixture_create_session(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(open_statuses); i++) {
		fixture_set_session_status(fx, &shop, ANA, open_statuses[i]);
		const struct create_result again = fixture_create_session(fx, &shop, ANA);
		assert_created_session(&again, "scripted-1", "https://provider.test/session/1");
	}
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

static void session_that_ended_without_approval_is_replaced(void **state)
{
	static const enum session_status ended[] = { STATUS_EXPIRED, STATUS_ABANDONED, STATUS_KYC_EXPIRED,
		STATUS_DECLINED };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(ended); i++) {
		fixture_set_session_status(fx, &shop, ANA, ended[i]);
		fixture_advance_clock(fx, seconds(1));
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
		assert_int_equal(fake_provider_create_count(fx->provider), i + 2);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), i + 2);
	}
}

static void approved_person_uses_no_quota(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_int_equal(created.outcome, CREATE_OUTCOME_APPROVED);
	assert_string_equal(created.ref.text, "scripted-1");
	assert_int_equal(fake_provider_create_count(fx->provider), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	/* When the approval has expired, a new session is needed, but the quota does not allow it. */
	fixture_set_session_status(fx, &shop, ANA, STATUS_KYC_EXPIRED);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_OVER_QUOTA);
}

static void older_approval_takes_precedence_over_newer_open_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	struct session first = fixture_latest_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_EXPIRED);
	fixture_advance_clock(fx, seconds(1));
	(void)fixture_create_session(fx, &shop, ANA);
	first.status = STATUS_APPROVED;
	fixture_save(fx, RECORD_SESSION, &first);
	const struct create_result created = fixture_create_session(fx, &shop, ANA);
	assert_int_equal(created.outcome, CREATE_OUTCOME_APPROVED);
	assert_string_equal(created.ref.text, "scripted-1");
}

static void tenants_of_a_group_share_a_session_after_their_own_verification(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", 0);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &bank, ANA).outcome, CREATE_OUTCOME_NOT_PREPARED);
	(void)fixture_prepare(fx, &bank, ANA);
	assert_int_equal(fixture_create_session(fx, &bank, ANA).outcome, CREATE_OUTCOME_UNVERIFIED);
	fixture_verify_email(fx, &bank, ANA);
	/* The bank has a quota of 0, but returning a session that exists already uses no quota. */
	const struct create_result existing = fixture_create_session(fx, &bank, ANA);
	assert_created_session(&existing, "scripted-1", "https://provider.test/session/1");
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	assert_int_equal(fixture_create_session(fx, &bank, ANA).outcome, CREATE_OUTCOME_APPROVED);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_quota_used(fx, &bank, JANUARY), 0);
	fixture_verify_email(fx, &lone, ANA);
	const struct create_result separate = fixture_create_session(fx, &lone, ANA);
	assert_created_session(&separate, "scripted-2", "https://provider.test/session/2");
}

static void monthly_quota_limits_new_sessions(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &shop, BOB);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome, CREATE_OUTCOME_OVER_QUOTA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome,
		CREATE_OUTCOME_CREATED); /* the same session */
	assert_int_equal(fixture_count_sessions(fx, &shop, BOB), 0);
	/* A changed quota applies at once, although the struct `shop` still contains the old quota. */
	fixture_set_quota(fx, "shop", 2);
	assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 2);
}

static void quota_month_is_utc(void **state)
{
	static const int64_t february = INT64_C(1769904000000); /* 2026-02-01T00:00:00Z */
	static const struct {
		int64_t now;
		enum create_outcome outcome;
	} rows[] = {
		{ february - 1, CREATE_OUTCOME_OVER_QUOTA },
		{ february, CREATE_OUTCOME_CREATED },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &shop, BOB);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->clock.now, rows[i].now);
		assert_int_equal(fixture_create_session(fx, &shop, BOB).outcome, rows[i].outcome);
	}
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
	assert_int_equal(fixture_quota_used(fx, &shop, FEBRUARY), 1);
}

static void failed_provider_call_returns_the_quota_unit_and_leaves_no_row(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_UNREACHABLE, PROVIDER_REFUSED,
		PROVIDER_CREDITS, PROVIDER_LIMIT };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, 1);

	for (size_t i = 0; i < array_len(causes); i++) {
		fake_provider_set_failure(fx->provider, causes[i]);
		const struct create_result failed = fixture_create_session(fx, &shop, ANA);
		assert_int_equal(failed.outcome, CREATE_OUTCOME_FAILED);
		assert_int_equal(failed.failure.cause, causes[i]);
		assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 0);
		assert_int_equal(fixture_count_sessions(fx, &shop, ANA), 0);
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_QUOTA_RETURNED), array_len(causes));
	assert_int_equal(fixture_count_audit(fx, AUDIT_SESSION_FAILED), array_len(causes));
	fake_provider_set_failure(fx->provider, PROVIDER_OK);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_quota_used(fx, &shop, JANUARY), 1);
}

static void decline(struct app_fixture *fx, const struct caller *caller)
{
	fixture_set_session_status(fx, caller, ANA, STATUS_DECLINED);
	fixture_advance_clock(fx, seconds(1));
}

static void five_tries_in_thirty_days_after_a_decline(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, hours(1));
	decline(fx, &shop);
	const moment first_try = world_now(&fx->world);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
		decline(fx, &shop);
	}
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	assert_int_equal(fake_provider_create_count(fx->provider), 6);
	/* One try is allowed again thirty days and one millisecond after the first of the five tries. */
	atomic_store(&fx->clock.now, moment_add(first_try, days(30)).ms);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
}

static void expired_session_still_counts_as_a_try_after_a_decline(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	decline(fx, &shop);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
		if (i < 4) {
			fixture_set_session_status(fx, &shop, ANA, STATUS_EXPIRED);
			fixture_advance_clock(fx, seconds(1));
		}
	}
	decline(fx, &shop);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
}

static void tries_reset_by_an_operator_allow_a_new_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	for (int i = 0; i < 5; i++) {
		decline(fx, &shop);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	}
	decline(fx, &shop);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	struct user user = fixture_user(fx, &shop, ANA);
	user.tries_reset_at = world_now(&fx->world);
	fixture_save(fx, RECORD_USER, &user);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
}

static void blocklist_warning_refuses_new_sessions_until_reset(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	struct session session = fixture_latest_session(fx, &shop, ANA);
	session.blocklisted = true;
	session.status = STATUS_IN_REVIEW;
	fixture_save(fx, RECORD_SESSION, &session);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome,
		CREATE_OUTCOME_CREATED); /* the open session is returned */
	fixture_set_session_status(fx, &shop, ANA, STATUS_EXPIRED);
	fixture_advance_clock(fx, seconds(1));
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	fixture_advance_clock(fx, days(100));
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	struct user user = fixture_user(fx, &shop, ANA);
	user.tries_reset_at = world_now(&fx->world);
	fixture_save(fx, RECORD_USER, &user);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
}

static void stale_session_is_polled_before_it_is_returned(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t reads;
	} rows[] = { { 119999, 0 }, { 120000, 1 }, { 120001, 1 } };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const size_t reads = fake_provider_poll_count(fx->provider);

		fixture_verify_email(fx, &shop, ANA);
		const struct create_result first = fixture_create_session(fx, &shop, ANA);
		fixture_advance_clock(fx, milliseconds(rows[i].age_ms));
		const struct create_result again = fixture_create_session(fx, &shop, ANA);
		assert_int_equal(fake_provider_poll_count(fx->provider) - reads, rows[i].reads);
		assert_created_session(&again, first.ref.text, first.url.p);
	}
}

static void polled_status_decides_the_outcome(void **state)
{
	static const struct {
		enum session_status read;
		enum create_outcome outcome;
		size_t creates;
	} rows[] = {
		{ STATUS_IN_PROGRESS, CREATE_OUTCOME_CREATED, 1 },
		{ STATUS_APPROVED, CREATE_OUTCOME_APPROVED, 1 },
		{ STATUS_EXPIRED, CREATE_OUTCOME_CREATED, 2 },
		{ STATUS_DECLINED, CREATE_OUTCOME_CREATED, 2 },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const struct session_snapshot snapshot = { .status = rows[i].read };
		const size_t creates = fake_provider_create_count(fx->provider);

		fixture_verify_email(fx, &shop, ANA);
		(void)fixture_create_session(fx, &shop, ANA);
		fixture_advance_clock(fx, minutes(2));
		fake_provider_set_snapshot(fx->provider, &snapshot);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, rows[i].outcome);
		assert_int_equal(fake_provider_create_count(fx->provider) - creates, rows[i].creates);
	}
}

static void stored_status_is_used_if_the_poll_fails(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);

	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, minutes(5));
	fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
	const struct create_result again = fixture_create_session(fx, &shop, ANA);
	assert_created_session(&again, "scripted-1", "https://provider.test/session/1");
	assert_int_equal(fake_provider_poll_count(fx->provider), 1);
}

static void language_of_the_last_request_is_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_verified_email(fx, NO_QUOTA);
	struct create_params params = { &shop, flow_find(STR("verify_public_kyc")), identifier_from_text(ANA),
		STR("pt-BR"), { 0 } };
	struct create_result created;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			app_create_session(&fx->world, fx->single_flights, &fx->arena, &params, &created),
			OK);
		assert_string_equal(fixture_user(fx, &shop, ANA).language, "pt-BR");
	}
	const size_t writes = atomic_load(&fx->store.writes);
	(void)!app_create_session(&fx->world, fx->single_flights, &fx->arena, &params, &created);
	assert_int_equal(
		atomic_load(&fx->store.writes), writes); /* returning the open session writes nothing */
	params.language = STR("de");
	(void)!app_create_session(&fx->world, fx->single_flights, &fx->arena, &params, &created);
	assert_string_equal(fixture_user(fx, &shop, ANA).language, "de");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(session_requires_prepare_and_verification),
		TEST(provider_gets_an_opaque_id_and_no_address),
		TEST(session_row_stores_flow_version_features_and_tenant),
		TEST(open_session_is_returned_again),
		TEST(session_that_ended_without_approval_is_replaced),
		TEST(approved_person_uses_no_quota),
		TEST(older_approval_takes_precedence_over_newer_open_session),
		TEST(tenants_of_a_group_share_a_session_after_their_own_verification),
		TEST(monthly_quota_limits_new_sessions),
		TEST(quota_month_is_utc),
		TEST(failed_provider_call_returns_the_quota_unit_and_leaves_no_row),
		TEST(five_tries_in_thirty_days_after_a_decline),
		TEST(expired_session_still_counts_as_a_try_after_a_decline),
		TEST(tries_reset_by_an_operator_allow_a_new_session),
		TEST(blocklist_warning_refuses_new_sessions_until_reset),
		TEST(stale_session_is_polled_before_it_is_returned),
		TEST(polled_status_decides_the_outcome),
		TEST(stored_status_is_used_if_the_poll_fails),
		TEST(language_of_the_last_request_is_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

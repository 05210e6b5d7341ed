/* create: every outcome for one caller at a time. */
#include "app/session/create.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/session/decision.h"
#include "kit/fake_provider.h"
#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"
#define JANUARY 202601
#define FEBRUARY 202602

static struct caller proven(struct kit *kit, int64_t quota)
{
	const struct caller shop = kit_tenant(kit, "shop", NULL, quota);

	kit_prove(kit, &shop, ANA);
	return shop;
}

static void is_session(const struct create_result *created, const char *ref, const char *url)
{
	assert_int_equal(created->outcome, CREATED);
	assert_string_equal(created->ref.text, ref);
	assert_true(str_eq(created->url, str_of(url)));
}

static void only_the_prepared_and_proven_get_a_session(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_NOT_PREPARED);
	(void)kit_prepare(kit, &shop, ANA);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_UNVERIFIED);
	assert_int_equal(fake_provider_creates(kit->provider), 0);
	kit_prove(kit, &shop, ANA);
	const struct create_result created = kit_create(kit, &shop, ANA);
	is_session(&created, "scripted-1", "https://provider.test/session/1");
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
	assert_int_equal(kit_acts(kit, AUDIT_SESSION_CREATED), 1);
}

static void the_provider_hears_an_opaque_id_and_no_address(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	assert_true(str_eq(fake_provider_person(kit->provider), str_of(kit_user(kit, &shop, ANA).id.text)));
}

static void a_session_remembers_its_flow_version_features_and_payer(void **state)
{
	struct kit *const kit = *state;

	kit->rules.features = STR("OCR + FACE");
	const struct caller shop = proven(kit, NO_QUOTA);
	(void)kit_create(kit, &shop, ANA);
	const struct session session = kit_session(kit, &shop, ANA);
	assert_string_equal(session.flow, "verify_public_kyc");
	assert_string_equal(session.provider_version, "v1");
	assert_string_equal(session.features, "OCR + FACE");
	assert_string_equal(session.tenant_id.text, shop.tenant.id.text);
	assert_int_equal(session.quota_month, JANUARY);
	assert_int_equal(session.created_at.ms, KIT_NOW);
	assert_int_equal(session.last_update_at.ms, KIT_NOW);
	assert_null(memmem(session.sealed_url.p, session.sealed_url.n, "provider", 8));
}

static void an_open_session_is_resumed(void **state)
{
	static const enum session_status open[] = { STATUS_NOT_STARTED, STATUS_IN_PROGRESS,
		STATUS_AWAITING_USER, STATUS_RESUBMITTED, STATUS_IN_REVIEW };
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	(void)kit_create(kit, &shop, ANA);
	for (size_t i = 0; i < array_len(open); i++) {
		kit_decide(kit, &shop, ANA, open[i]);
		const struct create_result again = kit_create(kit, &shop, ANA);
		is_session(&again, "scripted-1", "https://provider.test/session/1");
	}
	assert_int_equal(fake_provider_creates(kit->provider), 1);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
}

static void what_ended_without_approval_is_followed_by_a_new_session(void **state)
{
	static const enum session_status ended[] = { STATUS_EXPIRED, STATUS_ABANDONED, STATUS_KYC_EXPIRED,
		STATUS_DECLINED };
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	for (size_t i = 0; i < array_len(ended); i++) {
		kit_decide(kit, &shop, ANA, ended[i]);
		kit_wait(kit, seconds(1));
		assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
		assert_int_equal(fake_provider_creates(kit->provider), i + 2);
		assert_int_equal(kit_quota_used(kit, &shop, JANUARY), i + 2);
	}
}

static void an_approved_person_costs_nothing(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	(void)kit_create(kit, &shop, ANA);
	kit_decide(kit, &shop, ANA, STATUS_APPROVED);
	const struct create_result created = kit_create(kit, &shop, ANA);
	assert_int_equal(created.outcome, CREATED_APPROVED);
	assert_string_equal(created.ref.text, "scripted-1");
	assert_int_equal(fake_provider_creates(kit->provider), 1);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
	/* The approval is lost: another session, which the quota does not allow. */
	kit_decide(kit, &shop, ANA, STATUS_KYC_EXPIRED);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_OVER_QUOTA);
}

static void an_older_approval_stands_above_a_newer_open_session(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	struct session first = kit_session(kit, &shop, ANA);
	kit_decide(kit, &shop, ANA, STATUS_EXPIRED);
	kit_wait(kit, seconds(1));
	(void)kit_create(kit, &shop, ANA);
	first.status = STATUS_APPROVED;
	kit_save(kit, RECORD_SESSION, &first);
	const struct create_result created = kit_create(kit, &shop, ANA);
	assert_int_equal(created.outcome, CREATED_APPROVED);
	assert_string_equal(created.ref.text, "scripted-1");
}

static void the_group_shares_the_session_after_ones_own_proof(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", "ring", NO_QUOTA);
	const struct caller bank = kit_tenant(kit, "bank", "ring", 0);
	const struct caller lone = kit_tenant(kit, "lone", NULL, NO_QUOTA);

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	assert_int_equal(kit_create(kit, &bank, ANA).outcome, CREATED_NOT_PREPARED);
	(void)kit_prepare(kit, &bank, ANA);
	assert_int_equal(kit_create(kit, &bank, ANA).outcome, CREATED_UNVERIFIED);
	kit_prove(kit, &bank, ANA);
	/* The bank has no quota at all: what is there costs it nothing. */
	const struct create_result open = kit_create(kit, &bank, ANA);
	is_session(&open, "scripted-1", "https://provider.test/session/1");
	kit_decide(kit, &shop, ANA, STATUS_APPROVED);
	assert_int_equal(kit_create(kit, &bank, ANA).outcome, CREATED_APPROVED);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
	assert_int_equal(kit_quota_used(kit, &bank, JANUARY), 0);
	kit_prove(kit, &lone, ANA);
	const struct create_result apart = kit_create(kit, &lone, ANA);
	is_session(&apart, "scripted-2", "https://provider.test/session/2");
}

static void a_month_has_so_many_sessions(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, 1);

	kit_prove(kit, &shop, ANA);
	kit_prove(kit, &shop, BOB);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	assert_int_equal(kit_create(kit, &shop, BOB).outcome, CREATED_OVER_QUOTA);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED); /* resumed */
	assert_int_equal(kit_sessions(kit, &shop, BOB), 0);
	/* Changed while running: holds at once, whatever the caller's facts say. */
	kit_set_quota(kit, "shop", 2);
	assert_int_equal(kit_create(kit, &shop, BOB).outcome, CREATED);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 2);
}

static void the_month_is_utc(void **state)
{
	static const int64_t february = INT64_C(1769904000000); /* 2026-02-01T00:00:00Z */
	static const struct {
		int64_t now;
		enum create_outcome outcome;
	} rows[] = {
		{ february - 1, CREATED_OVER_QUOTA },
		{ february, CREATED },
	};
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, 1);

	kit_prove(kit, &shop, ANA);
	kit_prove(kit, &shop, BOB);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&kit->clock.now, rows[i].now);
		assert_int_equal(kit_create(kit, &shop, BOB).outcome, rows[i].outcome);
	}
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
	assert_int_equal(kit_quota_used(kit, &shop, FEBRUARY), 1);
}

static void a_failed_call_gives_the_unit_back_and_leaves_nothing(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_UNREACHABLE, PROVIDER_REFUSED,
		PROVIDER_CREDITS, PROVIDER_LIMIT };
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, 1);

	for (size_t i = 0; i < array_len(causes); i++) {
		fake_provider_fail(kit->provider, causes[i]);
		const struct create_result failed = kit_create(kit, &shop, ANA);
		assert_int_equal(failed.outcome, CREATED_FAILED);
		assert_int_equal(failed.cause, causes[i]);
		assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 0);
		assert_int_equal(kit_sessions(kit, &shop, ANA), 0);
	}
	assert_int_equal(kit_acts(kit, AUDIT_QUOTA_RETURNED), array_len(causes));
	assert_int_equal(kit_acts(kit, AUDIT_SESSION_FAILED), array_len(causes));
	fake_provider_fail(kit->provider, PROVIDER_OK);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	assert_int_equal(kit_quota_used(kit, &shop, JANUARY), 1);
}

static void decline(struct kit *kit, const struct caller *caller)
{
	kit_decide(kit, caller, ANA, STATUS_DECLINED);
	kit_wait(kit, seconds(1));
}

static void after_declines_there_are_five_more_tries_in_thirty_days(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	kit_wait(kit, hours(1));
	decline(kit, &shop);
	const moment first_try = world_now(&kit->world);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
		decline(kit, &shop);
	}
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
	assert_int_equal(fake_provider_creates(kit->provider), 6);
	/* The first of the five tries leaves the thirty days. */
	atomic_store(&kit->clock.now, moment_add(first_try, days(30)).ms);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
	kit_wait(kit, milliseconds(1));
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
}

static void a_link_left_to_run_out_does_not_hide_the_decline(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	decline(kit, &shop);
	for (int i = 0; i < 5; i++) {
		assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
		if (i < 4) {
			kit_decide(kit, &shop, ANA, STATUS_EXPIRED);
			kit_wait(kit, seconds(1));
		}
	}
	decline(kit, &shop);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
}

static void whom_an_operator_allows_may_try_again(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	for (int i = 0; i < 5; i++) {
		decline(kit, &shop);
		assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	}
	decline(kit, &shop);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
	struct user user = kit_user(kit, &shop, ANA);
	user.tries_reset_at = world_now(&kit->world);
	kit_save(kit, RECORD_USER, &user);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
}

static void a_sign_of_a_blocklist_ends_it_until_allowed(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	struct session session = kit_session(kit, &shop, ANA);
	session.blocklisted = true;
	session.status = STATUS_IN_REVIEW;
	kit_save(kit, RECORD_SESSION, &session);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED); /* still open */
	kit_decide(kit, &shop, ANA, STATUS_EXPIRED);
	kit_wait(kit, seconds(1));
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
	kit_wait(kit, days(100));
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED_REFUSED);
	struct user user = kit_user(kit, &shop, ANA);
	user.tries_reset_at = world_now(&kit->world);
	kit_save(kit, RECORD_USER, &user);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
}

static void a_session_unheard_of_is_read_before_it_is_resumed(void **state)
{
	static const struct {
		int64_t unheard_ms;
		size_t reads;
	} rows[] = { { 119999, 0 }, { 120000, 1 }, { 120001, 1 } };
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);
		const size_t reads = fake_provider_reads(kit->provider);

		kit_prove(kit, &shop, ANA);
		const struct create_result first = kit_create(kit, &shop, ANA);
		kit_wait(kit, milliseconds(rows[i].unheard_ms));
		const struct create_result again = kit_create(kit, &shop, ANA);
		assert_int_equal(fake_provider_reads(kit->provider) - reads, rows[i].reads);
		is_session(&again, first.ref.text, first.url.p);
	}
}

static void what_the_reading_says_decides(void **state)
{
	static const struct {
		enum session_status read;
		enum create_outcome outcome;
		size_t creates;
	} rows[] = {
		{ STATUS_IN_PROGRESS, CREATED, 1 },
		{ STATUS_APPROVED, CREATED_APPROVED, 1 },
		{ STATUS_EXPIRED, CREATED, 2 },
		{ STATUS_DECLINED, CREATED, 2 },
	};
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);
		const struct session_snapshot snapshot = { .status = rows[i].read };
		const size_t creates = fake_provider_creates(kit->provider);

		kit_prove(kit, &shop, ANA);
		(void)kit_create(kit, &shop, ANA);
		kit_wait(kit, minutes(2));
		fake_provider_reading(kit->provider, &snapshot);
		assert_int_equal(kit_create(kit, &shop, ANA).outcome, rows[i].outcome);
		assert_int_equal(fake_provider_creates(kit->provider) - creates, rows[i].creates);
	}
}

static void when_the_provider_does_not_tell_the_stored_state_serves(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);

	(void)kit_create(kit, &shop, ANA);
	kit_wait(kit, minutes(5));
	fake_provider_fail(kit->provider, PROVIDER_UNREACHABLE);
	const struct create_result again = kit_create(kit, &shop, ANA);
	is_session(&again, "scripted-1", "https://provider.test/session/1");
	assert_int_equal(fake_provider_reads(kit->provider), 1);
}

static void the_language_is_remembered(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = proven(kit, NO_QUOTA);
	struct create_params params = { &shop, flow_find(STR("verify_public_kyc")), kit_who(ANA),
		STR("pt-BR"), { 0 } };
	struct create_result created;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			app_create_session(&kit->world, kit->single_flights, &kit->arena, &params, &created),
			OK);
		assert_string_equal(kit_user(kit, &shop, ANA).language, "pt-BR");
	}
	const size_t writes = atomic_load(&kit->store.writes);
	(void)!app_create_session(&kit->world, kit->single_flights, &kit->arena, &params, &created);
	assert_int_equal(atomic_load(&kit->store.writes), writes); /* a resume writes nothing */
	params.language = STR("de");
	(void)!app_create_session(&kit->world, kit->single_flights, &kit->arena, &params, &created);
	assert_string_equal(kit_user(kit, &shop, ANA).language, "de");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(only_the_prepared_and_proven_get_a_session),
		TEST(the_provider_hears_an_opaque_id_and_no_address),
		TEST(a_session_remembers_its_flow_version_features_and_payer),
		TEST(an_open_session_is_resumed),
		TEST(what_ended_without_approval_is_followed_by_a_new_session),
		TEST(an_approved_person_costs_nothing),
		TEST(an_older_approval_stands_above_a_newer_open_session),
		TEST(the_group_shares_the_session_after_ones_own_proof),
		TEST(a_month_has_so_many_sessions),
		TEST(the_month_is_utc),
		TEST(a_failed_call_gives_the_unit_back_and_leaves_nothing),
		TEST(after_declines_there_are_five_more_tries_in_thirty_days),
		TEST(a_link_left_to_run_out_does_not_hide_the_decline),
		TEST(whom_an_operator_allows_may_try_again),
		TEST(a_sign_of_a_blocklist_ends_it_until_allowed),
		TEST(a_session_unheard_of_is_read_before_it_is_resumed),
		TEST(what_the_reading_says_decides),
		TEST(when_the_provider_does_not_tell_the_stored_state_serves),
		TEST(the_language_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

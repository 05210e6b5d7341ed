/* app_address_status and app_session_status: what a tenant learns about a person by address or session id. */
#include "app/session/status.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/session/decision.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"
#include "port/load_plan.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

static void each_session_status_has_its_answer(void **state)
{
	static const struct {
		enum session_status status;
		const char *word, *provider_name;
		bool approved, has_url;
	} rows[] = {
		{ STATUS_NOT_STARTED, "pending", "Not Started", false, true },
		{ STATUS_IN_PROGRESS, "pending", "In Progress", false, true },
		{ STATUS_AWAITING_USER, "pending", "Awaiting User", false, true },
		{ STATUS_RESUBMITTED, "pending", "Resubmitted", false, true },
		{ STATUS_IN_REVIEW, "in_review", "In Review", false, true },
		{ STATUS_APPROVED, "approved", "Approved", true, false },
		{ STATUS_DECLINED, "declined", "Declined", false, false },
		{ STATUS_EXPIRED, "expired", "Expired", false, false },
		{ STATUS_ABANDONED, "expired", "Abandoned", false, false },
		{ STATUS_KYC_EXPIRED, "expired", "Kyc Expired", false, false },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_set_session_status(fx, &shop, ANA, rows[i].status);
		const struct person_status answer = fixture_status(fx, &shop, ANA);
		assert_int_equal(answer.result, STATUS_RESULT_FOUND);
		assert_string_equal(answer.status_name, rows[i].word);
		assert_string_equal(answer.session_status, rows[i].provider_name);
		assert_int_equal(answer.approved, rows[i].approved);
		assert_string_equal(answer.ref.text, "scripted-1");
		assert_int_equal(answer.url.p != NULL, rows[i].has_url);
		if (rows[i].has_url)
			assert_true(str_eq(answer.url, STR("https://provider.test/session/1")));
		assert_true(str_eq(answer.ip_info, STR("[]")));
		assert_false(answer.blocklisted);
	}
}

/* Adds a declined session that is newer than all other sessions. */
static void add_declined_session(struct app_fixture *fx, const struct caller *caller, int number)
{
	struct session session = fixture_latest_session(fx, caller, ANA);

	fixture_advance_clock(fx, minutes(1));
	assert_int_equal(world_id(&fx->world, session.id.text), OK);
	(void)snprintf(session.provider_ref.text, sizeof(session.provider_ref.text), "declined-%d", number);
	session.status = STATUS_DECLINED;
	session.created_at = world_now(&fx->world);
	fixture_save(fx, RECORD_SESSION, &session);
}

/* An older approval counts even if all of the newest SESSIONS_NEWEST sessions, which are loaded first, are
 * declined. */
static void approval_counts_however_many_declined_sessions_are_newer(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	for (int newer = 1; newer <= SESSIONS_NEWEST + 1; newer++) {
		add_declined_session(fx, &shop, newer);
		const struct person_status answer = fixture_status(fx, &shop, ANA);
		assert_string_equal(answer.status_name, "approved");
		assert_true(answer.approved);
		assert_string_equal(answer.ref.text, "scripted-1");
		assert_true(fixture_prepare(fx, &shop, ANA).kyc_approved);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_APPROVED);
	}
}

static void status_before_there_is_a_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct person_status answer;

	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	(void)fixture_prepare(fx, &shop, ANA);
	answer = fixture_status(fx, &shop, ANA);
	assert_int_equal(answer.result, STATUS_RESULT_NO_SESSION);
	assert_false(answer.verified.email);
	assert_null(answer.last_code);
	fixture_verify_email(fx, &shop, ANA);
	answer = fixture_status(fx, &shop, ANA);
	assert_int_equal(answer.result, STATUS_RESULT_NO_SESSION);
	assert_true(answer.verified.email);
	assert_string_equal(answer.last_code, "accepted");
}

static void pending_session_is_not_shown(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	const struct session pending = { .id = { "01pending" },
		.user_id = fixture_user(fx, &shop, ANA).id,
		.tenant_id = shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = { FIXTURE_NOW } };
	fixture_save(fx, RECORD_SESSION, &pending);
	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_NO_SESSION);
}

#define FIELD_NULL STR_INIT("null")

static const struct session_snapshot with_decision = {
	.status = STATUS_DECLINED,
	.has_decision = true,
	.decision = {
		.n_ips = 2,
		.ips = {
			{ { STR_INIT("\"203.0.113.24\""), STR_INIT("\"Portugal\""), STR_INIT("\"Lisbon\""),
				STR_INIT("\"Lisbon\""), STR_INIT("\"mobile\""), STR_INIT("\"Samsung\""),
				STR_INIT("\"Galaxy S23\""), STR_INIT("false"), STR_INIT("true") } },
			{ { STR_INIT("\"2001:db8::1\""), FIELD_NULL, FIELD_NULL, FIELD_NULL, FIELD_NULL,
				FIELD_NULL, FIELD_NULL, FIELD_NULL, FIELD_NULL } },
		},
		.n_warnings = 1,
		.warnings = { { STR_INIT("KYC"), STR_INIT("ID_DOCUMENT_IN_BLOCKLIST"), false } },
		.blocklisted = true,
	},
};

#define IP_INFO                                                                                              \
	"[{\"ip_address\":\"203.0.113.24\",\"ip_country\":\"Portugal\",\"ip_state\":\"Lisbon\","             \
	"\"ip_city\":\"Lisbon\",\"platform\":\"mobile\",\"device_brand\":\"Samsung\","                       \
	"\"device_model\":\"Galaxy S23\",\"is_vpn_or_tor\":false,\"is_data_center\":true},"                  \
	"{\"ip_address\":\"2001:db8::1\",\"ip_country\":null,\"ip_state\":null,\"ip_city\":null,"            \
	"\"platform\":null,\"device_brand\":null,\"device_model\":null,\"is_vpn_or_tor\":null,"              \
	"\"is_data_center\":null}]"

static void ip_analysis_has_nine_fields_and_is_stored_encrypted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	enum provider_cause cause;

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fake_provider_set_snapshot(fx->provider, &with_decision);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	const struct person_status answer = fixture_status(fx, &shop, ANA);
	assert_true(str_eq(answer.ip_info, STR(IP_INFO)));
	assert_true(answer.blocklisted);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_null(memmem(session.sealed_decision.p, session.sealed_decision.n, "203.0.113", 9));
	assert_null(memmem(session.sealed_url.p, session.sealed_url.n, "https", 5));
}

static void decision_is_kept_if_a_later_poll_has_none(void **state)
{
	static const struct session_snapshot without_decision = { .status = STATUS_EXPIRED };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct session_snapshot *const snapshots[] = { &with_decision, &without_decision };
	enum provider_cause cause;

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(snapshots); i++) {
		fixture_advance_clock(fx, seconds(1));
		fake_provider_set_snapshot(fx->provider, snapshots[i]);
		assert_int_equal(
			app_poll_session(&fx->world, &fx->arena, &provider_actor,
				&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER },
				&cause),
			OK);
	}
	assert_string_equal(fixture_status(fx, &shop, ANA).session_status, "Expired");
	assert_true(str_eq(fixture_status(fx, &shop, ANA).ip_info, STR(IP_INFO)));
	assert_true(fixture_status(fx, &shop, ANA).blocklisted);
}

struct ref_job {
	struct app_fixture *fx;
	const struct caller *caller;
	struct str ref;
	const char *email;
	struct person_status status;
};

static enum err load_status_by_ref(struct tx *tx, void *arg)
{
	struct ref_job *const job = arg;

	const struct identifier identifier = identifier_from_text(job->email);
	const struct identifier_pair identifiers = identifier_pair_of(&identifier);

	return app_session_status(&job->fx->world, tx, job->caller, job->ref,
		identifier.normal.n > 0 ? &identifiers : NULL, &job->status);
}

static struct person_status status_by_ref_and_email(
	struct app_fixture *fx, const struct caller *caller, const char *ref, const char *email)
{
	struct ref_job job = { .fx = fx, .caller = caller, .ref = str_of(ref), .email = email };

	assert_int_equal(store_transact(fx->world.store, TX_READ, &fx->arena, load_status_by_ref, &job), OK);
	return job.status;
}

static struct person_status status_by_ref(
	struct app_fixture *fx, const struct caller *caller, const char *ref)
{
	return status_by_ref_and_email(fx, caller, ref, "");
}

static void session_id_works_for_tenants_that_verified_the_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	char too_long[80];

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &other_group, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	assert_int_equal(status_by_ref(fx, &shop, "scripted-1").result, STATUS_RESULT_FOUND);
	assert_string_equal(status_by_ref(fx, &shop, "scripted-1").ref.text, "scripted-1");
	assert_int_equal(status_by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	(void)fixture_prepare(fx, &bank, ANA);
	assert_int_equal(status_by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	fixture_verify_email(fx, &bank, ANA);
	assert_int_equal(status_by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_FOUND);
	assert_int_equal(status_by_ref(fx, &other_group, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(status_by_ref(fx, &shop, too_long).result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(status_by_ref(fx, &shop, "").result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(status_by_ref(fx, &shop, "scripted-2").result, STATUS_RESULT_UNKNOWN_SESSION);
}

/* The session was created with one address. The bank has verified only the other address, which is linked to
 * it. */
static void session_id_works_for_tenants_that_verified_any_linked_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet a = signing_wallet_new(WALLET_EVM, 0x11),
				    b = signing_wallet_new(WALLET_SOLANA, 0x22);

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &b);
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-1");
	assert_string_equal(fixture_create_session(fx, &shop, b.wallet.text).ref.text, "scripted-2");
	fixture_verify_wallet(fx, &bank, &a);
	fixture_verify_email(fx, &bank, BOB);
	assert_int_equal(status_by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(status_by_ref(fx, &bank, "scripted-2").result, STATUS_RESULT_UNKNOWN_SESSION);
	fixture_link(fx, &shop, &a, ANA);
	fixture_link(fx, &shop, &b, BOB);
	const struct person_status by_wallet = status_by_ref(fx, &bank, "scripted-1");
	assert_int_equal(by_wallet.result, STATUS_RESULT_FOUND);
	assert_true(str_eq(by_wallet.url, STR("https://provider.test/session/1")));
	const struct person_status by_email = status_by_ref(fx, &bank, "scripted-2");
	assert_int_equal(by_email.result, STATUS_RESULT_FOUND);
	assert_true(str_eq(by_email.url, STR("https://provider.test/session/2")));
}

static void address_with_a_session_id_may_be_any_linked_address(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11),
				    other = signing_wallet_new(WALLET_SOLANA, 0x22);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_verify_wallet(fx, &shop, &w);
	assert_int_equal(status_by_ref_and_email(fx, &shop, "scripted-1", w.wallet.text).result,
		STATUS_RESULT_MISMATCH);
	fixture_link(fx, &shop, &w, ANA);
	fixture_link(fx, &shop, &w, BOB);
	fixture_verify_wallet(fx, &shop, &other);
	assert_int_equal(
		status_by_ref_and_email(fx, &shop, "scripted-1", w.wallet.text).result, STATUS_RESULT_FOUND);
	assert_int_equal(status_by_ref_and_email(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_FOUND);
	assert_int_equal(status_by_ref_and_email(fx, &shop, "scripted-1", other.wallet.text).result,
		STATUS_RESULT_MISMATCH);
}

/* Tenants of one group share sessions and approvals. The provider's findings about devices (ip_info) are not
 * shared. */
static void ip_analysis_is_for_the_tenant_of_the_session_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	enum provider_cause cause;

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &bank, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fake_provider_set_snapshot(fx->provider, &with_decision);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	assert_true(str_eq(fixture_status(fx, &shop, ANA).ip_info, STR(IP_INFO)));
	assert_true(str_eq(status_by_ref(fx, &shop, "scripted-1").ip_info, STR(IP_INFO)));

	const struct person_status others[] = { fixture_status(fx, &bank, ANA),
		status_by_ref(fx, &bank, "scripted-1"),
		status_by_ref_and_email(fx, &bank, "scripted-1", ANA) };
	for (size_t i = 0; i < array_len(others); i++) {
		assert_int_equal(others[i].result, STATUS_RESULT_FOUND);
		assert_true(others[i].blocklisted);
		assert_true(str_eq(others[i].ip_info, STR("[]")));
	}
}

static void address_with_a_session_id_must_be_the_same_persons(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	assert_int_equal(status_by_ref_and_email(fx, &shop, "scripted-1", ANA).result, STATUS_RESULT_FOUND);
	assert_int_equal(
		status_by_ref_and_email(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_UNKNOWN_USER);
	(void)fixture_prepare(fx, &shop, BOB);
	assert_int_equal(
		status_by_ref_and_email(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_MISMATCH);
	fixture_verify_email(fx, &shop, BOB);
	assert_int_equal(
		status_by_ref_and_email(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_MISMATCH);
	assert_int_equal(
		status_by_ref_and_email(fx, &shop, "scripted-2", BOB).result, STATUS_RESULT_UNKNOWN_SESSION);
	/* To a tenant that has not verified the person the session is unknown, whichever address is in the
	 * request. */
	fixture_verify_email(fx, &bank, BOB);
	assert_int_equal(
		status_by_ref_and_email(fx, &bank, "scripted-1", ANA).result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(
		status_by_ref_and_email(fx, &bank, "scripted-1", BOB).result, STATUS_RESULT_UNKNOWN_SESSION);
}

/* A status request for a stale session starts a poll of that session in the background. */
static void open_session_is_stale_ten_seconds_after_its_update(void **state)
{
	static const struct {
		enum session_status status;
		int64_t age_ms;
		bool is_stale;
	} rows[] = {
		{ STATUS_IN_PROGRESS, 9999, false },
		{ STATUS_IN_PROGRESS, 10000, true },
		{ STATUS_IN_PROGRESS, 10001, true },
		{ STATUS_IN_REVIEW, 10000, true },
		{ STATUS_APPROVED, 10000, false },
		{ STATUS_DECLINED, 86400000, false },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_set_session_status(fx, &shop, ANA, rows[i].status);
		fixture_advance_clock(fx, milliseconds(rows[i].age_ms));
		assert_int_equal(fixture_status(fx, &shop, ANA).is_stale, rows[i].is_stale);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(open_session_is_stale_ten_seconds_after_its_update),
		TEST(each_session_status_has_its_answer),
		TEST(approval_counts_however_many_declined_sessions_are_newer),
		TEST(status_before_there_is_a_session),
		TEST(pending_session_is_not_shown),
		TEST(ip_analysis_has_nine_fields_and_is_stored_encrypted),
		TEST(decision_is_kept_if_a_later_poll_has_none),
		TEST(session_id_works_for_tenants_that_verified_the_person),
		TEST(session_id_works_for_tenants_that_verified_any_linked_address),
		TEST(address_with_a_session_id_may_be_any_linked_address),
		TEST(ip_analysis_is_for_the_tenant_of_the_session_only),
		TEST(address_with_a_session_id_must_be_the_same_persons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

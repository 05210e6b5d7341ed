/* Events about sessions, the overall status and the quota: which change writes which event, for which tenant,
 * and in the same transaction. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/session/decision.h"
#include "app/session/provider_event.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"
#define VERIFIED "user.prepared user.email_verified"

static struct signing_wallet wallet_a(void)
{
	return signing_wallet_new(WALLET_EVM, 0x11);
}

/* Links the addresses in two steps at different times, so that the order of all events is certain. */
static void link_addresses(struct app_fixture *fx, const struct caller *caller,
	const struct signing_wallet *wallet, const char *email)
{
	char code[7];

	fixture_advance_clock(fx, seconds(1));
	assert_false(fixture_claim_email(fx, caller, wallet, email).conflict);
	fixture_advance_clock(fx, seconds(1));
	fixture_get_link_otp(fx, caller, wallet, email, code);
	assert_int_equal(fixture_verify_link_otp(fx, caller, wallet, email, code), VERIFY_ACCEPTED);
}

static struct caller tenant_with_session(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	return shop;
}

static void session_that_the_provider_made_writes_session_created(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	fake_provider_set_failure(fx->provider, PROVIDER_REFUSED);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_FAILED);
	assert_string_equal(fixture_event_types(fx, &shop), VERIFIED);
	fake_provider_set_failure(fx->provider, PROVIDER_OK);
	(void)fixture_create_session(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	assert_string_equal(fixture_event_types(fx, &shop), VERIFIED " session.created");
	fixture_event_contains(
		fx, &shop, EVENT_SESSION_CREATED, "\"reference\":null,\"session_id\":\"scripted-", NULL);
	assert_null(strstr(fixture_event(fx, &shop, EVENT_SESSION_CREATED), "url"));
}

static void polled_decision_writes_session_and_status_events(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	fixture_poll_status(fx, &shop, ANA, STATUS_IN_PROGRESS);
	assert_string_equal(fixture_event_types(fx, &shop), VERIFIED " session.created session.updated");
	fixture_event_contains(fx, &shop, EVENT_SESSION_UPDATED,
		"\"session_id\":\"scripted-1\",\"session_status\":\"In Progress\","
		"\"previous_session_status\":\"Not Started\"}}",
		NULL);
	fixture_poll_status(fx, &shop, ANA, STATUS_IN_PROGRESS);
	assert_int_equal(fixture_events(fx, &shop)->n, 4);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	assert_string_equal(fixture_event_types(fx, &shop),
		VERIFIED " session.created session.updated session.updated kyc.updated kyc.approved");
	fixture_event_contains(fx, &shop, EVENT_KYC_UPDATED,
		"\"status\":\"approved\",\"previous_status\":\"pending\",\"approved\":true,"
		"\"session_id\":\"scripted-1\",\"reasons\":[]}}",
		NULL);
	fixture_event_contains(fx, &shop, EVENT_KYC_APPROVED,
		"\"status\":\"approved\",\"previous_status\":\"pending\"", NULL);
}

static const struct {
	enum session_status status;
	const char *types, *word;
} statuses[] = {
	{ STATUS_IN_REVIEW, " kyc.updated kyc.in_review", "\"status\":\"in_review\"" },
	{ STATUS_APPROVED, " kyc.updated kyc.approved", "\"status\":\"approved\"" },
	{ STATUS_DECLINED, " kyc.updated kyc.declined", "\"status\":\"declined\"" },
	{ STATUS_EXPIRED, " kyc.updated kyc.expired", "\"status\":\"expired\"" },
	{ STATUS_ABANDONED, " kyc.updated kyc.expired", "\"reasons\":[\"abandoned\"]" },
	{ STATUS_IN_PROGRESS, "", NULL },
	{ STATUS_AWAITING_USER, "", NULL },
};

static void each_overall_status_has_its_event(void **state)
{
	struct app_fixture *const fx = *state;
	char name[] = "shop0", expected[256];

	for (size_t i = 0; i < array_len(statuses); i++) {
		name[4] = (char)('0' + i);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		fixture_verify_email(fx, &shop, ANA);
		(void)fixture_create_session(fx, &shop, ANA);
		fixture_poll_status(fx, &shop, ANA, statuses[i].status);
		(void)snprintf(expected, sizeof(expected), "%s session.created session.updated%s", VERIFIED,
			statuses[i].types);
		assert_string_equal(fixture_event_types(fx, &shop), expected);
		if (statuses[i].word)
			fixture_event_contains(fx, &shop, EVENT_KYC_UPDATED, statuses[i].word, NULL);
	}
}

/* The current session is the newest one until a session is approved, so the status of a declined person is
 * pending again with the next session. */
static void next_session_after_a_decline_makes_the_status_pending(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	fixture_advance_clock(fx, days(40));
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_string_equal(fixture_event_types(fx, &shop), VERIFIED
		" session.created session.updated kyc.updated kyc.declined session.created kyc.updated");
	fixture_event_contains(fx, &shop, EVENT_KYC_UPDATED,
		"\"status\":\"pending\",\"previous_status\":\"declined\",\"approved\":false", NULL);
}

static struct provider_event decision_event(enum session_status status)
{
	return (struct provider_event){ .ref = { "scripted-1" },
		.is_authenticated = true,
		.status_text = str_of(session_status_provider_name(status)),
		.status_known = true,
		.status = status,
		.kind = STR("status.updated"),
		.sent_at = { FIXTURE_NOW + 5000 },
		.event_key = { { (unsigned char)status } } };
}

struct apply_job {
	struct app_fixture *fx;
	const struct provider_event *event;
};

static enum err apply_in_tx(struct tx *tx, void *arg)
{
	static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };
	const struct apply_job *const job = arg;
	struct provider_event_result result;

	return provider_event_apply(&job->fx->world, tx, &provider_actor, job->event, false, &result);
}

static void decision_by_event_is_reported_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct provider_event event = decision_event(STATUS_APPROVED);
	struct apply_job job = { fx, &event };
	const char *const expected = VERIFIED " session.created session.updated kyc.updated kyc.approved";

	fixture_advance_clock(fx, seconds(6));
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, apply_in_tx, &job), OK);
	assert_string_equal(fixture_event_types(fx, &shop), VERIFIED " session.created");
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			store_transact(fx->world.store, TX_WRITE, &fx->arena, apply_in_tx, &job), OK);
		assert_string_equal(fixture_event_types(fx, &shop), expected);
	}
}

/* The session's own tenant hears of the session. The others hear of the status, after a proof. */
static void tenants_of_a_group_hear_of_the_status_after_a_proof(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller club = fixture_add_tenant(fx, "club", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &bank, ANA);
	(void)fixture_prepare(fx, &club, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_IN_REVIEW);
	assert_string_equal(fixture_event_types(fx, &shop),
		VERIFIED " session.created session.updated kyc.updated kyc.in_review");
	assert_string_equal(fixture_event_types(fx, &bank), VERIFIED " kyc.updated kyc.in_review");
	assert_string_equal(fixture_event_types(fx, &club), "user.prepared");
	fixture_verify_email(fx, &club, ANA);
	assert_string_equal(fixture_event_types(fx, &club), VERIFIED " kyc.updated kyc.in_review");
	fixture_event_contains(
		fx, &club, EVENT_KYC_UPDATED, "\"tenant\":\"club\"", "\"previous_status\":\"pending\"", NULL);
	/* A tenant's sequence does not betray how much another tenant was told. */
	assert_int_equal(fixture_enrolment(fx, &club, ANA).event_sequence, FIXTURE_NOW + 3);
}

static void prepare_of_a_known_wallet_tells_its_status(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	fixture_verify_wallet(fx, &shop, &a);
	(void)fixture_create_session(fx, &shop, a.wallet.text);
	fixture_poll_status(fx, &shop, a.wallet.text, STATUS_APPROVED);
	fixture_verify_wallet(fx, &bank, &a);
	assert_string_equal(fixture_event_types(fx, &bank),
		"user.prepared user.wallet_verified kyc.updated kyc.approved");
}

/* The e-mail's approved session counts for the wallet from the link on; the tenant knows the person by the
 * wallet's id then. */
static void link_tells_the_status_of_the_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct signing_wallet a = wallet_a();

	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	link_addresses(fx, &shop, &a, ANA);
	assert_string_equal(fixture_event_types(fx, &shop),
		VERIFIED " session.created session.updated kyc.updated kyc.approved"
			 " user.prepared user.wallet_verified user.linked kyc.updated kyc.approved");
	const struct enrolment wallet = fixture_enrolment(fx, &shop, a.wallet.text);

	fixture_event_contains(fx, &shop, EVENT_KYC_APPROVED, wallet.public_user_id.text, NULL);
	/* A later decision is told for the wallet only. */
	fixture_poll_status(fx, &shop, ANA, STATUS_DECLINED);
	const struct fixture_events *const events = fixture_events(fx, &shop);

	assert_int_equal(events->n, 14);
	for (size_t i = 11; i < events->n; i++)
		assert_string_equal(events->rows[i].public_user_id.text, wallet.public_user_id.text);
}

/* The shop links the wallet of an approved person; the bank, which knows only the e-mail, hears that the
 * e-mail's person is approved, and nothing of the wallet. */
static void link_by_one_tenant_changes_what_others_are_told(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct signing_wallet a = wallet_a();

	fixture_verify_email(fx, &bank, ANA);
	fixture_verify_wallet(fx, &shop, &a);
	(void)fixture_create_session(fx, &shop, a.wallet.text);
	fixture_poll_status(fx, &shop, a.wallet.text, STATUS_APPROVED);
	assert_string_equal(fixture_event_types(fx, &bank), VERIFIED);
	link_addresses(fx, &shop, &a, ANA);
	assert_string_equal(fixture_event_types(fx, &bank), VERIFIED " kyc.updated kyc.approved");
}

static void reference_is_in_events_of_sessions(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	fixture_set_reference(fx, &shop, ANA, "customer-4711");
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_event_contains(
		fx, &shop, EVENT_SESSION_UPDATED, "\"reference\":\"customer-4711\",\"session_id\"", NULL);
	fixture_event_contains(
		fx, &shop, EVENT_KYC_APPROVED, "\"reference\":\"customer-4711\",\"status\"", NULL);
}

static void make_sessions(struct app_fixture *fx, const struct caller *shop, int from, int to)
{
	char email[32];

	for (int i = from; i <= to; i++) {
		(void)snprintf(email, sizeof(email), "ana%d@example.com", i);
		fixture_verify_email(fx, shop, email);
		(void)fixture_create_session(fx, shop, email);
	}
}

static size_t count_thresholds(struct app_fixture *fx, const struct caller *shop)
{
	const struct fixture_events *const events = fixture_events(fx, shop);
	size_t n = 0;

	for (size_t i = 0; i < events->n; i++)
		n += events->rows[i].type == EVENT_QUOTA_THRESHOLD_REACHED;
	return n;
}

static void quota_thresholds_are_reported_once_per_month_and_limit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 10);

	make_sessions(fx, &shop, 1, 7);
	assert_int_equal(count_thresholds(fx, &shop), 0);
	make_sessions(fx, &shop, 8, 8);
	assert_int_equal(count_thresholds(fx, &shop), 1);
	fixture_event_contains(fx, &shop, EVENT_QUOTA_THRESHOLD_REACHED,
		"\"data\":{\"tenant\":\"shop\",\"used\":8,\"limit\":10,\"percent\":80}}", NULL);
	assert_null(strstr(fixture_event(fx, &shop, EVENT_QUOTA_THRESHOLD_REACHED), "sequence"));
	make_sessions(fx, &shop, 9, 9);
	assert_int_equal(count_thresholds(fx, &shop), 1);
	make_sessions(fx, &shop, 10, 11);
	assert_int_equal(count_thresholds(fx, &shop), 2);
	fixture_event_contains(
		fx, &shop, EVENT_QUOTA_THRESHOLD_REACHED, "\"used\":10,\"limit\":10,\"percent\":100", NULL);
	/* Another limit: 11 of 12 are more than 80 %. */
	fixture_advance_clock(fx, seconds(1));
	fixture_set_quota(fx, "shop", 12);
	make_sessions(fx, &shop, 12, 12);
	assert_int_equal(count_thresholds(fx, &shop), 3);
	fixture_event_contains(
		fx, &shop, EVENT_QUOTA_THRESHOLD_REACHED, "\"used\":11,\"limit\":12,\"percent\":80", NULL);
	/* Another month. */
	fixture_advance_clock(fx, days(31));
	make_sessions(fx, &shop, 20, 29);
	assert_int_equal(count_thresholds(fx, &shop), 4);
}

static void step_that_passes_both_thresholds_reports_both(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, 1);

	make_sessions(fx, &shop, 1, 1);
	const struct fixture_events *const events = fixture_events(fx, &shop);
	const char *expected = "\"percent\":80";

	assert_int_equal(count_thresholds(fx, &shop), 2);
	for (size_t i = 0; i < events->n; i++) {
		if (events->rows[i].type != EVENT_QUOTA_THRESHOLD_REACHED)
			continue;
		assert_non_null(strstr(events->json[i].p, expected));
		expected = "\"percent\":100";
	}
}

static void unlimited_and_refused_sessions_report_no_threshold(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, 1);

	make_sessions(fx, &shop, 1, 3);
	assert_int_equal(count_thresholds(fx, &shop), 0);
	fake_provider_set_failure(fx->provider, PROVIDER_REFUSED);
	make_sessions(fx, &bank, 1, 1);
	assert_int_equal(count_thresholds(fx, &bank), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(session_that_the_provider_made_writes_session_created,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			polled_decision_writes_session_and_status_events, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			each_overall_status_has_its_event, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(next_session_after_a_decline_makes_the_status_pending,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			decision_by_event_is_reported_once, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			tenants_of_a_group_hear_of_the_status_after_a_proof, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			prepare_of_a_known_wallet_tells_its_status, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_tells_the_status_of_the_person, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_by_one_tenant_changes_what_others_are_told, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			reference_is_in_events_of_sessions, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(quota_thresholds_are_reported_once_per_month_and_limit,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			step_that_passes_both_thresholds_reports_both, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			unlimited_and_refused_sessions_report_no_threshold, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

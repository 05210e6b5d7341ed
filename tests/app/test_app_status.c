#include "app/session/status.h"

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

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

static void what_is_told_of_each_status(void **state)
{
	static const struct {
		enum session_status status;
		const char *word, *text;
		bool approved, link;
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
		const struct person_status told = fixture_status(fx, &shop, ANA);
		assert_int_equal(told.result, STATUS_RESULT_FOUND);
		assert_string_equal(told.word, rows[i].word);
		assert_string_equal(told.session_status, rows[i].text);
		assert_int_equal(told.approved, rows[i].approved);
		assert_string_equal(told.ref.text, "scripted-1");
		assert_int_equal(told.url.p != NULL, rows[i].link);
		if (rows[i].link)
			assert_true(str_eq(told.url, STR("https://provider.test/session/1")));
		assert_true(str_eq(told.ip_info, STR("[]")));
		assert_false(told.blocklisted);
	}
}

static void until_there_is_a_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct person_status told;

	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	(void)fixture_prepare(fx, &shop, ANA);
	told = fixture_status(fx, &shop, ANA);
	assert_int_equal(told.result, STATUS_RESULT_NO_SESSION);
	assert_false(told.verified.email);
	assert_null(told.last_code);
	fixture_verify_email(fx, &shop, ANA);
	told = fixture_status(fx, &shop, ANA);
	assert_int_equal(told.result, STATUS_RESULT_NO_SESSION);
	assert_true(told.verified.email);
	assert_string_equal(told.last_code, "accepted");
}

static void a_note_of_a_session_in_the_making_is_not_shown(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	const struct session pending = { .id = { "01note" },
		.user_id = fixture_user(fx, &shop, ANA).id,
		.tenant_id = shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = { FIXTURE_NOW } };
	fixture_save(fx, RECORD_SESSION, &pending);
	assert_int_equal(fixture_status(fx, &shop, ANA).result, STATUS_RESULT_NO_SESSION);
}

#define FIELD_NULL STR_INIT("null")

static const struct session_snapshot with_facts = {
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
		.warnings = { { STR_INIT("KYC"), STR_INIT("ID_DOCUMENT_IN_BLOCKLIST") } },
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

static void nine_fields_per_address_null_stays_null_and_the_rows_are_sealed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	enum provider_cause cause;

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_advance_clock(fx, seconds(1));
	fake_provider_set_snapshot(fx->provider, &with_facts);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	const struct person_status told = fixture_status(fx, &shop, ANA);
	assert_true(str_eq(told.ip_info, STR(IP_INFO)));
	assert_true(told.blocklisted);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_null(memmem(session.sealed_decision.p, session.sealed_decision.n, "203.0.113", 9));
	assert_null(memmem(session.sealed_url.p, session.sealed_url.n, "https", 5));
}

static void facts_stay_when_news_come_without_any(void **state)
{
	static const struct session_snapshot bare = { .status = STATUS_EXPIRED };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct session_snapshot *const readings[] = { &with_facts, &bare };
	enum provider_cause cause;

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(readings); i++) {
		fixture_advance_clock(fx, seconds(1));
		fake_provider_set_snapshot(fx->provider, readings[i]);
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

static enum err ask_by_ref(struct tx *tx, void *arg)
{
	struct ref_job *const job = arg;

	const struct identifier who = identifier_from_text(job->email);
	const struct identifier_pair identifiers = identifier_pair_of(&who);

	return app_session_status(&job->fx->world, tx, job->caller, job->ref,
		who.normal.n > 0 ? &identifiers : NULL, &job->status);
}

static struct person_status by_both(
	struct app_fixture *fx, const struct caller *caller, const char *ref, const char *email)
{
	struct ref_job job = { .fx = fx, .caller = caller, .ref = str_of(ref), .email = email };

	assert_int_equal(store_transact(fx->world.store, TX_READ, &fx->arena, ask_by_ref, &job), OK);
	return job.status;
}

static struct person_status by_ref(struct app_fixture *fx, const struct caller *caller, const char *ref)
{
	return by_both(fx, caller, ref, "");
}

static void a_session_is_shown_by_its_id_to_who_has_the_proof(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	char too_long[80];

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &lone, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	assert_int_equal(by_ref(fx, &shop, "scripted-1").result, STATUS_RESULT_FOUND);
	assert_string_equal(by_ref(fx, &shop, "scripted-1").ref.text, "scripted-1");
	assert_int_equal(by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	(void)fixture_prepare(fx, &bank, ANA);
	assert_int_equal(by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	fixture_verify_email(fx, &bank, ANA);
	assert_int_equal(by_ref(fx, &bank, "scripted-1").result, STATUS_RESULT_FOUND);
	assert_int_equal(by_ref(fx, &lone, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(by_ref(fx, &shop, too_long).result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(by_ref(fx, &shop, "").result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(by_ref(fx, &shop, "scripted-2").result, STATUS_RESULT_UNKNOWN_SESSION);
}

static void an_address_beside_it_must_be_the_same_persons(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_create_session(fx, &shop, ANA);
	assert_int_equal(by_both(fx, &shop, "scripted-1", ANA).result, STATUS_RESULT_FOUND);
	assert_int_equal(by_both(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_UNKNOWN_USER);
	(void)fixture_prepare(fx, &shop, BOB);
	assert_int_equal(by_both(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_MISMATCH);
	fixture_verify_email(fx, &shop, BOB);
	assert_int_equal(by_both(fx, &shop, "scripted-1", BOB).result, STATUS_RESULT_MISMATCH);
	assert_int_equal(by_both(fx, &shop, "scripted-2", BOB).result, STATUS_RESULT_UNKNOWN_SESSION);
	/* Who has no proof hears nothing of the session, whatever stands beside it. */
	fixture_verify_email(fx, &bank, BOB);
	assert_int_equal(by_both(fx, &bank, "scripted-1", ANA).result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(by_both(fx, &bank, "scripted-1", BOB).result, STATUS_RESULT_UNKNOWN_SESSION);
}

/* Who asks for it then has it read in the background. */
static void an_open_session_is_unheard_of_after_ten_seconds(void **state)
{
	static const struct {
		enum session_status status;
		int64_t ago_ms;
		bool unheard;
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
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_set_session_status(fx, &shop, ANA, rows[i].status);
		fixture_advance_clock(fx, milliseconds(rows[i].ago_ms));
		assert_int_equal(fixture_status(fx, &shop, ANA).is_stale, rows[i].unheard);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(an_open_session_is_unheard_of_after_ten_seconds),
		TEST(what_is_told_of_each_status),
		TEST(until_there_is_a_session),
		TEST(a_note_of_a_session_in_the_making_is_not_shown),
		TEST(nine_fields_per_address_null_stays_null_and_the_rows_are_sealed),
		TEST(facts_stay_when_news_come_without_any),
		TEST(a_session_is_shown_by_its_id_to_who_has_the_proof),
		TEST(an_address_beside_it_must_be_the_same_persons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "app/session/status.h"

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
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		kit_decide(kit, &shop, ANA, rows[i].status);
		const struct person_status told = kit_status(kit, &shop, ANA);
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
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	struct person_status told;

	assert_int_equal(kit_status(kit, &shop, ANA).result, STATUS_RESULT_UNKNOWN_USER);
	(void)kit_prepare(kit, &shop, ANA);
	told = kit_status(kit, &shop, ANA);
	assert_int_equal(told.result, STATUS_RESULT_NO_SESSION);
	assert_false(told.verified.email);
	assert_null(told.last_code);
	kit_prove(kit, &shop, ANA);
	told = kit_status(kit, &shop, ANA);
	assert_int_equal(told.result, STATUS_RESULT_NO_SESSION);
	assert_true(told.verified.email);
	assert_string_equal(told.last_code, "accepted");
}

static void a_note_of_a_session_in_the_making_is_not_shown(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	kit_prove(kit, &shop, ANA);
	const struct session pending = { .id = { "01note" },
		.user_id = kit_user(kit, &shop, ANA).id,
		.tenant_id = shop.tenant.id,
		.status = STATUS_CREATING,
		.created_at = { KIT_NOW } };
	kit_save(kit, RECORD_SESSION, &pending);
	assert_int_equal(kit_status(kit, &shop, ANA).result, STATUS_RESULT_NO_SESSION);
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
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	enum provider_cause cause;

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	kit_wait(kit, seconds(1));
	fake_provider_reading(kit->provider, &with_facts);
	assert_int_equal(
		app_poll_session(&kit->world, &kit->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	const struct person_status told = kit_status(kit, &shop, ANA);
	assert_true(str_eq(told.ip_info, STR(IP_INFO)));
	assert_true(told.blocklisted);
	const struct session session = kit_session(kit, &shop, ANA);
	assert_null(memmem(session.sealed_decision.p, session.sealed_decision.n, "203.0.113", 9));
	assert_null(memmem(session.sealed_url.p, session.sealed_url.n, "https", 5));
}

static void facts_stay_when_news_come_without_any(void **state)
{
	static const struct session_snapshot bare = { .status = STATUS_EXPIRED };
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);
	const struct session_snapshot *const readings[] = { &with_facts, &bare };
	enum provider_cause cause;

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	for (size_t i = 0; i < array_len(readings); i++) {
		kit_wait(kit, seconds(1));
		fake_provider_reading(kit->provider, readings[i]);
		assert_int_equal(
			app_poll_session(&kit->world, &kit->arena, &provider_actor,
				&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER },
				&cause),
			OK);
	}
	assert_string_equal(kit_status(kit, &shop, ANA).session_status, "Expired");
	assert_true(str_eq(kit_status(kit, &shop, ANA).ip_info, STR(IP_INFO)));
	assert_true(kit_status(kit, &shop, ANA).blocklisted);
}

struct ref_job {
	struct kit *kit;
	const struct caller *caller;
	struct str ref;
	const char *email;
	struct person_status status;
};

static enum err ask_by_ref(struct tx *tx, void *arg)
{
	struct ref_job *const job = arg;

	const struct identifier who = kit_who(job->email);
	const struct identifier_pair identifiers = identifier_pair_of(&who);

	return app_session_status(&job->kit->world, tx, job->caller, job->ref,
		who.normal.n > 0 ? &identifiers : NULL, &job->status);
}

static struct person_status by_both(
	struct kit *kit, const struct caller *caller, const char *ref, const char *email)
{
	struct ref_job job = { .kit = kit, .caller = caller, .ref = str_of(ref), .email = email };

	assert_int_equal(store_transact(kit->world.store, TX_READ, &kit->arena, ask_by_ref, &job), OK);
	return job.status;
}

static struct person_status by_ref(struct kit *kit, const struct caller *caller, const char *ref)
{
	return by_both(kit, caller, ref, "");
}

static void a_session_is_shown_by_its_id_to_who_has_the_proof(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", "ring", NO_QUOTA);
	const struct caller bank = kit_tenant(kit, "bank", "ring", NO_QUOTA);
	const struct caller lone = kit_tenant(kit, "lone", NULL, NO_QUOTA);
	char too_long[80];

	kit_prove(kit, &shop, ANA);
	kit_prove(kit, &lone, ANA);
	(void)kit_create(kit, &shop, ANA);
	assert_int_equal(by_ref(kit, &shop, "scripted-1").result, STATUS_RESULT_FOUND);
	assert_string_equal(by_ref(kit, &shop, "scripted-1").ref.text, "scripted-1");
	assert_int_equal(by_ref(kit, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	(void)kit_prepare(kit, &bank, ANA);
	assert_int_equal(by_ref(kit, &bank, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	kit_prove(kit, &bank, ANA);
	assert_int_equal(by_ref(kit, &bank, "scripted-1").result, STATUS_RESULT_FOUND);
	assert_int_equal(by_ref(kit, &lone, "scripted-1").result, STATUS_RESULT_UNKNOWN_SESSION);
	memset(too_long, 'x', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	assert_int_equal(by_ref(kit, &shop, too_long).result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(by_ref(kit, &shop, "").result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(by_ref(kit, &shop, "scripted-2").result, STATUS_RESULT_UNKNOWN_SESSION);
}

static void an_address_beside_it_must_be_the_same_persons(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", "ring", NO_QUOTA);
	const struct caller bank = kit_tenant(kit, "bank", "ring", NO_QUOTA);

	kit_prove(kit, &shop, ANA);
	(void)kit_create(kit, &shop, ANA);
	assert_int_equal(by_both(kit, &shop, "scripted-1", ANA).result, STATUS_RESULT_FOUND);
	assert_int_equal(by_both(kit, &shop, "scripted-1", BOB).result, STATUS_RESULT_UNKNOWN_USER);
	(void)kit_prepare(kit, &shop, BOB);
	assert_int_equal(by_both(kit, &shop, "scripted-1", BOB).result, STATUS_RESULT_MISMATCH);
	kit_prove(kit, &shop, BOB);
	assert_int_equal(by_both(kit, &shop, "scripted-1", BOB).result, STATUS_RESULT_MISMATCH);
	assert_int_equal(by_both(kit, &shop, "scripted-2", BOB).result, STATUS_RESULT_UNKNOWN_SESSION);
	/* Who has no proof hears nothing of the session, whatever stands beside it. */
	kit_prove(kit, &bank, BOB);
	assert_int_equal(by_both(kit, &bank, "scripted-1", ANA).result, STATUS_RESULT_UNKNOWN_SESSION);
	assert_int_equal(by_both(kit, &bank, "scripted-1", BOB).result, STATUS_RESULT_UNKNOWN_SESSION);
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
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	kit_prove(kit, &shop, ANA);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	for (size_t i = 0; i < array_len(rows); i++) {
		kit_decide(kit, &shop, ANA, rows[i].status);
		kit_wait(kit, milliseconds(rows[i].ago_ms));
		assert_int_equal(kit_status(kit, &shop, ANA).is_stale, rows[i].unheard);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
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

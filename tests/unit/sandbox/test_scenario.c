#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "sandbox/state/scenario.h"

/* The catalogue has the scenarios of didit-api.md, section 12, and four of the sandbox's own. */
static void catalogue_is_complete(void **state)
{
	static const struct {
		const char *slug;
		enum didit_status status;
		const char *risk;
	} rows[] = {
		{ "approve", DIDIT_APPROVED, "" },
		{ "decline_document_expired", DIDIT_DECLINED, "DOCUMENT_EXPIRED" },
		{ "decline_could_not_recognize_document", DIDIT_DECLINED, "COULD_NOT_RECOGNIZE_DOCUMENT" },
		{ "decline_mrz_validation", DIDIT_DECLINED, "MRZ_VALIDATION_FAILED" },
		{ "decline_minimum_age", DIDIT_DECLINED, "MINIMUM_AGE_NOT_MET" },
		{ "decline_face_match_low_similarity", DIDIT_DECLINED, "LOW_FACE_MATCH_SIMILARITY" },
		{ "decline_liveness_attack", DIDIT_DECLINED, "LIVENESS_FACE_ATTACK" },
		{ "decline_aml_hit", DIDIT_DECLINED, "POSSIBLE_MATCH_FOUND" },
		{ "decline_ip_blocklist", DIDIT_DECLINED, "IP_ADDRESS_IN_BLOCKLIST" },
		{ "decline_poa_address_mismatch", DIDIT_DECLINED, "POA_ADDRESS_MISMATCH" },
		{ "decline_nfc_chip_not_verified", DIDIT_DECLINED, "NFC_CHIP_NOT_VERIFIED" },
		{ "decline_database_no_match", DIDIT_DECLINED, "DATABASE_NO_MATCH" },
		{ "decline_kyb_registry_mismatch", DIDIT_DECLINED, "KYB_REGISTRY_MISMATCH" },
		{ "review_aml_possible_match", DIDIT_IN_REVIEW, "POSSIBLE_MATCH_FOUND" },
		{ "review_face_match_borderline", DIDIT_IN_REVIEW, "LOW_FACE_MATCH_SIMILARITY" },
		{ "review_poa_partial_match", DIDIT_IN_REVIEW, "POA_PARTIAL_MATCH" },
		{ "decline_document_blocklist", DIDIT_DECLINED, "ID_DOCUMENT_IN_BLOCKLIST" },
		{ "decline_face_blocklist", DIDIT_DECLINED, "FACE_IN_BLOCKLIST" },
		{ "decline", DIDIT_DECLINED, "DOCUMENT_NOT_SUPPORTED_FOR_APPLICATION" },
		{ "review", DIDIT_IN_REVIEW, "DATA_INCONSISTENT" },
	};
	size_t n;

	(void)state;
	(void)scenario_catalogue(&n);
	assert_int_equal(n, array_len(rows));
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct scenario *const scenario = scenario_find(str_of(rows[i].slug));

		if (!scenario || scenario->status != rows[i].status ||
			!str_eq(scenario->risk, str_of(rows[i].risk)) || !scenario->title.n)
			fail_msg("%s", rows[i].slug);
	}
}

static void unknown_slug_is_not_found(void **state)
{
	static const char *const rows[] = { "", "Approve", "approve ", "approv", "user-42" };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		assert_null(scenario_find(str_of(rows[i])));
}

static void approve_is_the_first_scenario(void **state)
{
	size_t n;

	(void)state;
	assert_true(str_eq(scenario_catalogue(&n)[0].slug, STR("approve")));
}

/* Each status has the spelling and case of didit-api.md, section 5. */
static void statuses_are_spelled_as_didit_does(void **state)
{
	static const char *const texts[DIDIT_STATUSES] = {
		[DIDIT_NOT_STARTED] = "Not Started",
		[DIDIT_IN_PROGRESS] = "In Progress",
		[DIDIT_IN_REVIEW] = "In Review",
		[DIDIT_APPROVED] = "Approved",
		[DIDIT_DECLINED] = "Declined",
		[DIDIT_EXPIRED] = "Expired",
		[DIDIT_ABANDONED] = "Abandoned",
		[DIDIT_KYC_EXPIRED] = "Kyc Expired",
		[DIDIT_RESUBMITTED] = "Resubmitted",
		[DIDIT_AWAITING_USER] = "Awaiting User",
	};

	(void)state;
	for (int i = 0; i < DIDIT_STATUSES; i++)
		assert_true(str_eq(didit_status_text((enum didit_status)i), str_of(texts[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(catalogue_is_complete),
		cmocka_unit_test(unknown_slug_is_not_found),
		cmocka_unit_test(approve_is_the_first_scenario),
		cmocka_unit_test(statuses_are_spelled_as_didit_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

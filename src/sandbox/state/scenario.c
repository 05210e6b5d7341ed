#include "sandbox/state/scenario.h"

#include "base/attr.h"

struct str didit_status_text(enum didit_status status)
{
	static const struct str texts[DIDIT_STATUSES] = {
		[DIDIT_NOT_STARTED] = STR_INIT("Not Started"),
		[DIDIT_IN_PROGRESS] = STR_INIT("In Progress"),
		[DIDIT_IN_REVIEW] = STR_INIT("In Review"),
		[DIDIT_APPROVED] = STR_INIT("Approved"),
		[DIDIT_DECLINED] = STR_INIT("Declined"),
		[DIDIT_EXPIRED] = STR_INIT("Expired"),
		[DIDIT_ABANDONED] = STR_INIT("Abandoned"),
		[DIDIT_KYC_EXPIRED] = STR_INIT("Kyc Expired"),
		[DIDIT_RESUBMITTED] = STR_INIT("Resubmitted"),
		[DIDIT_AWAITING_USER] = STR_INIT("Awaiting User"),
	};

	return texts[status];
}

bool didit_status_parse(struct str name, enum didit_status *out)
{
	for (int status = 0; status < DIDIT_STATUSES; status++) {
		if (str_eq(name, didit_status_text((enum didit_status)status))) {
			*out = (enum didit_status)status;
			return true;
		}
	}
	return false;
}

#define ROW(slug, title, status, section, feature, risk, description)                                        \
	{                                                                                                    \
		STR_INIT(slug), STR_INIT(title), DIDIT_##status, SECTION_##section, STR_INIT(feature),       \
			STR_INIT(risk), STR_INIT(description)                                                \
	}

/* The scenarios. Their risk codes come from didit-api.md 6. If that has no code for a scenario, the code is
 * derived from the slug. */
/* clang-format off */
static const struct scenario catalogue[] = {
	ROW("approve", "Approve", APPROVED, NONE, "", "", ""),
	ROW("decline", "Decline", DECLINED, DOCUMENT,
		"ID_VERIFICATION", "DOCUMENT_NOT_SUPPORTED_FOR_APPLICATION", "This document is not accepted here"),
	ROW("review", "Send to review", IN_REVIEW, DOCUMENT,
		"ID_VERIFICATION", "DATA_INCONSISTENT", "Parts of the document contradict each other"),
	ROW("decline_document_expired", "Decline: document expired", DECLINED, DOCUMENT,
		"ID_VERIFICATION", "DOCUMENT_EXPIRED", "The document has expired"),
	ROW("decline_could_not_recognize_document", "Decline: document not recognised", DECLINED, DOCUMENT,
		"ID_VERIFICATION", "COULD_NOT_RECOGNIZE_DOCUMENT", "The document could not be recognised"),
	ROW("decline_mrz_validation", "Decline: machine-readable zone is wrong", DECLINED, DOCUMENT,
		"ID_VERIFICATION", "MRZ_VALIDATION_FAILED", "The machine-readable zone failed its check"),
	ROW("decline_minimum_age", "Decline: below the minimum age", DECLINED, DOCUMENT,
		"ID_VERIFICATION", "MINIMUM_AGE_NOT_MET", "The person is younger than the minimum age"),
	ROW("decline_face_match_low_similarity", "Decline: face does not match", DECLINED, FACE_MATCH,
		"FACE_MATCH", "LOW_FACE_MATCH_SIMILARITY", "Selfie and document portrait differ"),
	ROW("decline_liveness_attack", "Decline: liveness attack", DECLINED, LIVENESS,
		"LIVENESS", "LIVENESS_FACE_ATTACK", "The selfie is not of a live person"),
	ROW("decline_aml_hit", "Decline: watchlist hit", DECLINED, AML,
		"AML", "POSSIBLE_MATCH_FOUND", "A watchlist entry matches this person"),
	ROW("decline_ip_blocklist", "Decline: IP address on the block list", DECLINED, LOCATION,
		"LOCATION", "IP_ADDRESS_IN_BLOCKLIST", "The IP address is on the block list"),
	ROW("decline_poa_address_mismatch", "Decline: proof of address differs", DECLINED, ADDRESS,
		"POA", "POA_ADDRESS_MISMATCH", "The proof of address names another address"),
	ROW("decline_nfc_chip_not_verified", "Decline: chip not verified", DECLINED, CHIP,
		"NFC", "NFC_CHIP_NOT_VERIFIED", "The chip of the document could not be verified"),
	ROW("decline_database_no_match", "Decline: not found in the register", DECLINED, DATABASE,
		"DATABASE_VALIDATION", "DATABASE_NO_MATCH", "The register has no such person"),
	ROW("decline_kyb_registry_mismatch", "Decline: company register differs", DECLINED, COMPANY,
		"KYB_REGISTRY", "KYB_REGISTRY_MISMATCH", "The company register says otherwise"),
	ROW("decline_document_blocklist", "Decline: document on the block list", DECLINED, DOCUMENT,
		"ID_VERIFICATION", "ID_DOCUMENT_IN_BLOCKLIST", "The document is on the block list"),
	ROW("decline_face_blocklist", "Decline: face on the block list", DECLINED, LIVENESS,
		"LIVENESS", "FACE_IN_BLOCKLIST", "The face equals one on the block list"),
	ROW("review_aml_possible_match", "Review: possible watchlist match", IN_REVIEW, AML,
		"AML", "POSSIBLE_MATCH_FOUND", "A watchlist entry may match this person"),
	ROW("review_face_match_borderline", "Review: face match is borderline", IN_REVIEW, FACE_MATCH,
		"FACE_MATCH", "LOW_FACE_MATCH_SIMILARITY", "Selfie and document portrait may differ"),
	ROW("review_poa_partial_match", "Review: proof of address matches in part", IN_REVIEW, ADDRESS,
		"POA", "POA_PARTIAL_MATCH", "The proof of address matches in part"),
};
/* clang-format on */

const struct scenario *scenario_catalogue(size_t *n)
{
	*n = array_len(catalogue);
	return catalogue;
}

const struct scenario *scenario_find(struct str slug)
{
	for (size_t i = 0; i < array_len(catalogue); i++)
		if (str_eq(catalogue[i].slug, slug))
			return &catalogue[i];
	return NULL;
}

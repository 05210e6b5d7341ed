#include "sandbox/page_words.h"

#include <assert.h>

#include "base/attr.h"

/* In the order a person meets them; what needs nobody comes last. */
static const struct step {
	enum section section;
	enum word word;
} steps[] = {
	{ SECTION_DOCUMENT, WORD_STEP_DOCUMENT },
	{ SECTION_CHIP, WORD_STEP_CHIP },
	{ SECTION_LIVENESS, WORD_STEP_LIVENESS },
	{ SECTION_FACE_MATCH, WORD_STEP_FACE_MATCH },
	{ SECTION_ADDRESS, WORD_STEP_ADDRESS },
	{ SECTION_PHONE, WORD_STEP_PHONE },
	{ SECTION_EMAIL, WORD_STEP_EMAIL },
	{ SECTION_QUESTIONNAIRE, WORD_STEP_QUESTIONNAIRE },
	{ SECTION_DATABASE, WORD_STEP_DATABASE },
	{ SECTION_AML, WORD_STEP_AML },
	{ SECTION_LOCATION, WORD_STEP_LOCATION },
};
static_assert(sizeof(steps) / sizeof(steps[0]) <= STEPS_MAX, "more steps than a page has room for");

size_t steps_of(const struct sandbox_session *session, enum word out[STEPS_MAX])
{
	const unsigned parts = session->redo ? session->redo : session->parts;
	size_t n = 0;

	for (size_t i = 0; i < array_len(steps); i++)
		if (parts & PART(steps[i].section))
			out[n++] = steps[i].word;
	return n;
}

bool outcome_fits(const struct sandbox_session *session, const struct scenario *scenario)
{
	return scenario->section == SECTION_NONE || session->parts & PART(scenario->section);
}

/* clang-format off */
static const struct {
	struct str slug;
	enum word word;
} outcomes[] = {
	{ STR_INIT("approve"),                              WORD_OUTCOME_APPROVE },
	{ STR_INIT("decline"),                              WORD_OUTCOME_DECLINE },
	{ STR_INIT("review"),                               WORD_OUTCOME_REVIEW },
	{ STR_INIT("decline_document_expired"),             WORD_OUTCOME_DOCUMENT_EXPIRED },
	{ STR_INIT("decline_could_not_recognize_document"), WORD_OUTCOME_DOCUMENT_UNKNOWN },
	{ STR_INIT("decline_mrz_validation"),               WORD_OUTCOME_MRZ },
	{ STR_INIT("decline_minimum_age"),                  WORD_OUTCOME_AGE },
	{ STR_INIT("decline_face_match_low_similarity"),    WORD_OUTCOME_FACE_OTHER },
	{ STR_INIT("decline_liveness_attack"),              WORD_OUTCOME_NOT_LIVE },
	{ STR_INIT("decline_aml_hit"),                      WORD_OUTCOME_WATCHLIST },
	{ STR_INIT("decline_ip_blocklist"),                 WORD_OUTCOME_IP_BLOCKED },
	{ STR_INIT("decline_poa_address_mismatch"),         WORD_OUTCOME_ADDRESS_OTHER },
	{ STR_INIT("decline_nfc_chip_not_verified"),        WORD_OUTCOME_CHIP },
	{ STR_INIT("decline_database_no_match"),            WORD_OUTCOME_DATABASE },
	{ STR_INIT("decline_kyb_registry_mismatch"),        WORD_OUTCOME_COMPANY },
	{ STR_INIT("decline_document_blocklist"),           WORD_OUTCOME_DOCUMENT_BLOCKED },
	{ STR_INIT("decline_face_blocklist"),               WORD_OUTCOME_FACE_BLOCKED },
	{ STR_INIT("review_aml_possible_match"),            WORD_OUTCOME_WATCHLIST_MAYBE },
	{ STR_INIT("review_face_match_borderline"),         WORD_OUTCOME_FACE_MAYBE },
	{ STR_INIT("review_poa_partial_match"),             WORD_OUTCOME_ADDRESS_PART },
};
/* clang-format on */

enum word outcome_word(const struct scenario *scenario)
{
	for (size_t i = 0; i < array_len(outcomes); i++)
		if (str_eq(outcomes[i].slug, scenario->slug))
			return outcomes[i].word;
	/* The test walks the catalogue: each has its word. */
	assert(false && "an outcome without a word");
	return WORD_OUTCOME_APPROVE;
}

struct ending ending_of(const struct sandbox_session *session)
{
	struct ending ending = { WORD_END_TITLE, WORD_END_ONCE, WORD_END_ONCE };

	if (!session)
		return (struct ending){ WORD_END_UNKNOWN_TITLE, WORD_END_UNKNOWN, WORD_END_ANEW };
	switch (session->status) {
	case DIDIT_EXPIRED:
		return (struct ending){ WORD_END_EXPIRED_TITLE, WORD_END_EXPIRED, WORD_END_ANEW };
	case DIDIT_ABANDONED:
		return (struct ending){ WORD_END_ABANDONED_TITLE, WORD_END_ABANDONED, WORD_END_ANEW };
	case DIDIT_APPROVED:
		ending.says = WORD_END_APPROVED;
		break;
	case DIDIT_DECLINED:
		ending.says = WORD_END_DECLINED;
		break;
	case DIDIT_IN_REVIEW:
		ending.says = WORD_END_IN_REVIEW;
		break;
	case DIDIT_KYC_EXPIRED:
		ending.says = WORD_END_KYC_EXPIRED;
		break;
	case DIDIT_NOT_STARTED:
	case DIDIT_IN_PROGRESS:
	case DIDIT_RESUBMITTED:
	case DIDIT_AWAITING_USER:
	case DIDIT_STATUSES:
		assert(false && "an open session has no ending");
	}
	return ending;
}

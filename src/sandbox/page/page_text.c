#include "sandbox/page/page_text.h"

#include <assert.h>

#include "base/attr.h"

/* The steps in the order in which a person goes through them. Steps without an action by the person come
 * last. */
static const struct step {
	enum section section;
	enum message_id message;
} steps[] = {
	{ SECTION_DOCUMENT, MESSAGE_STEP_DOCUMENT },
	{ SECTION_CHIP, MESSAGE_STEP_CHIP },
	{ SECTION_LIVENESS, MESSAGE_STEP_LIVENESS },
	{ SECTION_FACE_MATCH, MESSAGE_STEP_FACE_MATCH },
	{ SECTION_ADDRESS, MESSAGE_STEP_ADDRESS },
	{ SECTION_PHONE, MESSAGE_STEP_PHONE },
	{ SECTION_EMAIL, MESSAGE_STEP_EMAIL },
	{ SECTION_QUESTIONNAIRE, MESSAGE_STEP_QUESTIONNAIRE },
	{ SECTION_DATABASE, MESSAGE_STEP_DATABASE },
	{ SECTION_AML, MESSAGE_STEP_AML },
	{ SECTION_LOCATION, MESSAGE_STEP_LOCATION },
};
static_assert(sizeof(steps) / sizeof(steps[0]) <= STEPS_MAX, "STEPS_MAX is too small");

size_t steps_of(const struct sandbox_session *session, enum message_id out[STEPS_MAX])
{
	const unsigned parts = session->redo ? session->redo : session->parts;
	size_t n = 0;

	for (size_t i = 0; i < array_len(steps); i++)
		if (parts & PART(steps[i].section))
			out[n++] = steps[i].message;
	return n;
}

bool outcome_applies(const struct sandbox_session *session, const struct scenario *scenario)
{
	return scenario->section == SECTION_NONE || session->parts & PART(scenario->section);
}

/* clang-format off */
static const struct {
	struct str slug;
	enum message_id message;
} outcomes[] = {
	{ STR_INIT("approve"),                              MESSAGE_OUTCOME_APPROVE },
	{ STR_INIT("decline"),                              MESSAGE_OUTCOME_DECLINE },
	{ STR_INIT("review"),                               MESSAGE_OUTCOME_REVIEW },
	{ STR_INIT("decline_document_expired"),             MESSAGE_OUTCOME_DOCUMENT_EXPIRED },
	{ STR_INIT("decline_could_not_recognize_document"), MESSAGE_OUTCOME_DOCUMENT_UNKNOWN },
	{ STR_INIT("decline_mrz_validation"),               MESSAGE_OUTCOME_MRZ },
	{ STR_INIT("decline_minimum_age"),                  MESSAGE_OUTCOME_AGE },
	{ STR_INIT("decline_face_match_low_similarity"),    MESSAGE_OUTCOME_FACE_MISMATCH },
	{ STR_INIT("decline_liveness_attack"),              MESSAGE_OUTCOME_NOT_LIVE },
	{ STR_INIT("decline_aml_hit"),                      MESSAGE_OUTCOME_WATCHLIST },
	{ STR_INIT("decline_ip_blocklist"),                 MESSAGE_OUTCOME_IP_BLOCKED },
	{ STR_INIT("decline_poa_address_mismatch"),         MESSAGE_OUTCOME_ADDRESS_MISMATCH },
	{ STR_INIT("decline_nfc_chip_not_verified"),        MESSAGE_OUTCOME_CHIP },
	{ STR_INIT("decline_database_no_match"),            MESSAGE_OUTCOME_DATABASE },
	{ STR_INIT("decline_kyb_registry_mismatch"),        MESSAGE_OUTCOME_COMPANY },
	{ STR_INIT("decline_document_blocklist"),           MESSAGE_OUTCOME_DOCUMENT_BLOCKED },
	{ STR_INIT("decline_face_blocklist"),               MESSAGE_OUTCOME_FACE_BLOCKED },
	{ STR_INIT("review_aml_possible_match"),            MESSAGE_OUTCOME_WATCHLIST_POSSIBLE },
	{ STR_INIT("review_face_match_borderline"),         MESSAGE_OUTCOME_FACE_PARTIAL },
	{ STR_INIT("review_poa_partial_match"),             MESSAGE_OUTCOME_ADDRESS_PARTIAL },
};
/* clang-format on */

enum message_id outcome_message(const struct scenario *scenario)
{
	for (size_t i = 0; i < array_len(outcomes); i++)
		if (str_eq(outcomes[i].slug, scenario->slug))
			return outcomes[i].message;
	/* cannot happen: unit tests check that every scenario of the catalogue has a message */
	assert(false && "an outcome without a message");
	return MESSAGE_OUTCOME_APPROVE;
}

struct result_text result_text_of(const struct sandbox_session *session)
{
	struct result_text result = { MESSAGE_RESULT_TITLE, MESSAGE_RESULT_IS_FINAL,
		MESSAGE_RESULT_IS_FINAL };

	if (!session)
		return (struct result_text){ MESSAGE_RESULT_UNKNOWN_TITLE, MESSAGE_RESULT_UNKNOWN,
			MESSAGE_RESULT_START_AGAIN };
	switch (session->status) {
	case DIDIT_EXPIRED:
		return (struct result_text){ MESSAGE_RESULT_EXPIRED_TITLE, MESSAGE_RESULT_EXPIRED,
			MESSAGE_RESULT_START_AGAIN };
	case DIDIT_ABANDONED:
		return (struct result_text){ MESSAGE_RESULT_ABANDONED_TITLE, MESSAGE_RESULT_ABANDONED,
			MESSAGE_RESULT_START_AGAIN };
	case DIDIT_APPROVED:
		result.body = MESSAGE_RESULT_APPROVED;
		break;
	case DIDIT_DECLINED:
		result.body = MESSAGE_RESULT_DECLINED;
		break;
	case DIDIT_IN_REVIEW:
		result.body = MESSAGE_RESULT_IN_REVIEW;
		break;
	case DIDIT_KYC_EXPIRED:
		result.body = MESSAGE_RESULT_KYC_EXPIRED;
		break;
	case DIDIT_NOT_STARTED:
	case DIDIT_IN_PROGRESS:
	case DIDIT_RESUBMITTED:
	case DIDIT_AWAITING_USER:
	case DIDIT_STATUSES:
		assert(false && "an open session has no result");
	}
	return result;
}

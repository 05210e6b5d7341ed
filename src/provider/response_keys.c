#include "provider/response_keys.h"

/* clang-format off */
const struct str response_keys[] = {
	/* keys of a session and of a list of sessions */
	STR_INIT("session_id"), STR_INIT("session_kind"), STR_INIT("session_url"), STR_INIT("url"), STR_INIT("status"),
	STR_INIT("vendor_data"), STR_INIT("created_at"), STR_INIT("features"), STR_INIT("workflow_id"),
	STR_INIT("workflow_version"), STR_INIT("results"), STR_INIT("next"),
	/* keys of a decision's sections: those of version 3, then 2, then 1 */
	STR_INIT("id_verifications"), STR_INIT("nfc_verifications"), STR_INIT("liveness_checks"), STR_INIT("face_matches"),
	STR_INIT("poa_verifications"), STR_INIT("phone_verifications"), STR_INIT("email_verifications"),
	STR_INIT("aml_screenings"), STR_INIT("ip_analyses"), STR_INIT("database_validations"),
	STR_INIT("questionnaire_responses"),
	STR_INIT("id_verification"), STR_INIT("nfc"), STR_INIT("liveness"), STR_INIT("face_match"), STR_INIT("poa"),
	STR_INIT("phone"), STR_INIT("email"), STR_INIT("aml"), STR_INIT("ip_analysis"), STR_INIT("database_validation"),
	STR_INIT("questionnaire"),
	STR_INIT("kyc"), STR_INIT("face"), STR_INIT("location"),
	/* of a section */
	STR_INIT("warnings"), STR_INIT("feature"), STR_INIT("risk"), STR_INIT("log_type"),
	STR_INIT("ip_address"), STR_INIT("ip_country"), STR_INIT("ip_state"), STR_INIT("ip_city"), STR_INIT("platform"),
	STR_INIT("device_brand"), STR_INIT("device_model"), STR_INIT("is_vpn_or_tor"), STR_INIT("is_data_center"),
};
/* clang-format on */
const size_t response_keys_count = array_len(response_keys);

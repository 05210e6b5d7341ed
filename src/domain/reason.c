#include "domain/reason.h"

#include <stddef.h>

#include "base/attr.h"

/* clang-format off */
static const struct {
	const char *name;
	bool is_for_people; /* false: people are told REASON_OTHER */
} rows[REASON_COUNT] = {
	[REASON_DOCUMENT_EXPIRED]           = { "document_expired",           true },
	[REASON_DOCUMENT_UNREADABLE]        = { "document_unreadable",        true },
	[REASON_DOCUMENT_NOT_SUPPORTED]     = { "document_not_supported",     true },
	[REASON_DOCUMENT_SUSPECTED_FORGERY] = { "document_suspected_forgery", false },
	[REASON_FACE_MISMATCH]              = { "face_mismatch",              true },
	[REASON_LIVENESS_FAILED]            = { "liveness_failed",            true },
	[REASON_UNDERAGE]                   = { "underage",                   true },
	[REASON_WATCHLIST_MATCH]            = { "watchlist_match",            false },
	[REASON_DUPLICATE_PERSON]           = { "duplicate_person",           false },
	[REASON_BLOCKLISTED]                = { "blocklisted",                false },
	[REASON_DATA_MISMATCH]              = { "data_mismatch",              true },
	[REASON_ADDRESS_UNVERIFIED]         = { "address_unverified",         true },
	[REASON_IP_RISK]                    = { "ip_risk",                    false },
	[REASON_ABANDONED]                  = { "abandoned",                  true },
	[REASON_EXPIRED]                    = { "expired",                    true },
	[REASON_OTHER]                      = { "other",                      true },
};

/* Every warning code of didit-api.md 6. A code that is not listed is REASON_OTHER. */
static const struct {
	struct str risk;
	enum reason reason;
} warnings[] = {
	/* ID document */
	{ STR_INIT("DOCUMENT_NOT_SUPPORTED_FOR_APPLICATION"),           REASON_DOCUMENT_NOT_SUPPORTED },
	{ STR_INIT("DOCUMENT_EXPIRED"),                                 REASON_DOCUMENT_EXPIRED },
	{ STR_INIT("PORTRAIT_IMAGE_NOT_DETECTED"),                      REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("ID_DOCUMENT_IN_BLOCKLIST"),                         REASON_BLOCKLISTED },
	{ STR_INIT("FRONT_CAMERA_FACE_IN_BLOCKLIST"),                   REASON_BLOCKLISTED },
	{ STR_INIT("AGE_BELOW_MINIMUM"),                                REASON_UNDERAGE },
	{ STR_INIT("AGE_NOT_DETECTED"),                                 REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("SCREEN_CAPTURE_DETECTED"),                          REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("PRINTED_COPY_DETECTED"),                            REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("PORTRAIT_MANIPULATION_DETECTED"),                   REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("PUBLIC_DOCUMENT_IMAGE_DETECTED"),                   REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("DOCUMENT_LIVENESS_NOT_COMPUTED"),                   REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("MRZ_NOT_DETECTED"),                                 REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("MRZ_VALIDATION_FAILED"),                            REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("MRZ_AND_DATA_EXTRACTED_FROM_OCR_NOT_SAME"),         REASON_DATA_MISMATCH },
	{ STR_INIT("BARCODE_NOT_DETECTED"),                             REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("BARCODE_VALIDATION_FAILED"),                        REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("QR_NOT_DETECTED"),                                  REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("QR_VALIDATION_FAILED"),                             REASON_DOCUMENT_SUSPECTED_FORGERY },
	{ STR_INIT("NAME_NOT_DETECTED"),                                REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("DATE_OF_BIRTH_NOT_DETECTED"),                       REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("DOCUMENT_NUMBER_NOT_DETECTED"),                     REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("EXPIRATION_DATE_NOT_DETECTED"),                     REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("DOCUMENT_NUMBER_FORMAT_MISMATCH"),                  REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("PERSONAL_NUMBER_FORMAT_MISMATCH"),                  REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("INVALID_DATE"),                                     REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("UNPARSED_ADDRESS"),                                 REASON_ADDRESS_UNVERIFIED },
	{ STR_INIT("DATA_INCONSISTENT"),                                REASON_DATA_MISMATCH },
	{ STR_INIT("DOCUMENT_SIDES_MISMATCH"),                          REASON_DATA_MISMATCH },
	{ STR_INIT("COULD_NOT_RECOGNIZE_DOCUMENT"),                     REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("COULD_NOT_DETECT_DOCUMENT_TYPE"),                   REASON_DOCUMENT_UNREADABLE },
	{ STR_INIT("POSSIBLE_DUPLICATED_USER"),                         REASON_DUPLICATE_PERSON },
	{ STR_INIT("LOW_FRONT_CAMERA_FACE_MATCH_SIMILARITY"),           REASON_FACE_MISMATCH },
	{ STR_INIT("MINIMUM_AGE_NOT_MET"),                              REASON_UNDERAGE },
	{ STR_INIT("FULL_NAME_MISMATCH_WITH_PROVIDED"),                 REASON_DATA_MISMATCH },
	{ STR_INIT("DOB_MISMATCH_WITH_PROVIDED"),                       REASON_DATA_MISMATCH },
	{ STR_INIT("GENDER_MISMATCH_WITH_PROVIDED"),                    REASON_DATA_MISMATCH },
	{ STR_INIT("COUNTRY_MISMATCH_WITH_PROVIDED"),                   REASON_DATA_MISMATCH },
	{ STR_INIT("NATIONALITY_MISMATCH_WITH_PROVIDED"),               REASON_DATA_MISMATCH },
	{ STR_INIT("IDENTIFICATION_NUMBER_MISMATCH_WITH_PROVIDED"),     REASON_DATA_MISMATCH },
	{ STR_INIT("ID_VERIFICATION_DATA_MISMATCH_BETWEEN_DOCUMENTS"),  REASON_DATA_MISMATCH },
	/* liveness */
	{ STR_INIT("NO_FACE_DETECTED"),                                 REASON_LIVENESS_FAILED },
	{ STR_INIT("LIVENESS_FACE_ATTACK"),                             REASON_LIVENESS_FAILED },
	{ STR_INIT("FACE_IN_BLOCKLIST"),                                REASON_BLOCKLISTED },
	{ STR_INIT("POSSIBLE_FACE_IN_BLOCKLIST"),                       REASON_BLOCKLISTED },
	{ STR_INIT("LOW_LIVENESS_SCORE"),                               REASON_LIVENESS_FAILED },
	{ STR_INIT("DUPLICATED_FACE"),                                  REASON_DUPLICATE_PERSON },
	{ STR_INIT("POSSIBLE_DUPLICATED_FACE"),                         REASON_DUPLICATE_PERSON },
	{ STR_INIT("MULTIPLE_FACES_DETECTED"),                          REASON_LIVENESS_FAILED },
	{ STR_INIT("LOW_FACE_QUALITY"),                                 REASON_LIVENESS_FAILED },
	{ STR_INIT("LOW_FACE_LUMINANCE"),                               REASON_LIVENESS_FAILED },
	{ STR_INIT("HIGH_FACE_LUMINANCE"),                              REASON_LIVENESS_FAILED },
	/* face match */
	{ STR_INIT("LOW_FACE_MATCH_SIMILARITY"),                        REASON_FACE_MISMATCH },
	{ STR_INIT("NO_REFERENCE_IMAGE"),                               REASON_FACE_MISMATCH },
	/* IP address and device */
	{ STR_INIT("IP_ADDRESS_IN_BLOCKLIST"),                          REASON_BLOCKLISTED },
	{ STR_INIT("DEVICE_FINGERPRINT_IN_BLOCKLIST"),                  REASON_BLOCKLISTED },
	{ STR_INIT("PRIVATE_NETWORK_DETECTED"),                         REASON_IP_RISK },
	{ STR_INIT("COUNTRY_FROM_DOCUMENT_DOES_NOT_MATCH_COUNTRY_FROM_IP"), REASON_IP_RISK },
	{ STR_INIT("EXPECTED_IP_ADDRESS_MISMATCH"),                     REASON_IP_RISK },
	{ STR_INIT("DUPLICATED_IP_ADDRESS"),                            REASON_IP_RISK },
	{ STR_INIT("DUPLICATED_DEVICE_FINGERPRINT"),                    REASON_IP_RISK },
	{ STR_INIT("DEVICE_RECOVERED_HIGH_CONFIDENCE"),                 REASON_IP_RISK },
	/* phone, e-mail and AML */
	{ STR_INIT("PHONE_NUMBER_IN_BLOCKLIST"),                        REASON_BLOCKLISTED },
	{ STR_INIT("EMAIL_IN_BLOCKLIST"),                               REASON_BLOCKLISTED },
	{ STR_INIT("POSSIBLE_MATCH_FOUND"),                             REASON_WATCHLIST_MATCH },
};
/* clang-format on */

const char *reason_name(enum reason r)
{
	return rows[r].name;
}

const char *reason_name_at(size_t i)
{
	return i < REASON_COUNT ? rows[i].name : NULL;
}

enum reason reason_for_people(enum reason r)
{
	return rows[r].is_for_people ? r : REASON_OTHER;
}

enum reason reason_of_warning(struct str risk)
{
	for (size_t i = 0; i < array_len(warnings); i++)
		if (str_eq_nocase(warnings[i].risk, risk))
			return warnings[i].reason;
	return REASON_OTHER;
}

struct reasons session_reasons(enum session_status status, struct reasons found)
{
	if (status == STATUS_APPROVED)
		return (struct reasons){ 0 };
	if (status == STATUS_ABANDONED)
		reasons_add(&found, REASON_ABANDONED);
	if (status == STATUS_EXPIRED || status == STATUS_KYC_EXPIRED)
		reasons_add(&found, REASON_EXPIRED);
	return found;
}

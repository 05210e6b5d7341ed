#include "domain/reason.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

/* The warning codes of didit-api.md 6, in its order. */
static const char *const codes[] = { "DOCUMENT_NOT_SUPPORTED_FOR_APPLICATION", "DOCUMENT_EXPIRED",
	"PORTRAIT_IMAGE_NOT_DETECTED", "ID_DOCUMENT_IN_BLOCKLIST", "FRONT_CAMERA_FACE_IN_BLOCKLIST",
	"AGE_BELOW_MINIMUM", "AGE_NOT_DETECTED", "SCREEN_CAPTURE_DETECTED", "PRINTED_COPY_DETECTED",
	"PORTRAIT_MANIPULATION_DETECTED", "PUBLIC_DOCUMENT_IMAGE_DETECTED", "DOCUMENT_LIVENESS_NOT_COMPUTED",
	"MRZ_NOT_DETECTED", "MRZ_VALIDATION_FAILED", "MRZ_AND_DATA_EXTRACTED_FROM_OCR_NOT_SAME",
	"BARCODE_NOT_DETECTED", "BARCODE_VALIDATION_FAILED", "QR_NOT_DETECTED", "QR_VALIDATION_FAILED",
	"NAME_NOT_DETECTED", "DATE_OF_BIRTH_NOT_DETECTED", "DOCUMENT_NUMBER_NOT_DETECTED",
	"EXPIRATION_DATE_NOT_DETECTED", "DOCUMENT_NUMBER_FORMAT_MISMATCH", "PERSONAL_NUMBER_FORMAT_MISMATCH",
	"INVALID_DATE", "UNPARSED_ADDRESS", "DATA_INCONSISTENT", "DOCUMENT_SIDES_MISMATCH",
	"COULD_NOT_RECOGNIZE_DOCUMENT", "COULD_NOT_DETECT_DOCUMENT_TYPE", "POSSIBLE_DUPLICATED_USER",
	"LOW_FRONT_CAMERA_FACE_MATCH_SIMILARITY", "MINIMUM_AGE_NOT_MET", "FULL_NAME_MISMATCH_WITH_PROVIDED",
	"DOB_MISMATCH_WITH_PROVIDED", "GENDER_MISMATCH_WITH_PROVIDED", "COUNTRY_MISMATCH_WITH_PROVIDED",
	"NATIONALITY_MISMATCH_WITH_PROVIDED", "IDENTIFICATION_NUMBER_MISMATCH_WITH_PROVIDED",
	"ID_VERIFICATION_DATA_MISMATCH_BETWEEN_DOCUMENTS", "NO_FACE_DETECTED", "LIVENESS_FACE_ATTACK",
	"FACE_IN_BLOCKLIST", "POSSIBLE_FACE_IN_BLOCKLIST", "LOW_LIVENESS_SCORE", "DUPLICATED_FACE",
	"POSSIBLE_DUPLICATED_FACE", "MULTIPLE_FACES_DETECTED", "LOW_FACE_QUALITY", "LOW_FACE_LUMINANCE",
	"HIGH_FACE_LUMINANCE", "LOW_FACE_MATCH_SIMILARITY", "NO_REFERENCE_IMAGE", "IP_ADDRESS_IN_BLOCKLIST",
	"DEVICE_FINGERPRINT_IN_BLOCKLIST", "PRIVATE_NETWORK_DETECTED",
	"COUNTRY_FROM_DOCUMENT_DOES_NOT_MATCH_COUNTRY_FROM_IP", "EXPECTED_IP_ADDRESS_MISMATCH",
	"DUPLICATED_IP_ADDRESS", "DUPLICATED_DEVICE_FINGERPRINT", "DEVICE_RECOVERED_HIGH_CONFIDENCE",
	"PHONE_NUMBER_IN_BLOCKLIST", "EMAIL_IN_BLOCKLIST", "POSSIBLE_MATCH_FOUND" };

static void each_warning_code_of_the_reference_has_a_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(codes); i++) {
		print_message("# %s\n", codes[i]);
		assert_int_not_equal(reason_of_warning(str_of(codes[i])), REASON_OTHER);
	}
}

static void examples_of_each_group(void **state)
{
	static const struct {
		const char *code, *reason;
	} rows[] = {
		{ "DOCUMENT_EXPIRED", "document_expired" },
		{ "MRZ_NOT_DETECTED", "document_unreadable" },
		{ "DOCUMENT_NOT_SUPPORTED_FOR_APPLICATION", "document_not_supported" },
		{ "PRINTED_COPY_DETECTED", "document_suspected_forgery" },
		{ "LOW_FACE_MATCH_SIMILARITY", "face_mismatch" },
		{ "LIVENESS_FACE_ATTACK", "liveness_failed" },
		{ "MINIMUM_AGE_NOT_MET", "underage" },
		{ "POSSIBLE_MATCH_FOUND", "watchlist_match" },
		{ "DUPLICATED_FACE", "duplicate_person" },
		{ "FACE_IN_BLOCKLIST", "blocklisted" },
		{ "DOB_MISMATCH_WITH_PROVIDED", "data_mismatch" },
		{ "UNPARSED_ADDRESS", "address_unverified" },
		{ "PRIVATE_NETWORK_DETECTED", "ip_risk" },
		{ "document_expired", "document_expired" },
		{ "DOCUMENT_EXPIRE", "other" },
		{ "DOCUMENT_EXPIREDX", "other" },
		{ "SOMETHING_NEW", "other" },
		{ "SOMETHING_NEW_IN_BLOCKLIST", "other" },
		{ "", "other" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		assert_string_equal(reason_name(reason_of_warning(str_of(rows[i].code))), rows[i].reason);
}

static void people_are_not_told_what_would_warn_them(void **state)
{
	(void)state;
	for (int r = 0; r < REASON_COUNT; r++) {
		const bool is_hidden = r == REASON_WATCHLIST_MATCH || r == REASON_BLOCKLISTED ||
				       r == REASON_DUPLICATE_PERSON ||
				       r == REASON_DOCUMENT_SUSPECTED_FORGERY || r == REASON_IP_RISK;

		assert_int_equal(
			reason_for_people((enum reason)r), is_hidden ? REASON_OTHER : (enum reason)r);
		assert_string_equal(reason_name_at((size_t)r), reason_name((enum reason)r));
	}
	assert_null(reason_name_at(REASON_COUNT));
}

static void status_of_a_session_adds_and_removes_reasons(void **state)
{
	struct reasons warned = { 0 };

	(void)state;
	reasons_add(&warned, REASON_UNDERAGE);
	for (int s = 0; s < STATUS_COUNT; s++) {
		const struct reasons reasons = session_reasons((enum session_status)s, warned);

		assert_int_equal(reasons_have(reasons, REASON_UNDERAGE), s != STATUS_APPROVED);
		assert_int_equal(reasons_have(reasons, REASON_ABANDONED), s == STATUS_ABANDONED);
		assert_int_equal(reasons_have(reasons, REASON_EXPIRED),
			s == STATUS_EXPIRED || s == STATUS_KYC_EXPIRED);
		assert_false(reasons_have(reasons, REASON_OTHER));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_warning_code_of_the_reference_has_a_reason),
		cmocka_unit_test(examples_of_each_group),
		cmocka_unit_test(people_are_not_told_what_would_warn_them),
		cmocka_unit_test(status_of_a_session_adds_and_removes_reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

static int setup(void **state)
{
	static struct sandbox_fixture fx;

	fixture_open(&fx, 0);
	fixture_get_token(&fx);
	*state = &fx;
	return 0;
}

static int teardown(void **state)
{
	fixture_close(*state);
	return 0;
}

/* Creates a session, submits the scenario unless it is NULL, and reads the decision into fx->json. */
static void create_and_read_decision(struct sandbox_fixture *fx, const char *features, const char *scenario)
{
	struct session_ref session;
	char body[160];

	(void)snprintf(body, sizeof(body),
		"{\"callback\":\"https://a.example/\",\"vendor_data\":\"user-42\",\"features\":\"%s\"}",
		features);
	fixture_create_v1(fx, body, &session);
	if (scenario) {
		(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
		assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
					 JSON_HEADER, body),
			200);
	}
	assert_int_equal(
		fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL), 200);
}

static const struct json_value *decision_at(const struct sandbox_fixture *fx, const char *path)
{
	const struct json_value *value = fx->json;
	struct str rest = str_of(path), key;
	char name[64];

	while (rest.n) {
		(void)str_cut(&rest, '.', &key);
		assert_true(str_copy_to(key, name, sizeof(name)));
		value = json_get(value, name);
	}
	return value;
}

/* A decision has every field that didit-api.md documents for v1 (section 2.3). */
static void decision_has_every_documented_field(void **state)
{
	static const char *const members[] = { "session_id", "session_number", "session_url", "status",
		"vendor_data", "callback", "features", "warnings", "reviews", "extra_images", "created_at",
		"kyc.status", "kyc.ocr_status", "kyc.epassport_status", "kyc.document_type",
		"kyc.document_number", "kyc.personal_number", "kyc.portrait_image", "kyc.front_image",
		"kyc.front_video", "kyc.back_image", "kyc.back_video", "kyc.full_front_image",
		"kyc.full_back_image", "kyc.date_of_birth", "kyc.expiration_date", "kyc.date_of_issue",
		"kyc.issuing_state", "kyc.issuing_state_name", "kyc.first_name", "kyc.last_name",
		"kyc.full_name", "kyc.gender", "kyc.address", "kyc.formatted_address", "kyc.is_nfc_verified",
		"kyc.parsed_address", "kyc.place_of_birth", "kyc.marital_status", "kyc.nationality",
		"kyc.created_at", "aml.status", "aml.total_hits", "aml.score", "aml.hits", "face.status",
		"face.face_match_status", "face.liveness_status", "face.face_match_similarity",
		"face.liveness_confidence", "face.source_image", "face.target_image", "face.video_url",
		"face.age_estimation", "face.gender_estimation.male", "face.gender_estimation.female",
		"location.device_brand", "location.device_model", "location.browser_family",
		"location.os_family", "location.platform", "location.ip_country", "location.ip_country_code",
		"location.ip_state", "location.ip_city", "location.latitude", "location.longitude",
		"location.ip_address", "location.isp", "location.organization", "location.is_vpn_or_tor",
		"location.is_data_center", "location.time_zone", "location.time_zone_offset",
		"location.status", "location.document_location.latitude",
		"location.document_location.longitude", "location.ip_location.latitude",
		"location.ip_location.longitude", "location.distance_from_document_to_ip_km.distance",
		"location.distance_from_document_to_ip_km.direction" };
	struct sandbox_fixture *const fx = *state;

	create_and_read_decision(fx, "OCR + NFC + FACE + AML", "approve");
	for (size_t i = 0; i < array_len(members); i++)
		if (json_kind_of(decision_at(fx, members[i])) == JSON_KIND_ABSENT)
			fail_msg("%s", members[i]);
	assert_true(str_starts(json_text(decision_at(fx, "location.ip_address")), STR("203.0.113.")));
	assert_int_equal(json_count(decision_at(fx, "warnings")), 0);
	assert_int_equal(json_count(decision_at(fx, "aml.hits")), 0);
	assert_true(json_bool(decision_at(fx, "kyc.is_nfc_verified")));
}

static void decision_sections_follow_the_features(void **state)
{
	static const struct {
		const char *features, *scenario;
		enum json_kind kyc, aml, face, location;
		const char *nfc_status;
	} rows[] = {
		{ "OCR", NULL, JSON_KIND_NULL, JSON_KIND_NULL, JSON_KIND_NULL, JSON_KIND_NULL, "" },
		{ "OCR + NFC + FACE + AML", NULL, JSON_KIND_NULL, JSON_KIND_NULL, JSON_KIND_NULL,
			JSON_KIND_NULL, "" },
		{ "OCR", "approve", JSON_KIND_OBJECT, JSON_KIND_NULL, JSON_KIND_NULL, JSON_KIND_OBJECT,
			"Not Started" },
		{ "OCR + NFC", "approve", JSON_KIND_OBJECT, JSON_KIND_NULL, JSON_KIND_NULL, JSON_KIND_OBJECT,
			"Approved" },
		{ "OCR + AML", "approve", JSON_KIND_OBJECT, JSON_KIND_OBJECT, JSON_KIND_NULL,
			JSON_KIND_OBJECT, "Not Started" },
		{ "OCR + NFC + AML", "approve", JSON_KIND_OBJECT, JSON_KIND_OBJECT, JSON_KIND_NULL,
			JSON_KIND_OBJECT, "Approved" },
		{ "OCR + FACE", "approve", JSON_KIND_OBJECT, JSON_KIND_NULL, JSON_KIND_OBJECT,
			JSON_KIND_OBJECT, "Not Started" },
		{ "OCR + NFC + FACE", "approve", JSON_KIND_OBJECT, JSON_KIND_NULL, JSON_KIND_OBJECT,
			JSON_KIND_OBJECT, "Approved" },
		{ "OCR + FACE + AML", "approve", JSON_KIND_OBJECT, JSON_KIND_OBJECT, JSON_KIND_OBJECT,
			JSON_KIND_OBJECT, "Not Started" },
		{ "OCR + NFC + FACE + AML", "approve", JSON_KIND_OBJECT, JSON_KIND_OBJECT, JSON_KIND_OBJECT,
			JSON_KIND_OBJECT, "Approved" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		create_and_read_decision(fx, rows[i].features, rows[i].scenario);
		if (json_kind_of(decision_at(fx, "kyc")) != rows[i].kyc ||
			json_kind_of(decision_at(fx, "aml")) != rows[i].aml ||
			json_kind_of(decision_at(fx, "face")) != rows[i].face ||
			json_kind_of(decision_at(fx, "location")) != rows[i].location ||
			!str_eq(json_text(decision_at(fx, "kyc.epassport_status")),
				str_of(rows[i].nfc_status)) ||
			!str_eq(json_text(decision_at(fx, "features")), str_of(rows[i].features)))
			fail_msg("%s %.*s", rows[i].features, STR_ARG(fx->reply.body));
	}
}

static void opened_session_has_only_a_location(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v1(fx, "{\"callback\":\"https://a.example/\"}", &session);
	(void)fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL);
	(void)fixture_call_v1(fx, "GET", make_path("/v1/session/", session.id, "/decision/"), NULL);
	assert_int_equal(json_kind_of(decision_at(fx, "location")), JSON_KIND_OBJECT);
	assert_int_equal(json_kind_of(decision_at(fx, "location.document_location")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(decision_at(fx, "kyc")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(decision_at(fx, "vendor_data")), JSON_KIND_NULL);
}

static void scenario_fails_only_its_own_section(void **state)
{
	static const struct {
		const char *scenario, *status, *failed_field, *feature, *log_type;
	} rows[] = {
		{ "decline", "Declined", "kyc.ocr_status", "KYC", "error" },
		{ "review", "In Review", "kyc.ocr_status", "KYC", "warning" },
		{ "decline_document_expired", "Declined", "kyc.status", "KYC", "error" },
		{ "decline_document_blocklist", "Declined", "kyc.status", "KYC", "error" },
		{ "decline_nfc_chip_not_verified", "Declined", "kyc.epassport_status", "KYC", "error" },
		{ "decline_nfc_chip_not_verified", "Declined", "kyc.status", "KYC", "error" },
		{ "decline_face_match_low_similarity", "Declined", "face.face_match_status", "FACE",
			"error" },
		{ "review_face_match_borderline", "In Review", "face.status", "FACE", "warning" },
		{ "decline_liveness_attack", "Declined", "face.liveness_status", "FACE", "error" },
		{ "decline_face_blocklist", "Declined", "face.status", "FACE", "error" },
		{ "decline_aml_hit", "Declined", "aml.status", "AML", "error" },
		{ "review_aml_possible_match", "In Review", "aml.status", "AML", "warning" },
		{ "decline_ip_blocklist", "Declined", "location.status", "LOCATION", "error" },
		{ "decline_poa_address_mismatch", "Declined", "status", "POA", "error" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		create_and_read_decision(fx, "OCR + NFC + FACE + AML", rows[i].scenario);

		const struct json_value *const warning = json_at(decision_at(fx, "warnings"), 0);

		if (!str_eq(json_text(decision_at(fx, "status")), str_of(rows[i].status)) ||
			!str_eq(json_text(decision_at(fx, rows[i].failed_field)), str_of(rows[i].status)) ||
			json_count(decision_at(fx, "warnings")) != 1 ||
			!str_eq(json_text(json_get(warning, "feature")), str_of(rows[i].feature)) ||
			!str_eq(json_text(json_get(warning, "log_type")), str_of(rows[i].log_type)))
			fail_msg("%s: %.*s", rows[i].scenario, STR_ARG(fx->reply.body));
	}
}

static void other_sections_stay_approved(void **state)
{
	static const char *const members[] = { "aml.status", "face.status", "location.status",
		"kyc.epassport_status" };
	struct sandbox_fixture *const fx = *state;

	create_and_read_decision(fx, "OCR + NFC + FACE + AML", "decline_document_expired");
	for (size_t i = 0; i < array_len(members); i++)
		assert_true(str_eq(json_text(decision_at(fx, members[i])), STR("Approved")));
}

static void blocklist_warnings_identify_the_blocked_entry(void **state)
{
	struct sandbox_fixture *const fx = *state;

	create_and_read_decision(fx, "OCR", "decline_ip_blocklist");
	const struct json_value *additional = json_get(
		json_at(decision_at(fx, "warnings"), 0), "additional_data");
	assert_true(str_eq(json_text(json_get(additional, "ip_address")),
		json_text(decision_at(fx, "location.ip_address"))));
	create_and_read_decision(fx, "OCR", "decline_face_blocklist");
	additional = json_get(json_at(decision_at(fx, "warnings"), 0), "additional_data");
	assert_true(json_text(json_get(additional, "blocklisted_session_id")).n == 36);
	create_and_read_decision(fx, "OCR", "decline_document_expired");
	assert_int_equal(json_kind_of(json_get(json_at(decision_at(fx, "warnings"), 0), "additional_data")),
		JSON_KIND_NULL);
	assert_true(str_cmp(json_text(decision_at(fx, "kyc.expiration_date")), STR("2026")) < 0);
}

static void aml_hit_is_listed(void **state)
{
	struct sandbox_fixture *const fx = *state;
	int64_t hits;

	create_and_read_decision(fx, "OCR + AML", "review_aml_possible_match");
	assert_true(json_int(decision_at(fx, "aml.total_hits"), &hits) && hits == 1);
	assert_int_equal(json_count(decision_at(fx, "aml.hits")), 1);
	assert_int_equal(json_kind_of(decision_at(fx, "aml.score")), JSON_KIND_REAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(decision_has_every_documented_field),
		TEST(decision_sections_follow_the_features),
		TEST(opened_session_has_only_a_location),
		TEST(scenario_fails_only_its_own_section),
		TEST(other_sections_stay_approved),
		TEST(blocklist_warnings_identify_the_blocked_entry),
		TEST(aml_hit_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

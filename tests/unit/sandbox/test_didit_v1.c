#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

static int setup(void **state)
{
	static struct box box;

	box_open(&box, 0);
	box_login(&box);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	return 0;
}

/* Leaves the decision in box->json. */
static void decide(struct box *box, const char *features, const char *scenario)
{
	struct made_session made;
	char body[160];

	(void)snprintf(body, sizeof(body),
		"{\"callback\":\"https://a.example/\",\"vendor_data\":\"user-42\",\"features\":\"%s\"}",
		features);
	box_create(box, body, &made);
	if (scenario) {
		(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
		assert_int_equal(box_call(box, "POST", box_path("/session/", made.token, "/submit"),
					 &BOX_JSON[1], body),
			200);
	}
	assert_int_equal(box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL), 200);
}

static const struct json_value *at(const struct box *box, const char *path)
{
	const struct json_value *value = box->json;
	struct str rest = str_of(path), key;
	char name[64];

	while (rest.n) {
		(void)str_cut(&rest, '.', &key);
		assert_true(str_copy_to(key, name, sizeof(name)));
		value = json_get(value, name);
	}
	return value;
}

/* Every member of didit-api.md 2.3. */
static void the_shape_is_as_documented(void **state)
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
	struct box *const box = *state;

	decide(box, "OCR + NFC + FACE + AML", "approve");
	for (size_t i = 0; i < array_len(members); i++)
		if (json_kind_of(at(box, members[i])) == JSON_KIND_ABSENT)
			fail_msg("%s", members[i]);
	assert_true(str_starts(json_text(at(box, "location.ip_address")), STR("203.0.113.")));
	assert_int_equal(json_count(at(box, "warnings")), 0);
	assert_int_equal(json_count(at(box, "aml.hits")), 0);
	assert_true(json_bool(at(box, "kyc.is_nfc_verified")));
}

static void sections_follow_the_features(void **state)
{
	static const struct {
		const char *features, *scenario;
		enum json_kind kyc, aml, face, location;
		const char *chip;
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		decide(box, rows[i].features, rows[i].scenario);
		if (json_kind_of(at(box, "kyc")) != rows[i].kyc ||
			json_kind_of(at(box, "aml")) != rows[i].aml ||
			json_kind_of(at(box, "face")) != rows[i].face ||
			json_kind_of(at(box, "location")) != rows[i].location ||
			!str_eq(json_text(at(box, "kyc.epassport_status")), str_of(rows[i].chip)) ||
			!str_eq(json_text(at(box, "features")), str_of(rows[i].features)))
			fail_msg("%s %.*s", rows[i].features, STR_ARG(box->reply.body));
	}
}

static void an_opened_session_has_a_place_only(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create(box, "{\"callback\":\"https://a.example/\"}", &made);
	(void)box_call(box, "GET", box_path("/session/", made.token, ""), NULL, NULL);
	(void)box_api(box, "GET", box_path("/v1/session/", made.id, "/decision/"), NULL);
	assert_int_equal(json_kind_of(at(box, "location")), JSON_KIND_OBJECT);
	assert_int_equal(json_kind_of(at(box, "location.document_location")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(at(box, "kyc")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(at(box, "vendor_data")), JSON_KIND_NULL);
}

static void a_scenario_spoils_its_own_part(void **state)
{
	static const struct {
		const char *scenario, *status, *spoiled, *feature, *log_type;
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
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		decide(box, "OCR + NFC + FACE + AML", rows[i].scenario);

		const struct json_value *const warning = json_at(at(box, "warnings"), 0);

		if (!str_eq(json_text(at(box, "status")), str_of(rows[i].status)) ||
			!str_eq(json_text(at(box, rows[i].spoiled)), str_of(rows[i].status)) ||
			json_count(at(box, "warnings")) != 1 ||
			!str_eq(json_text(json_get(warning, "feature")), str_of(rows[i].feature)) ||
			!str_eq(json_text(json_get(warning, "log_type")), str_of(rows[i].log_type)))
			fail_msg("%s: %.*s", rows[i].scenario, STR_ARG(box->reply.body));
	}
}

static void the_rest_stays_approved(void **state)
{
	static const char *const members[] = { "aml.status", "face.status", "location.status",
		"kyc.epassport_status" };
	struct box *const box = *state;

	decide(box, "OCR + NFC + FACE + AML", "decline_document_expired");
	for (size_t i = 0; i < array_len(members); i++)
		assert_true(str_eq(json_text(at(box, members[i])), STR("Approved")));
}

static void block_list_warnings_carry_their_notes(void **state)
{
	struct box *const box = *state;

	decide(box, "OCR", "decline_ip_blocklist");
	const struct json_value *additional = json_get(json_at(at(box, "warnings"), 0), "additional_data");
	assert_true(str_eq(
		json_text(json_get(additional, "ip_address")), json_text(at(box, "location.ip_address"))));
	decide(box, "OCR", "decline_face_blocklist");
	additional = json_get(json_at(at(box, "warnings"), 0), "additional_data");
	assert_true(json_text(json_get(additional, "blocklisted_session_id")).n == 36);
	decide(box, "OCR", "decline_document_expired");
	assert_int_equal(
		json_kind_of(json_get(json_at(at(box, "warnings"), 0), "additional_data")), JSON_KIND_NULL);
	assert_true(str_cmp(json_text(at(box, "kyc.expiration_date")), STR("2026")) < 0);
}

static void a_hit_is_listed(void **state)
{
	struct box *const box = *state;
	int64_t hits;

	decide(box, "OCR + AML", "review_aml_possible_match");
	assert_true(json_int(at(box, "aml.total_hits"), &hits) && hits == 1);
	assert_int_equal(json_count(at(box, "aml.hits")), 1);
	assert_int_equal(json_kind_of(at(box, "aml.score")), JSON_KIND_REAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_shape_is_as_documented),
		TEST(sections_follow_the_features),
		TEST(an_opened_session_has_a_place_only),
		TEST(a_scenario_spoils_its_own_part),
		TEST(the_rest_stays_approved),
		TEST(block_list_warnings_carry_their_notes),
		TEST(a_hit_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

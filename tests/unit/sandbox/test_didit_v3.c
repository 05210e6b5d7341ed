#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox/state/scenario.h"
#include "sandbox_fixture.h"

#define FULL "\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\""
#define WORKFLOW(n) "\"workflow_id\":\"00000000-0000-4000-8000-0000000000" n "\""

/* Each row describes a section of a decision: its name in v3 and in v2, its feature, and its fields
 * (didit-api.md 4.3). */
static const struct section_row {
	const char *v3, *v2, *feature, *members;
} sections[] = {
	{ "id_verifications", "id_verification", "ID_VERIFICATION",
		"document_type document_subtype document_number personal_number portrait_image front_image "
		"front_video back_image back_video full_front_image full_back_image front_image_camera_front "
		"back_image_camera_front front_image_camera_front_face_match_score "
		"back_image_camera_front_face_match_score front_image_quality_score back_image_quality_score "
		"date_of_birth age expiration_date date_of_issue issuing_state issuing_state_name first_name "
		"last_name full_name gender address formatted_address place_of_birth marital_status "
		"nationality extra_fields mrz parsed_address extra_files matches" },
	{ "nfc_verifications", "nfc", "NFC",
		"portrait_image signature_image chip_data authenticity certificate_summary" },
	{ "liveness_checks", "liveness", "LIVENESS",
		"method score reference_image video_url age_estimation face_quality face_luminance matches" },
	{ "face_matches", "face_match", "FACE_MATCH",
		"score source_image_session_id source_image target_image" },
	{ "poa_verifications", "poa", "POA",
		"document_file document_type document_language issuing_state issuer issue_date "
		"expiration_date poa_address poa_formatted_address poa_parsed_address name_on_document "
		"name_match_score_id_verification expected_details_address extra_fields document_metadata" },
	{ "phone_verifications", "phone", "PHONE",
		"phone_number_prefix phone_number full_number country_code country_name carrier "
		"is_disposable is_virtual verification_method verification_attempts verified_at lifecycle" },
	{ "email_verifications", "email", "EMAIL_VERIFICATION",
		"email is_breached breaches is_disposable is_undeliverable verification_attempts verified_at "
		"lifecycle" },
	{ "aml_screenings", "aml", "AML",
		"total_hits entity_type score hits screened_data is_ongoing_monitoring_enabled "
		"next_ongoing_monitoring_bill_date" },
	{ "ip_analyses", "ip_analysis", "IP_ANALYSIS",
		"device_brand device_model browser_family os_family platform ip_country ip_country_code "
		"ip_state ip_city latitude longitude ip_address isp organization is_vpn_or_tor "
		"is_data_center time_zone time_zone_offset" },
	{ "database_validations", "database_validation", "DATABASE_VALIDATION",
		"issuing_state validation_type match_type screened_data validations" },
	{ "questionnaire_responses", "questionnaire", "QUESTIONNAIRE", "questionnaire_id sections" },
};

static bool has_members(const struct json_value *item, const char *members)
{
	struct str rest = str_of(members), name;
	char key[64];

	while (rest.n) {
		(void)str_cut(&rest, ' ', &name);
		assert_true(str_copy_to(name, key, sizeof(key)));
		if (json_kind_of(json_get(item, key)) == JSON_KIND_ABSENT) {
			print_error("%s\n", key);
			return false;
		}
	}
	return true;
}

/* Creates a session, submits the scenario unless it is NULL ("": without a choice), and reads the decision
 * into fx->json. */
static void create_and_read_decision(
	struct sandbox_fixture *fx, const char *version, const char *body, const char *scenario)
{
	struct session_ref session;
	char path[96], choice[96];

	(void)snprintf(path, sizeof(path), "/%s/session/", version);
	assert_int_equal(fixture_call_with_key(fx, "POST", path, body), 201);
	assert_true(str_copy_to(reply_text(fx, "session_id"), session.id, sizeof(session.id)));
	assert_true(str_copy_to(reply_text(fx, "session_token"), session.token, sizeof(session.token)));
	if (scenario) {
		(void)snprintf(choice, sizeof(choice), "{\"scenario\":\"%s\"}", scenario);
		assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
					 JSON_HEADER, *scenario ? choice : "{}"),
			200);
	}
	(void)snprintf(path, sizeof(path), "/%s/session/%s/decision/", version, session.id);
	assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);
}

static void missing_key_gets_403_and_wrong_key_401(void **state)
{
	static const struct {
		const char *headers;
		int status;
	} rows[] = {
		{ NULL, 403 },
		{ "x-api-key: ", 403 },
		{ "x-api-key: other", 401 },
		{ "x-api-key: Sandbox", 401 },
		{ "Authorization: Bearer sandbox", 403 },
		{ "x-api-key: sandbox", 404 },
		{ "X-API-KEY: sandbox", 404 },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		assert_int_equal(fixture_call(fx, "GET", "/v3/session/none/decision/", rows[i].headers, NULL),
			rows[i].status);
		assert_true(reply_text(fx, "detail").n > 0);
		assert_int_equal(fixture_call(fx, "GET", "/v2/session/none/decision/", rows[i].headers, NULL),
			rows[i].status);
	}
}

static void create_answers_as_documented(void **state)
{
	struct sandbox_fixture *const fx = *state;
	int64_t n;

	assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/session/",
				 "{" FULL ",\"vendor_data\":\"user-42\",\"callback\":\"https://a.example/\","
				 "\"metadata\":{\"plan\":\"basic\",\"n\":[1,2.5]}}"),
		201);
	assert_true(has_members(fx->json,
		"session_id session_number session_kind session_token url vendor_data metadata status "
		"workflow_id workflow_version callback"));
	assert_true(str_eq(reply_text(fx, "session_kind"), STR("user")));
	assert_true(str_eq(reply_text(fx, "status"), STR("Not Started")));
	assert_true(str_eq(reply_text(fx, "workflow_id"), STR("1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80")));
	assert_true(json_int(json_get(fx->json, "workflow_version"), &n) && n == 1);
	assert_true(str_eq(json_text(reply_at(fx, "metadata.plan")), STR("basic")));
	assert_int_equal(json_count(reply_at(fx, "metadata.n")), 2);

	assert_int_equal(
		fixture_call_with_key(fx, "POST", "/v2/session/", "{" FULL ",\"vendor_data\":\"user-42\"}"),
		201);
	assert_true(has_members(fx->json,
		"session_id session_number session_token vendor_data metadata status workflow_id callback url"));
	assert_int_equal(json_kind_of(json_get(fx->json, "session_kind")), JSON_KIND_ABSENT);
	assert_int_equal(json_kind_of(json_get(fx->json, "callback")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(json_get(fx->json, "metadata")), JSON_KIND_NULL);
}

static const struct {
	const char *body;
	const char *field; /* named by the error; NULL: the request is accepted (201) */
} create_rows[] = {
	{ NULL, "workflow_id" },
	{ "{}", "workflow_id" },
	{ "{\"workflow_id\":null}", "workflow_id" },
	{ "{\"workflow_id\":7}", "workflow_id" },
	{ "{\"workflow_id\":\"1f0c9a526c1e4a778c369a4b5d6e7f80\"}", "workflow_id" },
	{ "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f8g\"}", "workflow_id" },
	{ "{\"workflow_id\":\"1F0C9A52-6C1E-4A77-8C36-9A4B5D6E7F80\"}", NULL },
	{ "{" FULL "}", NULL },
	{ "{" FULL ",\"vendor_data\":7}", "vendor_data" },
	{ "{" FULL ",\"vendor_data\":null,\"metadata\":null,\"contact_details\":null}", NULL },
	{ "{" FULL ",\"callback\":\"done\"}", "callback" },
	{ "{" FULL ",\"callback\":\"javascript:alert(1)\"}", "callback" },
	{ "{" FULL ",\"callback_method\":\"both\"}", NULL },
	{ "{" FULL ",\"callback_method\":\"all\"}", "callback_method" },
	{ "{" FULL ",\"metadata\":\"text\"}", NULL },
	{ "{" FULL ",\"metadata\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", NULL },
	{ "{" FULL ",\"metadata\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", "metadata" },
	{ "{" FULL ",\"metadata\":\"[[[[[[[[[[[[[[[[[[[[[[\"}", NULL },
	{ "{" FULL ",\"language\":\"pt-BR\"}", NULL },
	{ "{" FULL ",\"language\":\"pt-br\"}", "language" },
	{ "{" FULL ",\"language\":\"xx\"}", "language" },
	{ "{" FULL ",\"contact_details\":[]}", "contact_details" },
	{ "{" FULL ",\"contact_details\":{\"email\":\"ana@example.com\",\"phone\":\"+351910000000\","
	  "\"email_lang\":\"pt\",\"send_notification_emails\":true}}",
		NULL },
	{ "{" FULL ",\"contact_details\":{\"email\":\"ana\"}}", "contact_details" },
	{ "{" FULL ",\"contact_details\":{\"phone\":\"910000000\"}}", "contact_details" },
	{ "{" FULL ",\"contact_details\":{\"phone\":\"+0910000000\"}}", "contact_details" },
	{ "{" FULL ",\"contact_details\":{\"send_notification_emails\":\"yes\"}}", "contact_details" },
	{ "{" FULL ",\"contact_details\":{\"email_lang\":\"xx\"}}", "contact_details" },
	{ "{" FULL ",\"expected_details\":{\"first_name\":\"Ana\",\"date_of_birth\":\"1964-02-29\","
	  "\"gender\":\"F\",\"nationality\":\"PRT\",\"ip_address\":\"203.0.113.9\","
	  "\"expected_document_types\":[\"p\",\"ID\"]}}",
		NULL },
	{ "{" FULL ",\"expected_details\":{\"date_of_birth\":\"1965-02-29\"}}", "expected_details" },
	{ "{" FULL ",\"expected_details\":{\"date_of_birth\":\"03/02/1990\"}}", "expected_details" },
	{ "{" FULL ",\"expected_details\":{\"nationality\":\"PT\"}}", "expected_details" },
	{ "{" FULL ",\"expected_details\":{\"id_country\":\"prt\"}}", "expected_details" },
	{ "{" FULL ",\"expected_details\":{\"gender\":\"?\"}}", "expected_details" },
	{ "{" FULL ",\"expected_details\":{\"ip_address\":\"203.0.113\"}}", "expected_details" },
	{ "{" FULL ",\"expected_details\":{\"expected_document_types\":[\"P\",\"PP\"]}}",
		"expected_details" },
	{ "{" FULL ",\"expected_details\":{\"expected_document_types\":\"P\"}}", "expected_details" },
	{ "{" FULL ",\"portrait_image\":\"aGVsbG8=\"}", NULL },
	{ "{" FULL ",\"portrait_image\":\"aGVsbG8\"}", "portrait_image" },
	{ "{" FULL ",\"portrait_image\":\"aGVs bG8=\"}", "portrait_image" },
	{ "{" FULL ",\"portrait_image\":\"\"}", "portrait_image" },
	{ "{" FULL ",\"sandbox_scenario\":\"decline_aml_hit\"}", NULL },
	{ "{" FULL ",\"sandbox_scenario\":\"decline_everything\"}", "sandbox_scenario" },
	{ "{", "detail" },
	{ "[]", "non_field_errors" },
};

static void invalid_create_requests_are_rejected(void **state)
{
	static const char *const paths[] = { "/v2/session/", "/v3/session/" };
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(create_rows) * array_len(paths); i++) {
		const char *const field = create_rows[i / 2].field, *const body = create_rows[i / 2].body;
		const int status = fixture_call_with_key(fx, "POST", paths[i % 2], body);

		if (status != (field ? 400 : 201) || (field && !json_get(fx->json, field)) ||
			(field && json_get(fx->json, "message")))
			fail_msg("%s: %d %.*s", body, status, STR_ARG(fx->reply.body));
	}
}

static void size_limits_are_exact(void **state)
{
	static const struct {
		const char *field;
		size_t n;
		int status;
	} rows[] = {
		{ "metadata", 4094, 201 }, /* plus two quotation marks */
		{ "metadata", 4095, 400 },
		{ "portrait_image", 2796200,
			201 }, /* the limit of 2,097,152 bytes is 2,796,203 characters of base64 */
		{ "portrait_image", 2796204, 400 },
	};
	struct sandbox_fixture *const fx = *state;
	char *const body = malloc(3000000);

	for (size_t i = 0; i < array_len(rows); i++) {
		size_t n = (size_t)snprintf(body, 1000, "{" FULL ",\"%s\":\"", rows[i].field);

		memset(body + n, 'A', rows[i].n);
		memcpy(body + n + rows[i].n, "\"}", 3);
		assert_int_equal(fixture_call_with_key(fx, "POST", "/v3/session/", body), rows[i].status);
	}
	free(body);
}

static void unfinished_session_is_reused_for_same_vendor_and_workflow(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref first, second;

	fixture_create_v3(fx,
		"{" FULL
		",\"vendor_data\":\"user-42\",\"callback\":\"https://a.example/\",\"metadata\":{\"a\":1}}",
		&first);
	fixture_create_v3(
		fx, "{" FULL ",\"vendor_data\":\"user-42\",\"callback\":\"https://b.example/\"}", &second);
	assert_string_equal(first.id, second.id);
	assert_true(str_eq(reply_text(fx, "callback"), STR("https://b.example/")));
	assert_int_equal(json_kind_of(reply_at(fx, "metadata.a")), JSON_KIND_INT); /* unchanged */
	fixture_create_v3(fx, "{" FULL ",\"vendor_data\":\"user-42\",\"metadata\":{\"b\":2}}", &second);
	assert_string_equal(first.id, second.id);
	assert_true(str_eq(reply_text(fx, "callback"), STR("https://b.example/")));
	assert_int_equal(json_kind_of(reply_at(fx, "metadata.a")), JSON_KIND_ABSENT);

	/* A session In Progress is unfinished, too. */
	(void)fixture_call(fx, "GET", make_path("/session/", first.token, ""), NULL, NULL);
	fixture_create_v3(fx, "{" FULL ",\"vendor_data\":\"user-42\"}", &second);
	assert_string_equal(first.id, second.id);
	assert_true(str_eq(reply_text(fx, "status"), STR("In Progress")));
}

static void session_is_not_reused_otherwise(void **state)
{
	static const char *const bodies[] = {
		"{" FULL ",\"vendor_data\":\"user-43\"}",
		"{" FULL ",\"vendor_data\":\"\"}",
		"{" FULL "}",
		"{" WORKFLOW("08") ",\"vendor_data\":\"user-42\"}",
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref first, second;

	fixture_create_v3(fx, "{" FULL ",\"vendor_data\":\"user-42\"}", &first);
	for (size_t i = 0; i < 2 * array_len(bodies); i++) {
		fixture_create_v3(fx, bodies[i / 2], &second);
		assert_string_not_equal(first.id, second.id);
	}
	assert_int_equal(
		fixture_call_with_key(fx, "POST", "/v2/session/", "{" FULL ",\"vendor_data\":\"user-42\"}"),
		201);
	assert_false(str_eq(reply_text(fx, "session_id"), str_of(first.id)));

	/* A finished session is not reused. */
	(void)fixture_call(fx, "POST", make_path("/session/", first.token, "/submit"), JSON_HEADER,
		"{\"scenario\":\"approve\"}");
	fixture_create_v3(fx, "{" FULL ",\"vendor_data\":\"user-42\"}", &second);
	assert_string_not_equal(first.id, second.id);
}

static void session_link_contains_the_language(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char path[64];

	fixture_create_v3(fx, "{" FULL ",\"language\":\"pt-BR\"}", &session);
	(void)snprintf(path, sizeof(path), "/pt-BR/session/%s", session.token);
	assert_true(str_ends(reply_text(fx, "url"), str_of(path)));
	assert_int_equal(fixture_call(fx, "GET", path, NULL, NULL), 200);
	(void)snprintf(path, sizeof(path), "/xx/session/%s", session.token);
	assert_int_equal(fixture_call(fx, "GET", path, NULL, NULL), 404);
	(void)fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL);
	assert_true(str_eq(reply_text(fx, "status"), STR("In Progress")));
}

static void return_link_requires_a_callback(void **state)
{
	static const struct {
		const char *body, *location;
		bool has_return_link; /* on the page of the finished session */
	} rows[] = {
		{ "{" FULL "}", "/sandbox/didit/session/", false },
		{ "{" FULL ",\"callback\":\"https://a.example/\"}", "https://a.example/", true },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_create_v3(fx, rows[i].body, &session);
		assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
					 FORM_HEADER, "scenario=approve"),
			303);
		assert_true(str_starts(reply_header_value(fx, "Location"), str_of(rows[i].location)));
		assert_int_equal(
			fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL), 200);
		assert_int_equal(
			memmem(fx->reply.body.p, fx->reply.body.n, "verificationSessionId", 21) != NULL,
			rows[i].has_return_link);
	}
}

/* A decision has every field that didit-api.md documents for v2 (section 3) and v3 (section 4.3). */
static void decisions_have_every_documented_field(void **state)
{
	static const char *const common = "session_id session_number session_url status workflow_id features "
					  "vendor_data metadata callback reviews contact_details "
					  "expected_details created_at environment";
	struct sandbox_fixture *const fx = *state;

	create_and_read_decision(fx, "v3", "{" FULL "}", "approve");
	assert_true(has_members(fx->json, common));
	assert_true(has_members(fx->json, "session_kind workflow_version"));
	for (size_t i = 0; i < array_len(sections); i++) {
		const struct json_value *const items = json_get(fx->json, sections[i].v3);

		assert_int_equal(json_count(items), 1);
		assert_true(has_members(json_at(items, 0), sections[i].members));
		assert_true(has_members(json_at(items, 0), "node_id status warnings"));
		assert_true(str_eq(json_text(json_get(json_at(items, 0), "status")), STR("Approved")));
	}
	assert_true(
		has_members(reply_at(fx, "ip_analyses.0"), "device_fingerprint ip id_document poa_document"));

	create_and_read_decision(fx, "v2", "{" FULL "}", "approve");
	assert_true(has_members(fx->json, common));
	for (size_t i = 0; i < array_len(sections); i++) {
		const struct json_value *const item = json_get(fx->json, sections[i].v2);

		assert_int_equal(json_kind_of(item), JSON_KIND_OBJECT);
		assert_true(has_members(item, sections[i].members));
		assert_true(has_members(item, "status warnings"));
		assert_int_equal(json_kind_of(json_get(item, "node_id")), JSON_KIND_ABSENT);
	}
	assert_true(has_members(reply_at(fx, "ip_analysis.locations_info"), "ip id_document poa_document"));
}

/* PHP turns an empty object into an empty list, so that a signature over the decision would not match. */
static void decisions_have_no_empty_objects(void **state)
{
	static const char *const bodies[] = { "{" FULL "}",
		"{" FULL ",\"metadata\":{},\"contact_details\":{},\"expected_details\":{}}" };
	struct sandbox_fixture *const fx = *state;
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);
	char slug[96];

	for (size_t i = 0; i < n; i++) {
		assert_true(str_copy_to(catalogue[i].slug, slug, sizeof(slug)));
		for (size_t k = 0; k < 2 * array_len(bodies); k++) {
			create_and_read_decision(fx, k % 2 ? "v3" : "v2", bodies[k / 2], slug);
			if (memmem(fx->reply.body.p, fx->reply.body.n, "{}", 2))
				fail_msg("%s: %.*s", slug, STR_ARG(fx->reply.body));
		}
	}
}

static void decision_has_todays_members(void **state)
{
	struct sandbox_fixture *const fx = *state;

	create_and_read_decision(fx, "v3", "{" FULL ",\"sandbox_scenario\":\"decline\"}", "");
	assert_int_equal(json_kind_of(json_get(fx->json, "nfc_skip_reason")), JSON_KIND_NULL);
	assert_true(str_eq(reply_text(fx, "sandbox_scenario"), STR("decline")));
	assert_true(str_eq(reply_text(fx, "expires_at"), STR("2026-01-08T00:00:00.000Z")));
	assert_true(str_eq(json_text(reply_at(fx, "id_verifications.0.mrz.country")),
		json_text(reply_at(fx, "id_verifications.0.issuing_state"))));
	assert_int_equal(json_count(reply_at(fx, "id_verifications.0.mrz.errors")), 0);
	create_and_read_decision(fx, "v3", "{" FULL "}", "decline_mrz_validation");
	assert_int_equal(json_count(reply_at(fx, "id_verifications.0.mrz.errors")), 1);
}

static void decision_includes_events_on_request(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, "{" FULL "}", &session);
	fx->clock.wall += 5000;
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
				 JSON_HEADER, "{\"scenario\":\"decline\"}"),
		200);
	assert_int_equal(fixture_call_with_key(fx, "GET",
				 make_path("/v3/session/", session.id, "/decision/?include=events"), NULL),
		200);
	assert_int_equal(json_count(json_get(fx->json, "events")), 3);
	assert_true(str_eq(json_text(reply_at(fx, "events.0.details.old_status")), STR("In Progress")));
	assert_true(str_eq(json_text(reply_at(fx, "events.0.details.current_status")), STR("Declined")));
	assert_true(str_eq(json_text(reply_at(fx, "events.1.type")), STR("SESSION_STATUS_CHANGED")));
	assert_true(str_eq(json_text(reply_at(fx, "events.2.type")), STR("SESSION_CREATED")));
	assert_true(str_eq(json_text(reply_at(fx, "features.0.node_id")), STR("feature_ocr")));
	assert_true(str_eq(json_text(reply_at(fx, "features.6.feature")), STR("EMAIL")));
	assert_true(has_members(fx->json, "activity_reviews blocklisted cost_breakdown"));
	assert_int_equal(fixture_call_with_key(fx, "GET",
				 make_path("/v3/session/", session.id, "/decision/?include=x"), NULL),
		200);
	assert_int_equal(json_kind_of(json_get(fx->json, "events")), JSON_KIND_ABSENT);
	assert_true(str_eq(json_text(reply_at(fx, "features.0")), STR("ID_VERIFICATION")));
}

static bool lists_feature(const struct json_value *features, const char *name)
{
	for (size_t i = 0; i < json_count(features); i++)
		if (str_eq(json_text(json_at(features, i)), str_of(name)))
			return true;
	return false;
}

static void decision_sections_follow_the_workflow(void **state)
{
	static const struct {
		const char *body, *features; /* without IP_ANALYSIS, which every workflow has */
	} rows[] = {
		{ "{" WORKFLOW("01") "}", "ID_VERIFICATION" },
		{ "{" WORKFLOW("02") "}", "ID_VERIFICATION NFC" },
		{ "{" WORKFLOW("03") "}", "ID_VERIFICATION AML" },
		{ "{" WORKFLOW("04") "}", "ID_VERIFICATION NFC AML" },
		{ "{" WORKFLOW("05") "}", "ID_VERIFICATION LIVENESS FACE_MATCH" },
		{ "{" WORKFLOW("06") "}", "ID_VERIFICATION NFC LIVENESS FACE_MATCH" },
		{ "{" WORKFLOW("07") "}", "ID_VERIFICATION LIVENESS FACE_MATCH AML" },
		{ "{" WORKFLOW("08") "}", "ID_VERIFICATION NFC LIVENESS FACE_MATCH AML" },
		{ "{" WORKFLOW("00") "}", "ID_VERIFICATION NFC LIVENESS FACE_MATCH POA PHONE "
					  "EMAIL_VERIFICATION DATABASE_VALIDATION AML QUESTIONNAIRE" },
		{ "{" WORKFLOW("09") "}", "ID_VERIFICATION NFC LIVENESS FACE_MATCH POA PHONE "
					  "EMAIL_VERIFICATION DATABASE_VALIDATION AML QUESTIONNAIRE" },
	};
	struct sandbox_fixture *const fx = *state;
	char words[256], name[64];

	for (size_t i = 0; i < array_len(rows) * array_len(sections); i++) {
		const struct section_row *const section = &sections[i % array_len(sections)];

		(void)snprintf(
			words, sizeof(words), " %s IP_ANALYSIS ", rows[i / array_len(sections)].features);
		(void)snprintf(name, sizeof(name), " %s ", section->feature);
		if (i % array_len(sections) == 0)
			create_and_read_decision(fx, "v3", rows[i / array_len(sections)].body, "approve");

		const bool is_expected = strstr(words, name) != NULL;

		if (lists_feature(json_get(fx->json, "features"), section->feature) != is_expected ||
			json_kind_of(json_get(fx->json, section->v3)) !=
				(is_expected ? JSON_KIND_ARRAY : JSON_KIND_NULL))
			fail_msg("%s %s", rows[i / array_len(sections)].body, section->feature);
	}
}

static void sections_that_have_not_run_are_null(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_and_read_decision(fx, "v3", "{" FULL "}", NULL);
	for (size_t i = 0; i < array_len(sections); i++)
		assert_int_equal(json_kind_of(json_get(fx->json, sections[i].v3)), JSON_KIND_NULL);
	fixture_create_v3(fx, "{" FULL "}", &session);
	(void)fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL);
	(void)fixture_call_with_key(fx, "GET", make_path("/v3/session/", session.id, "/decision/"), NULL);
	for (size_t i = 0; i < array_len(sections); i++)
		assert_int_equal(json_kind_of(json_get(fx->json, sections[i].v3)),
			strcmp(sections[i].v3, "ip_analyses") == 0 ? JSON_KIND_ARRAY : JSON_KIND_NULL);
}

/* The scenarios of didit-api.md, section 12, and those that only the sandbox has, with the warning that each
 * causes. */
static const struct scenario_row {
	const char *slug, *status, *section, *risk, *feature, *node;
} scenarios[] = {
	{ "decline_document_expired", "Declined", "id_verifications", "DOCUMENT_EXPIRED", "ID_VERIFICATION",
		"feature_ocr" },
	{ "decline_could_not_recognize_document", "Declined", "id_verifications",
		"COULD_NOT_RECOGNIZE_DOCUMENT", "ID_VERIFICATION", "feature_ocr" },
	{ "decline_mrz_validation", "Declined", "id_verifications", "MRZ_VALIDATION_FAILED",
		"ID_VERIFICATION", "feature_ocr" },
	{ "decline_minimum_age", "Declined", "id_verifications", "MINIMUM_AGE_NOT_MET", "ID_VERIFICATION",
		"feature_ocr" },
	{ "decline_face_match_low_similarity", "Declined", "face_matches", "LOW_FACE_MATCH_SIMILARITY",
		"FACE_MATCH", "feature_face_match" },
	{ "decline_liveness_attack", "Declined", "liveness_checks", "LIVENESS_FACE_ATTACK", "LIVENESS",
		"feature_liveness" },
	{ "decline_aml_hit", "Declined", "aml_screenings", "POSSIBLE_MATCH_FOUND", "AML", "feature_aml" },
	{ "decline_ip_blocklist", "Declined", "ip_analyses", "IP_ADDRESS_IN_BLOCKLIST", "LOCATION",
		"feature_ip_analysis" },
	{ "decline_poa_address_mismatch", "Declined", "poa_verifications", "POA_ADDRESS_MISMATCH", "POA",
		"feature_poa" },
	{ "decline_nfc_chip_not_verified", "Declined", "nfc_verifications", "NFC_CHIP_NOT_VERIFIED", "NFC",
		"feature_nfc" },
	{ "decline_database_no_match", "Declined", "database_validations", "DATABASE_NO_MATCH",
		"DATABASE_VALIDATION", "feature_database_validation" },
	{ "decline_kyb_registry_mismatch", "Declined", "id_verifications", "KYB_REGISTRY_MISMATCH",
		"KYB_REGISTRY", "feature_ocr" },
	{ "review_aml_possible_match", "In Review", "aml_screenings", "POSSIBLE_MATCH_FOUND", "AML",
		"feature_aml" },
	{ "review_face_match_borderline", "In Review", "face_matches", "LOW_FACE_MATCH_SIMILARITY",
		"FACE_MATCH", "feature_face_match" },
	{ "review_poa_partial_match", "In Review", "poa_verifications", "POA_PARTIAL_MATCH", "POA",
		"feature_poa" },
	{ "decline_document_blocklist", "Declined", "id_verifications", "ID_DOCUMENT_IN_BLOCKLIST",
		"ID_VERIFICATION", "feature_ocr" },
	{ "decline_face_blocklist", "Declined", "liveness_checks", "FACE_IN_BLOCKLIST", "LIVENESS",
		"feature_liveness" },
};

static void check_scenario(const struct sandbox_fixture *fx, const struct scenario_row *row)
{
	char path[96];

	assert_true(str_eq(reply_text(fx, "status"), str_of(row->status)));
	for (size_t i = 0; i < array_len(sections); i++) {
		const bool is_failed = strcmp(sections[i].v3, row->section) == 0;
		const struct json_value *const item = json_at(json_get(fx->json, sections[i].v3), 0);

		if (json_count(json_get(item, "warnings")) != is_failed ||
			!str_eq(json_text(json_get(item, "status")),
				str_of(is_failed ? row->status : "Approved")))
			fail_msg("%s %s", row->slug, sections[i].v3);
	}
	(void)snprintf(path, sizeof(path), "%s.0.warnings.0", row->section);

	const struct json_value *const warning = reply_at(fx, path);

	assert_true(str_eq(json_text(json_get(warning, "risk")), str_of(row->risk)));
	assert_true(str_eq(json_text(json_get(warning, "feature")), str_of(row->feature)));
	assert_true(str_eq(json_text(json_get(warning, "node_id")), str_of(row->node)));
	assert_true(str_eq(json_text(json_get(warning, "log_type")),
		strcmp(row->status, "Declined") == 0 ? STR("error") : STR("warning")));
	assert_true(json_text(json_get(warning, "short_description")).n > 0);
	assert_true(json_text(json_get(warning, "long_description")).n > 0);
	assert_true(has_members(warning, "additional_data"));
}

/* A scenario can be requested by sandbox_scenario, by vendor_data or on the page. */
static void every_scenario_has_its_documented_outcome(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char body[160];
	size_t n;

	for (size_t i = 0; i < array_len(scenarios); i++) {
		(void)snprintf(
			body, sizeof(body), "{" FULL ",\"sandbox_scenario\":\"%s\"}", scenarios[i].slug);
		create_and_read_decision(fx, "v3", body, "");
		check_scenario(fx, &scenarios[i]);
		(void)snprintf(body, sizeof(body), "{" FULL ",\"vendor_data\":\"%s\"}", scenarios[i].slug);
		create_and_read_decision(fx, "v3", body, "");
		check_scenario(fx, &scenarios[i]);
		create_and_read_decision(fx, "v3", "{" FULL "}", scenarios[i].slug);
		check_scenario(fx, &scenarios[i]);
	}
	(void)scenario_catalogue(&n);
	assert_int_equal(n, array_len(scenarios) + 3); /* plus approve, decline and review */
}

static void create_request_can_preselect_the_scenario(void **state)
{
	struct sandbox_fixture *const fx = *state;

	/* sandbox_scenario takes precedence over a scenario in vendor_data. */
	create_and_read_decision(
		fx, "v3", "{" FULL ",\"vendor_data\":\"decline\",\"sandbox_scenario\":\"approve\"}", "");
	assert_true(str_eq(reply_text(fx, "status"), STR("Approved")));
}

static void values_match_the_scenario(void **state)
{
	static const struct {
		const char *slug, *path, *is_expected;
	} rows[] = {
		{ "decline_document_expired", "id_verifications.0.expiration_date", "\"2020-05-06\"" },
		{ "approve", "id_verifications.0.expiration_date", "\"2035-05-06\"" },
		{ "decline_minimum_age", "id_verifications.0.age", "11" },
		{ "decline_aml_hit", "aml_screenings.0.total_hits", "1" },
		{ "approve", "aml_screenings.0.total_hits", "0" },
		{ "decline_database_no_match", "database_validations.0.match_type", "\"no_match\"" },
		{ "decline_nfc_chip_not_verified", "nfc_verifications.0.authenticity.sod_integrity",
			"false" },
		{ "decline_liveness_attack", "liveness_checks.0.score", "12.5" },
		{ "review_face_match_borderline", "face_matches.0.score", "61.7" },
		{ "decline_face_match_low_similarity", "face_matches.0.score", "38.2" },
		{ "decline_face_blocklist", "liveness_checks.0.matches.0.is_blocklisted", "true" },
		{ "review_poa_partial_match", "poa_verifications.0.name_match_score_id_verification",
			"71.4" },
	};
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct json_writer w;
		struct buf buf;
		struct str value;

		create_and_read_decision(fx, "v3", "{" FULL "}", rows[i].slug);
		buf_init(&buf, &fx->arena);
		json_writer_init(&w, &buf);
		json_put_value(&w, reply_at(fx, rows[i].path));
		assert_int_equal(buf_done(&buf, &value), OK);
		if (!str_eq(value, str_of(rows[i].is_expected)))
			fail_msg("%s %s: %.*s", rows[i].slug, rows[i].path, STR_ARG(value));
	}
}

/* If a decision has no section for the scenario's feature, because the workflow lacks the feature, the
 * warning is in the document's section. */
static void warning_of_an_absent_section_appears_in_the_document_section(void **state)
{
	struct sandbox_fixture *const fx = *state;

	create_and_read_decision(fx, "v3", "{" WORKFLOW("01") "}", "decline_face_blocklist");
	assert_true(str_eq(json_text(reply_at(fx, "id_verifications.0.status")), STR("Declined")));
	assert_true(str_eq(
		json_text(reply_at(fx, "id_verifications.0.warnings.0.risk")), STR("FACE_IN_BLOCKLIST")));
	assert_int_equal(json_kind_of(json_get(fx->json, "liveness_checks")), JSON_KIND_NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(missing_key_gets_403_and_wrong_key_401),
		TEST(create_answers_as_documented),
		TEST(invalid_create_requests_are_rejected),
		TEST(size_limits_are_exact),
		TEST(unfinished_session_is_reused_for_same_vendor_and_workflow),
		TEST(session_is_not_reused_otherwise),
		TEST(session_link_contains_the_language),
		TEST(return_link_requires_a_callback),
		TEST(decisions_have_every_documented_field),
		TEST(decisions_have_no_empty_objects),
		TEST(decision_has_todays_members),
		TEST(decision_includes_events_on_request),
		TEST(decision_sections_follow_the_workflow),
		TEST(sections_that_have_not_run_are_null),
		TEST(every_scenario_has_its_documented_outcome),
		TEST(create_request_can_preselect_the_scenario),
		TEST(values_match_the_scenario),
		TEST(warning_of_an_absent_section_appears_in_the_document_section),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

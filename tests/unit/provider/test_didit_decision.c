#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "provider/response_keys.h"
#include "text/json_prune.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "decision_examples.h"
#include "provider/didit_decision.h"

static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_CALL_LIMIT);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

static void add_to_buf(void *arg, struct str bytes)
{
	buf_add(arg, bytes);
}

/* Reads the part of a response that didit_client keeps, for a response with this decision. */
static enum err read_json(struct str json, struct arena *a, struct decision *out)
{
	const struct json_value *document cleanup_with(json_cleanup) = NULL;
	struct json_prune prune;
	struct arena own;
	struct buf kept;
	struct str text;

	arena_init(&own, (size_t)1024 * 1024);
	buf_init(&kept, &own);
	json_prune_init(&prune, response_keys, response_keys_count, add_to_buf, &kept);
	json_prune_push(&prune, json);
	json_prune_end(&prune);
	assert_int_equal(buf_done(&kept, &text), OK);
	assert_int_equal(json_parse(text, true, &document), OK);
	arena_finish(&own);
	return decision_read(document, a, out);
}

static void only_the_nine_ip_fields_are_read(void **state)
{
	static const char *const expected[IP_FIELDS] = {
		[IP_ADDRESS] = "\"203.0.113.24\"",
		[IP_COUNTRY] = "\"Portugal\"",
		[IP_STATE] = "\"Lisbon\"",
		[IP_CITY] = "null",
		[IP_PLATFORM] = "\"mobile\"",
		[IP_BRAND] = "\"Sam\\\"sung\"",
		[IP_MODEL] = "null",
		[IP_VPN] = "false",
		[IP_DATA_CENTER] = "true",
	};
	struct decision d;

	(void)state;
	assert_int_equal(
		read_json(
			STR("{\"session_id\":\"a\",\"kyc\":{\"first_name\":\"Ana\"},\"location\":{\"device_brand\":\"Sam\\\"sung\","
			    "\"device_model\":null,\"platform\":\"mobile\",\"ip_country\":\"Portugal\",\"ip_country_code\":\"PT\","
			    "\"ip_state\":\"Lisbon\",\"latitude\":38.72,\"ip_address\":\"203.0.113.24\",\"is_vpn_or_tor\":false,"
			    "\"is_data_center\":true,\"document_location\":{\"latitude\":1}}}"),
			&arena, &d),
		OK);
	assert_int_equal(d.n_ips, 1);
	for (enum ip_field f = 0; f < IP_FIELDS; f++)
		assert_string_equal(d.ips[0].fields[f].p, expected[f]);
	assert_int_equal(d.n_warnings, 0);
	assert_false(d.blocklisted);
}

static const struct {
	const char *name;
	struct str json;
} without_address[] = {
	{ "no location", STR_INIT("{}") },
	{ "location is null", STR_INIT("{\"location\":null}") },
	{ "no address", STR_INIT("{\"location\":{\"ip_country\":\"Portugal\"}}") },
	{ "null address", STR_INIT("{\"location\":{\"ip_address\":null}}") },
	{ "empty address", STR_INIT("{\"location\":{\"ip_address\":\"\"}}") },
	{ "address is a number", STR_INIT("{\"location\":{\"ip_address\":5}}") },
	{ "location is a list", STR_INIT("{\"location\":[{\"ip_address\":\"203.0.113.24\"}]}") },
	{ "location is a text", STR_INIT("{\"location\":\"203.0.113.24\"}") },
	{ "decision is not an object", STR_INIT("[]") },
};

static void analysis_without_ip_address_is_ignored(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(without_address); i++) {
		struct decision d = { .n_ips = 7 };

		if (read_json(without_address[i].json, &arena, &d) != OK || d.n_ips != 0)
			fail_msg("%s: an analysis was stored", without_address[i].name);
	}
}

static void too_long_or_mistyped_value_becomes_null(void **state)
{
	struct decision d;
	struct buf text;
	struct str json;

	(void)state;
	buf_init(&text, &arena);
	buf_add(&text,
		STR("{\"location\":{\"ip_address\":\"::1\",\"ip_country\":{},\"ip_state\":[1],\"platform\":7,"
		    "\"is_vpn_or_tor\":\"yes\",\"is_data_center\":true,\"ip_city\":\""));
	for (int i = 0; i < 257; i++)
		buf_char(&text, 'x');
	buf_add(&text, STR("\"}}"));
	assert_int_equal(buf_done(&text, &json), OK);
	assert_int_equal(read_json(json, &arena, &d), OK);
	assert_string_equal(d.ips[0].fields[IP_COUNTRY].p, "null");
	assert_string_equal(d.ips[0].fields[IP_STATE].p, "null");
	assert_string_equal(d.ips[0].fields[IP_CITY].p, "null");
	assert_string_equal(d.ips[0].fields[IP_PLATFORM].p, "null");
	assert_string_equal(d.ips[0].fields[IP_VPN].p, "null");
	assert_string_equal(d.ips[0].fields[IP_DATA_CENTER].p, "true");
}

static const struct {
	const char *feature, *risk;
	bool blocklisted;
} warnings[] = {
	{ "KYC", "ID_DOCUMENT_IN_BLOCKLIST", true },
	{ "KYC", "FRONT_CAMERA_FACE_IN_BLOCKLIST", true },
	{ "kyc", "ID_DOCUMENT_IN_BLOCKLIST", true },
	{ "KYC", "id_document_in_blocklist", true },
	{ "FACE", "FACE_IN_BLOCKLIST", true },
	{ "FACE", "Face_In_Blocklist", true },
	{ "Face", "POSSIBLE_FACE_IN_BLOCKLIST", true },
	{ "ID_VERIFICATION", "ID_DOCUMENT_IN_BLOCKLIST", true },
	{ "LIVENESS", "FACE_IN_BLOCKLIST", true },
	{ "LOCATION", "IP_ADDRESS_IN_BLOCKLIST", false },
	{ "LOCATION", "DEVICE_FINGERPRINT_IN_BLOCKLIST", false },
	{ "PHONE", "PHONE_NUMBER_IN_BLOCKLIST", false },
	{ "EMAIL", "EMAIL_IN_BLOCKLIST", false },
	{ "AML", "POSSIBLE_MATCH_FOUND", false },
	{ "KYC", "DOCUMENT_EXPIRED", false },
	{ "KYC", "ID_DOCUMENT_IN_BLOCKLIST_NOT", false },
	{ "KYCX", "ID_DOCUMENT_IN_BLOCKLIST", false },
	{ "", "ID_DOCUMENT_IN_BLOCKLIST", false },
};

static void v1_document_and_face_warnings_set_blocklisted(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(warnings); i++) {
		struct decision d;
		const struct str json = arena_printf(&arena,
			"{\"warnings\":[{\"feature\":\"%s\",\"risk\":\"%s\",\"additional_data\":{\"a\":1}}]}",
			warnings[i].feature, warnings[i].risk);

		assert_int_equal(read_json(json, &arena, &d), OK);
		if (d.blocklisted != warnings[i].blocklisted)
			fail_msg("wrong result for %s %s", warnings[i].feature, warnings[i].risk);
		assert_int_equal(d.n_warnings, 1);
		assert_string_equal(d.warnings[0].feature.p, warnings[i].feature);
		assert_string_equal(d.warnings[0].risk.p, warnings[i].risk);
	}
}

static void blocklist_warning_counts_beyond_the_stored_warnings(void **state)
{
	struct decision d;
	struct buf text;
	struct str json;

	(void)state;
	buf_init(&text, &arena);
	buf_add(&text, STR("{\"warnings\":[17,null,\"x\",{},{\"feature\":\"KYC\"},{\"risk\":5}"));
	for (int i = 0; i < DECISION_WARNINGS; i++)
		buf_add(&text, STR(",{\"feature\":\"AML\",\"risk\":\"POSSIBLE_MATCH_FOUND\"}"));
	buf_add(&text, STR(",{\"feature\":\"FACE\",\"risk\":\"FACE_IN_BLOCKLIST\"}]}"));
	assert_int_equal(buf_done(&text, &json), OK);
	assert_int_equal(read_json(json, &arena, &d), OK);
	assert_int_equal(d.n_warnings, DECISION_WARNINGS);
	assert_true(d.blocklisted);
}

static void read_c_string(const char *json, struct decision *d)
{
	assert_int_equal(read_json(str_of(json), &arena, d), OK);
}

static void documented_examples_of_all_versions_are_read(void **state)
{
	static const struct {
		const char *json;
		const char *fields[IP_FIELDS];
		const char *feature, *risk;
		bool blocklisted;
	} rows[] = {
		{ decision_example_v1,
			{ "\"203.0.113.24\"", "\"Portugal\"", "\"Lisbon\"", "\"Lisbon\"", "\"mobile\"",
				"\"Samsung\"", "\"Galaxy S23\"", "false", "false" },
			"AML", "POSSIBLE_MATCH_FOUND", false },
		{ decision_example_v2,
			{ "\"203.0.113.24\"", "\"Portugal\"", "\"Lisbon\"", "\"Lisbon\"", "\"desktop\"",
				"null", "null", "false", "false" },
			NULL, NULL, false },
		{ decision_example_v3,
			{ "\"203.0.113.24\"", "\"Portugal\"", "\"Lisbon\"", "\"Lisbon\"", "\"mobile\"",
				"\"Samsung\"", "\"Galaxy S23\"", "false", "false" },
			"LIVENESS", "FACE_IN_BLOCKLIST", true },
	};
	struct decision d;

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		read_c_string(rows[i].json, &d);
		assert_int_equal(d.n_ips, 1);
		for (enum ip_field f = 0; f < IP_FIELDS; f++)
			assert_string_equal(d.ips[0].fields[f].p, rows[i].fields[f]);
		assert_int_equal(d.n_warnings, rows[i].risk != NULL ? 1 : 0);
		if (rows[i].risk != NULL) {
			assert_string_equal(d.warnings[0].feature.p, rows[i].feature);
			assert_string_equal(d.warnings[0].risk.p, rows[i].risk);
		}
		assert_int_equal(d.blocklisted, rows[i].blocklisted);
	}
}

/* In v2 and v3 a warning belongs to the feature whose object contains it, whatever the warning's own
 * `feature` is. */
static void v2_and_v3_document_and_liveness_warnings_set_blocklisted(void **state)
{
	static const struct {
		const char *list, *object, *feature;
		bool blocks;
	} rows[] = {
		{ "id_verifications", "id_verification", "ID_VERIFICATION", true },
		{ "nfc_verifications", "nfc", "NFC", false },
		{ "liveness_checks", "liveness", "LIVENESS", true },
		{ "face_matches", "face_match", "FACE_MATCH", false },
		{ "poa_verifications", "poa", "POA", false },
		{ "phone_verifications", "phone", "PHONE", false },
		{ "email_verifications", "email", "EMAIL_VERIFICATION", false },
		{ "aml_screenings", "aml", "AML", false },
		{ "ip_analyses", "ip_analysis", "LOCATION", false },
		{ "database_validations", "database_validation", "DATABASE_VALIDATION", false },
		{ "questionnaire_responses", "questionnaire", "QUESTIONNAIRE", false },
	};
	static const char *const feature_keys[] = { "", "\"feature\":\"KYC\",", "\"feature\":\"LOCATION\"," };

	(void)state;
	for (size_t i = 0; i < array_len(rows) * 2 * array_len(feature_keys); i++) {
		const size_t row = i / 2 / array_len(feature_keys), key = i % array_len(feature_keys);
		const bool is_v3 = i / array_len(feature_keys) % 2 == 0;
		struct decision d;

		read_c_string(
			arena_printf(&arena, "{\"%s\":%s{\"warnings\":[{%s\"risk\":\"X_IN_BLOCKLIST\"}]}%s}",
				is_v3 ? rows[row].list : rows[row].object, is_v3 ? "[{}," : "",
				feature_keys[key], is_v3 ? "]" : "")
				.p,
			&d);
		if (d.blocklisted != rows[row].blocks || d.n_warnings != 1)
			fail_msg("wrong result for %s, %s", rows[row].list, feature_keys[key]);
		if (key == 0)
			assert_string_equal(d.warnings[0].feature.p, rows[row].feature);
	}
}

static void first_analysis_of_each_ip_address_counts(void **state)
{
	struct decision d;

	(void)state;
	read_c_string(
		"{\"ip_analyses\":[{\"ip_address\":\"203.0.113.1\",\"platform\":\"mobile\"},null,7,"
		"{\"ip_address\":\"203.0.113.2\",\"is_vpn_or_tor\":true},{\"ip_address\":null,\"platform\":\"x\"},"
		"{\"ip_address\":\"203.0.113.1\",\"platform\":\"desktop\"},"
		"{\"ip_address\":\"203.0.113.3\"}]}",
		&d);
	assert_int_equal(d.n_ips, 3);
	assert_string_equal(d.ips[0].fields[IP_PLATFORM].p, "\"mobile\"");
	assert_string_equal(d.ips[1].fields[IP_VPN].p, "true");
	assert_string_equal(d.ips[1].fields[IP_PLATFORM].p, "null");
	assert_string_equal(d.ips[2].fields[IP_ADDRESS].p, "\"203.0.113.3\"");
}

static void at_most_decision_ips_addresses_are_stored(void **state)
{
	static const size_t given[] = { DECISION_IPS - 1, DECISION_IPS, DECISION_IPS + 1 };

	(void)state;
	for (size_t i = 0; i < array_len(given); i++) {
		struct decision d;
		struct buf text;
		struct str json;

		buf_init(&text, &arena);
		buf_add(&text, STR("{\"ip_analyses\":[{}"));
		for (size_t n = 0; n < given[i]; n++)
			buf_printf(&text, ",{\"ip_address\":\"203.0.113.%zu\"}", n);
		buf_add(&text, STR("]}"));
		assert_int_equal(buf_done(&text, &json), OK);
		assert_int_equal(read_json(json, &arena, &d), OK);
		assert_int_equal(d.n_ips, given[i] < DECISION_IPS ? given[i] : DECISION_IPS);
	}
}

static void the_result_of_each_check_is_read(void **state)
{
	static const struct {
		const char *name;
		struct str json;
		const char *results; /* "FEATURE=status" for each, separated by commas */
	} rows[] = {
		{ "v3",
			STR_INIT(
				"{\"features\":[\"ID_VERIFICATION\",\"LIVENESS\",\"AML\",\"IP_ANALYSIS\"],"
				"\"id_verifications\":[{\"status\":\"Approved\"}],\"liveness_checks\":[{\"status\":\"Declined\"}],"
				"\"aml_screenings\":null,\"ip_analyses\":[{\"status\":\"In Review\"}]}"),
			"ID_VERIFICATION=Approved,LIVENESS=Declined,IP_ANALYSIS=In Review,AML=," },
		{ "v3, a check twice",
			STR_INIT(
				"{\"liveness_checks\":[{\"status\":\"Declined\"},{\"status\":\"Approved\"}]}"),
			"LIVENESS=Declined,LIVENESS=Approved," },
		{ "v2",
			STR_INIT(
				"{\"features\":[\"NFC\",\"PHONE\"],\"nfc\":{\"status\":\"Approved\"},\"phone\":null}"),
			"NFC=Approved,PHONE=," },
		{ "v1",
			STR_INIT(
				"{\"features\":\"OCR + FACE + AML\",\"kyc\":{\"status\":\"Approved\"},\"face\":{\"status\":\"Declined\"},"
				"\"aml\":{\"status\":\"In Review\"},\"location\":{\"status\":\"Approved\"}}"),
			"KYC=Approved,FACE=Declined,LOCATION=Approved,AML=In Review," },
		{ "other types",
			STR_INIT(
				"{\"features\":[1,null,\"\"],\"nfc\":{\"status\":5},\"kyc\":[],\"face\":\"x\"}"),
			"" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct decision d;
		struct buf text;
		struct str results;

		print_message("# %s\n", rows[i].name);
		assert_int_equal(read_json(rows[i].json, &arena, &d), OK);
		buf_init(&text, &arena);
		for (size_t r = 0; r < d.n_results; r++)
			buf_printf(&text, "%.*s=%.*s,", STR_ARG(d.results[r].feature),
				STR_ARG(d.results[r].status));
		assert_int_equal(buf_done(&text, &results), OK);
		assert_string_equal(results.n > 0 ? results.p : "", rows[i].results);
	}
}

static void at_most_decision_results_are_stored(void **state)
{
	struct decision d;
	struct buf text;
	struct str json;

	(void)state;
	buf_init(&text, &arena);
	buf_add(&text, STR("{\"features\":[\"X0\""));
	for (int n = 1; n <= DECISION_RESULTS; n++)
		buf_printf(&text, ",\"X%d\"", n);
	buf_add(&text, STR("]}"));
	assert_int_equal(buf_done(&text, &json), OK);
	assert_int_equal(read_json(json, &arena, &d), OK);
	assert_int_equal(d.n_results, DECISION_RESULTS);
}

static void full_arena_is_an_input_error(void **state)
{
	struct decision d = { .n_ips = 7 };
	struct arena small;

	(void)state;
	arena_init(&small, 16);
	assert_int_equal(
		read_json(
			STR("{\"warnings\":[{\"feature\":\"KYC\",\"risk\":\"DOCUMENT_EXPIRED_LONG_AGO\"}]}"),
			&small, &d),
		ERR_INPUT);
	assert_int_equal(
		read_json(STR("{\"location\":{\"ip_address\":\"203.0.113.24\"}}"), &small, &d), ERR_INPUT);
	assert_int_equal(d.n_ips, 7);
	arena_finish(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_the_nine_ip_fields_are_read),
		TEST(analysis_without_ip_address_is_ignored),
		TEST(too_long_or_mistyped_value_becomes_null),
		TEST(v1_document_and_face_warnings_set_blocklisted),
		TEST(blocklist_warning_counts_beyond_the_stored_warnings),
		TEST(documented_examples_of_all_versions_are_read),
		TEST(v2_and_v3_document_and_liveness_warnings_set_blocklisted),
		TEST(first_analysis_of_each_ip_address_counts),
		TEST(at_most_decision_ips_addresses_are_stored),
		TEST(the_result_of_each_check_is_read),
		TEST(at_most_decision_results_are_stored),
		TEST(full_arena_is_an_input_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

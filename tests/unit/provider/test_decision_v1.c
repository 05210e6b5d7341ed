#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "provider/decision_v1.h"

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

static enum err read(struct str json, struct arena *a, struct decision *out)
{
	const struct js *document cleanup(js_cleanup) = NULL;

	assert_int_equal(js_open(json, true, &document), OK);
	return decision_v1_read(document, a, out);
}

static void the_nine_fields_are_kept_and_nothing_else(void **state)
{
	static const char *const wanted[IP_FIELDS] = {
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
		read(STR("{\"session_id\":\"a\",\"kyc\":{\"first_name\":\"Ana\"},\"location\":{\"device_brand\":\"Sam\\\"sung\","
			 "\"device_model\":null,\"platform\":\"mobile\",\"ip_country\":\"Portugal\",\"ip_country_code\":\"PT\","
			 "\"ip_state\":\"Lisbon\",\"latitude\":38.72,\"ip_address\":\"203.0.113.24\",\"is_vpn_or_tor\":false,"
			 "\"is_data_center\":true,\"document_location\":{\"latitude\":1}}}"),
			&arena, &d),
		OK);
	assert_int_equal(d.n_ips, 1);
	for (enum ip_field f = 0; f < IP_FIELDS; f++)
		assert_string_equal(d.ips[0].fields[f].p, wanted[f]);
	assert_int_equal(d.n_warnings, 0);
	assert_false(d.blocklisted);
}

static const struct {
	const char *name;
	struct str json;
} without_address[] = {
	{ "no location", STR_INIT("{}") },
	{ "null", STR_INIT("{\"location\":null}") },
	{ "no address", STR_INIT("{\"location\":{\"ip_country\":\"Portugal\"}}") },
	{ "null address", STR_INIT("{\"location\":{\"ip_address\":null}}") },
	{ "empty address", STR_INIT("{\"location\":{\"ip_address\":\"\"}}") },
	{ "address is a number", STR_INIT("{\"location\":{\"ip_address\":5}}") },
	{ "a list", STR_INIT("{\"location\":[{\"ip_address\":\"203.0.113.24\"}]}") },
	{ "a text", STR_INIT("{\"location\":\"203.0.113.24\"}") },
	{ "not even an object", STR_INIT("[]") },
};

static void without_an_address_there_is_no_item(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(without_address); i++) {
		struct decision d = { .n_ips = 7 };

		if (read(without_address[i].json, &arena, &d) != OK || d.n_ips != 0)
			fail_msg("%s", without_address[i].name);
	}
}

static void what_is_too_long_or_of_another_kind_is_null(void **state)
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
	assert_int_equal(read(json, &arena, &d), OK);
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
} signs[] = {
	{ "KYC", "ID_DOCUMENT_IN_BLOCKLIST", true },
	{ "KYC", "FRONT_CAMERA_FACE_IN_BLOCKLIST", true },
	{ "kyc", "ID_DOCUMENT_IN_BLOCKLIST", true },
	{ "FACE", "FACE_IN_BLOCKLIST", true },
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

static void documents_and_faces_make_the_sign(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(signs); i++) {
		struct decision d;
		const struct str json = arena_printf(&arena,
			"{\"warnings\":[{\"feature\":\"%s\",\"risk\":\"%s\",\"additional_data\":{\"a\":1}}]}",
			signs[i].feature, signs[i].risk);

		assert_int_equal(read(json, &arena, &d), OK);
		if (d.blocklisted != signs[i].blocklisted)
			fail_msg("%s %s", signs[i].feature, signs[i].risk);
		assert_int_equal(d.n_warnings, 1);
		assert_string_equal(d.warnings[0].feature.p, signs[i].feature);
		assert_string_equal(d.warnings[0].risk.p, signs[i].risk);
	}
}

static void the_sign_is_seen_beyond_what_is_kept(void **state)
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
	assert_int_equal(read(json, &arena, &d), OK);
	assert_int_equal(d.n_warnings, DECISION_WARNINGS);
	assert_true(d.blocklisted);
}

static void a_full_arena_is_told(void **state)
{
	struct decision d = { .n_ips = 7 };
	struct arena small;

	(void)state;
	arena_init(&small, 16);
	assert_int_equal(
		read(STR("{\"warnings\":[{\"feature\":\"KYC\",\"risk\":\"DOCUMENT_EXPIRED_LONG_AGO\"}]}"),
			&small, &d),
		ERR_INPUT);
	assert_int_equal(
		read(STR("{\"location\":{\"ip_address\":\"203.0.113.24\"}}"), &small, &d), ERR_INPUT);
	assert_int_equal(d.n_ips, 7);
	arena_finish(&small);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_nine_fields_are_kept_and_nothing_else),
		TEST(without_an_address_there_is_no_item),
		TEST(what_is_too_long_or_of_another_kind_is_null),
		TEST(documents_and_faces_make_the_sign),
		TEST(the_sign_is_seen_beyond_what_is_kept),
		TEST(a_full_arena_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

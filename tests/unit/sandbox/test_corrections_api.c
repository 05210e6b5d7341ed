#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define BARE "{\"workflow_id\":\"00000000-0000-4000-8000-000000000001\"}"
#define DAY 86400000

static void create_finished_session(
	struct sandbox_fixture *fx, const char *workflow, const char *scenario, struct session_ref *session)
{
	char body[96];

	fixture_create_v3(fx, workflow, session);
	(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
	assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session->token, "/submit"),
				 JSON_HEADER, body),
		200);
}

static int patch_session(
	struct sandbox_fixture *fx, const struct session_ref *session, const char *call, const char *body)
{
	return fixture_call_with_key(fx, "PATCH", make_path("/v3/session/", session->id, call), body);
}

static void read_decision(struct sandbox_fixture *fx, const struct session_ref *session, const char *version)
{
	char prefix[32];

	(void)snprintf(prefix, sizeof(prefix), "/%s/session/", version);
	if (strcmp(version, "v1") == 0)
		assert_int_equal(
			fixture_call_v1(fx, "GET", make_path(prefix, session->id, "/decision/"), NULL), 200);
	else
		assert_int_equal(
			fixture_call_with_key(fx, "GET", make_path(prefix, session->id, "/decision/"), NULL),
			200);
}

static void assert_text_at(struct sandbox_fixture *fx, const char *path, const char *text)
{
	if (!str_eq(json_text(reply_at(fx, path)), str_of(text)))
		fail_msg("%s: %.*s, not %s", path, STR_ARG(json_text(reply_at(fx, path))), text);
}

static void assert_status(struct sandbox_fixture *fx, const struct session_ref *session, const char *status)
{
	read_decision(fx, session, "v3");
	assert_text_at(fx, "status", status);
}

static void invalid_corrections_are_rejected(void **state)
{
	static const struct {
		const char *call, *body;
		int status;
	} rows[] = {
		{ "/update-data/", "{\"first_name\":\"Eva\"}", 200 },
		{ "/update-data/", "{\"first_name\":null,\"last_name\":\"Muster\"}", 200 },
		{ "/update-data/", "{}", 400 },
		{ "/update-data/", "{\"first_name\":null}", 400 },
		{ "/update-data/", "{\"shoe_size\":\"42\"}", 400 },
		{ "/update-data/", "{\"poa_address\":\"Rua Dois 2\"}", 400 },
		{ "/update-data/", "{\"first_name\":\"\"}", 400 },
		{ "/update-data/", "{\"first_name\":7}", 400 },
		{ "/update-data/", "{\"expiration_date\":\"2031-02-30\"}", 400 },
		{ "/update-data/", "{\"expiration_date\":\"31.12.2031\"}", 400 },
		{ "/update-data/", "{\"nationality\":\"PT\"}", 400 },
		{ "/update-data/", "{\"gender\":\"?\"}", 400 },
		{ "/update-data/", "{\"marital_status\":\"HAPPY\"}", 400 },
		{ "/update-data/", "{\"marital_status\":\"MARRIED\",\"document_type\":\"Passport\"}", 200 },
		{ "/update-data/", "{\"document_type\":\"Library Card\"}", 400 },
		{ "/update-data/", "[]", 400 },
		{ "/update-data/", "{", 400 },
		{ "/update-poa-data/", "{\"poa_address\":\"Rua Dois 2\"}", 200 },
		{ "/update-poa-data/", "{\"first_name\":\"Eva\"}", 400 },
		{ "/update-poa-data/", "{\"issue_date\":\"today\"}", 400 },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, FULL, "approve", &session);
	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = patch_session(fx, &session, rows[i].call, rows[i].body);

		fx->clock.wall += 60000; /* the limit is ten a minute */
		if (status != rows[i].status ||
			(status == 200 && !str_eq(reply_text(fx, "session_id"), str_of(session.id))))
			fail_msg("%s: %d %.*s", rows[i].body, status, STR_ARG(fx->reply.body));
	}
}

static void document_type_is_a_code_or_a_name(void **state)
{
	static const struct {
		const char *given, *shown;
	} rows[] = {
		{ "P", "Passport" },
		{ "ID", "Identity Card" },
		{ "DL", "Driver's License" },
		{ "RP", "Residence Permit" },
		{ "SSC", "Social Security Card" },
		{ "HIC", "Health Insurance Card" },
		{ "TC", "TC" },
		{ "WP", "WP" },
		{ "VISA", "VISA" },
		{ "PSC", "PSC" },
		{ "BC", "BC" },
		{ "OTHER", "OTHER" },
		{ "Passport", "Passport" },
		{ "Driver's License", "Driver's License" },
		{ "Identity Card", "Identity Card" },
		{ "Residence Permit", "Residence Permit" },
		{ "p", NULL },
		{ "", NULL },
		{ "XX", NULL },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char body[64];

	create_finished_session(fx, FULL, "approve", &session);
	for (size_t i = 0; i < array_len(rows); i++) {
		fx->clock.wall += 60000; /* the limit is ten a minute */
		(void)snprintf(body, sizeof(body), "{\"document_type\":\"%s\"}", rows[i].given);
		if (patch_session(fx, &session, "/update-data/", body) != (rows[i].shown ? 200 : 400))
			fail_msg("%s: %d", body, fx->reply.status);
		if (!rows[i].shown)
			continue;
		read_decision(fx, &session, "v3");
		assert_text_at(fx, "id_verifications.0.document_type", rows[i].shown);
	}
}

static void only_sections_that_ran_can_be_corrected(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	fixture_create_v3(fx, FULL, &session);
	assert_int_equal(patch_session(fx, &session, "/update-data/", "{\"first_name\":\"Eva\"}"), 400);
	create_finished_session(fx, BARE, "approve", &session);
	assert_int_equal(patch_session(fx, &session, "/update-poa-data/", "{\"issuer\":\"Eva\"}"), 400);
	assert_int_equal(patch_session(fx, &session, "/update-data/", "{\"first_name\":\"Eva\"}"), 200);
	(void)snprintf(session.id, sizeof(session.id), "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b");
	assert_int_equal(patch_session(fx, &session, "/update-data/", "{\"first_name\":\"Eva\"}"), 404);
}

static void corrections_appear_in_every_section_and_version(void **state)
{
	static const struct {
		const char *version, *path, *text;
	} rows[] = {
		{ "v3", "id_verifications.0.first_name", "Eva" },
		{ "v3", "id_verifications.0.full_name", "Eva O'\"Neil" },
		{ "v3", "id_verifications.0.expiration_date", "2040-01-31" },
		{ "v3", "id_verifications.0.date_of_issue", "2015-05-07" },
		{ "v3", "id_verifications.0.issuing_state", "FRA" },
		{ "v3", "id_verifications.0.issuing_state_name", "FRA" },
		{ "v3", "id_verifications.0.extra_fields.first_surname", "O'\"Neil" },
		{ "v3", "aml_screenings.0.screened_data.full_name", "Eva O'\"Neil" },
		{ "v3", "poa_verifications.0.issuer", "Light & Power" },
		{ "v3", "poa_verifications.0.poa_address", "Rua Dois 2" },
		{ "v3", "poa_verifications.0.name_on_document", "Eva O'\"Neil" },
		{ "v2", "id_verification.last_name", "O'\"Neil" },
		{ "v2", "poa.issuer", "Light & Power" },
		{ "v1", "kyc.full_name", "Eva O'\"Neil" },
		{ "v1", "kyc.expiration_date", "2040-01-31" },
	};
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	int64_t n = 0;

	fixture_get_token(fx);
	create_finished_session(fx, FULL, "approve", &session);
	assert_int_equal(patch_session(fx, &session, "/update-data/",
				 "{\"first_name\":\"Old\",\"issuing_state\":\"FRA\"}"),
		200);
	assert_int_equal(patch_session(fx, &session, "/update-poa-data/",
				 "{\"issuer\":\"Light & Power\",\"poa_address\":\"Rua Dois 2\"}"),
		200);
	assert_int_equal(
		patch_session(fx, &session, "/update-data/",
			"{\"first_name\":\"Eva\",\"last_name\":\"O'\\\"Neil\",\"expiration_date\":\"2040-01-31\",\"date_of_birth\":\"2000-01-02\"}"),
		200);
	for (size_t i = 0; i < array_len(rows); i++) {
		read_decision(fx, &session, rows[i].version);
		assert_text_at(fx, rows[i].path, rows[i].text);
	}
	read_decision(fx, &session, "v3");
	assert_true(json_int(reply_at(fx, "id_verifications.0.age"), &n) && n == 25);
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/?search=eva&country=fra", NULL), 200);
	assert_true(json_int(json_get(fx->json, "count"), &n) && n == 1);
	assert_text_at(fx, "results.0.full_name", "Eva O'\"Neil");
	assert_text_at(fx, "results.0.country", "FRA");
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/?search=exemplo", NULL), 200);
	assert_true(json_int(json_get(fx->json, "count"), &n) && n == 0);
}

/* The fake clock starts at 2026-01-01T00:00:00Z. */
static void approval_expires_with_the_document(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, FULL, "approve", &session);
	assert_int_equal(
		patch_session(fx, &session, "/update-data/", "{\"expiration_date\":\"2026-01-02\"}"), 200);
	fx->clock.wall += 2 * DAY - 1;
	assert_status(fx, &session, "Approved");
	fx->clock.wall += 1;
	/* The list shows the new status even before the session itself was read. */
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/?status=Kyc%20Expired", NULL), 200);
	assert_text_at(fx, "results.0.session_id", session.id);
	assert_status(fx, &session, "Kyc Expired");

	/* If the corrected expiration date is in the past, the approval ends at once. A later correction of
	 * the date does not restore the approval. */
	create_finished_session(fx, FULL, "approve", &session);
	assert_int_equal(
		patch_session(fx, &session, "/update-data/", "{\"expiration_date\":\"2026-01-02\"}"), 200);
	assert_status(fx, &session, "Kyc Expired");
	assert_int_equal(
		patch_session(fx, &session, "/update-data/", "{\"expiration_date\":\"2046-01-02\"}"), 200);
	assert_status(fx, &session, "Kyc Expired");
	assert_int_equal(fixture_call_with_key(
				 fx, "GET", make_path("/v3/session/", session.id, "/generate-pdf/"), NULL),
		200);
	assert_int_equal(fixture_call(fx, "GET", make_path("/session/", session.token, ""), NULL, NULL), 200);
	assert_int_equal(
		fixture_call_with_key(fx, "PATCH", make_path("/v3/session/", session.id, "/update-status/"),
			"{\"new_status\":\"Approved\"}"),
		200);
	assert_status(fx, &session, "Approved");
}

static void manual_approval_overrides_expiry_until_the_next_correction(void **state)
{
	static const char *const approve = "{\"new_status\":\"Approved\"}";
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, FULL, "decline_document_expired", &session);
	assert_int_equal(
		patch_session(fx, &session, "/update-data/", "{\"expiration_date\":\"1969-12-31\"}"), 200);
	assert_status(fx, &session, "Declined");
	assert_int_equal(fixture_call_with_key(fx, "PATCH",
				 make_path("/v3/session/", session.id, "/update-status/"), approve),
		200);
	fx->clock.wall += DAY;
	assert_status(fx, &session, "Approved");
	assert_int_equal(
		patch_session(fx, &session, "/update-data/", "{\"expiration_date\":\"1969-12-31\"}"), 200);
	assert_status(fx, &session, "Kyc Expired");
}

static void fake_documents_expire_too(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, BARE, "approve", &session);
	fx->clock.wall = 2093644799999; /* 2036-05-05; the fake document is valid until 2035-05-06 */
	assert_status(fx, &session, "Kyc Expired");
	create_finished_session(fx, BARE, "approve", &session);
	fx->clock.wall += DAY;
	assert_status(fx, &session, "Approved");
}

static void ten_corrections_a_minute_are_allowed(void **state)
{
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;

	create_finished_session(fx, FULL, "approve", &session);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
			patch_session(fx, &session, i & 1 ? "/update-data/" : "/update-poa-data/", "{}"),
			400);
	assert_int_equal(patch_session(fx, &session, "/update-data/", "{\"first_name\":\"Eva\"}"), 429);
	assert_true(str_eq(reply_header_value(fx, "X-RateLimit-Limit"), STR("10")));
	fx->clock.wall += 59999;
	assert_int_equal(patch_session(fx, &session, "/update-data/", "{\"first_name\":\"Eva\"}"), 429);
	fx->clock.wall += 1;
	assert_int_equal(patch_session(fx, &session, "/update-data/", "{\"first_name\":\"Eva\"}"), 200);
}

static void total_size_of_corrections_is_limited(void **state)
{
	static const char *const fields[] = { "document_number", "personal_number", "first_name", "last_name",
		"address", "place_of_birth" };
	struct sandbox_fixture *const fx = *state;
	struct session_ref session;
	char text[1024 + 1] = "", body[1200];
	int refused = 0;

	/* The longest value that is allowed has 255 characters of four bytes each. */
	for (size_t i = 0; i < 255; i++)
		memcpy(text + 4 * i, "\xF0\x9F\x98\x80", 5);
	create_finished_session(fx, FULL, "approve", &session);
	for (size_t i = 0; i < array_len(fields); i++) {
		(void)snprintf(body, sizeof(body), "{\"%s\":\"%s\"}", fields[i], text);
		refused += patch_session(fx, &session, "/update-data/", body) == 400;
	}
	assert_in_range(refused, 1, 3);
	read_decision(fx, &session, "v3");
	assert_text_at(fx, "id_verifications.0.document_number", text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(invalid_corrections_are_rejected),
		TEST(document_type_is_a_code_or_a_name),
		TEST(only_sections_that_ran_can_be_corrected),
		TEST(corrections_appear_in_every_section_and_version),
		TEST(approval_expires_with_the_document),
		TEST(manual_approval_overrides_expiry_until_the_next_correction),
		TEST(fake_documents_expire_too),
		TEST(ten_corrections_a_minute_are_allowed),
		TEST(total_size_of_corrections_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

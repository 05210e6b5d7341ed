#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define FULL "{\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\"}"
#define BARE "{\"workflow_id\":\"00000000-0000-4000-8000-000000000001\"}"
#define DAY 86400000

static int setup(void **state)
{
	static struct box box;

	box_open(&box, 0);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	return 0;
}

static void finish(struct box *box, const char *workflow, const char *scenario, struct made_session *made)
{
	char body[96];

	box_create_v3(box, workflow, made);
	(void)snprintf(body, sizeof(body), "{\"scenario\":\"%s\"}", scenario);
	assert_int_equal(
		box_call(box, "POST", box_path("/session/", made->token, "/submit"), &BOX_JSON[1], body),
		200);
}

static int correct(struct box *box, const struct made_session *made, const char *call, const char *body)
{
	return box_key(box, "PATCH", box_path("/v3/session/", made->id, call), body);
}

static void read_decision(struct box *box, const struct made_session *made, const char *version)
{
	char head[32];

	(void)snprintf(head, sizeof(head), "/%s/session/", version);
	if (strcmp(version, "v1") == 0)
		assert_int_equal(box_api(box, "GET", box_path(head, made->id, "/decision/"), NULL), 200);
	else
		assert_int_equal(box_key(box, "GET", box_path(head, made->id, "/decision/"), NULL), 200);
}

static void expect_text(struct box *box, const char *path, const char *text)
{
	if (!str_eq(json_text(box_at(box, path)), str_of(text)))
		fail_msg("%s: %.*s, not %s", path, STR_ARG(json_text(box_at(box, path))), text);
}

static void expect_status(struct box *box, const struct made_session *made, const char *status)
{
	read_decision(box, made, "v3");
	expect_text(box, "status", status);
}

static void bodies_are_checked(void **state)
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
	struct box *const box = *state;
	struct made_session made;

	finish(box, FULL, "approve", &made);
	for (size_t i = 0; i < array_len(rows); i++) {
		const int status = correct(box, &made, rows[i].call, rows[i].body);

		box->clock.wall += 60000; /* ten a minute */
		if (status != rows[i].status ||
			(status == 200 && !str_eq(box_text(box, "session_id"), str_of(made.id))))
			fail_msg("%s: %d %.*s", rows[i].body, status, STR_ARG(box->reply.body));
	}
}

static void only_what_has_run_can_be_corrected(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	box_create_v3(box, FULL, &made);
	assert_int_equal(correct(box, &made, "/update-data/", "{\"first_name\":\"Eva\"}"), 400);
	finish(box, BARE, "approve", &made);
	assert_int_equal(correct(box, &made, "/update-poa-data/", "{\"issuer\":\"Eva\"}"), 400);
	assert_int_equal(correct(box, &made, "/update-data/", "{\"first_name\":\"Eva\"}"), 200);
	(void)snprintf(made.id, sizeof(made.id), "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b");
	assert_int_equal(correct(box, &made, "/update-data/", "{\"first_name\":\"Eva\"}"), 404);
}

static void it_stands_wherever_it_is_told(void **state)
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
	struct box *const box = *state;
	struct made_session made;
	int64_t n = 0;

	box_login(box);
	finish(box, FULL, "approve", &made);
	assert_int_equal(
		correct(box, &made, "/update-data/", "{\"first_name\":\"Old\",\"issuing_state\":\"FRA\"}"),
		200);
	assert_int_equal(correct(box, &made, "/update-poa-data/",
				 "{\"issuer\":\"Light & Power\",\"poa_address\":\"Rua Dois 2\"}"),
		200);
	assert_int_equal(
		correct(box, &made, "/update-data/",
			"{\"first_name\":\"Eva\",\"last_name\":\"O'\\\"Neil\",\"expiration_date\":\"2040-01-31\",\"date_of_birth\":\"2000-01-02\"}"),
		200);
	for (size_t i = 0; i < array_len(rows); i++) {
		read_decision(box, &made, rows[i].version);
		expect_text(box, rows[i].path, rows[i].text);
	}
	read_decision(box, &made, "v3");
	assert_true(json_int(box_at(box, "id_verifications.0.age"), &n) && n == 25);
	assert_int_equal(box_key(box, "GET", "/v3/sessions/?search=eva&country=fra", NULL), 200);
	assert_true(json_int(json_get(box->json, "count"), &n) && n == 1);
	expect_text(box, "results.0.full_name", "Eva O'\"Neil");
	expect_text(box, "results.0.country", "FRA");
	assert_int_equal(box_key(box, "GET", "/v3/sessions/?search=exemplo", NULL), 200);
	assert_true(json_int(json_get(box->json, "count"), &n) && n == 0);
}

/* BOX_EPOCH is the first moment of 2026. */
static void an_approval_ends_with_its_document(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	finish(box, FULL, "approve", &made);
	assert_int_equal(correct(box, &made, "/update-data/", "{\"expiration_date\":\"2026-01-02\"}"), 200);
	box->clock.wall += 2 * DAY - 1;
	expect_status(box, &made, "Approved");
	box->clock.wall += 1;
	/* the list knows it as soon as the session itself does */
	assert_int_equal(box_key(box, "GET", "/v3/sessions/?status=Kyc%20Expired", NULL), 200);
	expect_text(box, "results.0.session_id", made.id);
	expect_status(box, &made, "Kyc Expired");

	/* one that has run out already ends it at once; a newer one does not bring it back */
	finish(box, FULL, "approve", &made);
	assert_int_equal(correct(box, &made, "/update-data/", "{\"expiration_date\":\"2026-01-02\"}"), 200);
	expect_status(box, &made, "Kyc Expired");
	assert_int_equal(correct(box, &made, "/update-data/", "{\"expiration_date\":\"2046-01-02\"}"), 200);
	expect_status(box, &made, "Kyc Expired");
	assert_int_equal(box_key(box, "GET", box_path("/v3/session/", made.id, "/generate-pdf/"), NULL), 200);
	assert_int_equal(box_call(box, "GET", box_path("/session/", made.token, ""), NULL, NULL), 200);
	assert_int_equal(box_key(box, "PATCH", box_path("/v3/session/", made.id, "/update-status/"),
				 "{\"new_status\":\"Approved\"}"),
		200);
	expect_status(box, &made, "Approved");
}

static void who_approves_what_has_run_out_is_believed(void **state)
{
	static const char *const approve = "{\"new_status\":\"Approved\"}";
	struct box *const box = *state;
	struct made_session made;

	finish(box, FULL, "decline_document_expired", &made);
	assert_int_equal(correct(box, &made, "/update-data/", "{\"expiration_date\":\"1969-12-31\"}"), 200);
	expect_status(box, &made, "Declined");
	assert_int_equal(
		box_key(box, "PATCH", box_path("/v3/session/", made.id, "/update-status/"), approve), 200);
	box->clock.wall += DAY;
	expect_status(box, &made, "Approved");
	assert_int_equal(correct(box, &made, "/update-data/", "{\"expiration_date\":\"1969-12-31\"}"), 200);
	expect_status(box, &made, "Kyc Expired");
}

static void made_up_documents_run_out_as_well(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	finish(box, BARE, "approve", &made);
	box->clock.wall = 2093644799999; /* 2036-05-05, and the document's last day is 2035-05-06 */
	expect_status(box, &made, "Kyc Expired");
	finish(box, BARE, "approve", &made);
	box->clock.wall += DAY;
	expect_status(box, &made, "Approved");
}

static void ten_a_minute(void **state)
{
	struct box *const box = *state;
	struct made_session made;

	finish(box, FULL, "approve", &made);
	for (int i = 0; i < 10; i++)
		assert_int_equal(
			correct(box, &made, i & 1 ? "/update-data/" : "/update-poa-data/", "{}"), 400);
	assert_int_equal(correct(box, &made, "/update-data/", "{\"first_name\":\"Eva\"}"), 429);
	assert_true(str_eq(box_header(box, "X-RateLimit-Limit"), STR("10")));
	box->clock.wall += 59999;
	assert_int_equal(correct(box, &made, "/update-data/", "{\"first_name\":\"Eva\"}"), 429);
	box->clock.wall += 1;
	assert_int_equal(correct(box, &made, "/update-data/", "{\"first_name\":\"Eva\"}"), 200);
}

static void too_much_in_all_is_refused(void **state)
{
	static const char *const fields[] = { "document_number", "personal_number", "first_name", "last_name",
		"address", "place_of_birth" };
	struct box *const box = *state;
	struct made_session made;
	char text[1024 + 1] = "", body[1200];
	int refused = 0;

	/* 255 characters of four bytes each */
	for (size_t i = 0; i < 255; i++)
		memcpy(text + 4 * i, "\xF0\x9F\x98\x80", 5);
	finish(box, FULL, "approve", &made);
	for (size_t i = 0; i < array_len(fields); i++) {
		(void)snprintf(body, sizeof(body), "{\"%s\":\"%s\"}", fields[i], text);
		refused += correct(box, &made, "/update-data/", body) == 400;
	}
	assert_in_range(refused, 1, 3);
	read_decision(box, &made, "v3");
	expect_text(box, "id_verifications.0.document_number", text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bodies_are_checked),
		TEST(only_what_has_run_can_be_corrected),
		TEST(it_stands_wherever_it_is_told),
		TEST(an_approval_ends_with_its_document),
		TEST(who_approves_what_has_run_out_is_believed),
		TEST(made_up_documents_run_out_as_well),
		TEST(ten_a_minute),
		TEST(too_much_in_all_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

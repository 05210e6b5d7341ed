#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define FULL "\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\""
#define DOCUMENT_ONLY "\"workflow_id\":\"00000000-0000-4000-8000-000000000001\""

static void create_session(struct sandbox_fixture *fx, const char *body, const char *scenario)
{
	struct session_ref session;
	char choice[96];

	fixture_create_v3(fx, body, &session);
	(void)snprintf(choice, sizeof(choice), "{\"scenario\":\"%s\"}", scenario);
	if (*scenario)
		assert_int_equal(fixture_call(fx, "POST", make_path("/session/", session.token, "/submit"),
					 JSON_HEADER, choice),
			200);
}

/* Creates sessions 1 to 4 on 1, 2, 3 and 4 January 2026. */
static void create_sessions(struct sandbox_fixture *fx)
{
	static const struct {
		const char *body, *scenario;
	} rows[] = {
		{ "{" FULL ",\"vendor_data\":\"ana\"}", "approve" },	     /* José, Spain */
		{ "{" FULL ",\"vendor_data\":\"ana&b\"}", "decline" },	     /* Zoë, Germany */
		{ "{" DOCUMENT_ONLY ",\"vendor_data\":\"ana\"}", "review" }, /* Ana, Portugal */
		{ "{" FULL ",\"vendor_data\":\"ana\"}", "" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		create_session(fx, rows[i].body, rows[i].scenario);
		fx->clock.wall += 86400000;
	}
}

static void filters_select_sessions(void **state)
{
	static const struct {
		const char *query, *numbers; /* of the listed sessions, one digit each */
	} rows[] = {
		{ "", "4321" },
		{ "?vendor_data=ana", "431" },
		{ "?vendor_data=ana%26b", "2" },
		{ "?vendor_data=", "4321" },
		{ "?status=Approved", "1" },
		{ "?status=In%20Review,Declined", "32" },
		{ "?status=In+Review, Not+Started", "43" },
		{ "?workflow_id=00000000-0000-4000-8000-000000000001", "3" },
		{ "?workflow_id=1F0C9A52-6C1E-4A77-8C36-9A4B5D6E7F80", "421" },
		{ "?session_kind=user", "4321" },
		{ "?session_kind=business", "" },
		{ "?country=PRT", "3" },
		{ "?country=ESP", "1" },
		{ "?document_type=Residence%20Permit", "2" },
		{ "?date_from=2026-01-02", "432" },
		{ "?date_to=2026-01-02", "21" },
		{ "?date_from=2026-01-02&date_to=2026-01-03", "32" },
		{ "?date_from=2026-01-02T00:00:00.001Z", "43" },
		{ "?date_to=2026-01-02T00:00:00Z", "1" },
		{ "?search=beispiel", "2" },
		{ "?search=an", "4321" },
		{ "?vendor_data=ana&status=Approved,In%20Review&country=PRT", "3" },
		{ "?limit=2", "43" },
		{ "?limit=2&offset=1", "32" },
		{ "?limit=2&offset=4", "" },
		{ "?limit=0", "4321" },
		{ "?limit=x&offset=x", "4321" },
	};
	struct sandbox_fixture *const fx = *state;
	char path[160];

	create_sessions(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "/v3/sessions/%s", rows[i].query);
		assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 200);

		const struct json_value *const results = json_get(fx->json, "results");
		bool matches = json_count(results) == strlen(rows[i].numbers);
		int64_t number = 0;

		for (size_t k = 0; matches && k < json_count(results); k++)
			matches = json_int(json_get(json_at(results, k), "session_number"), &number) &&
				  number == rows[i].numbers[k] - '0';
		if (!matches)
			fail_msg("%s: %.*s", rows[i].query, STR_ARG(fx->reply.body));
	}
}

static void invalid_filter_values_are_rejected(void **state)
{
	static const struct {
		const char *query, *field;
	} rows[] = {
		{ "?status=Done", "status" },
		{ "?status=Approved,Done", "status" },
		{ "?workflow_id=7", "workflow_id" },
		{ "?session_kind=person", "session_kind" },
		{ "?date_from=yesterday", "date_from" },
		{ "?date_to=2026-02-30", "date_to" },
		{ "?vendor_data=%zz", "detail" },
	};
	struct sandbox_fixture *const fx = *state;
	char path[96];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "/v3/sessions/%s", rows[i].query);
		assert_int_equal(fixture_call_with_key(fx, "GET", path, NULL), 400);
		assert_non_null(json_get(fx->json, rows[i].field));
	}
}

static void pages_link_to_next_and_previous(void **state)
{
	static const struct {
		const char *query, *next, *previous; /* NULL: the field is null */
		size_t n;
	} rows[] = {
		{ "?vendor_data=a%26%C3%A9", "?limit=50&offset=50&vendor_data=a%26%C3%A9", NULL, 50 },
		{ "?limit=50&offset=50&vendor_data=a%26%C3%A9", "?limit=50&offset=100&vendor_data=a%26%C3%A9",
			"?limit=50&offset=0&vendor_data=a%26%C3%A9", 50 },
		{ "?limit=50&offset=100&vendor_data=a%26%C3%A9", NULL,
			"?limit=50&offset=50&vendor_data=a%26%C3%A9", 20 },
		{ "?limit=101&offset=20", NULL, "?limit=100&offset=0", 100 },
		{ "?limit=1000", "?limit=100&offset=100", NULL, 100 },
	};
	struct sandbox_fixture *const fx = *state;
	int64_t count;
	char url[160];

	/* Finished sessions are not reused, so each create makes a new one. */
	for (int i = 0; i < 120; i++)
		create_session(fx, "{" FULL ",\"vendor_data\":\"a&\xC3\xA9\"}", "approve");
	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const links[] = { rows[i].next, rows[i].previous };
		static const char *const names[] = { "next", "previous" };

		(void)snprintf(url, sizeof(url), "/v3/sessions/%s", rows[i].query);
		assert_int_equal(fixture_call_with_key(fx, "GET", url, NULL), 200);
		assert_true(json_int(json_get(fx->json, "count"), &count) && count == 120);
		assert_int_equal(json_count(json_get(fx->json, "results")), rows[i].n);
		for (size_t k = 0; k < 2; k++) {
			(void)snprintf(url, sizeof(url), "http://127.0.0.1:8080/sandbox/didit/v3/sessions/%s",
				links[k] ? links[k] : "");
			if (links[k] ? !str_eq(reply_text(fx, names[k]), str_of(url))
				     : json_kind_of(json_get(fx->json, names[k])) != JSON_KIND_NULL)
				fail_msg("%s %s: %.*s", rows[i].query, names[k],
					STR_ARG(reply_text(fx, names[k])));
		}
	}
}

static void list_entries_have_every_documented_field(void **state)
{
	static const char *const members[] = { "session_id", "session_kind", "session_number", "status",
		"vendor_data", "full_name", "company_name", "country", "document_type", "created_at" };
	struct sandbox_fixture *const fx = *state;

	create_session(fx, "{" FULL ",\"vendor_data\":\"ana\"}", "");
	create_session(fx, "{" FULL ",\"vendor_data\":\"ben\"}", "approve");
	assert_int_equal(fixture_call_with_key(fx, "GET", "/v3/sessions/", NULL), 200);
	for (size_t i = 0; i < array_len(members); i++)
		assert_int_not_equal(
			json_kind_of(json_get(reply_at(fx, "results.0"), members[i])), JSON_KIND_ABSENT);
	assert_true(json_text(reply_at(fx, "results.0.full_name")).n > 0);
	assert_int_equal(json_kind_of(reply_at(fx, "results.1.full_name")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(reply_at(fx, "results.1.country")), JSON_KIND_NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filters_select_sessions),
		TEST(invalid_filter_values_are_rejected),
		TEST(pages_link_to_next_and_previous),
		TEST(list_entries_have_every_documented_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define FULL "\"workflow_id\":\"1f0c9a52-6c1e-4a77-8c36-9a4b5d6e7f80\""
#define PLAIN "\"workflow_id\":\"00000000-0000-4000-8000-000000000001\""

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

static void finish(struct box *box, const char *body, const char *scenario)
{
	struct made_session made;
	char choice[96];

	box_create_v3(box, body, &made);
	(void)snprintf(choice, sizeof(choice), "{\"scenario\":\"%s\"}", scenario);
	if (*scenario)
		assert_int_equal(box_call(box, "POST", box_path("/session/", made.token, "/submit"),
					 &BOX_JSON[1], choice),
			200);
}

/* Numbers 1 to 4; the first on the first of January 2026, each a day after the one before. */
static void fill(struct box *box)
{
	static const struct {
		const char *body, *scenario;
	} rows[] = {
		{ "{" FULL ",\"vendor_data\":\"ana\"}", "approve" },   /* José of Spain */
		{ "{" FULL ",\"vendor_data\":\"ana&b\"}", "decline" }, /* Zoë of Germany */
		{ "{" PLAIN ",\"vendor_data\":\"ana\"}", "review" },   /* Ana of Portugal */
		{ "{" FULL ",\"vendor_data\":\"ana\"}", "" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		finish(box, rows[i].body, rows[i].scenario);
		box->clock.wall += 86400000;
	}
}

static void filters_choose(void **state)
{
	static const struct {
		const char *query, *numbers; /* of the sessions, as they are listed */
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
	struct box *const box = *state;
	char path[160];

	fill(box);
	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "/v3/sessions/%s", rows[i].query);
		assert_int_equal(box_key(box, "GET", path, NULL), 200);

		const struct json_value *const results = json_get(box->json, "results");
		bool right = json_count(results) == strlen(rows[i].numbers);
		int64_t number = 0;

		for (size_t k = 0; right && k < json_count(results); k++)
			right = json_int(json_get(json_at(results, k), "session_number"), &number) &&
				number == rows[i].numbers[k] - '0';
		if (!right)
			fail_msg("%s: %.*s", rows[i].query, STR_ARG(box->reply.body));
	}
}

static void what_is_no_filter_is_refused(void **state)
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
	struct box *const box = *state;
	char path[96];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(path, sizeof(path), "/v3/sessions/%s", rows[i].query);
		assert_int_equal(box_key(box, "GET", path, NULL), 400);
		assert_non_null(json_get(box->json, rows[i].field));
	}
}

static void pages_follow_each_other(void **state)
{
	static const struct {
		const char *query, *next, *previous; /* NULL: null */
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
	struct box *const box = *state;
	int64_t count;
	char url[160];

	/* a finished session is not used again, so that each is another one */
	for (int i = 0; i < 120; i++)
		finish(box, "{" FULL ",\"vendor_data\":\"a&\xC3\xA9\"}", "approve");
	for (size_t i = 0; i < array_len(rows); i++) {
		const char *const links[] = { rows[i].next, rows[i].previous };
		static const char *const names[] = { "next", "previous" };

		(void)snprintf(url, sizeof(url), "/v3/sessions/%s", rows[i].query);
		assert_int_equal(box_key(box, "GET", url, NULL), 200);
		assert_true(json_int(json_get(box->json, "count"), &count) && count == 120);
		assert_int_equal(json_count(json_get(box->json, "results")), rows[i].n);
		for (size_t k = 0; k < 2; k++) {
			(void)snprintf(url, sizeof(url), "http://127.0.0.1:8080/sandbox/didit/v3/sessions/%s",
				links[k] ? links[k] : "");
			if (links[k] ? !str_eq(box_text(box, names[k]), str_of(url))
				     : json_kind_of(json_get(box->json, names[k])) != JSON_KIND_NULL)
				fail_msg("%s %s: %.*s", rows[i].query, names[k],
					STR_ARG(box_text(box, names[k])));
		}
	}
}

static void a_row_has_what_is_documented(void **state)
{
	static const char *const members[] = { "session_id", "session_kind", "session_number", "status",
		"vendor_data", "full_name", "company_name", "country", "document_type", "created_at" };
	struct box *const box = *state;

	finish(box, "{" FULL ",\"vendor_data\":\"ana\"}", "");
	finish(box, "{" FULL ",\"vendor_data\":\"ben\"}", "approve");
	assert_int_equal(box_key(box, "GET", "/v3/sessions/", NULL), 200);
	for (size_t i = 0; i < array_len(members); i++)
		assert_int_not_equal(
			json_kind_of(json_get(box_at(box, "results.0"), members[i])), JSON_KIND_ABSENT);
	assert_true(json_text(box_at(box, "results.0.full_name")).n > 0);
	assert_int_equal(json_kind_of(box_at(box, "results.1.full_name")), JSON_KIND_NULL);
	assert_int_equal(json_kind_of(box_at(box, "results.1.country")), JSON_KIND_NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(filters_choose),
		TEST(what_is_no_filter_is_refused),
		TEST(pages_follow_each_other),
		TEST(a_row_has_what_is_documented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

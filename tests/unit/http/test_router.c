#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http/router.h"

/* A row of a table that contains the router entry, like the rows of the routes in api/. */
struct table_row {
	struct router_entry entry;
	int more;
};

static const struct table_row table[] = {
	{ { METHOD_GET, "/" }, 0 },
	{ { METHOD_POST, "/kyc/prepare" }, 0 },
	{ { METHOD_GET, "/kyc/status" }, 0 },
	{ { METHOD_POST, "/kyc/status" }, 0 },
	{ { METHOD_POST, "/kyc/create/:kyc_type" }, 0 },
	{ { METHOD_GET, "/v1/session/:id/decision/:part" }, 0 },
	{ { METHOD_POST, "/auth/token/" }, 0 },
	{ { METHOD_DELETE, "/v1/session/:id" }, 0 },
};

static const struct router_entry *table_entry_at(const void *routes, size_t i)
{
	return (const void *)((const char *)routes + i * sizeof(table[0]));
}

static const struct router_entry *plain_entry_at(const void *routes, size_t i)
{
	return &((const struct router_entry *)routes)[i];
}

static const struct router router = { table_entry_at, table, array_len(table), "/api" };
static const struct router router_without_prefix = { table_entry_at, table, array_len(table), NULL };

static const struct row {
	const char *path;
	enum method method;
	enum route_verdict verdict;
	size_t index;
	const char *first, *second; /* parameters; on ROUTE_METHOD `first` is the Allow header */
} rows[] = {
	{ "/", METHOD_GET, ROUTE_FOUND, 0, NULL, NULL },
	{ "/", METHOD_POST, ROUTE_METHOD, 0, "GET, HEAD", NULL },
	{ "", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "*", METHOD_OPTIONS, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/prepare", METHOD_POST, ROUTE_FOUND, 1, NULL, NULL },
	{ "/kyc/prepare", METHOD_GET, ROUTE_METHOD, 0, "POST", NULL },
	{ "/kyc/prepare", METHOD_HEAD, ROUTE_METHOD, 0, "POST", NULL },
	{ "/kyc/prepare/", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/prepar", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/KYC/prepare", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "//kyc/prepare", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/status", METHOD_GET, ROUTE_FOUND, 2, NULL, NULL },
	{ "/kyc/status", METHOD_HEAD, ROUTE_FOUND, 2, NULL, NULL },
	{ "/kyc/status", METHOD_POST, ROUTE_FOUND, 3, NULL, NULL },
	{ "/kyc/status", METHOD_OTHER, ROUTE_METHOD, 0, "GET, HEAD, POST", NULL },
	{ "/kyc/create/kyc-email", METHOD_POST, ROUTE_FOUND, 4, "kyc-email", NULL },
	{ "/kyc/create/a%20b", METHOD_POST, ROUTE_FOUND, 4, "a b", NULL },
	{ "/kyc/create/a%2Fb", METHOD_POST, ROUTE_FOUND, 4, "a%2Fb", NULL },
	{ "/kyc/create/a%2fb", METHOD_POST, ROUTE_FOUND, 4, "a%2fb", NULL },
	{ "/kyc/create/:kyc_type", METHOD_POST, ROUTE_FOUND, 4, ":kyc_type", NULL },
	{ "/kyc/create/", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/create", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/create/a/b", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/create/%zz", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/create/%00", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/kyc/create/%ff", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/v1/session/7/decision/b", METHOD_GET, ROUTE_FOUND, 5, "7", "b" },
	{ "/v1/session//decision/b", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
	{ "/v1/session/7", METHOD_PATCH, ROUTE_METHOD, 0, "DELETE", NULL },
	{ "/auth/token/", METHOD_POST, ROUTE_FOUND, 6, NULL, NULL },
	{ "/auth/token", METHOD_POST, ROUTE_UNKNOWN, 0, NULL, NULL },
};

static void assert_match(const struct router *with, const struct row *row, struct str path)
{
	struct route_match match;
	struct arena a;
	bool is_correct;

	memset(&match, 0, sizeof(match));
	arena_init(&a, ARENA_CALL_LIMIT);
	is_correct = router_match(with, &a, row->method, path, &match) == row->verdict;
	is_correct = is_correct && (row->verdict != ROUTE_FOUND || match.index == row->index);
	if (row->verdict == ROUTE_METHOD)
		is_correct = is_correct && str_eq(str_of(match.allow), str_of(row->first));
	else
		is_correct = is_correct && str_eq(match.params[0], str_of(row->first)) &&
			     str_eq(match.params[1], str_of(row->second));
	if (!is_correct)
		fail_msg("%d %.*s", (int)row->method, STR_ARG(path));
	arena_finish(&a);
}

static void paths_are_matched(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		assert_match(&router, &rows[i], str_of(rows[i].path));
		assert_match(&router_without_prefix, &rows[i], str_of(rows[i].path));
	}
}

static void paths_below_the_prefix_are_matched(void **state maybe_unused)
{
	static const struct row other_paths[] = {
		{ "/api", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
		{ "/apikyc/status", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
		{ "/api/api/kyc/status", METHOD_GET, ROUTE_UNKNOWN, 0, NULL, NULL },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct row without = rows[i];
		struct str path;
		struct arena a;

		arena_init(&a, 1000);
		path = arena_printf(&a, "/api%s", rows[i].path);
		assert_non_null(path.p);
		assert_match(&router, &rows[i], path);
		without.verdict = ROUTE_UNKNOWN;
		without.first = without.second = NULL;
		assert_match(&router_without_prefix, &without, path);
		arena_finish(&a);
	}
	for (size_t i = 0; i < array_len(other_paths); i++)
		assert_match(&router, &other_paths[i], str_of(other_paths[i].path));
}

static void allow_lists_all_methods(void **state maybe_unused)
{
	static const struct router_entry all[] = {
		{ METHOD_GET, "/" },
		{ METHOD_HEAD, "/" },
		{ METHOD_POST, "/" },
		{ METHOD_PUT, "/" },
		{ METHOD_PATCH, "/" },
		{ METHOD_DELETE, "/" },
		{ METHOD_OPTIONS, "/" },
	};
	const struct router of_all = { plain_entry_at, all, array_len(all), NULL };
	const struct row row = { "/", METHOD_OTHER, ROUTE_METHOD, 0,
		"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS", NULL };

	assert_match(&of_all, &row, STR("/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_matched),
		cmocka_unit_test(paths_below_the_prefix_are_matched),
		cmocka_unit_test(allow_lists_all_methods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "http/router.h"

/* As routes stand in larger rows. */
struct wide {
	struct router_entry entry;
	int more;
};

static const struct wide table[] = {
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
static const struct router bare = { table_entry_at, table, array_len(table), NULL };

static const struct row {
	const char *path;
	enum method method;
	enum route_verdict verdict;
	size_t index;
	const char *first, *second; /* parameters; on ROUTE_METHOD `first` is what is allowed */
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

static void expect(const struct router *with, const struct row *row, struct str path)
{
	struct route_match match;
	struct arena a;
	bool fine;

	memset(&match, 0, sizeof(match));
	arena_init(&a, ARENA_CALL_LIMIT);
	fine = router_match(with, &a, row->method, path, &match) == row->verdict;
	fine = fine && (row->verdict != ROUTE_FOUND || match.index == row->index);
	if (row->verdict == ROUTE_METHOD)
		fine = fine && str_eq(str_of(match.allow), str_of(row->first));
	else
		fine = fine && str_eq(match.params[0], str_of(row->first)) &&
		       str_eq(match.params[1], str_of(row->second));
	if (!fine)
		fail_msg("%d %.*s", (int)row->method, STR_ARG(path));
	arena_finish(&a);
}

static void paths(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		expect(&router, &rows[i], str_of(rows[i].path));
		expect(&bare, &rows[i], str_of(rows[i].path));
	}
}

static void below_the_prefix(void **state maybe_unused)
{
	static const struct row strange[] = {
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
		expect(&router, &rows[i], path);
		without.verdict = ROUTE_UNKNOWN;
		without.first = without.second = NULL;
		expect(&bare, &without, path);
		arena_finish(&a);
	}
	for (size_t i = 0; i < array_len(strange); i++)
		expect(&router, &strange[i], str_of(strange[i].path));
}

static void every_method_allowed(void **state maybe_unused)
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

	expect(&of_all, &row, STR("/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(below_the_prefix),
		cmocka_unit_test(every_method_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

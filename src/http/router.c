#include "http/router.h"

#include <assert.h>
#include <string.h>

#include "text/encode.h"

/* Compares a path with a pattern, segment by segment. The segments for `:name` parameters are stored in
 * `raw`, still percent-encoded. */
static bool path_matches(struct str pattern, struct str path, struct str raw[ROUTE_PARAMS_MAX], size_t *n)
{
	struct str expected, actual;
	bool more_expected, more_actual;

	*n = 0;
	do {
		more_expected = str_cut(&pattern, '/', &expected);
		more_actual = str_cut(&path, '/', &actual);
		if (!str_starts(expected, STR(":"))) {
			if (!str_eq(expected, actual))
				return false;
			continue;
		}
		if (actual.n == 0)
			return false;
		assert(*n < ROUTE_PARAMS_MAX);
		raw[(*n)++] = actual;
	} while (more_expected && more_actual);
	return more_expected == more_actual;
}

static bool decode_params(
	struct arena *a, const struct str *raw, size_t n, struct str params[ROUTE_PARAMS_MAX])
{
	for (size_t i = 0; i < n; i++) {
		if (percent_decode_path(a, raw[i], &params[i]) != OK)
			return false;
	}
	return true;
}

static bool method_matches(enum method served, enum method requested)
{
	return served == requested || (served == METHOD_GET && requested == METHOD_HEAD);
}

static void allow_add(char allow[static 64], const char *method)
{
	const size_t n = strlen(allow), more = strlen(method);

	assert(n + 2 + more < 64);
	memcpy(allow + n, ", ", 2);
	memcpy(allow + n + (n > 0 ? 2 : 0), method, more + 1);
}

static void allow_write(const bool served[METHOD_COUNT], char allow[static 64])
{
	allow[0] = '\0';
	for (enum method m = METHOD_GET; m < METHOD_OTHER; m++) {
		if (served[m] || (m == METHOD_HEAD && served[METHOD_GET]))
			allow_add(allow, method_name(m).p);
	}
}

static bool strip_prefix(const struct router *router, struct str path, struct str *rest)
{
	const struct str prefix = str_of(router->prefix);

	if (router->prefix == NULL || !str_starts(path, prefix))
		return false;
	*rest = str_from(path, prefix.n);
	return true;
}

enum route_verdict router_match(const struct router *router, struct arena *a, enum method method,
	struct str path, struct route_match *out)
{
	struct str rest, raw[ROUTE_PARAMS_MAX], params[ROUTE_PARAMS_MAX] = { { NULL, 0 } };
	bool served[METHOD_COUNT] = { false };
	const bool prefixed = strip_prefix(router, path, &rest);
	size_t n;

	assert(router->n <= ROUTER_MAX);
	for (size_t i = 0; i < router->n; i++) {
		const struct router_entry *const entry = router->entry_at(router->routes, i);
		const struct str pattern = str_of(entry->pattern);

		if (!path_matches(pattern, path, raw, &n) &&
			!(prefixed && path_matches(pattern, rest, raw, &n)))
			continue;
		if (!decode_params(a, raw, n, params))
			continue;
		if (method_matches(entry->method, method)) {
			out->index = i;
			memcpy(out->params, params, sizeof(params));
			return ROUTE_FOUND;
		}
		served[entry->method] = true;
	}
	for (enum method m = METHOD_GET; m < METHOD_COUNT; m++) {
		if (!served[m])
			continue;
		allow_write(served, out->allow);
		return ROUTE_METHOD;
	}
	return ROUTE_UNKNOWN;
}

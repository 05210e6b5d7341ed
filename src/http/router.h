/* Finds the route for a method and a path. A pattern consists of literal segments and `:name` parameters. A
 * parameter matches one non-empty segment and is percent-decoded, except that %2F never becomes a slash. A
 * GET route also matches HEAD. A trailing slash is significant. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/message.h"

#define ROUTE_PARAMS_MAX 2
#define ROUTER_MAX 160

struct router_entry {
	enum method method;
	const char *pattern; /* "/kyc/create/:kyc_type" */
};

/* A router over the caller's table of routes, which must outlive it. `entry_at` returns the entry at index i
 * of `routes`. With `prefix` (e.g. "/api"; may be NULL), each pattern also matches below that prefix. */
struct router {
	const struct router_entry *(*entry_at)(const void *routes, size_t i);
	const void *routes;
	size_t n; /* number of routes */
	const char *prefix;
};

enum route_verdict {
	ROUTE_FOUND,
	ROUTE_UNKNOWN, /* no route has this path */
	ROUTE_METHOD,  /* the path exists, but not with this method */
};

struct route_match {
	size_t index;
	struct str params[ROUTE_PARAMS_MAX]; /* values of the parameters, in the order of the pattern */
	char allow[64]; /* on ROUTE_METHOD: value of the Allow header, e.g. "GET, HEAD" */
};

/* Sets `index` and `params` on ROUTE_FOUND, `allow` on ROUTE_METHOD. Decoded parameters are in the arena. */
enum route_verdict router_match(const struct router *router, struct arena *a, enum method method,
	struct str path, struct route_match *out) must_use;

/* Method and path → number of a route. Patterns are literal segments or `:name`, which takes one non-empty
 * segment, percent-decoded, except that %2F is never decoded into a slash. HEAD is served where GET is. A
 * trailing slash counts. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/message.h"

#define ROUTE_PARAMS_MAX 2
#define ROUTER_MAX 64

struct router_entry {
	enum method method;
	const char *pattern; /* "/kyc/create/:kyc_type" */
};

/* `routes` is the caller's table, which outlives the router. */
struct router {
	const struct router_entry *(*entry_at)(const void *routes, size_t i);
	const void *routes;
	size_t n;
	const char *prefix; /* every pattern is also served below it ("/api"); NULL: none */
};

enum route_verdict { ROUTE_FOUND, ROUTE_UNKNOWN, ROUTE_METHOD };

struct route_match {
	size_t index;
	struct str params[ROUTE_PARAMS_MAX]; /* in the order of the pattern */
	char allow[64];			     /* on ROUTE_METHOD: the Allow header's value, "GET, HEAD" */
};

enum route_verdict router_match(const struct router *router, struct arena *a, enum method method,
	struct str path, struct route_match *out) must_use;

/* Serves a request: finds the route, checks API key, rate limit, path, media type and body, and calls the
 * endpoint, inside a transaction if its kind asks for one. The order of the checks is specified in
 * interface.md 3. Safe from any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/guard.h"
#include "api/core/route.h"
#include "app/session/poll_queue.h"
#include "app/session/single_flight.h"
#include "http/server.h"

/* What all requests of a listener use. Not changed while the listener serves. */
struct api_context {
	const struct world *world;
	struct guard *guard;
	struct single_flights *single_flights;
	struct poll_queue *poll_queue; /* NULL: sessions are not polled in the background */
	struct str version;
	int64_t (*micros)(void); /* monotonic clock in microseconds, for the metrics */
	/* In development mode, another server handles all paths that begin with `mount` ("/sandbox/"):
	 * `mounted` serves a request, `served` is called after its response was sent (see struct
	 * server_conf). NULL: none. */
	struct str mount;
	void (*mounted)(void *arg, const struct request *request, struct arena *a, struct reply *reply);
	void (*served)(void *arg);
	void *mounted_arg;
	/* The routes that this listener serves. */
	const struct route *const *routes;
	size_t n_routes;
	size_t first_label;	     /* of the routes in METRIC_REQUESTS; 0 is for requests without a route */
	const char *extra_prefix;    /* every path is also served below this prefix ("/api"); NULL: none */
	struct str openapi_document; /* body of `GET /openapi.json`, from openapi_describe; empty: 503 */
};

/* The functions for struct server_conf; `api` is its `arg`, a struct api_context. */
void dispatch_serve(void *api, const struct request *request, struct arena *a, struct reply *reply);
/* The response to a request that the HTTP server refused (malformed, too large, too slow …). */
void dispatch_refuse(void *api, enum refusal refusal, struct arena *a, struct reply *reply);
void dispatch_served(void *api);
/* Sets the label names of the request and event metrics. Called once at start for each listener. */
void dispatch_label(const struct api_context *api);

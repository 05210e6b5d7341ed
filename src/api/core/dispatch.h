/* One call, from the request to its reply: route, key, rate, path, media type, body, then the endpoint where
 * its kind asks for. The order is interface.md 3's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/guard.h"
#include "api/core/route.h"
#include "app/session/poll_queue.h"
#include "app/session/single_flight.h"
#include "http/server.h"

/* What lives as long as the program and serves all calls. */
struct api_context {
	const struct world *world;
	struct guard *guard;
	struct single_flights *single_flights;
	struct poll_queue *poll_queue; /* NULL: nobody reads in the background */
	struct str version;
	int64_t (*micros)(void); /* monotonic, for the metrics */
	/* Other houses below a prefix ("/sandbox/"), in --dev; they answer for themselves. */
	struct str mount;
	void (*mounted)(void *arg, const struct request *request, struct arena *a, struct reply *reply);
	void (*served)(void *arg);
	void *mounted_arg;
	/* The routes that this listener serves. */
	const struct route *const *routes;
	size_t n_routes;
	size_t first_label;	/* of its rows in the request metrics; 0 stands for no route */
	const char *prefix_too; /* "/api", or NULL */
	struct str
		openapi_document; /* what `GET /openapi.json` says: openapi_describe, once; empty: nothing */
};

/* For struct server_conf: `arg` is the desk. */
void dispatch_serve(void *desk, const struct request *request, struct arena *a, struct reply *reply);
void dispatch_refuse(void *desk, enum refusal refusal, struct arena *a, struct reply *reply);
void dispatch_served(void *desk);
/* Names the labels of the metrics of requests and events. Once, at the start. */
void dispatch_label(const struct api_context *api);

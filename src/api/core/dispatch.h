/* Serves a request: finds the route, checks API key, rate limit, path, media type and body, and calls the
 * endpoint. Whether the endpoint runs inside a transaction depends on the route's kind. interface.md 3
 * specifies the order of the checks. All functions are safe from any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/guard.h"
#include "api/core/route.h"
#include "app/core/long_poll.h"
#include "app/session/poll_queue.h"
#include "app/session/single_flight.h"
#include "http/server.h"

/* What the API reference at /docs offers besides the descriptions. */
struct docs_options {
	bool is_dev;	/* calls can be sent from the page, without an API key */
	bool has_inbox; /* e-mails are captured and shown at /sandbox/inbox */
};

struct console_settings;
struct docs_pages;
struct page_limits;

/* What all requests of one listener share. It does not change while the listener serves. */
struct api_context {
	const struct world *world;
	struct guard *guard;
	struct single_flights *single_flights;
	struct long_polls *long_polls;
	struct poll_queue *poll_queue; /* NULL: no background polling of sessions */
	/* Of the pages that need no API key (web/core/page_limit.h); NULL: they are not limited. */
	struct page_limits *page_limits;
	/* Of the listener that serves the console (web/console/settings.h); NULL: another one. */
	const struct console_settings *console;
	struct str version;
	int64_t (*micros)(void); /* monotonic clock in microseconds, for the metrics */
	/* In development mode another server, the sandbox, handles all paths that begin with `mount`
	 * ("/sandbox/"): `mounted` serves a request, and `served` is called after the response was sent (see
	 * struct server_conf). Without such a server, all three are NULL. */
	struct str mount;
	void (*mounted)(void *arg, const struct request *request, struct arena *a, struct reply *reply);
	void (*served)(void *arg);
	void *mounted_arg;
	/* The routes that this listener serves. */
	const struct route *const *routes;
	size_t n_routes;
	/* Number of the first route among those of all listeners, from 1 on (dispatch_label). */
	size_t first_label;
	/* Every path is also served below this prefix ("/api"); NULL: no prefix. */
	const char *extra_prefix;
	/* Body of `GET /openapi.json`, from openapi_describe; if empty, the response is a 503. */
	struct str openapi_document;
	struct docs_options docs;
	/* The pages of /docs, from docs_describe; NULL: the response is a 503. */
	const struct docs_pages *docs_pages;
};

/* Serves a request; a callback of struct server_conf. `api` is the callback's `arg`, a struct api_context. */
void dispatch_serve(void *api, const struct request *request, struct arena *a, struct reply *reply);
/* Builds the response to a request that the HTTP server refused because it was malformed, too large or too
 * slow. */
void dispatch_refuse(void *api, enum refusal refusal, struct arena *a, struct reply *reply);
void dispatch_served(void *api);
/* Sets the label names of the request metric and of the provider event metric. Called once at start for each
 * listener. */
void dispatch_label(const struct api_context *api);

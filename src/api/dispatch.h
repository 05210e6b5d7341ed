/* One call, from the request to its reply: route, key, rate, path, media type, body, then the endpoint where
 * its kind asks for. The order is interface.md 3's. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/answer.h"
#include "api/guard.h"
#include "app/core/caller.h"
#include "app/session/poll_queue.h"
#include "app/session/single_flight.h"
#include "http/message.h"
#include "http/router.h"
#include "http/server.h"
#include "port/store.h"
#include "port/world.h"
#include "text/form.h"

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
	/* The rows of routes.c that this listener serves. */
	const struct route *routes;
	size_t n_routes;
	size_t first_label;	/* of its rows in the request metrics; 0 stands for no route */
	const char *prefix_too; /* "/api", or NULL */
	struct str
		openapi_document; /* what `GET /openapi.json` says: openapi_describe, once; empty: nothing */
};

struct call {
	const struct api_context *api;
	const struct world *world;
	struct arena *arena;
	const struct request *request;
	const struct route *route;
	struct caller caller; /* on guarded routes; the actor always has the request's id */
	struct str params[ROUTE_PARAMS_MAX];
	const void *body; /* the form's struct */
};

/* The signature is the rule: who gets a `tx` may not wait, who may wait gets no `tx`. */
typedef struct reply inline_endpoint(struct call *call);
typedef struct reply tx_endpoint(struct call *call, struct tx *tx);
typedef struct reply waiting_endpoint(struct call *call, struct store *store);

enum endpoint_kind { ENDPOINT_INLINE, ENDPOINT_READ, ENDPOINT_WRITE, ENDPOINT_WAITING };
enum guard_kind { GUARD_NONE, GUARD_TENANT };

struct operation_doc;

struct route {
	struct router_entry entry; /* first: the router strides over the rows */
	enum guard_kind guard;
	enum endpoint_kind kind;
	union {
		inline_endpoint *run_inline;
		tx_endpoint *run_tx;
		waiting_endpoint *run_waiting;
	} run;
	const struct form *form;			/* NULL: no body, no query */
	bool (*path_is_known)(const struct call *call); /* NULL: any */
	enum answer failure;				/* the route's own 500 */
	const struct operation_doc *doc;		/* NULL: not described to integrators */
};

/* For struct server_conf: `arg` is the desk. */
void dispatch_serve(void *desk, const struct request *request, struct arena *a, struct reply *reply);
void dispatch_refuse(void *desk, enum refusal refusal, struct arena *a, struct reply *reply);
void dispatch_served(void *desk);
/* Names the labels of the metrics of requests and events. Once, at the start. */
void dispatch_label(const struct api_context *api);

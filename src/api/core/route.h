/* The description of an endpoint. A struct route has its method and path, whether an API key is required, the
 * handler, the fields of the request, and the documentation for integrators. Routing, the checks of a
 * request, the OpenAPI document, the reference page and tests are all derived from it. Each endpoint's file
 * defines its routes next to their handlers; endpoints/routes.c lists them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/answer.h"
#include "api/core/schema.h"
#include "api/core/trace_context.h"
#include "app/core/caller.h"
#include "base/metrics.h"
#include "domain/scope.h"
#include "http/message.h"
#include "http/router.h"
#include "port/store.h"
#include "port/world.h"
#include "text/form.h"

struct api_context;
struct route;

/* A counter that a request adds 1 to, once, if it is not answered with 500 or above. A handler in a
 * transaction must not count by itself, because it may run twice. */
struct request_count {
	bool is_set;
	enum metric metric;
	size_t label1, label2;
};

/* A request while it is processed. */
struct call {
	const struct api_context *api;
	const struct world *world;
	struct arena *arena;
	const struct request *request;
	const struct route *route; /* NULL until it is found */
	size_t route_index;	   /* index of `route` in the listener's list */
	/* `actor.request_id` is always set, the rest only on routes with GUARD_TENANT. */
	struct caller caller;
	struct trace_context trace;
	struct request_count count; /* set by the handler */
	struct str params[ROUTE_PARAMS_MAX];
	/* The form's struct, filled from the body or query; NULL if the route has no form. */
	const void *body;
};

/* The three kinds of handlers; the signature shows what a handler may do. An inline handler uses neither the
 * store nor another system, and runs without a transaction. A handler with a `tx` runs in a transaction and
 * must not wait for another system. A handler with a `store` may wait and opens its own transactions. */
typedef struct reply inline_endpoint(struct call *call);
typedef struct reply tx_endpoint(struct call *call, struct tx *tx);
typedef struct reply waiting_endpoint(struct call *call, struct store *store);

enum endpoint_kind { ENDPOINT_INLINE, ENDPOINT_READ, ENDPOINT_WRITE, ENDPOINT_WAITING };
enum guard_kind {
	GUARD_NONE,
	GUARD_TENANT /* requires an API key and enforces the key's rate limits */
};

/* Documentation of one response with the envelope. If several routes use the same answer, they must document
 * the same schemas for it. */
struct response_doc {
	enum answer answer;
	/* Schemas of these members. NULL if the envelope has no such member. */
	const struct json_schema *data, *details;
	bool data_optional, details_optional;
};

/* Documentation of a response without the envelope. */
struct plain_response {
	int http;
	const char *name; /* name of the schema and the example in the OpenAPI document */
	const char *type; /* media type; NULL: no body */
	/* Schema of a JSON body; NULL: the body is any JSON object or not JSON. */
	const struct json_schema *schema;
	const char *description;
};

/* Documentation of a parameter that is not a field of the form. */
struct param_doc {
	enum { IN_PATH, IN_QUERY, IN_HEADER } place;
	const char *name;
	bool required;
	const char *example;
	value_list *values; /* the allowed values; NULL: any value is allowed */
	const char *description;
};

#define PLAIN_RESPONSES_MAX 2

struct operation_doc {
	const char *operation; /* OpenAPI operationId; unique */
	const char *group;     /* name of a row of operation_groups */
	const char *summary;
	const char *description; /* text for integrators; may contain `code` in backquotes */
	/* The endpoint's own responses, without those of the checks (describe/responses.c). */
	const struct response_doc *responses;
	size_t n_responses;
	const struct plain_response *plain[PLAIN_RESPONSES_MAX];
	const struct param_doc *params;
	size_t n_params;
	/* JSON body, for a route that takes a body but has no form; NULL: the route takes no body. */
	const char *example_body;
};

#define RESPONSES(...)                                                                                       \
	.responses = (const struct response_doc[]){ __VA_ARGS__ },                                           \
	.n_responses = sizeof((const struct response_doc[]){ __VA_ARGS__ }) / sizeof(struct response_doc)
#define PARAMS(...)                                                                                          \
	.params = (const struct param_doc[]){ __VA_ARGS__ },                                                 \
	.n_params = sizeof((const struct param_doc[]){ __VA_ARGS__ }) / sizeof(struct param_doc)

struct operation_group {
	const char *name, *description;
};
/* The groups of operations, in the order of the API reference. */
extern const struct operation_group operation_groups[];
extern const size_t n_operation_groups;

struct route {
	struct router_entry entry;
	enum guard_kind guard;
	enum scope scope; /* what the API key needs; SCOPE_ANY: any key may call the route */
	enum endpoint_kind kind;
	union {
		inline_endpoint *run_inline;
		tx_endpoint *run_tx;
		waiting_endpoint *run_waiting;
	} run;
	/* The route changes nothing although it is a POST, so that it ignores Idempotency-Key. */
	bool reads_only;
	const struct form *form; /* NULL: neither body nor query is read */
	/* Checks the path parameters; NULL: any value is allowed. */
	bool (*path_is_known)(const struct call *call);
	/* Response to an internal error (respond_failure); ANSWER_UNAVAILABLE for inline handlers. */
	enum answer failure;
	/* Monitoring calls the route every few seconds: successes are logged at the level debug. */
	bool is_probe;
	const struct operation_doc *doc; /* NULL: the route is not in the API documentation */
};

/* These macros set `kind` and `run` of a struct route. A handler with the wrong signature does not
 * compile. */
#define HANDLE_INLINE(fn) .kind = ENDPOINT_INLINE, .run = { .run_inline = (fn) }
#define HANDLE_READ(fn) .kind = ENDPOINT_READ, .run = { .run_tx = (fn) }
#define HANDLE_WRITE(fn) .kind = ENDPOINT_WRITE, .run = { .run_tx = (fn) }
#define HANDLE_WAITING(fn) .kind = ENDPOINT_WAITING, .run = { .run_waiting = (fn) }

/* A JSON object that a handler writes into the request's arena. */
struct json_body {
	struct buf text;
	struct json_writer w;
};

/* Opens the object. */
void json_body_begin(struct json_body *b, struct call *call);
/* Closes the object and responds with the envelope, whose member `data` is the object. */
struct reply respond_json_data(struct call *call, enum answer answer, struct json_body *b);
/* Closes the object and responds with the envelope, whose member `details` is the object. */
struct reply respond_json_details(struct call *call, enum answer answer, struct json_body *b);
/* Closes the object and responds with it as the whole body, without the envelope. */
struct reply respond_json_body(struct call *call, int http, struct json_body *b);
/* Adds security headers for an HTML page that loads no other resources, runs no scripts and must not be
 * framed. */
void respond_add_page_headers(struct reply *reply);

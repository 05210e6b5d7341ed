/* One description per endpoint: a struct route names method and path, who may call, the handler, the form of
 * the request, and what integrators read about it. Routing, request checks, the OpenAPI document, the
 * reference page and the tests are all derived from it. An endpoint's file defines its routes next to their
 * handlers; endpoints/routes.c lists them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "api/core/answer.h"
#include "api/core/schema.h"
#include "app/core/caller.h"
#include "http/message.h"
#include "http/router.h"
#include "port/store.h"
#include "port/world.h"
#include "text/form.h"

struct api_context;
struct route;

/* One request on its way to its reply. */
struct call {
	const struct api_context *api;
	const struct world *world;
	struct arena *arena;
	const struct request *request;
	const struct route *route; /* NULL until it is found */
	size_t route_index;	   /* of `route` among the listener's */
	struct caller caller;	   /* set on guarded routes; `actor.request_id` is always set */
	struct str params[ROUTE_PARAMS_MAX];
	const void *body; /* the form's struct; NULL without a form */
};

/* The signature states what a handler may do: with a `tx` it runs in a transaction and must not wait for
 * another system; with a `store` it may wait and opens its own transactions. */
typedef struct reply inline_endpoint(struct call *call);
typedef struct reply tx_endpoint(struct call *call, struct tx *tx);
typedef struct reply waiting_endpoint(struct call *call, struct store *store);

enum endpoint_kind { ENDPOINT_INLINE, ENDPOINT_READ, ENDPOINT_WRITE, ENDPOINT_WAITING };
enum guard_kind {
	GUARD_NONE,
	GUARD_TENANT /* requires an API key, which is subject to its rate limit */
};

/* One answer in the envelope, and the JSON it carries. Routes that share an answer share its schemas. */
struct response_doc {
	enum answer answer;
	const struct json_schema *data, *details; /* NULL: the envelope has no such member */
	bool details_optional;
};

/* A response without the envelope. */
struct plain_response {
	int http;
	const char *name;		  /* of its schema and example in the OpenAPI document */
	const char *type;		  /* NULL: no body */
	const struct json_schema *schema; /* of a JSON body; NULL: any object, or no JSON */
	const char *description;
};

/* A parameter that is not a field of the form. */
struct param_doc {
	enum { IN_PATH, IN_QUERY, IN_HEADER } place;
	const char *name;
	bool required;
	const char *example;
	value_list *values; /* NULL: any */
	const char *description;
};

#define PLAIN_RESPONSES_MAX 2

struct operation_doc {
	const char *operation; /* OpenAPI operationId; unique */
	const char *group;     /* the name of a row of operation_groups */
	const char *summary;
	const char *description; /* prose; `this` is code */
	const struct response_doc
		*responses; /* the endpoint's own; shared checks are in describe/responses */
	size_t n_responses;
	const struct plain_response *plain[PLAIN_RESPONSES_MAX];
	const struct param_doc *params;
	size_t n_params;
	const char *example_body; /* JSON, for a route that takes a body without a form; NULL: no body */
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
/* The groups of the reference, in its order. */
extern const struct operation_group operation_groups[];
extern const size_t n_operation_groups;

struct route {
	struct router_entry entry;
	enum guard_kind guard;
	enum endpoint_kind kind;
	union {
		inline_endpoint *run_inline;
		tx_endpoint *run_tx;
		waiting_endpoint *run_waiting;
	} run;
	const struct form *form;			/* NULL: neither body nor query is read */
	bool (*path_is_known)(const struct call *call); /* NULL: any value in the path */
	enum answer failure;				/* the route's own 500 */
	const struct operation_doc *doc;		/* NULL: not for integrators */
};

/* A handler of the wrong kind does not compile. */
#define HANDLE_INLINE(fn) .kind = ENDPOINT_INLINE, .run = { .run_inline = (fn) }
#define HANDLE_READ(fn) .kind = ENDPOINT_READ, .run = { .run_tx = (fn) }
#define HANDLE_WRITE(fn) .kind = ENDPOINT_WRITE, .run = { .run_tx = (fn) }
#define HANDLE_WAITING(fn) .kind = ENDPOINT_WAITING, .run = { .run_waiting = (fn) }

/* A JSON object under construction in the call's arena. */
struct json_body {
	struct buf text;
	struct json_writer w;
};

/* Opens the object. */
void json_body_begin(struct json_body *b, struct call *call);
/* Closes the object and answers with it as `data` or `details`. */
struct reply respond_json_data(struct call *call, enum answer answer, struct json_body *b);
struct reply respond_json_details(struct call *call, enum answer answer, struct json_body *b);
/* Closes the object and answers with it alone, without the envelope. */
struct reply respond_json_body(struct call *call, int http, struct json_body *b);
/* Headers of an HTML page: it loads and runs nothing, and no other page may frame it. */
void respond_add_page_headers(struct reply *reply);

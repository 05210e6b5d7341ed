/* Lists all responses of a route for the documentation: those in its operation_doc, the response to an
 * internal error (`failure`), and the responses of the checks that run before the handler (interface.md 3).
 * The responses of the checks are listed in responses.c, because they are the same for every route that a
 * check applies to. */
#pragma once

#include "api/core/route.h"

struct route_response {
	int http;
	/* ANSWER_COUNT for a response without the envelope, which `plain` describes. */
	enum answer answer;
	const struct plain_response *plain; /* NULL: with the envelope */
	/* NULL unless the response comes from operation_doc or has `details`. */
	const struct response_doc *doc;
	bool shared; /* true: a check before the endpoint returns it */
};

#define ROUTE_RESPONSES_MAX 40
#define RESPONSE_NAME_SIZE 64

/* Fills `out` with the responses, sorted by HTTP status and without duplicates, and returns their number. The
 * route must have a `doc`. */
size_t route_responses(const struct route *route, struct route_response out[ROUTE_RESPONSES_MAX]);
/* Writes a unique name for the response, such as "user_prepared". */
void route_response_name(const struct route_response *r, char out[RESPONSE_NAME_SIZE]);
bool route_response_is_json(const struct route_response *r);
/* Writes the JSON Schema of the response's body. */
void write_response_schema(struct json_writer *w, const struct route_response *r);
/* Writes an example of the response's body. Its message is that of the route, or a general one if `route` is
 * NULL. */
void write_response_example(struct json_writer *w, const struct route_response *r, const struct route *route);

/* Lists all responses of a route for the documentation: those in its operation_doc, the response to an
 * internal error
 * (`failure`), and those of the checks before the handler (interface.md 3). The last are the same for all
 * routes that a check applies to, and responses.c lists them. */
#pragma once

#include "api/core/route.h"

struct route_response {
	int http;
	enum answer answer;		    /* ANSWER_COUNT: without the envelope, see `plain` */
	const struct plain_response *plain; /* NULL: with the envelope */
	const struct response_doc *doc;	    /* of an answer from operation_doc; otherwise NULL */
	bool shared;			    /* returned by a check before the endpoint */
};

#define ROUTE_RESPONSES_MAX 40
#define RESPONSE_NAME_SIZE 64

/* Fills `out`, sorted by HTTP status and without duplicates, and returns the number of responses. The route
 * must have a `doc`. */
size_t route_responses(const struct route *route, struct route_response out[ROUTE_RESPONSES_MAX]);
/* Writes a unique name for the response, such as "user_prepared". */
void route_response_name(const struct route_response *r, char out[RESPONSE_NAME_SIZE]);
bool route_response_is_json(const struct route_response *r);
/* Write the schema and an example of the JSON body. With a route, the example has the message of that route;
 * with NULL a general one. */
void write_response_schema(struct json_writer *w, const struct route_response *r);
void write_response_example(struct json_writer *w, const struct route_response *r, const struct route *route);

/* All responses of a route: those its description lists, its own failure, and those of the checks before the
 * handler (interface.md 3), which are the same for every route of a kind and are listed in responses.c once.
 */
#pragma once

#include "api/core/route.h"

struct route_response {
	int http;
	enum answer answer;		    /* ANSWER_COUNT: not in the envelope, see `plain` */
	const struct plain_response *plain; /* NULL: in the envelope */
	const struct response_doc *doc;	    /* of an answer with `data` or `details`; else NULL */
	bool shared;			    /* of a check, not of the endpoint */
};

#define ROUTE_RESPONSES_MAX 40
#define RESPONSE_NAME_SIZE 64

/* Sorted by HTTP status, without repetition; returns how many. For routes with a description. */
size_t route_responses(const struct route *route, struct route_response out[ROUTE_RESPONSES_MAX]);
/* "user_prepared": the same for equal responses only. */
void route_response_name(const struct route_response *r, char out[RESPONSE_NAME_SIZE]);
bool route_response_is_json(const struct route_response *r);
/* Schema and example of a JSON body. With a route, the example has the route's own message; NULL: a general
 * one. */
void write_response_schema(struct json_writer *w, const struct route_response *r);
void write_response_example(struct json_writer *w, const struct route_response *r, const struct route *route);

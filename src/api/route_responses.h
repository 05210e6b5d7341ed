/* What a route may say, all in all: what its endpoint answers (api/operation_doc), its own failure, and what
 * the order of checks may say before (interface.md 3), which is the same for all routes of a kind and stands
 * here once. */
#pragma once

#include "api/dispatch.h"
#include "api/operation_doc.h"

struct route_response {
	int http;
	enum answer answer;		    /* ANSWER_COUNT: outside the envelope */
	const struct plain_response *plain; /* then this */
	bool shared;			    /* not the endpoint's own */
};

#define ROUTE_RESPONSES_MAX 40
#define RESPONSE_NAME_SIZE 64

/* In the order of their numbers, each once; gives how many. Only for rows with a card. */
size_t route_responses(const struct route *route, struct route_response out[ROUTE_RESPONSES_MAX]);
/* "user_prepared": unique among answers that differ. */
void route_response_name(const struct route_response *s, char out[RESPONSE_NAME_SIZE]);
bool route_response_is_json(const struct route_response *s);
/* Schema and example of the whole body, which is JSON. The route's own sentences stand in the example; NULL:
 * any route's. */
void write_response_schema(struct json_writer *w, const struct route_response *s);
void write_response_example(struct json_writer *w, const struct route_response *s, const struct route *route);

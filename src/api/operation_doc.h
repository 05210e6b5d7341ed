/* What a route is to those who integrate us: its name, its words, and what its endpoint may answer. What the
 * order of checks may say before any endpoint is asked stands in api/route_responses, once for all. */
#pragma once

#include "api/answer.h"
#include "api/response_schema.h"

/* What is said outside the envelope. */
struct plain_response {
	int http;
	const char *name;
	const char *type;	     /* NULL: no body */
	const struct schema *schema; /* of a JSON body; NULL: any object, or no JSON */
	const char *description;
};

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
	const char *operation; /* unique */
	const char *group;     /* a row of card_groups */
	const char *summary;
	const char *description;
	const enum answer
		*answers; /* of the endpoint itself, without the row's `failure` and "unavailable" */
	size_t n_answers;
	const struct plain_response *plain[PLAIN_RESPONSES_MAX];
	const struct param_doc *params; /* besides those of the form */
	size_t n_params;
	const char *example_body; /* JSON, where there is no form; NULL: no body */
};

struct operation_group {
	const char *name, *description;
};
extern const struct operation_group operation_groups[];
extern const size_t n_operation_groups;

/* For the rows of routes.c. */
extern const struct operation_doc prepare_card, send_card, verify_card, challenge_card, prepare_wallet_card,
	create_card, status_query_card, status_card, products_card, event_card, return_card, live_card,
	ready_card, openapi_card;

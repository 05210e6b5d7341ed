/* What a route is to those who integrate us: its name, its words, and what its endpoint may answer. What the
 * order of checks may say before any endpoint is asked stands in api/spoken, once for all. */
#pragma once

#include "api/answer.h"
#include "api/shapes.h"

/* What is said outside the envelope. */
struct plain {
	int http;
	const char *name;
	const char *type;	   /* NULL: no body */
	const struct shape *shape; /* of a JSON body; NULL: any object, or no JSON */
	const char *says;
};

struct param {
	enum { IN_PATH, IN_QUERY, IN_HEADER } place;
	const char *name;
	bool required;
	const char *example;
	word_list *words; /* NULL: any */
	const char *says;
};

#define CARD_PLAIN_MAX 2

struct card {
	const char *operation; /* unique */
	const char *group;     /* a row of card_groups */
	const char *summary;
	const char *says;
	const enum answer
		*answers; /* of the endpoint itself, without the row's `failure` and "unavailable" */
	size_t n_answers;
	const struct plain *plain[CARD_PLAIN_MAX];
	const struct param *params; /* besides those of the form */
	size_t n_params;
	const char *example_body; /* JSON, where there is no form; NULL: no body */
};

struct card_group {
	const char *name, *says;
};
extern const struct card_group card_groups[];
extern const size_t n_card_groups;

/* For the rows of routes.c. */
extern const struct card prepare_card, send_card, verify_card, challenge_card, prepare_wallet_card,
	create_card, status_query_card, status_card, products_card, event_card, return_card, live_card,
	ready_card, openapi_card;

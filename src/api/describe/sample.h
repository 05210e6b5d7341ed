/* Samples: programs that send one call, generated from the description of its route. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"

/* In the order in which the reference shows them. */
enum sample_language { SAMPLE_CURL, SAMPLE_NODE, SAMPLE_PYTHON, SAMPLE_LANGUAGES };

#define SAMPLE_QUERY_MAX 8

/* A call with the values of the examples. */
struct sample_call {
	struct str method;
	struct str url;
	/* Parameters of the query. */
	struct {
		struct str name, value;
	} query[SAMPLE_QUERY_MAX];
	size_t n_query;
	struct str body; /* JSON with one member per line; empty: the call has no body */
	bool has_key;	 /* the API key is sent, which the program reads from KYCD_API_KEY */
	bool is_json;	 /* the usual answer is JSON */
};

/* Returns false for the provider's webhook, whose requests only the provider can sign. */
bool route_has_samples(const struct route *route);
/* Fills `out` with the call of a route that has samples. `base` is the URL before the path; the API key is
 * sent if the route requires one and `with_key` is set. All texts are in `a`. Returns ERR_INPUT if they do
 * not fit into it. */
enum err sample_call_of(const struct route *route, struct str base, bool with_key, struct arena *a,
	struct sample_call *out) must_use;

/* "curl", "Node.js", "Python". */
const char *sample_language_name(enum sample_language language);
/* The word for the markup, such as "node". */
const char *sample_language_word(enum sample_language language);
/* Appends the program, without a line break at its end. */
void write_sample(struct buf *out, enum sample_language language, const struct sample_call *call);

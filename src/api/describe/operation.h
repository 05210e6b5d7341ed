/* Prints one operation of the OpenAPI document and collects the components it references. */
#pragma once

#include "api/describe/api_spec.h"
#include "api/describe/responses.h"

/* Answers in the envelope and plain responses. */
#define COMPONENTS_MAX (ANSWER_COUNT + 16)

/* A response that paths reference; printed after them. */
struct component {
	struct route_response what;
	const struct route *route; /* one that has it */
	bool as_response, as_example, as_schema;
};

struct printer {
	const struct api_spec *d;
	struct arena *arena;
	struct json_writer w;
	struct component named[COMPONENTS_MAX];
	size_t n_named;
};

static inline void field(struct printer *p, const char *key, const char *text)
{
	json_field_text(&p->w, key, str_of(text));
}

static inline void open_object(struct printer *p, const char *key)
{
	json_key(&p->w, key);
	json_begin_object(&p->w);
}

void print_operation(struct printer *p, const struct route *route);
/* The response object of `n` responses that have one HTTP status. */
void print_response(struct printer *p, const struct route *route, const struct route_response *s, size_t n);

/* Prints an operation of the OpenAPI document, and collects the components that the operation refers to. */
#pragma once

#include "api/describe/api_spec.h"
#include "api/describe/responses.h"

/* Enough for every response with the envelope and 16 responses without it. */
#define COMPONENTS_MAX (ANSWER_COUNT + 16)

/* A response that operations refer to. It is printed after the paths, under "components". */
struct component {
	struct route_response what;
	const struct route *route;		 /* any route that has this response */
	bool as_response, as_example, as_schema; /* the sections of "components" that list it */
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
/* Prints one OpenAPI response object for `n` responses that have the same HTTP status. */
void print_response(struct printer *p, const struct route *route, const struct route_response *s, size_t n);

/* One operation of the description, and what it refers to. */
#pragma once

#include "api/api_spec.h"
#include "api/route_responses.h"

/* Answers and, behind them, what is said outside the envelope. */
#define COMPONENTS_MAX (ANSWER_COUNT + 16)

/* What the paths refer to, to be printed behind them. */
struct component {
	struct route_response what;
	const struct route *route; /* one that says it */
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
/* The object of one response, of `n` answers of one number. */
void print_response(struct printer *p, const struct route *route, const struct route_response *s, size_t n);

/* The parameter `include` of the KYC routes: a comma-separated list of further members that the caller wants
 * in the response (spec/events.md 5). Without it the responses stay as they were. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/person/next_step.h"

struct include {
	bool reasons, next_action;
};

/* Reads the words of `include`; an empty text has none. White space around a word is ignored. If there is an
 * unknown or an empty word, returns false and sets `reply` to a 400. */
bool read_include(struct call *call, struct str text, struct include *out, struct reply *reply);
static inline bool include_has_any(const struct include *include)
{
	return include->reasons || include->next_action;
}
/* Writes the included members into the object that `w` has open. */
void write_included(struct json_writer *w, const struct include *include, const struct next_step *step);

/* The members that write_included() writes; for json_schema.optional. */
extern const struct json_schema included_schema;
/* An object that has only these members. */
extern const struct json_schema only_included_schema;

#define LIMITS_INCLUDE 0, 256
#define DOC_INCLUDE                                                                                          \
	"reasons,next_action",                                                                               \
		"Members to add to the response, separated by commas: `reasons`, `next_action`."

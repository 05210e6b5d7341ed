/* The parameter `include` of the KYC routes: a comma-separated list of further members that the caller wants
 * in the response (spec/events.md 5). Without it the responses stay as they were. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/person/next_step.h"
#include "app/person/person_ids.h"
#include "app/person/reference.h"

struct include {
	bool user_id, reference, reasons, next_action;
};

/* What the members are written from. Each part is only needed if `include` has a word of it. */
struct included {
	const struct person_ids *ids;
	const struct next_step *step;
};

/* Reads the words of `include`; an empty text has none. White space around a word is ignored. If there is an
 * unknown or an empty word, returns false and sets `reply` to a 400. */
bool read_include(struct call *call, struct str text, struct include *out, struct reply *reply);
static inline bool include_has_step(const struct include *include)
{
	return include->reasons || include->next_action;
}
static inline bool include_has_ids(const struct include *include)
{
	return include->user_id || include->reference;
}
static inline bool include_has_any(const struct include *include)
{
	return include_has_step(include) || include_has_ids(include);
}
/* Reads the field `reference` of a body; an absent one is empty. A call with a reference asks for user_id and
 * reference in the answer, so they are added to `include`. If the reference has an invisible character,
 * returns false and sets `reply` to a 400. */
bool read_reference(struct call *call, struct str reference, struct include *include, struct reply *reply);

/* Writes the included members into the object that `w` has open. */
void write_included(struct json_writer *w, const struct include *include, struct included from);
/* Write single members of a person; they are also used without `include`. */
void write_user_id(struct json_writer *w, const char *key, const struct public_user_id *id);
void write_reference(struct json_writer *w, struct str reference);
void write_reasons(struct json_writer *w, struct reasons reasons);

/* The members that write_included() writes; for json_schema.optional. */
extern const struct json_schema included_schema;
/* An object that has only these members. */
extern const struct json_schema only_included_schema;

#define EXAMPLE_USER_ID "usr_01ja4w9dkd8fxhxv60f9d2qz8p"
#define LIMITS_INCLUDE 0, 256
#define DOC_INCLUDE                                                                                          \
	"user_id,reference,reasons,next_action",                                                             \
		"Members to add to the response, separated by commas: `user_id`, `reference`, `reasons`, "   \
		"`next_action`."
#define LIMITS_REFERENCE 1, REFERENCE_MAX_CHARACTERS
#define DOC_REFERENCE                                                                                         \
	"customer-4711",                                                                                      \
		"Your own id of the person: 1 to 128 printable characters. It is stored encrypted, need not " \
		"be unique, and replaces an earlier one. The answer then has `user_id` and `reference`."

/* Descriptions of the JSON objects in responses: one table per object, with one row per member. The JSON
 * Schema and the example in the OpenAPI document are generated from the table. The schema forbids other
 * members (additionalProperties is false). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/json.h"

enum member_kind {
	MEMBER_TEXT,
	MEMBER_URL,
	MEMBER_BOOL,
	MEMBER_INT,
	MEMBER_CONST_TEXT, /* a text that always has the value of `example` */
	MEMBER_CONST_INT,  /* a number that always has the value of `example` */
	MEMBER_TRUE,
	MEMBER_NULL,
	MEMBER_OBJECT,
	MEMBER_LIST,
	MEMBER_WORDS, /* a list of texts; `values` are those of its items (NULL: any), `example` is the only
			 item */
};

/* Returns the i-th value that a text may have, or NULL after the last one. Callers skip the value "" and
 * repeated values. */
typedef const char *value_list(size_t i);

struct json_schema;

struct schema_member {
	const char *name;
	enum member_kind kind;
	/* A text without quotes, or a JSON number, boolean or object; NULL: the example is null or comes from
	 * `schema`. */
	const char *example;
	/* Text for integrators, may contain `code` in backquotes; NULL: the name says enough. */
	const char *description;
	bool nullable;
	value_list *values;		  /* values that a text may have; NULL: any value */
	const struct json_schema *schema; /* schema of a MEMBER_OBJECT, or of the items of a MEMBER_LIST */
};

struct json_schema {
	const struct schema_member *members;
	size_t n;
	/* Members that only some responses have; they are in the schema, but not in the example. NULL: none.
	 */
	const struct json_schema *optional;
};

/* The members of `details` that respond_cause writes; `values` are those of `cause`. */
#define CAUSE_MEMBERS(example, description, values, example_explanation)                                     \
	{ "cause", MEMBER_TEXT, example, description, false, values, NULL },                                 \
	{                                                                                                    \
		"explanation", MEMBER_TEXT, example_explanation, "The cause in words, for developers.",      \
			false, NULL, NULL                                                                    \
	}

#define SCHEMA(list) SCHEMA_WITH(list, NULL)
#define SCHEMA_WITH(list, optional)                                                                          \
	{                                                                                                    \
		list, sizeof(list) / sizeof((list)[0]), optional                                             \
	}

/* Returns true if value `i` equals a value with a lower index. */
bool value_is_repeated(value_list *values, size_t i);
/* Writes the member `"enum":[…]` into the JSON object that `w` has open. */
void write_enum(struct json_writer *w, value_list *values, bool nullable);
/* Writes the JSON Schema of an object. */
void write_schema(struct json_writer *w, const struct json_schema *schema);
/* Writes the example of an object. */
void write_example(struct json_writer *w, const struct json_schema *schema);

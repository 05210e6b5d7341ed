/* JSON objects of responses as tables, one row per member. Schema and example are both derived from the rows,
 * and the schema is closed: it has no member without a row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/json.h"

enum member_kind {
	MEMBER_TEXT,
	MEMBER_URL,
	MEMBER_BOOL,
	MEMBER_INT,
	MEMBER_CONST_TEXT, /* the example is the only value */
	MEMBER_CONST_INT,  /* the example is the only value */
	MEMBER_TRUE,
	MEMBER_NULL,
	MEMBER_OBJECT,
	MEMBER_LIST,
};

/* The values that a text may have, by index; "" is skipped, NULL ends the list. Values may repeat. */
typedef const char *value_list(size_t i);

struct json_schema;

struct schema_member {
	const char *name;
	enum member_kind kind;
	const char *example; /* JSON for numbers and booleans, text without quotes for texts; NULL: null, or
				the schema's */
	const char *description; /* prose; NULL: the name says enough */
	bool nullable;
	value_list *values;		  /* of a text; NULL: any */
	const struct json_schema *schema; /* of an object, or of the items of a list */
};

struct json_schema {
	const char *name;
	const struct schema_member *members;
	size_t n;
};

#define SCHEMA(name, list)                                                                                   \
	{                                                                                                    \
		name, list, sizeof(list) / sizeof((list)[0])                                                 \
	}

/* Is value `i` the same as an earlier one? */
bool value_is_repeated(value_list *values, size_t i);
/* Writes `"enum":[…]` into an open object. */
void write_enum(struct json_writer *w, value_list *values, bool nullable);
void write_schema(struct json_writer *w, const struct json_schema *schema);
void write_example(struct json_writer *w, const struct json_schema *schema);

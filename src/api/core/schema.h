/* Descriptions of JSON objects in responses: a table with one row per member. The JSON Schema and the example
 * in the OpenAPI document are generated from it. The schema allows no other members (additionalProperties is
 * false). */
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

/* Returns the i-th value that a text may have; NULL: there are no more. The value "" is to be skipped. Values
 * may repeat. */
typedef const char *value_list(size_t i);

struct json_schema;

struct schema_member {
	const char *name;
	enum member_kind kind;
	const char *example;	 /* text without quotes, or a JSON number or boolean; NULL: null, or the
				    example of `schema` */
	const char *description; /* for integrators, with `code` in backquotes; NULL: the name is enough */
	bool nullable;
	value_list *values;		  /* the values that a text may have; NULL: any */
	const struct json_schema *schema; /* of MEMBER_OBJECT, or of the items of MEMBER_LIST */
};

struct json_schema {
	const struct schema_member *members;
	size_t n;
};

#define SCHEMA(list)                                                                                         \
	{                                                                                                    \
		list, sizeof(list) / sizeof((list)[0])                                                       \
	}

/* Returns true if value `i` equals an earlier one. */
bool value_is_repeated(value_list *values, size_t i);
/* Writes `"enum":[…]` into an open object. */
void write_enum(struct json_writer *w, value_list *values, bool nullable);
/* Write the JSON Schema and the example of an object. */
void write_schema(struct json_writer *w, const struct json_schema *schema);
void write_example(struct json_writer *w, const struct json_schema *schema);

/* The JSON objects that stand in our answers, a row a member. Schema and example are made from the same rows,
 * and are closed: what no row names is never said. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "text/json.h"

enum member_kind {
	MEMBER_TEXT,
	MEMBER_URL,
	MEMBER_BOOL,
	MEMBER_CONST_TEXT, /* a text: the example is the only one there is */
	MEMBER_CONST_INT,  /* whole; the only one, too */
	MEMBER_TRUE,
	MEMBER_NULL,
	MEMBER_OBJECT,
	MEMBER_LIST,
};

/* The words that a text may be, one after the other: "" is none, NULL the end. One may come twice. */
typedef const char *value_list(size_t i);

struct schema;

struct schema_member {
	const char *name;
	enum member_kind kind;
	const char *example;	 /* as text, also of numbers and flags; NULL: null, or the shape's */
	const char *description; /* for people; NULL: the name is enough */
	bool nullable;
	value_list *values;	     /* of a text; NULL: any */
	const struct schema *schema; /* of an object, or of each item of a list */
};

struct schema {
	const char *name;
	const struct schema_member *members;
	size_t n;
};

/* What is wrong with a message that is no challenge's. */
#define CAUSE_LINE_ENDS "line_ends"
#define CAUSE_NOT_IN_FORCE "not_in_force"

extern const struct schema shape_prepared, shape_wallet_prepared, shape_challenge, shape_bad_wallet,
	shape_bad_signature, shape_no_challenge, shape_session_started, shape_session_approved,
	shape_person_status, shape_no_session, shape_cause, shape_products;
/* Outside the envelope: the gateway's, the webhook's, health's. */
extern const struct schema shape_unauthorized, shape_too_many, shape_received, shape_live, shape_ready;

/* `"enum":[…]`, into an object that is open. */
void write_words(struct json_writer *w, value_list *values, bool nullable);
void write_schema(struct json_writer *w, const struct schema *schema);
void write_example(struct json_writer *w, const struct schema *schema);

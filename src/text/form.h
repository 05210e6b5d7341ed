/* Reads a JSON object or a query string into a struct, described by a table of fields. Unknown fields are
 * ignored. A body that is not a JSON object and a field that is given twice are reported first; of all other
 * problems, the first one in the order of the table is reported:
 *
 * FORM_MALFORMED: the body is not a JSON object, a field is given twice, has the wrong type, or is malformed.
 * FORM_MISSING: a required field is missing, null, or empty after trimming.
 *
 * Trimming removes white space and invisible characters (unicode_trim of text/unicode.h).
 *
 * Thread-safe; all memory is in the caller's arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"
#include "text/form_field.h"
#include "text/input_cause.h"

#define FIELD(type, member, kind, presence, min, max)                                                        \
	{                                                                                                    \
#member, (kind), (presence), offsetof(type, member), (min), (max), NULL, NULL                \
	}
/* A field with documentation; `limits` expands to min, max and `doc` to example, description. */
#define FIELD_DOC(type, member, kind, presence, limits, doc)                                                 \
	{                                                                                                    \
#member, (kind), (presence), offsetof(type, member), limits, doc                             \
	}

struct form {
	const struct field *fields;
	size_t n;
	size_t size;	     /* of the body struct, in bytes */
	const char *missing; /* message for FORM_MISSING, e.g. "email and code are required" */
	/* If true, at least one of the first `one_of_first` fields must be given. */
	bool one_of;
	size_t one_of_first;
	const char
		*post_only; /* of a form for queries: a field that only the form of the POST has, or NULL */
};

/* What is wrong with a body or a query. */
struct form_problem {
	struct str
		message; /* names the field, but does not repeat its value; on FORM_MISSING form->missing */
	enum input_cause cause;
};

enum form_verdict { FORM_READ, FORM_MISSING, FORM_MALFORMED, FORM_TOO_LARGE /* the arena is full */ };

/* Reads a JSON object; an empty text counts as an empty object. On FORM_READ `*body` is the filled struct, in
 * the arena. On FORM_MALFORMED and FORM_MISSING `*problem` is set. */
enum form_verdict form_read_json(const struct form *form, struct str text, struct arena *a, void **body,
	struct form_problem *problem) must_use;
/* A query string with more parameters is malformed. */
#define FORM_PARAMETERS_MAX 64
/* Reads a query string (without the "?") like form_read_json. In a FIELD_EMAIL, a space is read as "+"
 * (interface.md 3). */
enum form_verdict form_read_query(const struct form *form, struct str query, struct arena *a, void **body,
	struct form_problem *problem) must_use;

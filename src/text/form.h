/* A JSON object or a query string → struct, by a table of fields. Unknown fields are ignored. One walk, one
 * place for every refusal: body is no JSON object, a field twice, wrong type, malformed value  →
 * FORM_MALFORMED, naming the field a required field that is missing, empty (after trimming) or null    →
 * FORM_MISSING A malformed field outranks a missing one only when it stands in the table before it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

enum field_kind {
	FIELD_TEXT,    /* struct str; trimmed; length within [min, max] bytes; no control characters */
	FIELD_EXACT,   /* struct str; not trimmed; length within [min, max] bytes; any character */
	FIELD_EMAIL,   /* struct str; normalised (text/email.h) */
	FIELD_DIGITS,  /* struct str; a code as people type it (text/digit_input.h); what is no digit then is
			  kept,  for the rule to  refuse, and so is any length */
	FIELD_LANGUAGE /* struct str; anything that is a text is taken, trimmed and cut at 35 bytes (never
			  inside a character); what is no text is not there; never an error */
};

enum presence { FIELD_REQUIRED, FIELD_OPTIONAL };

struct field {
	const char *name;
	enum field_kind kind;
	enum presence presence;
	size_t offset;	 /* of a struct str in the body struct; an absent optional field stays { NULL, 0 } */
	size_t min, max; /* of FIELD_TEXT and FIELD_EXACT, in bytes */
	/* For an API's documentation; NULL where a form has none. */
	const char *example, *description;
};

#define FIELD(type, member, kind, presence, min, max)                                                        \
	{                                                                                                    \
#member, (kind), (presence), offsetof(type, member), (min), (max), NULL, NULL                \
	}
/* With documentation; `limits` expands to min, max and `doc` to example, description. */
#define FIELD_DOC(type, member, kind, presence, limits, doc)                                                 \
	{                                                                                                    \
#member, (kind), (presence), offsetof(type, member), limits, doc                             \
	}

struct form {
	const struct field *fields;
	size_t n;
	size_t size;	     /* of the body struct */
	const char *missing; /* the sentence for a missing field: "email and code are required" */
	bool one_of; /* at least one of the first `one_of_first` fields, all optional, must be there */
	size_t one_of_first;
};

enum form_verdict { FORM_READ, FORM_MISSING, FORM_MALFORMED, FORM_TOO_LARGE /* the call's memory */ };

/* On FORM_READ `*body` is a zeroed and filled struct in the arena. On FORM_MALFORMED `*why` is a sentence for
 * people that names the field and repeats nothing of its value; on FORM_MISSING it is the form's sentence.
 * Texts live in the arena. An empty body is read as an empty object. */
enum form_verdict form_read_json(
	const struct form *form, struct str text, struct arena *a, void **body, struct str *why) must_use;
/* A query string with more parameters is malformed. */
#define FORM_PARAMETERS_MAX 64
/* The same from a query string (without "?"). In FIELD_EMAIL a space is read as "+" (interface.md 3). */
enum form_verdict form_read_query(
	const struct form *form, struct str query, struct arena *a, void **body, struct str *why) must_use;

/* The fields of a form (text/form): their description, and the check of the value of one field. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/err.h"
#include "base/str.h"

enum field_kind {
	FIELD_TEXT,	  /* struct str; trimmed; length within [min, max] bytes; no control characters */
	FIELD_CHARACTERS, /* like FIELD_TEXT, but min and max are numbers of Unicode characters, and a text
			   that is empty after trimming is malformed, not absent */
	FIELD_SCALAR,	  /* like FIELD_TEXT, but may also be given as a JSON integer, which is converted to
			     decimal digits */
	FIELD_EXACT,	  /* struct str; not trimmed; length within [min, max] bytes; any character */
	FIELD_EMAIL,	  /* struct str; normalised (text/email.h) */
	FIELD_DIGITS,	/* struct str; normalised digits (text/digit_input.h); other characters and the length
			   are not checked here but by the KYC rules */
	FIELD_LANGUAGE, /* struct str; a language tag, trimmed, truncated to 35 bytes; any other value counts
			  as absent and is not an error */
	FIELD_INTEGER,	/* struct form_integer; value within [min, max]; in a query decimal digits, in JSON an
			   integer */
	FIELD_WORDS, /* struct str; from `min` to `max` words, separated by commas; in JSON a list of texts.
			The words themselves are not checked, except that none is empty or has a comma */
	FIELD_FLAG   /* struct form_integer; 1: true, 0: false; in a query the word, in JSON a boolean */
};

struct form_integer {
	int64_t value;
	bool is_given;
};

enum presence {
	FIELD_REQUIRED,
	FIELD_OPTIONAL,
	/* Optional. An empty text counts as given, so that it can replace another text: it becomes a text of
	 * length 0 whose `p` is not NULL. */
	FIELD_CLEARABLE
};

struct field {
	const char *name;
	enum field_kind kind;
	enum presence presence;
	/* Offset of the member in the body struct. An absent optional field is filled with zeros. */
	size_t offset;
	/* Length in bytes, for FIELD_TEXT and FIELD_EXACT; in characters, for FIELD_CHARACTERS; values, for
	 * FIELD_INTEGER; number of words, for FIELD_WORDS. */
	size_t min, max;
	const char *example, *description; /* for the API documentation; NULL if the form has none */
};

/* Parses the text of a field by its kind. An absent value leaves `out` unchanged. ERR_INPUT: malformed;
 * ERR_INTERNAL: out of memory. */
enum err field_parse(const struct field *field, struct str text, struct arena *a, struct str *out) must_use;
/* Returns the length of a text as `min` and `max` count it. */
size_t field_length(const struct field *field, struct str text);
/* Returns the number of words that are separated by commas. */
size_t field_count_words(struct str words);
/* Writes the parsed text of a field into its member of the body struct. */
void field_fill(const struct field *field, struct str value, char *body);

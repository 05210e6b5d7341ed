/* Templates with placeholders such as {name}: finds them and replaces them by values. A name consists of
 * lower-case letters; other braces are plain text. Inserted values are not searched for placeholders.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum placeholder_kind {
	PLACEHOLDER_TEXT,   /* in HTML, the value is escaped */
	PLACEHOLDER_NAME,   /* a person's or company's name; in HTML, it is escaped and put into <bdi> to
			       isolate its writing direction */
	PLACEHOLDER_MARKUP, /* in HTML, the value is inserted unchanged, because it is markup already */
};

struct placeholder {
	const char *name;
	struct str value;
	enum placeholder_kind kind;
};

/* Finds the next placeholder. Sets `name` to its name and `before` to the text before it, and removes both
 * from the front of `rest`. Returns false if there is no placeholder; then `before` is all of `rest`. */
bool placeholder_next(struct str *rest, struct str *before, struct str *name);
/* Appends the pattern to `out` with its placeholders replaced. A placeholder that has no value is left in the
 * text. */
void placeholders_fill(
	struct buf *out, struct str pattern, const struct placeholder *values, size_t n, bool html);

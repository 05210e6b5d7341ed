/* Templates with placeholders such as {name}: finds them and replaces them by values. A name consists of
 * lower-case letters; other braces are plain text. Inserted values are not searched for placeholders.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum placeholder_kind {
	PLACEHOLDER_TEXT,   /* in HTML: escaped */
	PLACEHOLDER_NAME,   /* a person's or company's name; in HTML: escaped, in <bdi> to isolate its writing
			       direction */
	PLACEHOLDER_MARKUP, /* in HTML: inserted as it is, because the value is markup already */
};

struct placeholder {
	const char *name;
	struct str value;
	enum placeholder_kind kind;
};

/* Finds the next placeholder and removes it and the text before it from the front of `rest`. Returns false if
 * there is none; then `before` is the whole rest. */
bool placeholder_next(struct str *rest, struct str *before, struct str *name);
/* Appends the pattern to `out` with its placeholders replaced. A placeholder without a value is left as it
 * is. */
void placeholders_fill(
	struct buf *out, struct str pattern, const struct placeholder *values, size_t n, bool html);

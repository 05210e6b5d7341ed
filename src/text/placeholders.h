/* Texts with {names} in them: found, and filled in. A name is small letters between braces; any other brace
 * is text. What is put in is never looked through for names again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum placeholder_kind {
	PLACEHOLDER_TEXT,   /* escaped in HTML */
	PLACEHOLDER_NAME,   /* somebody's name: in HTML it keeps its own direction of writing too (<bdi>) */
	PLACEHOLDER_MARKUP, /* markup already, where it is HTML */
};

struct placeholder {
	const char *name;
	struct str value;
	enum placeholder_kind kind;
};

/* Takes the text before the next {name} and the name off the front of `rest`. False: there is no more name,
 * `before` is all of the rest. */
bool placeholder_next(struct str *rest, struct str *before, struct str *name);
/* A name that is not among the values stays as it stands. */
void placeholders_fill(
	struct buf *out, struct str pattern, const struct placeholder *values, size_t n, bool html);

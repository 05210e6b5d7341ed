/* Texts with {names} in them: found, and filled in. A name is small letters between braces; any other brace
 * is text. What is put in is never looked through for names again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

enum pattern_kind {
	PATTERN_PLAIN, /* escaped in HTML */
	PATTERN_NAME,  /* somebody's name: in HTML it keeps its own direction of writing too (<bdi>) */
	PATTERN_READY, /* markup already, where it is HTML */
};

struct pattern_value {
	const char *name;
	struct str value;
	enum pattern_kind kind;
};

/* Takes the text before the next {name} and the name off the front of `rest`. False: there is no more name,
 * `before` is all of the rest. */
bool pattern_next(struct str *rest, struct str *before, struct str *name);
/* A name that is not among the values stays as it stands. */
void pattern_fill(
	struct buf *out, struct str pattern, const struct pattern_value *values, size_t n, bool html);

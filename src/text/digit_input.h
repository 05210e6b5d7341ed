/* A one-time code as people type or paste it, brought to plain digits: spaces, hyphens and invisible marks
 * are dropped, full-width (U+FF10) and Arabic-Indic (U+0660, U+06F0) digits become ASCII. All else stays, for
 * the rule to refuse. The text must be UTF-8; the result lives in the arena. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* ERR_INTERNAL when the arena is full. */
enum err digit_input_normalise(struct arena *a, struct str typed, struct str *out) must_use;

/* What a phone would take for a code, in any of these writings. */
#define AUTOFILL_DIGITS 6
/* How many digits, in any of these writings, the text begins with. */
size_t digit_input_prefix(struct str text);
/* The text; where so many digits or more stand in a row they are put in threes, as numbers are, with narrow
 * no-break spaces (U+202F). */
void digit_input_group(struct buf *out, struct str text);

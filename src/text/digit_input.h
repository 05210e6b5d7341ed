/* Normalises digits that a person typed or pasted, e.g. a one-time code: removes spaces, hyphens and
 * invisible marks, and converts the decimal digits of other scripts (Arabic-Indic, Devanagari, Thai,
 * full-width …) to ASCII. Other characters are kept, so that the check of the code rejects them. The input
 * must be UTF-8. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* The result is in the arena. ERR_INTERNAL: the arena is full. */
enum err digit_input_normalise(struct arena *a, struct str typed, struct str *out) must_use;

/* A phone's autofill takes a run of this many digits (of any script) for a one-time code. */
#define AUTOFILL_DIGITS 6
/* Returns the number of digits (of any script) at the start of the text. */
size_t digit_input_prefix(struct str text);
/* Appends the text to `out`. Runs of AUTOFILL_DIGITS or more digits are split into groups of three with
 * narrow no-break spaces (U+202F), like large numbers, so that autofill does not take them for a code. */
void digit_input_group(struct buf *out, struct str text);

/* A report of one page as PDF 1.4 (ISO 32000-1 section 7.5): the least that viewers accept, with lines of
 * ASCII text. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Bytes of the lines outside printable ASCII become '?'. ERR_INPUT when the arena is full. */
enum err pdf_write(struct arena *a, const struct str *lines, size_t n, struct str *out) must_use;

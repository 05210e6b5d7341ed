/* Writes a one-page report as a minimal PDF 1.4 file (ISO 32000-1 section 7.5). The report consists of lines
 * of ASCII text. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Writes the report. Bytes outside printable ASCII are replaced by '?'. Returns ERR_INPUT if the result does
 * not fit into the arena. */
enum err pdf_write(struct arena *a, const struct str *lines, size_t n, struct str *out) must_use;

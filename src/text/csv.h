/* Writes comma-separated values (RFC 4180) for spreadsheets. Thread-safe. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* Writes one line of n fields, each in quotes. A field that a spreadsheet would read as a formula, because it
 * begins with = + - @ or a control character, gets an apostrophe in front, so that it is shown as text. */
void csv_line(struct buf *out, const struct str *fields, size_t n);

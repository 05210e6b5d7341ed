/* Encodes the parts of an e-mail for transport (RFC 2045) so that no encoding adds six digits in a row, which
 * a phone could take for a one-time code. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/str.h"

#define CODE_DIGITS 6 /* a phone takes this many digits in a row for a code */

/* Returns the length of the piece at `i` that must not be split: one UTF-8 character, or a run of up to 16
 * digits. A one-time code is such a run, so it stays whole. */
size_t mime_unsplittable_length(struct str s, size_t i);
/* Appends the text in quoted-printable, and a line end. */
void mime_add_quoted_printable(struct buf *out, struct str s);
/* Appends base64 in lines of whole groups of four characters. A line ends early where the next group would
 * make it contain six digits in a row; a group alone has at most four. */
void mime_add_base64(struct buf *out, struct str encoded);

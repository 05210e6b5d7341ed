/* Matches language tags (BCP 47) against a list of available languages. There are no errors: a malformed or
 * unknown tag matches nothing. Case is ignored and `_` counts as `-`. Tags are ASCII of any length.
 * Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Returns the index in `offered` of the best match for the tag: the same tag; else the tag without its last
 * subtags (`es-419` → `es`); else the first tag of the same language (`pt` → `pt-BR`). Returns `n` if nothing
 * matches. */
size_t language_nearest(struct str tag, const struct str *offered, size_t n);
/* Tries the tags of `preferred` in order. For the first of them that matches anything, returns the index of
 * its best match in `offered`. Returns `n` if none matches. */
size_t language_choose(const struct str *preferred, size_t n_preferred, const struct str *offered, size_t n);
/* Returns the index in `offered` of the best match for an Accept-Language header (RFC 9110 section 12.5.4);
 * `n` if nothing matches. `*` and malformed items are ignored. */
size_t language_accepted(struct str header, const struct str *offered, size_t n);
/* Returns whether the text is a plausible tag: a two-letter code of ISO 639-1 or any three letters, then
 * subtags of 1 to 8 letters and digits separated by hyphens; at most 35 characters. */
bool language_is_tag(struct str tag);
/* Returns whether the language of the tag is written from right to left: its script is one that is, such as
 * Arab or Hebr, or else the language is usually written in such a script. */
bool language_tag_is_rtl(struct str tag);

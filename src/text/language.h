/* Language tags (BCP 47) against a list of what there is. Nothing is an error here: what is near to nothing
 * is no wish at all. Case counts for nothing, and `_` is `-`. Tags are ASCII of any length. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Which of `offered` is nearest to the tag: the same; else the same without subtags at the end (`es-419` →
 * `es`); else the first of the same language (`pt` → `pt-BR`). `n` when there is none. */
size_t language_nearest(struct str tag, const struct str *offered, size_t n);
/* What the first of the wishes that comes near to something comes near to; `n` when none does. */
size_t language_choose(const struct str *wishes, size_t n_wishes, const struct str *offered, size_t n);
/* The best of an Accept-Language header (RFC 9110 section 12.5.4); `*` and what is malformed wishes for
 * nothing. `n` when there is none. */
size_t language_accepted(struct str header, const struct str *offered, size_t n);
/* A tag as a person would write it: a language of ISO 639 of two letters that there is, or any of three,
 * then subtags of 1 to 8 letters and digits behind hyphens; at most 35 characters. */
bool language_is_tag(struct str tag);

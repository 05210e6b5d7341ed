/* Strings are slices: pointer and length, never owned, never "0-terminated by promise". All comparisons are
 * byte-wise; the `_nocase` ones fold ASCII letters only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct str {
	const char *p;
	size_t n;
};

/* clang-format off */
#define STR_INIT(literal) { "" literal, sizeof(literal) - 1 } /* in tables     */
#define STR(literal) ((struct str)STR_INIT(literal))          /* in statements */
#define STR_ARG(s) (int)(s).n, (s).p                          /* for "%.*s"    */
/* clang-format on */

/* The slice over a 0-terminated text; NULL gives the empty slice. */
struct str str_of(const char *text);

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Byte order; a prefix sorts before what it begins. */
int str_cmp(struct str a, struct str b);
bool str_has(struct str s, char c);

/* Takes the part before the first `sep` off the front of `rest`; `rest` is what follows it. Without a `sep`
 * the head is all of `rest`, which becomes empty, and false is returned. */
bool str_cut(struct str *rest, char sep, struct str *head);

/* Without ASCII spaces, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/* The part from `from` on; empty when there is none. */
struct str str_from(struct str s, size_t from);

/* A whole decimal number, digits only, within [0, max]. False leaves `out` alone. */
bool str_number(struct str s, int64_t max, int64_t *out);

/* Copies into `out` (capacity `size` with the final 0). False, and nothing written, when it does not fit or
 * holds a NUL. */
bool str_copy_to(struct str s, char *out, size_t size) must_use;
/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms)? */
bool str_is_utf8(struct str s);

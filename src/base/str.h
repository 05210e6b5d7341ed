/* Strings as slices: a pointer and a length. A slice does not own its memory and is NUL-terminated only where
 * a comment says so. Comparisons are byte-wise; `_nocase` functions ignore the case of ASCII letters only.
 */
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

/* Slice of a NUL-terminated text; NULL gives the empty slice. */
struct str str_of(const char *text);

bool str_eq(struct str a, struct str b);
bool str_eq_nocase(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Compares byte by byte, like strcmp; a string sorts after its own prefixes. */
int str_cmp(struct str a, struct str b);
/* Returns whether `s` contains `c`. */
bool str_has(struct str s, char c);

/* Splits `rest` at the first `sep`: `first` gets the part before `sep`, `rest` the part after it. If there is
 * no `sep`, `first` gets all of `rest`, `rest` becomes empty, and the function returns false. */
bool str_cut(struct str *rest, char sep, struct str *first);

/* Removes ASCII spaces, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);
/* The part of `s` from index `from` on; empty if `s` is shorter. */
struct str str_from(struct str s, size_t from);

/* Parses a decimal integer (digits only) from 0 to `max`. On failure returns false and leaves `out`
 * unchanged. */
bool str_number(struct str s, int64_t max, int64_t *out);

/* Copies `s` into `out` with a final NUL; `size` is the size of `out`. Returns false and writes nothing if
 * `s` does not fit or contains a NUL. */
bool str_copy_to(struct str s, char *out, size_t size) must_use;
/* Returns whether `s` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool str_is_utf8(struct str s);

/* Properties of Unicode characters that people type or paste without noticing: blanks, and digits of other
 * scripts (Unicode 15). Also reads single UTF-8 characters. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* Returns the length in bytes of the UTF-8 character at the start of `s`, which is not empty. A byte that
 * starts no character, or that starts an incomplete one, counts as a character of length 1. */
size_t utf8_width(struct str s);
/* Returns the code point of the UTF-8 character that consists of the `n` bytes at `p`; `n` is the result of
 * utf8_width(). A single byte that is not ASCII gives U+FFFD. Several bytes that are not UTF-8 give an
 * unspecified value. */
uint32_t utf8_decode(const char *p, size_t n);

/* Returns whether `c` is a blank: invisible at the start or end of a text. Blanks are white space, no-break
 * spaces, joiners, direction marks and other marks that keyboards, bidirectional text and copying from a page
 * can add. */
bool unicode_is_blank(uint32_t c);
/* Removes blanks at both ends of `s`. Bytes that are not UTF-8 are not blanks. */
struct str unicode_trim(struct str s);

/* Returns the ASCII digit with the value of the decimal digit `c` of any script, or 0 if `c` is not a
 * digit. */
char unicode_digit(uint32_t c);

/* Normalises e-mail addresses (interface.md 3): trimmed (text/unicode.h); lower case; ASCII local part
 * without quotes (RFC 5321 dot-string) of at most 64 bytes; domain in ASCII form (IDNA 2008, UTS 46
 * non-transitional, libidn2) with at least one dot, no IP literal; at most 254 bytes. Plus tags and dots in
 * the local part are kept, so addresses that differ only in these are different. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define EMAIL_MAX 254

/* The result is in the arena. ERR_INPUT: not a valid address; ERR_INTERNAL: out of memory. */
enum err email_normalise(struct arena *a, struct str raw, struct str *out) must_use;

/* The one form of an e-mail address (interface.md 3): trimmed, lower case, ASCII local part without quotes
 * (RFC 5321 dot-string), domain in ASCII form (IDNA 2008, UTS 46 non-transitional, libidn2) with at least one
 * dot and no IP literal, at most 254 bytes, local part at most 64. No plus-tag or dot tricks. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define EMAIL_MAX 254

/* ERR_INPUT when it is not such an address, ERR_INTERNAL when memory ran out. */
enum err email_normalise(struct arena *a, struct str raw, struct str *out) must_use;

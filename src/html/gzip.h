/* Compression of the replies with assets (RFC 1952). Pages are not compressed: they contain the token of a
 * link beside text that a request may choose, and the size of a compressed reply could reveal the token.
 * Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/message.h"

/* Returns whether the client accepts a compressed reply (Accept-Encoding, RFC 9110 12.5.3). */
bool gzip_is_accepted(const struct request *request);
/* Compresses the text into the arena. ERR_INPUT: the arena is full. */
enum err gzip_write(struct arena *a, struct str text, struct str *out) must_use;

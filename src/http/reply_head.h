/* Writes the head of a response: status line and headers (RFC 9112 section 4). There is no Server header, so
 * that clients do not learn which software answers. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "http/message.h"

/* Properties of the connection that affect the head. */
struct reply_options {
	bool is_http10; /* the request was HTTP/1.0 */
	bool keep_alive;
	const char *date; /* value of the Date header (RFC 9110 section 5.6.7) */
};

/* Returns whether a response with this status may have a body and a Content-Length (RFC 9110 section 8.6). */
bool reply_has_length(int status);
/* Returns an upper limit for the number of bytes that reply_head_write writes. */
size_t reply_head_room(const struct reply *reply);
/* Writes the head without a final NUL. `out` has at least reply_head_room bytes. Returns the number of bytes
 * written. */
size_t reply_head_write(const struct reply *reply, const struct reply_options *options, char *out);

/* The lines in front of an answer's body, as bytes (RFC 9112 section 4). No Server line: who asks need not
 * know. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "http/message.h"

/* How the connection goes on, and with whom. */
struct reply_terms {
	bool is_http10; /* the request was HTTP/1.0 */
	bool keep_alive;
	const char *date; /* RFC 9110 section 5.6.7 */
};

/* May an answer of this status have a body, and so a Content-Length (RFC 9110 section 8.6)? */
bool reply_has_length(int status);
/* An upper bound of what reply_head_write() needs. */
size_t reply_head_room(const struct reply *reply);
/* Returns how many bytes were written. */
size_t reply_head_write(const struct reply *reply, const struct reply_terms *terms, char *out);

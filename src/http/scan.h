/* A strict walk over the raw bytes of requests, beside the parser: what RFC 9112 calls malformed is refused
 * at the very byte that breaks it, whatever the parser behind would tolerate, so that two programs in a row
 * never disagree about where a request ends. Judges bytes one after the other: how they were cut into pieces
 * changes nothing. Owns no memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/message.h"

enum scan_verdict {
	SCAN_MORE,    /* all bytes were taken, and it goes on */
	SCAN_DONE,    /* the head, or the chunked body with its trailers, ends at `used` */
	SCAN_REFUSED, /* `why` says what for; later bytes do not matter any more */
};

struct scan {
	size_t head_limit, body_limit; /* bytes */
	size_t counted;		       /* bytes of the head; then of chunk extensions and trailers */
	size_t lines;		       /* header lines of the head; then of the trailers */
	size_t method_end, target_end; /* from the first byte of the request line */
	size_t body, chunk;	       /* bytes of content so far; bytes missing of this chunk */
	uint8_t state, digits;
	int minor;    /* 0 or 1: HTTP/1.0, HTTP/1.1 */
	bool skipped; /* the one empty line that may stand before a request line */
};

void scan_head(struct scan *s, size_t head_limit, size_t body_limit);
/* After SCAN_DONE of the head: a chunked body follows. */
void scan_chunks(struct scan *s);
/* No byte of a request line yet. */
bool scan_at_start(const struct scan *s);
enum scan_verdict scan_bytes(
	struct scan *s, const char *p, size_t n, size_t *used, enum refusal *why) must_use;

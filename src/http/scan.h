/* Strict check of the raw bytes of requests, in addition to llhttp. Rejects a request at the first byte that
 * RFC 9112 does not allow, even if llhttp would tolerate it, so that kycd and a proxy in front of it always
 * agree where a request ends (no request smuggling). Checks byte by byte, so the result does not depend on
 * how the input is split. Owns no memory. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "http/message.h"

enum scan_verdict {
	SCAN_MORE,    /* all bytes are valid; more input is needed */
	SCAN_DONE,    /* the head, or the chunked body with its trailers, ends at `used` */
	SCAN_REFUSED, /* the request is invalid, see `why`; later bytes are not checked */
};

struct scan {
	size_t head_limit, body_limit; /* bytes */
	size_t counted; /* number of bytes of the head; in a chunked body, of chunk extensions and trailers */
	size_t lines;	/* number of headers; in a chunked body, number of trailers */
	size_t method_end, target_end; /* offsets from the first byte of the request line */
	size_t body;		       /* number of content bytes so far */
	size_t chunk;		       /* number of bytes of the current chunk that are still missing */
	uint8_t state, digits;
	int minor;    /* minor HTTP version, 0 or 1 */
	bool skipped; /* an empty line before the request line was skipped; only one is allowed */
};

/* Prepares `s` for the head of a request. The limits are in bytes. */
void scan_head(struct scan *s, size_t head_limit, size_t body_limit);
/* Prepares `s` for a chunked body. Called after SCAN_DONE for the head. */
void scan_chunks(struct scan *s);
/* Returns whether no byte of a request line has been scanned. */
bool scan_at_start(const struct scan *s);
/* Scans `n` bytes. Sets `used` to the number of bytes accepted and, on SCAN_REFUSED, `why`. */
enum scan_verdict scan_bytes(
	struct scan *s, const char *p, size_t n, size_t *used, enum refusal *why) must_use;

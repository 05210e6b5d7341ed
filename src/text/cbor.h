/* Reads CBOR (RFC 8949) item by item, as authenticators write it (CTAP2 canonical form): lengths are stated
 * in advance, and there are no tags. Numbers need not be in their shortest form. Texts are not checked for
 * valid UTF-8. Allocates nothing; results point into the input. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

/* cbor_skip refuses an item that contains more levels of lists and maps. */
#define CBOR_DEPTH_MAX 16

enum cbor_kind {
	CBOR_ABSENT, /* never read; for values that are zero */
	CBOR_INTEGER,
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_LIST,
	CBOR_MAP,
	CBOR_OTHER /* true, false, null, undefined, floating point */
};

struct cbor_item {
	enum cbor_kind kind;
	int64_t integer; /* CBOR_INTEGER */
	struct str text; /* CBOR_BYTES and CBOR_TEXT */
	size_t count;	 /* CBOR_LIST: items that follow; CBOR_MAP: pairs of items that follow */
};

/* Reads the item at the front of `rest` and removes it; of a list or a map only the head. Returns false if
 * the input is malformed or ends too early; `rest` is then undefined. */
bool cbor_next(struct str *rest, struct cbor_item *item) must_use;
/* Removes one item with everything in it. Returns false like cbor_next. */
bool cbor_skip(struct str *rest) must_use;

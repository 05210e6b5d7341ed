/* Arena allocator: memory for one call (a request, a job) that is freed all at once. Single allocations
 * cannot be freed. Not thread-safe. Freed memory is not overwritten; code that stores a secret in an arena
 * calls arena_wipe first. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *last;
	size_t used, limit; /* bytes */
};

/* Usual limit for the arena of one call, in bytes. */
#define ARENA_CALL_LIMIT ((size_t)256 * 1024)

void arena_init(struct arena *a, size_t limit);
/* Frees all memory. The arena can be used again after another arena_init. Accepts a zeroed arena. */
void arena_finish(struct arena *a);
/* Overwrites all memory of the arena with zeros, including the block that arena_reset kept. After arena_wipe,
 * the only function that may be called is arena_finish. */
void arena_wipe(struct arena *a);
/* Releases all allocations. Keeps one block of memory for the next use of the arena. */
void arena_reset(struct arena *a);

/* A position in an arena. arena_rewind returns to it when work is repeated, e.g. a transaction. */
struct arena_mark {
	struct arena_block *last;
	size_t taken; /* bytes in use of the block `last` */
	size_t used;  /* bytes in use of the whole arena */
};

struct arena_mark arena_mark(const struct arena *a);
/* Overwrites and releases all allocations made after the mark; earlier allocations stay valid. Marks made
 * after `mark` become invalid. */
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Allocates zeroed bytes, aligned to `align` (a power of two, at most 4,096). Returns NULL if the arena's
 * limit is reached or the system has no memory. Bytes skipped for alignment count towards the limit. */
void *arena_bytes(struct arena *a, size_t size, size_t align) must_use;

#define arena_new(a, type) ((type *)arena_bytes((a), sizeof(type), _Alignof(type)))
/* Allocates an array of `n` zeroed elements. Returns NULL like arena_bytes, and also if the size of the array
 * overflows size_t. */
#define arena_array(a, type, n) ((type *)arena_many((a), sizeof(type), (n), _Alignof(type)))
void *arena_many(struct arena *a, size_t size, size_t n, size_t align) must_use;

/* Copies the string and appends a NUL byte, which is not counted in `n`. If memory is exhausted, the result's
 * `p` is NULL and its `n` is 0; the copy of an empty string has a non-NULL `p`. */
struct str arena_copy(struct arena *a, struct str s) must_use;
/* Formats like printf and appends a NUL byte, which is not counted in `n`. If memory is exhausted, the
 * result's `p` is NULL. */
struct str arena_printf(struct arena *a, const char *format, ...) printf_like(2, 3) must_use;

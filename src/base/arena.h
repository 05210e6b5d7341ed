/* Memory that lives exactly as long as one call. Nothing in it is freed by itself; the whole is freed at
 * once. Not for threads at the same time. It is not wiped: who puts a secret into one calls arena_wipe. */
#pragma once

#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *last;
	size_t used, limit; /* bytes */
};

/* What one call may use at most, in bytes. */
#define ARENA_CALL_LIMIT ((size_t)256 * 1024)

void arena_init(struct arena *a, size_t limit);
/* Frees all. The arena can be used again after another arena_init. Accepts a zeroed arena. */
void arena_finish(struct arena *a);
/* Overwrites all that it has handed out with zeros, also what an arena_reset kept. Then only arena_finish. */
void arena_wipe(struct arena *a);
/* Everything handed out is gone; keeps one block for the next use. */
void arena_reset(struct arena *a);

/* A place to come back to, for what is tried more than once. */
struct arena_mark {
	struct arena_block *last;
	size_t taken; /* of its bytes */
	size_t used;
};

struct arena_mark arena_mark(const struct arena *a);
/* All that was handed out since the mark is overwritten and gone; what was there before stays. Marks made in
 * between are void. */
void arena_rewind(struct arena *a, struct arena_mark mark);

/* Zeroed bytes, aligned to `align` (a power of two, at most 4,096); NULL when the limit or the system's
 * memory is reached. What alignment skips counts as well. */
void *arena_bytes(struct arena *a, size_t size, size_t align) must_use;

#define arena_new(a, type) ((type *)arena_bytes((a), sizeof(type), _Alignof(type)))
/* NULL also when the multiplication would overflow. */
#define arena_array(a, type, n) ((type *)arena_many((a), sizeof(type), (n), _Alignof(type)))
void *arena_many(struct arena *a, size_t size, size_t n, size_t align) must_use;

/* A copy with a 0 behind it. On failure p is NULL and n is 0; a copy of the empty slice has a p. */
struct str arena_copy(struct arena *a, struct str s) must_use;
/* Formatted, with a 0 behind it; on failure p is NULL. */
struct str arena_printf(struct arena *a, const char *format, ...) printf_like(2, 3) must_use;

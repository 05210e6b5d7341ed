#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks double from the first size to the largest; what is larger gets a block of its own, which a reset
 * gives back. */
#define FIRST_BLOCK ((size_t)4 * 1024)
#define LARGEST_BLOCK ((size_t)32 * 1024)
#define LARGEST_ALIGN ((size_t)4096)

/* Under ASan what is not handed out is poisoned, and a gap behind every piece keeps neighbours from touching.
 * ASan sees the end of a piece to the byte, its start only at multiples of 8. */
#if UNDER_ASAN
#include <sanitizer/asan_interface.h>
#define GAP ((size_t)16)
#define SMALLEST_ALIGN ((size_t)8)
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define GAP ((size_t)0)
#define SMALLEST_ALIGN ((size_t)1)
#endif

struct arena_block {
	struct arena_block *older;
	size_t size, used; /* of bytes */
	_Alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

static void block_free(struct arena_block *block)
{
	ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
	free(block);
}

void arena_wipe(struct arena *a)
{
	for (struct arena_block *block = a->last; block != NULL; block = block->older) {
		ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
		explicit_bzero(block->bytes, block->size);
	}
}

void arena_finish(struct arena *a)
{
	struct arena_block *older;

	for (struct arena_block *block = a->last; block != NULL; block = older) {
		older = block->older;
		block_free(block);
	}
	*a = (struct arena){ 0 };
}

/* Keeps the newest block of a common size: the arena then has the size that its last calls needed, and one
 * huge call does not stay in memory. */
void arena_reset(struct arena *a)
{
	struct arena_block *kept = NULL, *older;

	for (struct arena_block *block = a->last; block != NULL; block = older) {
		older = block->older;
		if (kept != NULL || block->size > LARGEST_BLOCK) {
			block_free(block);
			continue;
		}
		ASAN_POISON_MEMORY_REGION(block->bytes, block->size);
		block->used = 0;
		block->older = NULL;
		kept = block;
	}
	a->last = kept;
	a->used = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->last, a->last != NULL ? a->last->used : 0, a->used };
}

static void block_cut(struct arena_block *block, size_t taken)
{
	ASAN_UNPOISON_MEMORY_REGION(block->bytes + taken, block->used - taken);
	explicit_bzero(block->bytes + taken, block->used - taken);
	ASAN_POISON_MEMORY_REGION(block->bytes + taken, block->size - taken);
	block->used = taken;
}

void arena_rewind(struct arena *a, struct arena_mark mark)
{
	while (a->last != mark.last) {
		struct arena_block *const older = a->last->older;

		block_cut(a->last, 0);
		block_free(a->last);
		a->last = older;
	}
	if (a->last != NULL)
		block_cut(a->last, mark.taken);
	a->used = mark.used;
}

static size_t padding(uintptr_t at, size_t align)
{
	return (size_t)(-at & (align - 1));
}

/* A piece of the block, not yet cleared; NULL when it has no room for it. */
static char *block_take(struct arena_block *block, size_t size, size_t align)
{
	const size_t skipped = padding((uintptr_t)(block->bytes + block->used), align);
	const size_t room = block->size - block->used;
	char *p;

	if (skipped > room || size + GAP > room - skipped)
		return NULL;
	p = block->bytes + block->used + skipped;
	block->used += skipped + size + GAP;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

static struct arena_block *block_add(struct arena *a, size_t least)
{
	size_t size = FIRST_BLOCK;
	struct arena_block *block;

	if (a->last != NULL)
		size = a->last->size * 2 < LARGEST_BLOCK ? a->last->size * 2 : LARGEST_BLOCK;
	if (size < least)
		size = least;
	block = malloc(sizeof(*block) + size);
	if (block == NULL)
		return NULL;
	*block = (struct arena_block){ .older = a->last, .size = size };
	ASAN_POISON_MEMORY_REGION(block->bytes, size);
	a->last = block;
	return block;
}

void *arena_bytes(struct arena *a, size_t size, size_t align)
{
	const size_t real_align = align < SMALLEST_ALIGN ? SMALLEST_ALIGN : align;
	/* Counted as if all lay in one row, so that the limit does not depend on where blocks happen to lie.
	 */
	const size_t skipped = padding(a->used, align);
	char *p = NULL;

	assert(align > 0 && align <= LARGEST_ALIGN && (align & (align - 1)) == 0);
	if (size > PTRDIFF_MAX - 2 * LARGEST_ALIGN)
		return NULL;
	if (skipped > a->limit - a->used || size > a->limit - a->used - skipped)
		return NULL;
	if (a->last != NULL)
		p = block_take(a->last, size, real_align);
	if (p == NULL) {
		struct arena_block *const block = block_add(a, size + real_align + GAP);

		if (block == NULL)
			return NULL;
		p = block_take(block, size, real_align);
		assert(p != NULL);
	}
	a->used += skipped + size;
	return memset(p, 0, size);
}

void *arena_many(struct arena *a, size_t size, size_t n, size_t align)
{
	size_t total;

	if (__builtin_mul_overflow(size, n, &total))
		return NULL;
	return arena_bytes(a, total, align);
}

struct str arena_copy(struct arena *a, struct str s)
{
	char *const p = s.n < SIZE_MAX ? arena_bytes(a, s.n + 1, 1) : NULL;

	if (p == NULL)
		return (struct str){ NULL, 0 };
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	return (struct str){ p, s.n };
}

struct str arena_printf(struct arena *a, const char *format, ...)
{
	va_list args;
	char *p = NULL;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n >= 0)
		p = arena_bytes(a, (size_t)n + 1, 1);
	if (p == NULL)
		return (struct str){ NULL, 0 };
	va_start(args, format);
	(void)vsnprintf(p, (size_t)n + 1, format, args);
	va_end(args);
	return (struct str){ p, (size_t)n };
}

#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Each new block has twice the size of the previous one, from BLOCK_SIZE_MIN to BLOCK_SIZE_MAX. A request
 * that does not fit into such a block gets a block of the requested size; arena_reset frees blocks larger
 * than BLOCK_SIZE_MAX. */
#define BLOCK_SIZE_MIN ((size_t)4 * 1024)
#define BLOCK_SIZE_MAX ((size_t)32 * 1024)
#define ALIGN_MAX ((size_t)4096)

/* With AddressSanitizer all memory that is not allocated is poisoned, and a gap after each allocation detects
 * overruns. ASan detects the end of an allocation to the byte, but its start only at multiples of 8. */
#if UNDER_ASAN
#include <sanitizer/asan_interface.h>
#define GAP_SIZE ((size_t)16)
#define ALIGN_MIN ((size_t)8)
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define GAP_SIZE ((size_t)0)
#define ALIGN_MIN ((size_t)1)
#endif

struct arena_block {
	struct arena_block *older;
	size_t size, used; /* of `bytes` */
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

/* Keeps the newest block whose size is at most BLOCK_SIZE_MAX and frees all others. So the arena keeps about
 * as much memory as its last use needed, and the memory of one unusually large use is freed. */
void arena_reset(struct arena *a)
{
	struct arena_block *reused = NULL, *older;

	for (struct arena_block *block = a->last; block != NULL; block = older) {
		older = block->older;
		if (reused != NULL || block->size > BLOCK_SIZE_MAX) {
			block_free(block);
			continue;
		}
		ASAN_POISON_MEMORY_REGION(block->bytes, block->size);
		block->used = 0;
		block->older = NULL;
		reused = block;
	}
	a->last = reused;
	a->used = 0;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){ a->last, a->last != NULL ? a->last->used : 0, a->used };
}

static void block_truncate(struct arena_block *block, size_t taken)
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

		block_truncate(a->last, 0);
		block_free(a->last);
		a->last = older;
	}
	if (a->last != NULL)
		block_truncate(a->last, mark.taken);
	a->used = mark.used;
}

static size_t padding(uintptr_t at, size_t align)
{
	return (size_t)(-at & (align - 1));
}

/* Allocates from the block, without clearing the memory. Returns NULL if the rest of the block is too
 * small. */
static char *block_allocate(struct arena_block *block, size_t size, size_t align)
{
	const size_t skipped = padding((uintptr_t)(block->bytes + block->used), align);
	const size_t room = block->size - block->used;
	char *p;

	if (skipped > room || size + GAP_SIZE > room - skipped)
		return NULL;
	p = block->bytes + block->used + skipped;
	block->used += skipped + size + GAP_SIZE;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	return p;
}

static struct arena_block *block_add(struct arena *a, size_t size_min)
{
	size_t size = BLOCK_SIZE_MIN;
	struct arena_block *block;

	if (a->last != NULL)
		size = a->last->size * 2 < BLOCK_SIZE_MAX ? a->last->size * 2 : BLOCK_SIZE_MAX;
	if (size < size_min)
		size = size_min;
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
	const size_t asan_align = align < ALIGN_MIN ? ALIGN_MIN : align;
	/* Alignment is counted as if the arena were one contiguous block, so that the limit does not depend
	 * on the addresses of the blocks. */
	const size_t skipped = padding(a->used, align);
	char *p = NULL;

	assert(align > 0 && align <= ALIGN_MAX && (align & (align - 1)) == 0);
	if (size > PTRDIFF_MAX - 2 * ALIGN_MAX)
		return NULL;
	if (skipped > a->limit - a->used || size > a->limit - a->used - skipped)
		return NULL;
	if (a->last != NULL)
		p = block_allocate(a->last, size, asan_align);
	if (p == NULL) {
		struct arena_block *const block = block_add(a, size + asan_align + GAP_SIZE);

		if (block == NULL)
			return NULL;
		p = block_allocate(block, size, asan_align);
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

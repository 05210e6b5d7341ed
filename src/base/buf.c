#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define INITIAL_CAPACITY ((size_t)256)

void buf_init(struct buf *b, struct arena *arena)
{
	*b = (struct buf){ .arena = arena };
}

/* Makes room for `n` more bytes and the final NUL. The capacity is doubled, so that a long text is not copied
 * at each write. If the arena cannot supply the doubled capacity, only the required size is allocated. */
static bool buf_reserve(struct buf *b, size_t n)
{
	const size_t required = b->n + n + 1;
	size_t room = b->room > 0 ? b->room * 2 : INITIAL_CAPACITY;
	char *p;

	if (b->failed || required <= n) {
		b->failed = true;
		return false;
	}
	if (required <= b->room)
		return true;
	if (room < required)
		room = required;
	p = arena_bytes(b->arena, room, 1);
	if (p == NULL) {
		room = required;
		p = arena_bytes(b->arena, room, 1);
	}
	if (p == NULL) {
		b->failed = true;
		return false;
	}
	if (b->n > 0)
		memcpy(p, b->p, b->n);
	b->p = p;
	b->room = room;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.n == 0 || !buf_reserve(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
	b->p[b->n] = '\0';
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, (struct str){ &c, 1 });
}

void buf_printf(struct buf *b, const char *format, ...)
{
	const size_t room = b->room - b->n;
	va_list args;
	int n;

	if (b->failed)
		return;
	/* The buffer usually has enough room, so the text is formatted directly into it. If there was not
	 * enough room, the text is formatted again below. */
	va_start(args, format);
	n = vsnprintf(room > 0 ? b->p + b->n : NULL, room, format, args);
	va_end(args);
	if (n < 0 || !buf_reserve(b, (size_t)n)) {
		b->failed = true;
		return;
	}
	if ((size_t)n >= room) {
		va_start(args, format);
		(void)vsnprintf(b->p + b->n, (size_t)n + 1, format, args);
		va_end(args);
	}
	b->n += (size_t)n;
}

enum err buf_done(struct buf *b, struct str *out)
{
	if (b->failed)
		return ERR_INPUT;
	*out = b->p != NULL ? (struct str){ b->p, b->n } : STR("");
	return OK;
}

/* Growing text buffer in an arena. A failed write sets `failed`, and later writes then do nothing, so the
 * caller checks for errors only once, with buf_done. Not thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct buf {
	struct arena *arena;
	char *p;
	size_t n, room;
	bool failed;
};

void buf_init(struct buf *b, struct arena *arena);
void buf_add(struct buf *b, struct str s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *format, ...) printf_like(2, 3);
/* Sets `out` to the text written so far, followed by a NUL byte; it is valid until the next write. ERR_INPUT:
 * the text did not fit into the arena. */
enum err buf_done(struct buf *b, struct str *out) must_use;

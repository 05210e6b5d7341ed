/* Text being written, growing inside an arena. Failure is remembered (`failed`), so it is asked for once at
 * the end. */
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
/* What was written so far, with a 0 behind it; valid until the next write. ERR_INPUT when something did not
 * fit. */
enum err buf_done(struct buf *b, struct str *out) must_use;

/* Who serves a SQLite file holds it, so that two never do. The lock is the kernel's and ends with the
 * process, however that ends; beside the database lies FILE.lock, which says who holds it. It is never
 * removed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

/* Who takes it, for the sentence that others get to read. */
struct holder {
	int64_t pid;
	struct str host;
	moment since;
};

/* How long to wait for another holder. With limit 0 the rest may be NULL. */
struct patience {
	duration limit;
	int64_t (*ticks)(void);		   /* monotonic milliseconds */
	void (*rest)(duration s);	   /* sleeps that long */
	void (*tell)(struct str sentence); /* once, before the first rest */
};

struct hold {
	int fd;
};

/* Nothing held: what giving back accepts. */
#define HOLD_NONE ((struct hold){ -1 })

/* Makes missing folders of `path`. ERR_BUSY: somebody else still has it; `why` names them, and is a sentence
 * for the operator on every failure. */
enum err sqlite_hold_take(struct str path, const struct holder *us, const struct patience *patience,
	struct arena *arena, struct hold *out, struct str *why) must_use;
/* Is it held, and by whom? Makes and changes nothing; false also where that cannot be told. */
bool sqlite_hold_look(struct str path, struct arena *arena, struct str *holder) must_use;
void sqlite_hold_give(struct hold *hold);

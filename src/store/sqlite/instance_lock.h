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
struct lock_owner {
	int64_t pid;
	struct str host;
	moment since;
};

/* How long to wait for another holder. With limit 0 the rest may be NULL. */
struct lock_wait {
	duration limit;
	int64_t (*ticks)(void);		      /* monotonic milliseconds */
	void (*sleep)(duration s);	      /* sleeps that long */
	void (*on_wait)(struct str sentence); /* once, before the first rest */
};

struct instance_lock {
	int fd;
};

/* Nothing held: what giving back accepts. */
#define INSTANCE_LOCK_NONE ((struct instance_lock){ -1 })

/* Makes missing folders of `path`. ERR_BUSY: somebody else still has it; `why` names them, and is a sentence
 * for the operator on every failure. */
enum err instance_lock_acquire(struct str path, const struct lock_owner *us, const struct lock_wait *patience,
	struct arena *arena, struct instance_lock *out, struct str *why) must_use;
/* Is it held, and by whom? Makes and changes nothing; false also where that cannot be told. */
bool instance_lock_inspect(struct str path, struct arena *arena, struct str *holder) must_use;
void instance_lock_release(struct instance_lock *hold);

/* The lock that prevents two servers from using the same SQLite file. It is an flock() on the file
 * DATABASE.lock beside the database. The kernel releases it when the process ends, also after a crash. The
 * lock file contains a text that describes the owner. kycd never removes the file. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "store/sqlite/file_identity.h"

/* Describes this process. The text is stored in the lock file and used in messages of other processes. */
struct lock_owner {
	int64_t pid;
	struct str host;
	moment since;
};

/* How long to wait if another process owns the lock. If `limit` is 0, the other members may be NULL. */
struct lock_wait {
	duration limit;
	int64_t (*ticks)(void);		     /* monotonic clock in milliseconds */
	void (*sleep)(duration s);	     /* blocks the thread for this long */
	void (*on_wait)(struct str message); /* called once, before the first sleep */
};

struct instance_lock {
	int fd;
	const char *path; /* path of the lock file, in the arena of instance_lock_acquire */
	struct file_identity identity;
};

/* The value of a lock that is not owned. instance_lock_release accepts this value. */
#define INSTANCE_LOCK_NONE ((struct instance_lock){ .fd = -1 })

/* Acquires the lock of the database `path`. Creates missing folders of the path. Returns ERR_BUSY if another
 * process still owns the lock after the wait; `why` describes that process. On every failure `why` is a
 * message for the operator, in `arena`. */
enum err instance_lock_acquire(struct str path, const struct lock_owner *owner, const struct lock_wait *wait,
	struct arena *arena, struct instance_lock *out, struct str *why) must_use;
/* Must be called about every second while the lock is owned. If the lock file was removed or replaced,
 * creates it again and acquires its lock (logged as `instance_lock_restored`). Returns ERR_BUSY if another
 * process has meanwhile acquired the lock of the new file. After another error the caller may try again.
 * Accepts a lock that is not owned. */
enum err instance_lock_keep(struct instance_lock *lock) must_use;
/* Returns whether a process owns the lock. If so, `owner` describes that process. Creates no files. Also
 * returns false if the lock file cannot be opened. */
bool instance_lock_inspect(struct str path, struct arena *arena, struct str *owner) must_use;
/* Releases the lock. Accepts a lock that is not owned. */
void instance_lock_release(struct instance_lock *lock);

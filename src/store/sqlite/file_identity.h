/* Checks whether a path still names the file that was opened under it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

/* FILES_OVERWRITTEN means that the file is the same, but another program has written into it. Only
 * store/sqlite/open_files detects that. */
enum open_files_state { FILES_IN_PLACE, FILES_REMOVED, FILES_REPLACED, FILES_OVERWRITTEN, FILES_UNREADABLE };

struct file_identity {
	dev_t device;
	ino_t inode;
};

struct file_status {
	int64_t size;	  /* in bytes */
	int64_t modified; /* time of the last change in nanoseconds since 1970 */
};

/* Reads the identity of the file that `path` names. Returns false and sets errno if it cannot be read. */
bool file_identity_read(const char *path, struct file_identity *out) must_use;
/* Compares the file that `path` names with the file of `identity`. That file must still be open. */
enum open_files_state file_identity_compare(const char *path, const struct file_identity *identity);
/* Also returns the status of the file, unless the result is FILES_REMOVED or FILES_UNREADABLE. Without
 * `with_time`, `modified` is 0. Since Linux 6.13, reading the time makes the next write to the file slower,
 * so do not read it for a file that each commit writes. */
enum open_files_state file_identity_status(const char *path, const struct file_identity *identity,
	bool with_time, struct file_status *out) must_use;
/* Returns what happened to a file, as static text that follows the file's name. */
const char *open_files_text(enum open_files_state state);

/* Checks whether a path still names the file that was opened under it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"

/* FILES_OVERWRITTEN means that the file is the same, but another program has written into it. Only
 * store/sqlite/open_files detects that. */
enum open_files_state { FILES_IN_PLACE, FILES_REMOVED, FILES_REPLACED, FILES_OVERWRITTEN, FILES_UNREADABLE };

struct file_identity {
	dev_t device;
	ino_t inode;
};

/* Reads the identity of the file that `path` names. Returns false and sets errno if it cannot be read. */
bool file_identity_read(const char *path, struct file_identity *out) must_use;
/* Compares the file that `path` names with the file of `identity`. That file must still be open. */
enum open_files_state file_identity_compare(const char *path, const struct file_identity *identity);
/* Returns what happened to a file, as static text that follows the file's name. */
const char *open_files_text(enum open_files_state state);

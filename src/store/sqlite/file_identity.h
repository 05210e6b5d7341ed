/* Recognises whether a name still means the file that was opened under it. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"

/* FILES_OVERWRITTEN: the file is the same, but another program has written into it; only
 * store/sqlite/open_files finds that. */
enum open_files_state { FILES_IN_PLACE, FILES_REMOVED, FILES_REPLACED, FILES_OVERWRITTEN, FILES_UNREADABLE };

struct file_identity {
	dev_t device;
	ino_t inode;
};

/* Reads the identity of the file that `path` names. False: it cannot be read; errno is set. */
bool file_identity_read(const char *path, struct file_identity *out) must_use;
/* Compares the file that `path` names with the one that was open when `identity` was read, and still is. */
enum open_files_state file_identity_compare(const char *path, const struct file_identity *identity);
/* What happened to a file, as text that follows its name. Static. */
const char *open_files_text(enum open_files_state state);

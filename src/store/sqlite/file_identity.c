#include "store/sqlite/file_identity.h"

#include <errno.h>
#include <sys/stat.h>

static const char *const state_texts[] = {
	[FILES_IN_PLACE] = "is in place",
	[FILES_REMOVED] = "was removed or renamed",
	[FILES_REPLACED] = "was replaced by another file",
	[FILES_OVERWRITTEN] = "was overwritten or emptied by another program",
	[FILES_UNREADABLE] = "cannot be found by this user",
};

const char *open_files_text(enum open_files_state state)
{
	return state_texts[state];
}

bool file_identity_read(const char *path, struct file_identity *out)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return false;
	*out = (struct file_identity){ st.st_dev, st.st_ino };
	return true;
}

enum open_files_state file_identity_compare(const char *path, const struct file_identity *identity)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? FILES_REMOVED : FILES_UNREADABLE;
	/* The inode number of an open file is not assigned to another file, so equal numbers mean the same
	 * file. */
	return st.st_dev == identity->device && st.st_ino == identity->inode && st.st_nlink > 0
		       ? FILES_IN_PLACE
		       : FILES_REPLACED;
}

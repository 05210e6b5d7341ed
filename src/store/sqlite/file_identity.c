#include "store/sqlite/file_identity.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

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

enum open_files_state file_identity_status(
	const char *path, const struct file_identity *identity, bool with_time, struct file_status *out)
{
	const unsigned int mask = STATX_INO | STATX_NLINK | STATX_SIZE | (with_time ? STATX_MTIME : 0);
	struct statx st;

	if (statx(AT_FDCWD, path, 0, mask, &st) != 0)
		return errno == ENOENT || errno == ENOTDIR ? FILES_REMOVED : FILES_UNREADABLE;
	out->size = (int64_t)st.stx_size;
	out->modified = with_time ? (int64_t)st.stx_mtime.tv_sec * 1000000000 + st.stx_mtime.tv_nsec : 0;
	/* The inode number of an open file is not assigned to another file, so equal numbers mean the same
	 * file. */
	return makedev(st.stx_dev_major, st.stx_dev_minor) == identity->device &&
			       st.stx_ino == identity->inode && st.stx_nlink > 0
		       ? FILES_IN_PLACE
		       : FILES_REPLACED;
}

enum open_files_state file_identity_compare(const char *path, const struct file_identity *identity)
{
	struct file_status status;

	return file_identity_status(path, identity, false, &status);
}

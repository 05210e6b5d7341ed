#include "store/sqlite/creation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "store/sqlite/upgrade.h"

static const char marker_text[] =
	"kycd has created the database beside this file. While this file exists, kycd does not create the "
	"database again,\nunless it is started with --create.\n";

/* Creates the marker file. A failure is only logged, because the database can be used without it and the next
 * start tries again. */
static void leave_marker(const struct sqlite_file *f)
{
	const char *const path = sqlite_file_marker(f);
	const int fd = path != NULL ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)
				    : -1;
	bool written = false;

	if (fd < 0 && errno == EEXIST)
		return;
	if (fd >= 0) {
		written = write(fd, marker_text, sizeof(marker_text) - 1) == (ssize_t)sizeof(marker_text) - 1;
		sqlite_file_share_owner(f, fd);
		(void)close(fd);
	}
	if (!written)
		log_event(LOG_WARN, "database_marker_failed", LOG_WORD("file", f->path),
			LOG_NUMBER("errno", errno),
			LOG_TEXT("effect", "a database that is lost would be replaced by an empty one"),
			LOG_TEXT("action",
				"check that this user may write to the folder and that the disk is not full"));
}

/* Finds out whether the file is missing, and whether it has no tables (`empty`, also true for a missing
 * file). */
static enum err find_absence(const struct sqlite_file *f, bool *missing, bool *empty)
{
	enum schema schema = SCHEMA_EMPTY;
	int64_t version;

	*missing = access(f->path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
	if (!*missing)
		TRY(sqlite_file_inspect(f, &schema, &version));
	*empty = schema == SCHEMA_EMPTY;
	return OK;
}

enum err sqlite_create(const struct sqlite_file *f, enum creation creation)
{
	bool missing, empty;

	if (creation == CREATE_NEVER)
		return OK;
	TRY(find_absence(f, &missing, &empty));
	if (empty && creation != CREATE_AGAIN && sqlite_file_was_created(f))
		return sqlite_file_fail_absent(f, missing);
	if (empty) {
		TRY(sqlite_file_create(f));
		TRY(sqlite_upgrade(f, UPGRADE_WITHOUT_BACKUP));
		log_event(LOG_INFO, "database_created", LOG_WORD("file", f->path));
	}
	leave_marker(f);
	return OK;
}

#include "store/sqlite/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/diagnosis.h"

#define MARKER_SUFFIX ".created"

/* Initializes `f`. Adds ./ to a relative path, because SQLite treats names such as "file:..." and ":memory:"
 * specially. A name that begins with ./ or / is always a path. */
enum err sqlite_file_init(struct sqlite_file *f, struct str path, struct arena *arena, struct str *why)
{
	const bool is_path = str_starts(path, STR("/")) || str_starts(path, STR("./"));
	const struct str full_path = arena_printf(arena, "%s%.*s", is_path ? "" : "./", STR_ARG(path));

	*f = (struct sqlite_file){
		.path = full_path.p, .arena = arena, .reason = why, .migrations = &schema_migrations
	};
	if (path.n == 0 || str_has(path, '\0') || str_ends(path, STR("/"))) {
		f->path = "the database's path";
		return sqlite_file_fail(f, ERR_INPUT, "does not name a file");
	}
	return full_path.p != NULL ? OK : ERR_INTERNAL;
}

enum err sqlite_file_fail(const struct sqlite_file *f, enum err e, const char *what)
{
	const struct str message = arena_printf(f->arena, "%s: %s", f->path, what);

	*f->reason = message.p != NULL ? message : str_of(what);
	return e;
}

enum err sqlite_file_fail_condition(const struct sqlite_file *f, enum err e, const char *what)
{
	const char *const message = sqlite_condition_message(sqlite_condition_last());

	if (e == ERR_BUSY)
		return sqlite_file_fail(f, e, "is locked by another process: try again");
	return sqlite_file_fail(f, e, message != NULL && e != ERR_INTERNAL ? message : what);
}

const char *sqlite_file_marker(const struct sqlite_file *f)
{
	return arena_printf(f->arena, "%s" MARKER_SUFFIX, f->path).p;
}

bool sqlite_file_was_created(const struct sqlite_file *f)
{
	const char *const path = sqlite_file_marker(f);

	return path != NULL && access(path, F_OK) == 0;
}

enum err sqlite_file_fail_absent(const struct sqlite_file *f, bool missing)
{
	const enum err e = missing ? ERR_NOT_FOUND : ERR_INPUT;
	struct str message;

	if (!sqlite_file_was_created(f))
		return sqlite_file_fail(f, e,
			missing ? "there is no such database; `kycd db migrate` creates it"
				: "is empty; `kycd db migrate` creates its tables");
	message = arena_printf(f->arena,
		"is %s, but a database was created here before (%s" MARKER_SUFFIX
		" says so): put the file back or restore a backup; to begin with an empty database, start "
		"with --create",
		missing ? "missing" : "empty", f->path);
	return sqlite_file_fail(f, e, message.p != NULL ? message.p : "was removed or emptied");
}

/* Sets the error message for a system call that has just failed; reads errno. */
static enum err fail_errno(const struct sqlite_file *f, const char *what)
{
	const enum sqlite_condition condition = sqlite_condition_of_errno(errno);
	struct str message;

	if (condition == CONDITION_DISK_FULL)
		return sqlite_file_fail(f, ERR_STORAGE, sqlite_condition_message(condition));
	message = arena_printf(f->arena, "%s (%s)%s", what, strerror(errno),
		condition == CONDITION_NO_PERMISSION
			? ": run it as the server's user, in a folder of that user"
			: "");
	return sqlite_file_fail(f, ERR_STORAGE, message.p != NULL ? message.p : what);
}

enum err sqlite_file_create_folders(const struct sqlite_file *f)
{
	for (const char *end = strchr(f->path + 1, '/'); end != NULL; end = strchr(end + 1, '/')) {
		const struct str folder = arena_copy(
			f->arena, (struct str){ f->path, (size_t)(end - f->path) });

		if (folder.p == NULL)
			return ERR_INTERNAL;
		if (mkdir(folder.p, 0700) == 0 || errno == EEXIST)
			continue;
		const int mkdir_errno = errno;
		if (access(folder.p, F_OK) == 0)
			continue;
		errno = mkdir_errno;
		return fail_errno(f, "its folder does not exist and cannot be created");
	}
	return OK;
}

/* Creates an empty file if there is none. An existing file is not opened: if this process has it open in
 * SQLite, closing a second descriptor would release SQLite's locks (POSIX record locks belong to the
 * process). */
static bool create_empty(const char *path)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return errno == EEXIST;
	(void)close(fd);
	return true;
}

enum err sqlite_file_create(const struct sqlite_file *f)
{
	TRY(sqlite_file_create_folders(f));
	if (!create_empty(f->path))
		return fail_errno(
			f, errno == EACCES ? "cannot be found or created by this user" : "cannot be created");
	return OK;
}

void sqlite_file_share_owner(const struct sqlite_file *f, int fd)
{
	struct stat st;

	if (geteuid() == 0 && stat(f->path, &st) == 0)
		(void)!fchown(fd, st.st_uid, st.st_gid);
}

enum err sqlite_file_connect(const struct sqlite_file *f, enum connection_mode use, struct sql **out)
{
	enum err e;

	if (access(f->path, F_OK) != 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			return sqlite_file_fail_absent(f, true);
		return fail_errno(f, "cannot be accessed");
	}
	sqlite_condition_forget();
	e = sqlite_driver_open(f->path, use, out);
	return e == OK ? OK
		       : sqlite_file_fail_condition(f, e,
				 "cannot be opened: check that it is a file, and that the process has memory and "
				 "file descriptors left");
}

enum err sqlite_file_inspect(const struct sqlite_file *f, enum schema *schema, int64_t *version)
{
	enum schema found_schema = SCHEMA_EMPTY;
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_connect(f, CONNECTION_READ_ONLY, &sql));
	assert(sql != NULL);
	e = migrate_inspect(sql, f->migrations, &found_schema, version);
	sql->ops->close(sql);
	if (e != OK)
		return sqlite_file_fail_condition(f, e, "cannot be read");
	if (found_schema == SCHEMA_FOREIGN || found_schema == SCHEMA_INCOMPLETE_COPY ||
		found_schema == SCHEMA_SET_BACK)
		return sqlite_file_fail_schema(f, found_schema, *version);
	*schema = found_schema;
	return OK;
}

enum err sqlite_file_fail_schema(const struct sqlite_file *f, enum schema schema, int64_t version)
{
	if (schema == SCHEMA_FOREIGN)
		return sqlite_file_fail(f, ERR_INPUT, "is a SQLite database, but not one of kycd");
	if (schema == SCHEMA_INCOMPLETE_COPY)
		return sqlite_file_fail(f, ERR_CONFLICT, INCOMPLETE_COPY_MESSAGE);
	if (schema == SCHEMA_SET_BACK)
		return sqlite_file_fail(f, ERR_CONFLICT, SET_BACK_MESSAGE);
	const char *const what = schema == SCHEMA_NEWER ? "a newer kycd is needed" : "run `kycd db migrate`";
	const struct str message = arena_printf(f->arena,
		"its schema is version %lld, this program's is %zu: %s", (long long)version, f->migrations->n,
		what);

	return sqlite_file_fail(f, ERR_CONFLICT, message.p != NULL ? message.p : what);
}

enum err sqlite_file_check_pages(const struct sqlite_file *f, struct sql *sql)
{
	int64_t faults;
	const enum err e = sql->ops->query_number(
		sql, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", &faults);

	if (e != OK)
		return sqlite_file_fail_condition(f, e, "cannot be read");
	if (faults > 0)
		return sqlite_file_fail(f, ERR_STORAGE, sqlite_condition_message(CONDITION_DAMAGED));
	return OK;
}

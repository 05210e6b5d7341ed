#include "store/sqlite/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/diagnosis.h"

/* SQLite reads "file:…" and ":memory:" as something else than a path; one that begins with ./ is always a
 * path. */
enum err sqlite_file_init(struct sqlite_file *f, struct str path, struct arena *arena, struct str *why)
{
	const bool plain = str_starts(path, STR("/")) || str_starts(path, STR("./"));
	const struct str whole = arena_printf(arena, "%s%.*s", plain ? "" : "./", STR_ARG(path));

	*f = (struct sqlite_file){
		.path = whole.p, .arena = arena, .why = why, .migrations = &schema_migrations
	};
	if (path.n == 0 || str_has(path, '\0') || str_ends(path, STR("/"))) {
		f->path = "the database's path";
		return sqlite_file_refuse(f, ERR_INPUT, "names no file");
	}
	return whole.p != NULL ? OK : ERR_INTERNAL;
}

enum err sqlite_file_refuse(const struct sqlite_file *f, enum err e, const char *what)
{
	const struct str sentence = arena_printf(f->arena, "%s: %s", f->path, what);

	*f->why = sentence.p != NULL ? sentence : str_of(what);
	return e;
}

enum err sqlite_file_refuse_error(const struct sqlite_file *f, enum err e, const char *what)
{
	const char *const sentence = sqlite_condition_message(sqlite_condition_last());

	if (e == ERR_BUSY)
		return sqlite_file_refuse(f, e, "is locked by another process: try again");
	return sqlite_file_refuse(f, e, sentence != NULL && e != ERR_INTERNAL ? sentence : what);
}

/* Of a system call that failed just now. */
static enum err refuse_errno(const struct sqlite_file *f, const char *what)
{
	const enum sqlite_condition trouble = sqlite_condition_of_errno(errno);
	struct str sentence;

	if (trouble == CONDITION_DISK_FULL)
		return sqlite_file_refuse(f, ERR_STORAGE, sqlite_condition_message(trouble));
	sentence = arena_printf(f->arena, "%s (%s)%s", what, strerror(errno),
		trouble == CONDITION_NO_PERMISSION ? ": run it as the server's user, in a folder of that user"
						   : "");
	return sqlite_file_refuse(f, ERR_STORAGE, sentence.p != NULL ? sentence.p : what);
}

/* Each on the way to it, the outermost first. */
enum err sqlite_file_create_folders(const struct sqlite_file *f)
{
	for (const char *end = strchr(f->path + 1, '/'); end != NULL; end = strchr(end + 1, '/')) {
		const struct str folder = arena_copy(
			f->arena, (struct str){ f->path, (size_t)(end - f->path) });

		if (folder.p == NULL)
			return ERR_INTERNAL;
		if (mkdir(folder.p, 0700) == 0 || errno == EEXIST)
			continue;
		const int why = errno;
		if (access(folder.p, F_OK) == 0)
			continue;
		errno = why;
		return refuse_errno(f, "its folder is not there and cannot be made");
	}
	return OK;
}

/* Never opened and closed again while SQLite has it: POSIX would drop all locks of this process on it. */
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
		return refuse_errno(
			f, errno == EACCES ? "may not be looked for or made by this user" : "cannot be made");
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
			return sqlite_file_refuse(
				f, ERR_NOT_FOUND, "there is no such database; `kycd db migrate` makes it");
		return refuse_errno(f, "cannot be looked at");
	}
	sqlite_condition_forget();
	e = sqlite_driver_open(f->path, use, out);
	return e == OK ? OK
		       : sqlite_file_refuse_error(f, e,
				 "cannot be opened: is it a file, and are memory and descriptors left?");
}

enum err sqlite_file_inspect(const struct sqlite_file *f, enum schema *schema, int64_t *version)
{
	enum schema seen = SCHEMA_EMPTY;
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_connect(f, CONNECTION_READ_ONLY, &sql));
	assert(sql != NULL);
	e = migrate_inspect(sql, f->migrations, &seen, version);
	sql->ops->close(sql);
	if (e != OK)
		return sqlite_file_refuse_error(f, e, "cannot be read");
	if (seen == SCHEMA_FOREIGN || seen == SCHEMA_INCOMPLETE_COPY)
		return sqlite_file_refuse_schema(f, seen, *version);
	*schema = seen;
	return OK;
}

enum err sqlite_file_refuse_schema(const struct sqlite_file *f, enum schema schema, int64_t version)
{
	if (schema == SCHEMA_FOREIGN)
		return sqlite_file_refuse(f, ERR_INPUT, "is a SQLite database, but not one of kycd");
	if (schema == SCHEMA_INCOMPLETE_COPY)
		return sqlite_file_refuse(f, ERR_CONFLICT, INCOMPLETE_COPY_MESSAGE);
	const char *const what = schema == SCHEMA_NEWER ? "a newer kycd is needed" : "run `kycd db migrate`";
	const struct str sentence = arena_printf(f->arena,
		"its schema is version %lld, this program's is %zu: %s", (long long)version, f->migrations->n,
		what);

	return sqlite_file_refuse(f, ERR_CONFLICT, sentence.p != NULL ? sentence.p : what);
}

enum err sqlite_file_check_pages(const struct sqlite_file *f, struct sql *sql)
{
	int64_t faults;
	const enum err e = sql->ops->query_number(
		sql, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'", &faults);

	if (e != OK)
		return sqlite_file_refuse_error(f, e, "cannot be read");
	if (faults > 0)
		return sqlite_file_refuse(f, ERR_STORAGE, sqlite_condition_message(CONDITION_DAMAGED));
	return OK;
}

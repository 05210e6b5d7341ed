#include "store/sqlite/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/attr.h"

#define PART_SUFFIX ".kycd-part"
#define SCRATCH_SUFFIX ".kycd-scratch"
#define EXTRA_SPACE ((int64_t)256 * 1024)
#define BLOCK_BYTES ((size_t)128 * 1024)

struct backup_run {
	const struct sqlite_file *f; /* the database */
	struct sqlite_file to;	     /* the backup, as the file to which messages about it refer */
	/* Paths of the unfinished backup, and of the temporary database into which it is restored to check
	 * it. */
	const char *part, *scratch;
	/* File descriptor of the unfinished copy; its flock() prevents a second backup with the same name. */
	int fd;
};

static const char *errno_message(int error)
{
	if (error == ENOSPC || error == EFBIG || error == EDQUOT)
		return SNAPSHOT_DISK_FULL;
	if (error == ENOENT || error == ENOTDIR)
		return "its folder does not exist";
	if (error == EACCES || error == EPERM || error == EROFS)
		return "this user may not write to its folder";
	return strerror(error);
}

static enum err fail_errno(const struct backup_run *w, int error)
{
	return sqlite_file_fail(&w->to, ERR_STORAGE, errno_message(error));
}

/* Fails if the backup was cancelled. Called after each long step; replaces the message that a cancelled step
 * may have set. */
static enum err check_cancelled(const struct backup_run *w)
{
	if (is_cancelled(&w->f->cancel))
		return sqlite_file_fail(&w->to, ERR_BUSY, "was cancelled; no partial file is left");
	return OK;
}

static void remove_database_files(const char *path, struct arena *a)
{
	static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < array_len(suffixes); i++) {
		const struct str name = arena_printf(a, "%s%s", path, suffixes[i]);

		if (name.p != NULL)
			(void)unlink(name.p);
	}
}

static enum err check_target_is_free(const struct backup_run *w)
{
	struct stat database, target;

	if (lstat(w->to.path, &target) != 0)
		return OK;
	if (stat(w->f->path, &database) == 0 && stat(w->to.path, &target) == 0 &&
		database.st_dev == target.st_dev && database.st_ino == target.st_ino)
		return sqlite_file_fail(
			&w->to, ERR_CONFLICT, "is the database itself; use another file name");
	return sqlite_file_fail(
		&w->to, ERR_CONFLICT, "already exists; use another file name, or move this file away");
}

/* Returns whether `path` still names the open file `fd`. If another backup ends between open() and flock(),
 * it renames the file, and the lock is on a file that is no longer the unfinished copy. */
static bool is_same_file(const char *path, int fd)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

static enum err open_part(struct backup_run *w)
{
	w->fd = open(w->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return fail_errno(w, errno);
	if (flock(w->fd, LOCK_EX | LOCK_NB) != 0 || !is_same_file(w->part, w->fd)) {
		(void)close(w->fd);
		w->fd = -1;
		return sqlite_file_fail(&w->to, ERR_BUSY,
			"another backup is being written to it; wait for it, or use another file name");
	}
	/* Empties the file, because a backup that was killed may have left content in it. */
	return ftruncate(w->fd, 0) == 0 && fchmod(w->fd, 0600) == 0 ? OK : fail_errno(w, errno);
}

/* Makes the copy before the checksum: the copy reads the file sequentially, so the pages are already in
 * memory when the checksum reads them in the order of the rows. */
static enum err copy_snapshot(const struct backup_run *w, struct snapshot *s, struct checksum *checksum)
{
	if (snapshot_copy(s, w->part, w->fd) != OK)
		return sqlite_file_fail(&w->to, ERR_STORAGE, snapshot_error(s));
	if (snapshot_checksum(s, checksum) != OK)
		return sqlite_file_fail(w->f, ERR_STORAGE, snapshot_error(s));
	return OK;
}

static enum err write_part(const struct backup_run *w, struct backup *out)
{
	struct snapshot *s = NULL;
	struct stat st;
	enum err e = snapshot_open(w->f->path, &s);

	if (e != OK)
		return sqlite_file_fail(w->f, e,
			"cannot be read: check that it is a SQLite database and that this user may read it");
	snapshot_set_cancel(s, &w->f->cancel);
	e = copy_snapshot(w, s, &out->checksum);
	snapshot_close(s);
	TRY(e);
	if (fsync(w->fd) != 0 || fstat(w->fd, &st) != 0)
		return fail_errno(w, errno);
	out->bytes = st.st_size;
	/* Drops the copy from the page cache, so that the restored copy is read from the disk. */
	(void)posix_fadvise(w->fd, 0, 0, POSIX_FADV_DONTNEED);
	return OK;
}

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		const ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

static bool copy_file(const struct cancel_token *cancel, int from, int to)
{
	char *const block = malloc(BLOCK_BYTES);
	off_t at = 0;
	ssize_t n = block != NULL ? 1 : -1;

	while (n > 0 && !is_cancelled(cancel)) {
		n = pread(from, block, BLOCK_BYTES, at);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0 && !write_all(to, block, (size_t)n))
			n = -1;
		else if (n > 0)
			at += n;
	}
	free(block);
	return n == 0;
}

/* Checks that the disk has space for the scratch file and the files that SQLite creates beside it. */
static enum err check_free_space(const struct backup_run *w, int64_t bytes)
{
	struct statvfs volume;

	if (fstatvfs(w->fd, &volume) != 0 ||
		(int64_t)volume.f_bavail >= (bytes + EXTRA_SPACE) / (int64_t)volume.f_frsize)
		return OK;
	return fail_errno(w, ENOSPC);
}

/* Restores the backup into the scratch file by copying it, as an operator would do. */
static enum err restore_to_scratch(const struct backup_run *w)
{
	int fd;
	enum err e = OK;

	remove_database_files(w->scratch, w->f->arena);
	fd = open(w->scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_errno(w, errno);
	if (!copy_file(&w->f->cancel, w->fd, fd))
		e = fail_errno(w, errno);
	(void)close(fd);
	return e;
}

static enum err compare_restored(const struct backup_run *w, const struct checksum *expected)
{
	struct snapshot *s = NULL;
	struct checksum *const found = arena_new(w->f->arena, struct checksum);
	bool same;

	if (found == NULL)
		return ERR_INTERNAL;
	TRY(snapshot_open(w->scratch, &s));
	snapshot_set_cancel(s, &w->f->cancel);
	same = snapshot_checksum(s, found) == OK && checksum_equal(expected, found);
	snapshot_close(s);
	return same ? OK
		    : sqlite_file_fail(&w->to, ERR_STORAGE,
			      "differs from the database after it was restored: try again; if it happens "
			      "again, check the disk");
}

/* The restored copy is damaged. Finds out whether the database itself is damaged, or only the copy. */
static enum err diagnose_damage(const struct backup_run *w)
{
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_connect(w->f, CONNECTION_READ_ONLY, &sql));
	e = sqlite_file_check_pages(w->f, sql);
	sql->ops->close(sql);
	TRY(e);
	return sqlite_file_fail(&w->to, ERR_STORAGE,
		"was damaged while it was written; the database is intact: try again; if it happens again, "
		"check the disk");
}

static enum err check_restored(const struct backup_run *w, struct backup *out)
{
	struct sqlite_file restored = w->to;
	enum schema schema;
	struct sql *sql = NULL;
	enum err e;

	restored.path = w->scratch;
	TRY(sqlite_file_inspect(&restored, &schema, &out->schema));
	TRY(sqlite_file_connect(&restored, CONNECTION_READ_ONLY, &sql));
	e = sql->ops->script(sql, "PRAGMA cache_size = -16384");
	if (e == OK)
		e = sqlite_file_check_pages(&restored, sql);
	sql->ops->close(sql);
	if (e == ERR_STORAGE)
		return diagnose_damage(w);
	TRY(e);
	TRY(check_cancelled(w));
	return compare_restored(w, &out->checksum);
}

/* Flushes the folder, so that the new file name is on the disk. File systems that do not support fsync() on
 * folders return EINVAL, which is not treated as an error. */
static bool flush_folder(const struct backup_run *w)
{
	const char *const end = strrchr(w->to.path, '/');
	const struct str folder = arena_copy(
		w->f->arena, (struct str){ w->to.path, (size_t)(end - w->to.path) + 1 });
	const int fd = folder.p != NULL ? open(folder.p, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	const bool done = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

	if (fd >= 0)
		(void)close(fd);
	return done;
}

/* Renames the copy to its final name without replacing an existing file. On file systems without
 * RENAME_NOREPLACE, checks that the name is free and then uses rename(). */
static bool rename_to_final(const struct backup_run *w)
{
	if (renameat2(AT_FDCWD, w->part, AT_FDCWD, w->to.path, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	return access(w->to.path, F_OK) != 0 && rename(w->part, w->to.path) == 0;
}

static enum err publish(const struct backup_run *w)
{
	/* The file that gets the final name must be the one that was verified. */
	if (!is_same_file(w->part, w->fd))
		return sqlite_file_fail(&w->to, ERR_STORAGE,
			"its unfinished copy was removed or replaced while it was written: try again");
	if (!rename_to_final(w))
		return errno == EEXIST ? sqlite_file_fail(&w->to, ERR_CONFLICT, "already exists")
				       : fail_errno(w, errno);
	if (flush_folder(w))
		return OK;
	/* The caller gets an error, so no file with the final name may remain. */
	const int error = errno;
	(void)unlink(w->to.path);
	return fail_errno(w, error);
}

static enum err make_and_verify(struct backup_run *w, backup_proof *proof, void *arg, struct backup *out)
{
	TRY(write_part(w, out));
	TRY(check_free_space(w, out->bytes));
	TRY(restore_to_scratch(w));
	TRY(check_cancelled(w));
	TRY(check_restored(w, out));
	return proof == NULL || proof(arg, w->scratch) ? OK : ERR_UPSTREAM;
}

/* Makes the backup. If it was cancelled, returns ERR_BUSY instead of an error that the cancellation has
 * caused. */
static enum err make_or_cancel(struct backup_run *w, backup_proof *proof, void *arg, struct backup *out)
{
	const enum err e = make_and_verify(w, proof, arg, out);

	TRY(check_cancelled(w));
	TRY(e);
	return publish(w);
}

enum err sqlite_backup(
	const struct sqlite_file *f, const char *to, backup_proof *proof, void *arg, struct backup *out)
{
	struct backup_run w = { .f = f, .to = *f, .fd = -1 };
	enum err e;

	memset(out, 0, sizeof(*out));
	w.to.path = to;
	w.part = arena_printf(f->arena, "%s" PART_SUFFIX, to).p;
	w.scratch = arena_printf(f->arena, "%s" SCRATCH_SUFFIX, to).p;
	if (w.part == NULL || w.scratch == NULL)
		return ERR_INTERNAL;
	TRY(check_target_is_free(&w));
	e = open_part(&w);
	if (w.fd < 0)
		return e;
	if (e == OK)
		e = make_or_cancel(&w, proof, arg, out);
	remove_database_files(w.scratch, f->arena);
	if (e != OK)
		remove_database_files(w.part, f->arena);
	(void)close(w.fd);
	return e;
}

bool sqlite_backup_matches(const struct sqlite_file *f, const char *path)
{
	struct checksum *const current = arena_new(f->arena, struct checksum);
	struct checksum *const backed_up = arena_new(f->arena, struct checksum);
	struct snapshot *s = NULL, *saved = NULL;
	bool same = false;

	if (current != NULL && backed_up != NULL && snapshot_open(path, &saved) == OK &&
		snapshot_open(f->path, &s) == OK)
		same = snapshot_checksum(saved, backed_up) == OK && snapshot_checksum(s, current) == OK &&
		       checksum_equal(current, backed_up);
	snapshot_close(saved);
	snapshot_close(s);
	return same;
}

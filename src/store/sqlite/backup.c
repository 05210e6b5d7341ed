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

#define PART_ENDING ".kycd-part"
#define SCRATCH_ENDING ".kycd-scratch"
#define NOTE_ENDING ".last-backup"
#define ROOM_BESIDE ((int64_t)256 * 1024)
#define BLOCK_BYTES ((size_t)128 * 1024)

struct work {
	const struct sqlite_file *f; /* what is copied */
	struct sqlite_file to;	     /* sentences about the copy */
	const char *part, *scratch;
	int fd; /* of the part; its lock keeps a second backup to the same name away */
};

static const char *trouble_of(int error)
{
	if (error == ENOSPC || error == EFBIG || error == EDQUOT)
		return "there is no room for it: the disk is full, or a limit on file sizes is reached";
	if (error == ENOENT || error == ENOTDIR)
		return "its folder is not there";
	if (error == EACCES || error == EPERM || error == EROFS)
		return "its folder is not ours to write to";
	return strerror(error);
}

static enum err refuse(const struct work *w, int error)
{
	return sqlite_file_refuse(&w->to, ERR_STORAGE, trouble_of(error));
}

/* Asked after what takes long: what is given up half way fails with another sentence. */
static enum err go_on(const struct work *w)
{
	if (is_cancelled(&w->f->cancel))
		return sqlite_file_refuse(
			&w->to, ERR_BUSY, "was given up half way, and nothing is left of it");
	return OK;
}

static void remove_with_logs(const char *path, struct arena *a)
{
	static const char *const endings[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < array_len(endings); i++) {
		const struct str name = arena_printf(a, "%s%s", path, endings[i]);

		if (name.p != NULL)
			(void)unlink(name.p);
	}
}

static enum err refuse_taken_name(const struct work *w)
{
	struct stat here, there;

	if (lstat(w->to.path, &there) != 0)
		return OK;
	if (stat(w->f->path, &here) == 0 && stat(w->to.path, &there) == 0 && here.st_dev == there.st_dev &&
		here.st_ino == there.st_ino)
		return sqlite_file_refuse(&w->to, ERR_CONFLICT, "is the database itself; name another file");
	return sqlite_file_refuse(
		&w->to, ERR_CONFLICT, "is there already; name another file, or move this one away");
}

/* Another one may have finished, and taken the name away, between our opening and our locking. */
static bool is_still_there(const char *path, int fd)
{
	struct stat ours, named;

	return fstat(fd, &ours) == 0 && stat(path, &named) == 0 && ours.st_dev == named.st_dev &&
	       ours.st_ino == named.st_ino;
}

static enum err open_part(struct work *w)
{
	w->fd = open(w->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (w->fd < 0)
		return refuse(w, errno);
	if (flock(w->fd, LOCK_EX | LOCK_NB) != 0 || !is_still_there(w->part, w->fd)) {
		(void)close(w->fd);
		w->fd = -1;
		return sqlite_file_refuse(&w->to, ERR_BUSY, "another backup is being written to it");
	}
	/* What a killed one left. */
	return ftruncate(w->fd, 0) == 0 && fchmod(w->fd, 0600) == 0 ? OK : refuse(w, errno);
}

/* The copy first: it reads from front to back what the rows lie scattered in. */
static enum err copy_snapshot(const struct work *w, struct snapshot *s, struct checksum *checksum)
{
	if (snapshot_copy(s, w->part, w->fd) != OK)
		return sqlite_file_refuse(&w->to, ERR_STORAGE, snapshot_error(s));
	if (snapshot_checksum(s, checksum) != OK)
		return sqlite_file_refuse(w->f, ERR_STORAGE, snapshot_error(s));
	return OK;
}

static enum err write_part(const struct work *w, struct backup *out)
{
	struct snapshot *s = NULL;
	struct stat st;
	enum err e = snapshot_open(w->f->path, &s);

	if (e != OK)
		return sqlite_file_refuse(w->f, e, "cannot be read: is it ours, and is it a database?");
	snapshot_set_cancel(s, &w->f->cancel);
	e = copy_snapshot(w, s, &out->checksum);
	snapshot_close(s);
	TRY(e);
	if (fsync(w->fd) != 0 || fstat(w->fd, &st) != 0)
		return refuse(w, errno);
	out->bytes = st.st_size;
	/* So that the restored one comes from the disk. */
	(void)posix_fadvise(w->fd, 0, 0, POSIX_FADV_DONTNEED);
	return OK;
}

static bool write_whole(int fd, const char *bytes, size_t n)
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

static bool pour(const struct cancel_token *g, int from, int to)
{
	char *const block = malloc(BLOCK_BYTES);
	off_t at = 0;
	ssize_t n = block != NULL ? 1 : -1;

	while (n > 0 && !is_cancelled(g)) {
		n = pread(from, block, BLOCK_BYTES, at);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0 && !write_whole(to, block, (size_t)n))
			n = -1;
		else if (n > 0)
			at += n;
	}
	free(block);
	return n == 0;
}

/* For the scratch file and the files that SQLite puts beside it; said before they are begun. */
static enum err find_room(const struct work *w, int64_t bytes)
{
	struct statvfs volume;

	if (fstatvfs(w->fd, &volume) != 0 ||
		(int64_t)volume.f_bavail >= (bytes + ROOM_BESIDE) / (int64_t)volume.f_frsize)
		return OK;
	return refuse(w, ENOSPC);
}

/* As an operator would: the file is put to its place. */
static enum err restore(const struct work *w)
{
	int fd;
	enum err e = OK;

	remove_with_logs(w->scratch, w->f->arena);
	fd = open(w->scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return refuse(w, errno);
	if (!pour(&w->f->cancel, w->fd, fd))
		e = refuse(w, errno);
	(void)close(fd);
	return e;
}

static enum err compare(const struct work *w, const struct checksum *wanted)
{
	struct snapshot *s = NULL;
	struct checksum *const found = arena_new(w->f->arena, struct checksum);
	bool same;

	if (found == NULL)
		return ERR_INTERNAL;
	TRY(snapshot_open(w->scratch, &s));
	snapshot_set_cancel(s, &w->f->cancel);
	same = snapshot_checksum(s, found) == OK && checksum_equal(wanted, found);
	snapshot_close(s);
	return same ? OK
		    : sqlite_file_refuse(&w->to, ERR_STORAGE,
			      "is not what was copied: try again, and "
			      "if it happens again, doubt the disk");
}

/* The copy has what the database has, unless the disk had a part in it. */
static enum err name_damage(const struct work *w)
{
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_connect(w->f, CONNECTION_READ_ONLY, &sql));
	e = sqlite_file_check_pages(w->f, sql);
	sql->ops->close(sql);
	TRY(e);
	return sqlite_file_refuse(&w->to, ERR_STORAGE,
		"came back damaged, and the database is not: try again, and if it happens again, doubt the disk");
}

static enum err try_restored(const struct work *w, struct backup *out)
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
		return name_damage(w);
	TRY(e);
	TRY(go_on(w));
	return compare(w, &out->checksum);
}

/* Some file systems have no flush for folders: then it is not ours to do. */
static bool bring_folder_to_disk(const struct work *w)
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

/* Never over somebody else's file. Some file systems know neither the one nor the other call for that. */
static bool name_it(const struct work *w)
{
	if (renameat2(AT_FDCWD, w->part, AT_FDCWD, w->to.path, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	return access(w->to.path, F_OK) != 0 && rename(w->part, w->to.path) == 0;
}

static enum err finish(const struct work *w)
{
	if (!name_it(w))
		return errno == EEXIST ? sqlite_file_refuse(&w->to, ERR_CONFLICT, "is there already")
				       : refuse(w, errno);
	if (bring_folder_to_disk(w))
		return OK;
	/* Who is told that it failed must not find a file of that name. */
	const int error = errno;
	(void)unlink(w->to.path);
	return refuse(w, error);
}

static enum err make_and_try(struct work *w, backup_proof *proof, void *arg, struct backup *out)
{
	TRY(write_part(w, out));
	TRY(find_room(w, out->bytes));
	TRY(restore(w));
	TRY(go_on(w));
	TRY(try_restored(w, out));
	return proof == NULL || proof(arg, w->scratch) ? OK : ERR_UPSTREAM;
}

/* Whatever failed meanwhile, that it was given up is what is said. */
static enum err make(struct work *w, backup_proof *proof, void *arg, struct backup *out)
{
	const enum err e = make_and_try(w, proof, arg, out);

	TRY(go_on(w));
	TRY(e);
	return finish(w);
}

enum err sqlite_backup(
	const struct sqlite_file *f, const char *to, backup_proof *proof, void *arg, struct backup *out)
{
	struct work w = { .f = f, .to = *f, .fd = -1 };
	enum err e;

	memset(out, 0, sizeof(*out));
	w.to.path = to;
	w.part = arena_printf(f->arena, "%s" PART_ENDING, to).p;
	w.scratch = arena_printf(f->arena, "%s" SCRATCH_ENDING, to).p;
	if (w.part == NULL || w.scratch == NULL)
		return ERR_INTERNAL;
	TRY(refuse_taken_name(&w));
	e = open_part(&w);
	if (w.fd < 0)
		return e;
	if (e == OK)
		e = make(&w, proof, arg, out);
	remove_with_logs(w.scratch, f->arena);
	if (e != OK)
		remove_with_logs(w.part, f->arena);
	(void)close(w.fd);
	return e;
}

bool sqlite_backup_holds(const struct sqlite_file *f, const char *path)
{
	struct checksum *const here = arena_new(f->arena, struct checksum), *const there = arena_new(f->arena,
										    struct checksum);
	struct snapshot *s = NULL, *kept = NULL;
	bool same = false;

	if (here != NULL && there != NULL && snapshot_open(path, &kept) == OK &&
		snapshot_open(f->path, &s) == OK)
		same = snapshot_checksum(kept, there) == OK && snapshot_checksum(s, here) == OK &&
		       checksum_equal(here, there);
	snapshot_close(kept);
	snapshot_close(s);
	return same;
}

static const char *note_of(const struct sqlite_file *f)
{
	return arena_printf(f->arena, "%s" NOTE_ENDING, f->path).p;
}

enum err sqlite_backup_record_time(const struct sqlite_file *f, moment when)
{
	const char *const path = note_of(f);
	char text[MOMENT_RFC3339_SIZE];
	int fd;
	bool written;

	if (path == NULL)
		return ERR_INTERNAL;
	moment_rfc3339(when, text);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_STORAGE;
	sqlite_file_share_owner(f, fd);
	text[sizeof(text) - 1] = '\n';
	written = write_whole(fd, text, sizeof(text));
	(void)close(fd);
	return written ? OK : ERR_STORAGE;
}

moment sqlite_backup_last_time(const struct sqlite_file *f)
{
	const char *const path = note_of(f);
	const int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) : -1;
	moment when = { 0 };

	if (fd >= 0) {
		char text[64];
		const ssize_t n = read(fd, text, sizeof(text));

		(void)close(fd);
		if (n > 0)
			(void)moment_parse(str_trim((struct str){ text, (size_t)n }), &when);
	}
	return when;
}

#include "store/sqlite/instance_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "store/sqlite/file.h"

#define LOCK_SUFFIX ".lock"
#define RETRY_INTERVAL milliseconds(50)
#define OWNER_TEXT_MAX 256

/* Returns the path of the lock file. It is based on the real path of the database, so a database has only one
 * lock even if symbolic links lead to it. */
static struct str lock_file_name(const struct sqlite_file *f)
{
	char *const real_path = realpath(f->path, NULL);
	const struct str name = arena_printf(
		f->arena, "%s" LOCK_SUFFIX, real_path != NULL ? real_path : f->path);

	free(real_path);
	return name;
}

static void write_owner(int fd, const struct lock_owner *owner)
{
	char text[OWNER_TEXT_MAX], since[MOMENT_RFC3339_SIZE];
	int n;

	moment_rfc3339(owner->since, since);
	n = snprintf(text, sizeof(text), "process %" PRId64 " on %.*s since %s", owner->pid,
		STR_ARG(owner->host), since);
	/* Errors are ignored, because the text is only for messages and the lock works without it. */
	if (n > 0 && n < (int)sizeof(text) && ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)n, 0);
}

/* Returns the text that the owner wrote into the lock file. Bytes that are not printable ASCII are replaced,
 * because the text is shown on terminals. An empty file gives "another process". */
static struct str read_owner(const struct sqlite_file *f, int fd)
{
	char text[OWNER_TEXT_MAX];
	const ssize_t n = pread(fd, text, sizeof(text), 0);

	for (ssize_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	return n > 0 ? arena_copy(f->arena, (struct str){ text, (size_t)n }) : STR("another process");
}

static void report_wait(const struct sqlite_file *f, int fd, const struct lock_wait *wait)
{
	const struct str message = arena_printf(f->arena,
		"%s: waiting up to %" PRId64 " s for it: held by %.*s", f->path, wait->limit.ms / 1000,
		STR_ARG(read_owner(f, fd)));

	if (message.p != NULL)
		wait->on_wait(message);
}

static enum err fail_owned(const struct sqlite_file *f, int fd)
{
	const struct str message = arena_printf(f->arena,
		"is held by %.*s: stop that one first, or use another database for this instance",
		STR_ARG(read_owner(f, fd)));

	return sqlite_file_fail(f, ERR_BUSY, message.p != NULL ? message.p : "is held by another process");
}

static enum err fail_lock_file(const struct sqlite_file *f)
{
	const struct str message = arena_printf(f->arena,
		"its lock file, which has the same name with " LOCK_SUFFIX
		" added, cannot be locked (%s): check that this user may write the file and its folder",
		strerror(errno));

	return sqlite_file_fail(f, ERR_STORAGE, message.p != NULL ? message.p : "cannot be locked");
}

static enum err acquire_or_wait(const struct sqlite_file *f, int fd, const struct lock_wait *wait)
{
	int64_t end = 0, left;
	bool reported = false;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return fail_lock_file(f);
		if (!reported && wait->limit.ms > 0) {
			end = wait->ticks() + wait->limit.ms;
			report_wait(f, fd, wait);
			reported = true;
		}
		left = wait->limit.ms > 0 ? end - wait->ticks() : 0;
		if (left <= 0)
			return fail_owned(f, fd);
		wait->sleep(left < RETRY_INTERVAL.ms ? milliseconds(left) : RETRY_INTERVAL);
	}
	return OK;
}

enum err instance_lock_acquire(struct str path, const struct lock_owner *owner, const struct lock_wait *wait,
	struct arena *arena, struct instance_lock *out, struct str *why)
{
	struct sqlite_file f;
	struct str name;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_create_folders(&f));
	name = lock_file_name(&f);
	if (name.p == NULL)
		return ERR_INTERNAL;
	out->fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out->fd < 0)
		return fail_lock_file(&f);
	sqlite_file_share_owner(&f, out->fd);
	e = acquire_or_wait(&f, out->fd, wait);
	if (e == OK) {
		write_owner(out->fd, owner);
		out->path = name.p;
		(void)!file_identity_read(name.p, &out->identity);
	} else {
		instance_lock_release(out);
	}
	return e;
}

/* Copies the text that describes the owner into the new lock file. */
static void copy_owner(int from, int to)
{
	char text[OWNER_TEXT_MAX];
	const ssize_t n = pread(from, text, sizeof(text), 0);

	if (n > 0 && ftruncate(to, 0) == 0)
		(void)!pwrite(to, text, (size_t)n, 0);
}

enum err instance_lock_keep(struct instance_lock *lock)
{
	enum open_files_state state;
	int fd;

	if (lock->fd < 0)
		return OK;
	state = file_identity_compare(lock->path, &lock->identity);
	if (state == FILES_IN_PLACE)
		return OK;
	fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return ERR_STORAGE;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || !file_identity_read(lock->path, &lock->identity)) {
		const enum err e = errno == EWOULDBLOCK ? ERR_BUSY : ERR_STORAGE;

		(void)close(fd);
		return e;
	}
	copy_owner(lock->fd, fd);
	(void)close(lock->fd);
	lock->fd = fd;
	log_event(LOG_WARN, "instance_lock_restored", LOG_WORD("file", lock->path),
		LOG_TEXT("reason", open_files_text(state)),
		LOG_TEXT("action", "leave the file in place while the server is running"));
	return OK;
}

bool instance_lock_inspect(struct str path, struct arena *arena, struct str *owner)
{
	struct sqlite_file f;
	struct str name, why;
	bool held = false;

	if (sqlite_file_init(&f, path, arena, &why) != OK)
		return false;
	name = lock_file_name(&f);
	const int fd = name.p != NULL ? open(name.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0)
		return false;
	/* If the lock is free, this call takes a shared lock, which close() below releases. A process that
	 * tries to acquire the lock at that moment fails and tries again. */
	held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (held)
		*owner = read_owner(&f, fd);
	(void)close(fd);
	return held;
}

void instance_lock_release(struct instance_lock *lock)
{
	if (lock->fd >= 0)
		(void)close(lock->fd);
	lock->fd = -1;
}

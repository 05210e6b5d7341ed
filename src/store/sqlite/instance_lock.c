#include "store/sqlite/instance_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/sqlite/file.h"

#define LOCK_ENDING ".lock"
#define REST milliseconds(50)
#define TEXT_MAX 256

/* Whatever name leads to it, one file has one lock. */
static struct str lock_name(const struct sqlite_file *f)
{
	char *const real = realpath(f->path, NULL);
	const struct str name = arena_printf(f->arena, "%s" LOCK_ENDING, real != NULL ? real : f->path);

	free(real);
	return name;
}

static void write_holder(int fd, const struct lock_owner *us)
{
	char text[TEXT_MAX], since[MOMENT_RFC3339_SIZE];
	int n;

	moment_rfc3339(us->since, since);
	n = snprintf(text, sizeof(text), "process %" PRId64 " on %.*s since %s", us->pid, STR_ARG(us->host),
		since);
	/* Only for people: without it the lock holds as well. */
	if (n > 0 && n < (int)sizeof(text) && ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, text, (size_t)n, 0);
}

/* What another one wrote: printable ASCII, or nobody in particular. */
static struct str read_holder(const struct sqlite_file *f, int fd)
{
	char text[TEXT_MAX];
	const ssize_t n = pread(fd, text, sizeof(text), 0);

	for (ssize_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	return n > 0 ? arena_copy(f->arena, (struct str){ text, (size_t)n }) : STR("another process");
}

static void tell_waiting(const struct sqlite_file *f, int fd, const struct lock_wait *p)
{
	const struct str sentence = arena_printf(f->arena,
		"%s: waiting up to %" PRId64 " s for it: held by %.*s", f->path, p->limit.ms / 1000,
		STR_ARG(read_holder(f, fd)));

	if (sentence.p != NULL)
		p->on_wait(sentence);
}

static enum err refuse_held(const struct sqlite_file *f, int fd)
{
	const struct str sentence = arena_printf(f->arena,
		"is held by %.*s: stop that one first, or give this one a database of its own",
		STR_ARG(read_holder(f, fd)));

	return sqlite_file_refuse(
		f, ERR_BUSY, sentence.p != NULL ? sentence.p : "is held by another process");
}

static enum err refuse_lock(const struct sqlite_file *f)
{
	const struct str sentence = arena_printf(f->arena,
		"the file " LOCK_ENDING
		" beside it cannot be locked (%s): are file and folder ours to write?",
		strerror(errno));

	return sqlite_file_refuse(f, ERR_STORAGE, sentence.p != NULL ? sentence.p : "cannot be locked");
}

static enum err wait_for_it(const struct sqlite_file *f, int fd, const struct lock_wait *p)
{
	int64_t end = 0, left;
	bool told = false;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno == EINTR)
			continue;
		if (errno != EWOULDBLOCK)
			return refuse_lock(f);
		if (!told && p->limit.ms > 0) {
			end = p->ticks() + p->limit.ms;
			tell_waiting(f, fd, p);
			told = true;
		}
		left = p->limit.ms > 0 ? end - p->ticks() : 0;
		if (left <= 0)
			return refuse_held(f, fd);
		p->sleep(left < REST.ms ? milliseconds(left) : REST);
	}
	return OK;
}

enum err instance_lock_acquire(struct str path, const struct lock_owner *us, const struct lock_wait *patience,
	struct arena *arena, struct instance_lock *out, struct str *why)
{
	struct sqlite_file f;
	struct str name;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_create_folders(&f));
	name = lock_name(&f);
	if (name.p == NULL)
		return ERR_INTERNAL;
	out->fd = open(name.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (out->fd < 0)
		return refuse_lock(&f);
	sqlite_file_share_owner(&f, out->fd);
	e = wait_for_it(&f, out->fd, patience);
	if (e == OK)
		write_holder(out->fd, us);
	else
		instance_lock_release(out);
	return e;
}

bool instance_lock_inspect(struct str path, struct arena *arena, struct str *holder)
{
	struct sqlite_file f;
	struct str name, why;
	bool held = false;

	if (sqlite_file_init(&f, path, arena, &why) != OK)
		return false;
	name = lock_name(&f);
	const int fd = name.p != NULL ? open(name.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
	if (fd < 0)
		return false;
	/* For an instant a shared one of our own, at most: who wants it then tries again. */
	held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
	if (held)
		*holder = read_holder(&f, fd);
	(void)close(fd);
	return held;
}

void instance_lock_release(struct instance_lock *hold)
{
	if (hold->fd >= 0)
		(void)close(hold->fd);
	hold->fd = -1;
}

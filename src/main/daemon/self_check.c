#include "main/daemon/self_check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "main/daemon/database.h"
#include "main/platform/system_clock.h"
#include "store/sqlite/store.h"

/* How long a run may take. Its checks have limits of their own, of 5 s each. */
#define RUN_LIMIT_MS 60000
#define OUTPUT_MAX ((size_t)32 * 1024)
#define ARGUMENTS_MAX 6

struct output {
	moment finished_at; /* 0: no run has ended */
	bool is_cut_off;
	size_t n;
	char text[OUTPUT_MAX];
};

struct doctor_process {
	struct self_check port; /* must be the first member */
	const struct config *config;
	const struct config_source *source;
	struct lock lock;
	/* Protected by the lock. */
	bool is_running, is_closing;
	pid_t process; /* of the run; also the id of its process group; 0: none */
	moment started_at;
	struct output last;
	struct thread thread;
	struct output current; /* used by the thread only */
};

static struct doctor_process *doctor_of(struct self_check *check)
{
	return (struct doctor_process *)(void *)check;
}

static void set_arguments(const struct doctor_process *d, char *arguments[ARGUMENTS_MAX])
{
	static char name[] = "kycd", command[] = "doctor", dev[] = "--dev", config[] = "--config";
	size_t n = 0;

	arguments[n++] = name;
	arguments[n++] = command;
	if (d->source->dev)
		arguments[n++] = dev;
	if (d->source->file != NULL) {
		arguments[n++] = config;
		arguments[n++] = (char *)(uintptr_t)d->source->file;
	}
	arguments[n] = NULL;
}

/* The process has a group of its own, so that its checks, which are processes too, end with it. The threads
 * of the server block signals, which the new process must not inherit. */
static bool set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, usual;

	sigemptyset(&none);
	sigemptyset(&usual);
	sigaddset(&usual, SIGALRM);
	return posix_spawnattr_init(attributes) == 0 && posix_spawnattr_setsigmask(attributes, &none) == 0 &&
	       posix_spawnattr_setsigdefault(attributes, &usual) == 0 &&
	       posix_spawnattr_setpgroup(attributes, 0) == 0 &&
	       posix_spawnattr_setflags(attributes,
		       POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP) == 0;
}

/* The process gets standard output, and no other file of the server. */
static bool set_files(posix_spawn_file_actions_t *files, int output)
{
	return posix_spawn_file_actions_init(files) == 0 &&
	       posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0) == 0 &&
	       posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO) == 0 &&
	       posix_spawn_file_actions_addopen(files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
	       posix_spawn_file_actions_addclosefrom_np(files, STDERR_FILENO + 1) == 0;
}

/* Starts this program again, also if its file was replaced by an upgrade. Returns the process, or 0. */
static pid_t start_process(const struct doctor_process *d, int output)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	char *arguments[ARGUMENTS_MAX];
	pid_t process = 0;

	set_arguments(d, arguments);
	if (!set_attributes(&attributes))
		return 0;
	if (set_files(&files, output)) {
		if (posix_spawn(&process, "/proc/self/exe", &files, &attributes, arguments,
			    d->source->environment) != 0)
			process = 0;
		(void)posix_spawn_file_actions_destroy(&files);
	}
	(void)posix_spawnattr_destroy(&attributes);
	return process;
}

/* Reads until the process closes its output. Returns false if the limit has passed or there is too much. */
static bool read_output(int fd, struct output *out)
{
	const int64_t end = system_ticks() + RUN_LIMIT_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		const int64_t left = end - system_ticks();

		if (left <= 0 || out->n == sizeof(out->text))
			return false;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		const ssize_t got = read(fd, out->text + out->n, sizeof(out->text) - out->n);
		if (got <= 0)
			return got == 0;
		out->n += (size_t)got;
	}
}

/* Ends what is left of the process group, and waits for it. In a container this server may be process 1,
 * which becomes the parent of the checks that were running. */
static void end_process(struct doctor_process *d)
{
	int status;

	lock_acquire(&d->lock);
	(void)kill(-d->process, SIGKILL);
	while (waitpid(-d->process, &status, 0) > 0 || errno == EINTR)
		;
	d->process = 0;
	lock_release(&d->lock);
}

/* Remembers the process. Returns false if the server is stopping meanwhile; then the process is ended. */
static bool remember_process(struct doctor_process *d, pid_t process)
{
	lock_acquire(&d->lock);
	d->process = process;
	const bool is_closing = d->is_closing;
	lock_release(&d->lock);
	return !is_closing;
}

static bool run_process(struct doctor_process *d)
{
	int fds[2];
	bool is_complete = false;

	if (pipe2(fds, O_CLOEXEC) != 0)
		return false;
	const pid_t process = start_process(d, fds[1]);
	(void)close(fds[1]);
	if (process > 0) {
		is_complete = remember_process(d, process) && read_output(fds[0], &d->current);
		end_process(d);
	}
	(void)close(fds[0]);
	return is_complete;
}

static void run_checks(void *arg)
{
	struct doctor_process *const d = arg;

	d->current.n = 0;
	d->current.is_cut_off = !run_process(d) || d->current.n == 0;
	d->current.finished_at = system_now();
	if (d->current.is_cut_off)
		log_event(LOG_WARN, "self_check_failed",
			LOG_TEXT("reason",
				"the checks for the console could not be started, or took longer than 60 s"),
			LOG_TEXT("action", "run kycd doctor on this machine"));
	lock_acquire(&d->lock);
	d->last = d->current;
	d->is_running = false;
	lock_release(&d->lock);
}

static enum err start(struct self_check *check)
{
	struct doctor_process *const d = doctor_of(check);
	enum err e = OK;

	lock_acquire(&d->lock);
	if (!d->is_running && !d->is_closing) {
		thread_join(&d->thread); /* of the run before, which has ended */
		e = thread_start(&d->thread, run_checks, d);
		d->is_running = e == OK;
		if (e == OK)
			d->started_at = system_now();
	}
	lock_release(&d->lock);
	return e;
}

/* Findings of this check are not shown: the console reads the backups itself. */
static const struct str left_out = STR_INIT("backup");

/* Reads a line as `kycd doctor` prints it: the kind, the check and the message, with spaces between them. */
static bool read_line(struct str line, struct self_check_finding *out)
{
	static const struct {
		const char *name;
		enum finding kind;
	} kinds[] = { { "ok", FINDING_OK }, { "warning", FINDING_WARNING }, { "error", FINDING_ERROR } };
	struct str kind;

	(void)str_cut(&line, ' ', &kind);
	line = str_trim(line);
	(void)str_cut(&line, ' ', &out->check);
	out->message = str_trim(line);
	for (size_t i = 0; i < array_len(kinds); i++)
		if (str_eq(kind, str_of(kinds[i].name))) {
			out->kind = kinds[i].kind;
			return out->message.n > 0 && !str_eq(out->check, left_out);
		}
	return false;
}

static enum err read_result(struct self_check *check, struct arena *a, struct self_check_result *out)
{
	struct doctor_process *const d = doctor_of(check);
	struct str text, line;

	*out = (struct self_check_result){ .findings = arena_array(
						   a, struct self_check_finding, SELF_CHECK_FINDINGS_MAX) };
	lock_acquire(&d->lock);
	out->is_running = d->is_running;
	out->started_at = d->started_at;
	out->finished_at = d->last.finished_at;
	out->is_cut_off = d->last.is_cut_off;
	text = arena_copy(a, (struct str){ d->last.text, d->last.n });
	lock_release(&d->lock);
	if (out->findings == NULL || text.p == NULL)
		return ERR_INTERNAL;
	while (text.n > 0 && out->n < SELF_CHECK_FINDINGS_MAX) {
		(void)str_cut(&text, '\n', &line);
		if (read_line(line, &out->findings[out->n]))
			out->n++;
	}
	return OK;
}

static enum backup_keeper read_backups(struct self_check *check, struct arena *a, struct backup_history *out)
{
	const struct doctor_process *const d = doctor_of(check);

	*out = (struct backup_history){ .failure = STR("") };
	if (!database_is_file(d->config))
		return BACKUPS_BY_POSTGRES;
	sqlite_store_backups(database_path(d->config), a, out);
	return d->config->dev ? BACKUPS_NOT_NEEDED : BACKUPS_BY_KYCD;
}

enum err self_check_open(
	const struct config *config, const struct config_source *source, struct self_check **out)
{
	static const struct self_check_ops ops = { start, read_result, read_backups };
	struct doctor_process *const d = calloc(1, sizeof(*d));

	if (d == NULL)
		return ERR_INTERNAL;
	d->port.ops = &ops;
	d->config = config;
	d->source = source;
	lock_init(&d->lock);
	*out = &d->port;
	return OK;
}

void self_check_close(struct self_check *check)
{
	struct doctor_process *const d = check ? doctor_of(check) : NULL;

	if (d == NULL)
		return;
	lock_acquire(&d->lock);
	d->is_closing = true;
	if (d->process > 0)
		(void)kill(-d->process, SIGKILL);
	lock_release(&d->lock);
	thread_join(&d->thread);
	lock_finish(&d->lock);
	free(d);
}

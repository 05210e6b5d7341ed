#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "main/config/setting.h"
#include "main/config/warnings.h"
#include "main/daemon/compose.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "main/doctor/checks.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"

#define FLUSHES 100
#define FLUSHES_LIMIT_US ((int64_t)2 * 1000 * 1000)
#define FLUSH_BYTES 4096
#define FLUSH_SLOW_US ((int64_t)10 * 1000)
#define MIB ((uint64_t)1024 * 1024)
#define SPACE_LITTLE (1024 * MIB)
#define SPACE_NONE (64 * MIB)

void doctor_check_settings(struct doctor_ctx *ctx)
{
	struct config_warning found[CONFIG_WARNINGS_MAX];
	size_t n;

	if (ctx->refusal.n > 0)
		doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(ctx->refusal));
	if (!ctx->raw)
		return;
	n = config_warnings_find(&ctx->config, ctx->raw, found);
	for (size_t i = 0; i < n; i++)
		doctor_report(ctx, FINDING_WARNING, "KYCD_%s %s", found[i].name, found[i].sentence);
	if (n == 0 && ctx->refusal.n == 0)
		doctor_report(ctx, FINDING_OK, "they are right, and none is weak");
}

/* A group that is ours alone may read: so a service gets what root wrote (docs/operating.md). */
static bool is_read_by_others(const struct stat *s)
{
	return (s->st_mode & S_IROTH) || ((s->st_mode & S_IRGRP) && s->st_gid != getegid());
}

static void judge_secret(struct doctor_ctx *ctx, const char *path, const char *what)
{
	struct stat s;

	if (stat(path, &s) != 0)
		doctor_report(
			ctx, FINDING_ERROR, "%s (%s) cannot be looked at: %s", path, what, strerror(errno));
	else if (s.st_mode & (S_IWGRP | S_IWOTH))
		doctor_report(
			ctx, FINDING_ERROR, "%s (%s) can be changed by others: chmod 600 it", path, what);
	else if (is_read_by_others(&s))
		doctor_report(ctx, FINDING_WARNING,
			"%s (%s) can be read by others: chmod 600 it, unless nobody else is on this machine",
			path, what);
	else
		doctor_report(ctx, FINDING_OK, "%s (%s) is ours alone", path, what);
}

static void judge_secrets(struct doctor_ctx *ctx)
{
	const char *const file = ctx->source->file ? ctx->source->file : "kycd.conf";
	bool in_file = false;

	for (size_t i = 0; i < n_settings; i++) {
		const struct raw_value *const v = &ctx->raw->values[i];
		struct str name;

		if (!setting_is_secret(&settings[i], v->text))
			continue;
		name = arena_printf(&ctx->arena, "KYCD_%s_FILE", settings[i].name);
		if (v->is_file)
			judge_secret(ctx, v->path.p, name.p);
		in_file = in_file || (v->origin == ORIGIN_FILE && !v->is_file);
	}
	if (ctx->config.dev && ctx->config.secret_key.n == 0 && access(MASTER_KEY_DEV_FILE, F_OK) == 0)
		judge_secret(ctx, MASTER_KEY_DEV_FILE, "the master key");
	if (in_file)
		judge_secret(ctx, file, "it holds a secret");
}

static void judge_database(struct doctor_ctx *ctx, const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		return; /* told where the database is looked at */
	if (s.st_uid != geteuid())
		doctor_report(ctx, FINDING_WARNING,
			"%s belongs to user %u: run this as the user that the server runs as", path,
			(unsigned)s.st_uid);
	if (s.st_mode & (S_IRWXG | S_IRWXO))
		doctor_report(ctx, FINDING_ERROR, "%s is open to others: chmod 600 it", path);
	else
		doctor_report(ctx, FINDING_OK, "%s is ours alone", path);
}

static void judge_folder(struct doctor_ctx *ctx, const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		doctor_report(ctx, FINDING_WARNING,
			"the folder %s is not there yet: the first start makes it", path);
	else if (s.st_mode & (S_IWGRP | S_IWOTH))
		doctor_report(ctx, FINDING_ERROR,
			"others can put files into the folder %s, or take the database away: chmod 700 it",
			path);
	else if (s.st_mode & (S_IRWXG | S_IRWXO))
		doctor_report(ctx, FINDING_WARNING, "others can look into the folder %s: chmod 700 it", path);
	else
		doctor_report(ctx, FINDING_OK, "the folder %s is ours alone", path);
}

void doctor_check_rights(struct doctor_ctx *ctx)
{
	const struct str database = arena_copy(&ctx->arena, database_path(&ctx->config));

	judge_secrets(ctx);
	if (!database_is_file(&ctx->config))
		return;
	judge_database(ctx, database.p);
	judge_folder(ctx, doctor_database_folder(ctx).p);
}

void doctor_check_descriptors(struct doctor_ctx *ctx)
{
	const rlim_t wanted = (rlim_t)process_fds_needed(ctx->config.max_connections);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		doctor_report(ctx, FINDING_WARNING, "their limit cannot be read: %s", strerror(errno));
	else if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < wanted)
		doctor_report(ctx, FINDING_WARNING,
			"a process of this user may have %ju open, KYCD_MAX_CONNECTIONS needs %ju: raise the limit "
			"(ulimit -n, LimitNOFILE=) or lower the setting",
			(uintmax_t)limit.rlim_max, (uintmax_t)wanted);
	else
		doctor_report(ctx, FINDING_OK, "enough for KYCD_MAX_CONNECTIONS=%" PRId64,
			ctx->config.max_connections);
}

static void judge_step(struct doctor_ctx *ctx)
{
	struct timex t = { .modes = 0 };
	const int state = adjtimex(&t);

	if (state < 0)
		doctor_report(ctx, FINDING_WARNING, "the kernel does not say whether it is kept in step (%s)",
			strerror(errno));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		doctor_report(ctx, FINDING_WARNING,
			"nobody keeps it in step: run chrony or systemd-timesyncd; events are refused when it is "
			"300 s off");
	else
		doctor_report(ctx, FINDING_OK, "it is kept in step, within %ld ms", t.maxerror / 1000);
}

/* Whether it is right, the provider's answers tell as well. */
void doctor_check_clock(struct doctor_ctx *ctx)
{
	judge_step(ctx);
	doctor_check_row_times(ctx);
}

static int compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* How many flushes were timed; 0: the folder does not bear it. */
static size_t time_flushes(int fd, int64_t micros[FLUSHES])
{
	static const char bytes[FLUSH_BYTES];
	const int64_t end = system_micros() + FLUSHES_LIMIT_US;
	size_t n = 0;

	while (n < FLUSHES && system_micros() < end) {
		const int64_t began = system_micros();

		if (write(fd, bytes, sizeof(bytes)) != (ssize_t)sizeof(bytes) || fdatasync(fd) != 0)
			return 0;
		micros[n++] = system_micros() - began;
	}
	qsort(micros, n, sizeof(micros[0]), compare);
	return n;
}

static void judge_flushes(struct doctor_ctx *ctx, const char *folder)
{
	const struct str name = arena_printf(&ctx->arena, "%s/.kycd-doctor-XXXXXX", folder);
	char *const path = strdup(name.p);
	int64_t micros[FLUSHES];
	const int fd = path ? mkostemp(path, O_CLOEXEC) : -1;
	size_t n = 0;

	if (fd >= 0) {
		(void)unlink(path);
		n = time_flushes(fd, micros);
		close(fd);
	}
	free(path);
	if (n == 0) {
		doctor_report(ctx, FINDING_ERROR, "nothing can be written into the folder %s: %s", folder,
			strerror(errno));
		return;
	}
	const int64_t p50 = micros[n / 2], p99 = micros[n * 99 / 100];
	doctor_report(ctx, p99 > FLUSH_SLOW_US ? FINDING_WARNING : FINDING_OK,
		"a flush takes %.2f ms, one in a hundred %.2f ms%s", (double)p50 / 1000, (double)p99 / 1000,
		p99 > FLUSH_SLOW_US ? ": every answer that is kept waits for one; use a faster disk" : "");
}

static void judge_space(struct doctor_ctx *ctx, const char *folder)
{
	struct statvfs s;

	if (statvfs(folder, &s) != 0)
		return;
	const uint64_t left = (uint64_t)s.f_bavail * s.f_frsize;
	doctor_report(ctx,
		left < SPACE_NONE     ? FINDING_ERROR
		: left < SPACE_LITTLE ? FINDING_WARNING
				      : FINDING_OK,
		"%" PRIu64 " MiB are free%s", left / MIB,
		left < SPACE_LITTLE ? ": make room, or nothing is written any more" : "");
}

void doctor_check_disk(struct doctor_ctx *ctx)
{
	const struct str folder = doctor_database_folder(ctx);

	if (access(folder.p, F_OK) != 0) {
		doctor_report(ctx, FINDING_WARNING, "the folder %s is not there yet", folder.p);
		return;
	}
	judge_flushes(ctx, folder.p);
	judge_space(ctx, folder.p);
}

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/config/setting.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "main/doctor/checks.h"

#define GROUPS_MAX 64

static bool is_own_group(gid_t group)
{
	gid_t groups[GROUPS_MAX];
	const int n = getgroups(GROUPS_MAX, groups);

	if (group == getegid())
		return true;
	for (int i = 0; i < n; i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* Returns whether the file belongs to the group of the service, which is how a service can read files of root
 * (docs/operating.md). When this command runs as root, it cannot know the service's group and accepts any
 * group except root's. */
static bool is_service_group(const struct stat *s)
{
	return geteuid() == 0 ? s->st_gid != 0 : is_own_group(s->st_gid);
}

/* Returns how to make the file inaccessible to other users. The service must still be able to read it, which
 * it does as the file's owner, as a member of the file's group, or because everyone may read the file. */
static const char *remedy(const struct stat *s)
{
	if (geteuid() != 0 && s->st_uid == geteuid())
		return "chmod 600 it";
	if (is_service_group(s))
		return "chmod 640 it";
	return "give it the group of the user that the server runs as, and chmod 640 it";
}

/* Returns whether a container engine has mounted the file as a secret. Such files are readable for all users
 * of the container, but a container has only the users of one service. */
static bool is_mounted_secret(const char *path)
{
	return str_starts(str_of(path), STR("/run/secrets/")) ||
	       str_starts(str_of(path), STR("/var/run/secrets/"));
}

/* Reports the file and returns true if users other than root and the user of this command can change it. When
 * this command runs as root, it cannot know the service's user. */
static bool report_if_writable(
	struct doctor_ctx *ctx, const char *path, const char *description, const struct stat *s)
{
	if (s->st_mode & (S_IWGRP | S_IWOTH)) {
		doctor_report(ctx, FINDING_ERROR, "%s (%s) can be changed by other users: %s", path,
			description, remedy(s));
		return true;
	}
	if (geteuid() == 0 || s->st_uid == 0 || s->st_uid == geteuid())
		return false;
	doctor_report(ctx, FINDING_WARNING,
		"%s (%s) belongs to user %u, who can change it: let it belong to root or to the user that the server runs as",
		path, description, (unsigned)s->st_uid);
	return true;
}

/* Reports the folder of the file if other users can write to it: they can replace the file, unless the folder
 * has the sticky bit. */
static void report_if_replaceable(struct doctor_ctx *ctx, const char *path)
{
	const char *const slash = strrchr(path, '/');
	const struct str folder = arena_copy(&ctx->arena,
		slash == NULL ? STR(".") : (struct str){ path, slash == path ? 1 : (size_t)(slash - path) });
	struct stat s;

	if (folder.p == NULL || stat(folder.p, &s) != 0 || (s.st_mode & S_ISVTX))
		return;
	if ((s.st_mode & S_IWOTH) || ((s.st_mode & S_IWGRP) && s.st_gid != 0 && !is_service_group(&s)))
		doctor_report(ctx, FINDING_ERROR,
			"%s can be replaced by other users, who can write to its folder: chmod go-w the folder",
			path);
}

/* Reports whether other users can read or change the file. `description` is printed after its path. */
static void report_secret_file(struct doctor_ctx *ctx, const char *path, const char *description)
{
	struct stat s;

	if (stat(path, &s) != 0) {
		doctor_report(
			ctx, FINDING_ERROR, "%s (%s) cannot be read: %s", path, description, strerror(errno));
		return;
	}
	report_if_replaceable(ctx, path);
	if (report_if_writable(ctx, path, description, &s))
		return;
	if ((s.st_mode & S_IROTH) && is_mounted_secret(path))
		doctor_report(ctx, FINDING_OK, "%s (%s) can be read by the users of this container only",
			path, description);
	else if (s.st_mode & S_IROTH)
		doctor_report(ctx, FINDING_ERROR, "%s (%s) can be read by every user of this machine: %s",
			path, description, remedy(&s));
	else if ((s.st_mode & S_IRGRP) && s.st_gid != 0 && !is_service_group(&s))
		doctor_report(ctx, FINDING_WARNING, "%s (%s) can be read by the members of its group: %s",
			path, description, remedy(&s));
	else
		doctor_report(ctx, FINDING_OK, "%s (%s) is not accessible to other users", path, description);
}

/* Reports the permissions of a settings file. Without secrets, other users may read it but not change it,
 * because the settings decide where e-mails are sent. */
static void report_settings_file(struct doctor_ctx *ctx, const char *path, bool has_secret)
{
	struct stat s;

	if (has_secret) {
		report_secret_file(ctx, path, "it contains a secret");
		return;
	}
	if (stat(path, &s) != 0)
		return; /* without --config, the settings file may be missing */
	report_if_replaceable(ctx, path);
	if (!report_if_writable(ctx, path, "the settings", &s))
		doctor_report(ctx, FINDING_OK, "%s (the settings) cannot be changed by other users", path);
}

static void report_configured_files(struct doctor_ctx *ctx)
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
			report_secret_file(ctx, v->path.p, name.p);
		in_file = in_file || (v->origin == ORIGIN_FILE && !v->is_file);
	}
	if (ctx->config.dev && ctx->config.secret_key.n == 0 && access(MASTER_KEY_DEV_FILE, F_OK) == 0)
		report_secret_file(ctx, MASTER_KEY_DEV_FILE, "the master key");
	report_settings_file(ctx, file, in_file);
}

static void report_database_rights(struct doctor_ctx *ctx, const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		return; /* doctor_check_database reports it */
	if (s.st_uid != geteuid())
		doctor_report(ctx, FINDING_WARNING,
			"%s belongs to user %u: run this command as the user that the server runs as", path,
			(unsigned)s.st_uid);
	if (s.st_mode & (S_IRWXG | S_IRWXO))
		doctor_report(ctx, FINDING_ERROR, "%s is accessible to other users: chmod 600 it", path);
	else
		doctor_report(ctx, FINDING_OK, "%s is not accessible to other users", path);
}

static void report_folder_rights(struct doctor_ctx *ctx, const char *path)
{
	struct stat s;

	if (stat(path, &s) != 0)
		doctor_report(ctx, FINDING_WARNING,
			"the folder %s does not exist yet: the first start creates it", path);
	else if (s.st_mode & (S_IWGRP | S_IWOTH))
		doctor_report(ctx, FINDING_ERROR,
			"other users can create and delete files in the folder %s: chmod 700 it", path);
	else if (s.st_mode & (S_IRWXG | S_IRWXO))
		doctor_report(ctx, FINDING_WARNING, "other users can list the folder %s: chmod 700 it", path);
	else
		doctor_report(ctx, FINDING_OK, "the folder %s is not accessible to other users", path);
}

void doctor_check_rights(struct doctor_ctx *ctx)
{
	const struct str database = arena_copy(&ctx->arena, database_path(&ctx->config));

	report_configured_files(ctx);
	if (!database_is_file(&ctx->config))
		return;
	report_database_rights(ctx, database.p);
	report_folder_rights(ctx, doctor_database_folder(ctx).p);
}

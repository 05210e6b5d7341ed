#include "store/sqlite/upgrade.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/diagnosis.h"

/* Size of a time stamp such as "20260105T100000Z", including its final 0. With this format, file names sort
 * by time. */
#define STAMP_SIZE 17
#define NAME_MAX_BYTES 256

struct pre_upgrade_backup {
	const struct sqlite_file *f;
	struct sql *sql; /* for reading the time of the database's clock */
	struct str path; /* path of the backup; p is NULL if there is none yet */
};

static enum err write_time_stamp(const struct pre_upgrade_backup *a, char out[STAMP_SIZE])
{
	const struct str sql_text = arena_printf(a->f->arena, "SELECT %s", a->sql->dialect->now);
	char text[MOMENT_RFC3339_SIZE];
	moment now;
	size_t n = 0;

	if (sql_text.p == NULL)
		return ERR_INTERNAL;
	TRY(a->sql->ops->query_number(a->sql, sql_text.p, &now.ms));
	moment_rfc3339(now, text);
	text[19] = 'Z';
	text[20] = '\0';
	for (const char *p = text; *p != '\0' && n < STAMP_SIZE - 1; p++)
		if (*p != '-' && *p != ':')
			out[n++] = *p;
	out[n] = '\0';
	return OK;
}

/* Finds the newest backup, a file whose path is `prefix` followed by a time stamp. Returns false if there is
 * none. */
static bool find_newest_backup(const char *prefix, struct arena *arena, struct str *out)
{
	const char *const name = strrchr(prefix, '/') + 1;
	const struct str folder = arena_copy(arena, (struct str){ prefix, (size_t)(name - prefix) });
	char newest[NAME_MAX_BYTES] = "";
	const struct dirent *entry;
	DIR *const dir = folder.p != NULL ? opendir(folder.p) : NULL;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const struct str file_name = str_of(entry->d_name);

		if (str_starts(file_name, str_of(name)) && file_name.n == strlen(name) + STAMP_SIZE - 1 &&
			str_cmp(file_name, str_of(newest)) > 0)
			(void)!str_copy_to(file_name, newest, sizeof(newest));
	}
	if (dir != NULL)
		(void)closedir(dir);
	*out = newest[0] != '\0' ? arena_printf(arena, "%s%s", folder.p, newest) : (struct str){ NULL, 0 };
	return out->p != NULL;
}

/* The migrate_hook. Makes a backup, unless a backup from an earlier attempt has the same content. */
static enum err make_pre_upgrade_backup(void *arg, int64_t version)
{
	struct pre_upgrade_backup *const a = arg;
	const struct sqlite_file *const f = a->f;
	const struct str prefix = arena_printf(
		f->arena, "%s.before-%04lld-", f->path, (long long)version + 1);
	struct backup *const unused_result = arena_new(f->arena, struct backup);
	struct str path;

	if (prefix.p == NULL || unused_result == NULL)
		return ERR_INTERNAL;
	if (find_newest_backup(prefix.p, f->arena, &path) && sqlite_backup_matches(f, path.p)) {
		a->path = path;
	} else {
		char when[STAMP_SIZE];

		TRY(write_time_stamp(a, when));
		path = arena_printf(f->arena, "%s%s", prefix.p, when);
		if (path.p == NULL)
			return ERR_INTERNAL;
		TRY(sqlite_backup(f, path.p, NULL, NULL, unused_result));
		a->path = path;
	}
	log_event(LOG_INFO, "pre_upgrade_backup", LOG_NUMBER("schema", version), LOG_WORD("file", a->path.p));
	return OK;
}

static enum err fail_migration(const struct pre_upgrade_backup *a, enum err e)
{
	const char *const condition = sqlite_condition_message(sqlite_condition_last());
	const struct str message = arena_printf(a->f->arena,
		"a migration failed%s%s; nothing was changed%s%s", condition != NULL ? ": the database " : "",
		condition != NULL ? condition : "",
		a->path.p != NULL ? "; a copy of the database is in " : "",
		a->path.p != NULL ? a->path.p : "");

	return sqlite_file_fail(
		a->f, e, message.p != NULL ? message.p : "a migration failed; nothing was changed");
}

/* Runs the migrations. If the backup fails, adds to the message of sqlite_backup that no migration was
 * run. */
static enum err run_migrations(const struct sqlite_file *f, struct sql *sql, enum upgrade_backup backup)
{
	struct pre_upgrade_backup saved = { .f = f, .sql = sql };
	const struct migrate_hook hook = { make_pre_upgrade_backup, &saved };
	const struct str message_before = *f->reason;
	const enum err e = migrate(sql, f->migrations, backup == UPGRADE_WITH_BACKUP ? &hook : NULL);
	struct str message;

	if (e == OK)
		return OK;
	if (f->reason->p == message_before.p)
		return fail_migration(&saved, e);
	message = arena_printf(f->arena, "%.*s; without a backup no migration is run", STR_ARG(*f->reason));
	if (message.p != NULL)
		*f->reason = message;
	return e;
}

enum err sqlite_upgrade(const struct sqlite_file *f, enum upgrade_backup backup)
{
	enum schema schema;
	int64_t version;
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_inspect(f, &schema, &version));
	if (schema == SCHEMA_CURRENT)
		return OK;
	if (schema == SCHEMA_NEWER)
		return sqlite_file_fail_schema(f, schema, version);
	TRY(sqlite_file_connect(f, CONNECTION_READ_WRITE, &sql));
	e = run_migrations(f, sql, backup);
	sql->ops->close(sql);
	return e;
}

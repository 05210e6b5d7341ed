#include "store/sqlite/upgrade.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "store/sqlite/backup.h"
#include "store/sqlite/diagnosis.h"

/* "2026-01-05T10:00:00.000Z" → "20260105T100000Z": for a name that sorts by time. */
#define STAMP_SIZE 17
#define NAME_MAX_BYTES 256

struct aside {
	const struct sqlite_file *f;
	struct sql *sql; /* for the time */
	struct str kept; /* where the copy lies; p NULL: there is none */
};

static enum err stamp(const struct aside *a, char out[STAMP_SIZE])
{
	const struct str question = arena_printf(a->f->arena, "SELECT %s", a->sql->dialect->now);
	char text[MOMENT_RFC3339_SIZE];
	moment now;
	size_t n = 0;

	if (question.p == NULL)
		return ERR_INTERNAL;
	TRY(a->sql->ops->query_number(a->sql, question.p, &now.ms));
	moment_rfc3339(now, text);
	text[19] = 'Z';
	text[20] = '\0';
	for (const char *p = text; *p != '\0' && n < STAMP_SIZE - 1; p++)
		if (*p != '-' && *p != ':')
			out[n++] = *p;
	out[n] = '\0';
	return OK;
}

/* The newest file beside the database whose name begins like that. */
static bool newest_beside(const char *start, struct arena *arena, struct str *out)
{
	const char *const name = strrchr(start, '/') + 1;
	const struct str folder = arena_copy(arena, (struct str){ start, (size_t)(name - start) });
	char newest[NAME_MAX_BYTES] = "";
	const struct dirent *entry;
	DIR *const dir = folder.p != NULL ? opendir(folder.p) : NULL;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const struct str seen = str_of(entry->d_name);

		if (str_starts(seen, str_of(name)) && seen.n == strlen(name) + STAMP_SIZE - 1 &&
			str_cmp(seen, str_of(newest)) > 0)
			(void)!str_copy_to(seen, newest, sizeof(newest));
	}
	if (dir != NULL)
		(void)closedir(dir);
	*out = newest[0] != '\0' ? arena_printf(arena, "%s%s", folder.p, newest) : (struct str){ NULL, 0 };
	return out->p != NULL;
}

static enum err lay_aside(void *arg, int64_t version)
{
	struct aside *const a = arg;
	const struct sqlite_file *const f = a->f;
	const struct str start = arena_printf(f->arena, "%s.before-%04lld-", f->path, (long long)version + 1);
	struct backup *const made = arena_new(f->arena, struct backup);
	struct str kept;

	if (start.p == NULL || made == NULL)
		return ERR_INTERNAL;
	if (newest_beside(start.p, f->arena, &kept) && sqlite_backup_holds(f, kept.p)) {
		a->kept = kept;
	} else {
		char when[STAMP_SIZE];

		TRY(stamp(a, when));
		kept = arena_printf(f->arena, "%s%s", start.p, when);
		if (kept.p == NULL)
			return ERR_INTERNAL;
		TRY(sqlite_backup(f, kept.p, NULL, NULL, made));
		a->kept = kept;
	}
	log_event(LOG_INFO, "pre_upgrade_backup", LOG_NUMBER("schema", version), LOG_WORD("file", a->kept.p));
	return OK;
}

static enum err refuse_step(const struct aside *a, enum err e)
{
	const char *const trouble = sqlite_condition_message(sqlite_condition_last());
	const struct str sentence = arena_printf(a->f->arena,
		"a step of the migration failed; nothing was changed%s%s%s%s",
		a->kept.p != NULL ? ", and what it was lies in " : "", a->kept.p != NULL ? a->kept.p : "",
		trouble != NULL ? ": the database " : "", trouble != NULL ? trouble : "");

	return sqlite_file_refuse(a->f, e,
		sentence.p != NULL ? sentence.p : "a step of the migration failed; nothing was changed");
}

/* A copy that cannot be made has said why. */
static enum err take_steps(const struct sqlite_file *f, struct sql *sql, enum upgrade_backup keep)
{
	struct aside aside = { .f = f, .sql = sql };
	const struct migrate_hook hook = { lay_aside, &aside };
	const struct str before = *f->why;
	const enum err e = migrate(sql, f->migrations, keep == UPGRADE_WITH_BACKUP ? &hook : NULL);
	struct str sentence;

	if (e == OK)
		return OK;
	if (f->why->p == before.p)
		return refuse_step(&aside, e);
	sentence = arena_printf(f->arena, "%.*s; without a copy no step is taken", STR_ARG(*f->why));
	if (sentence.p != NULL)
		*f->why = sentence;
	return e;
}

enum err sqlite_upgrade(const struct sqlite_file *f, enum upgrade_backup keep)
{
	enum schema schema;
	int64_t version;
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_inspect(f, &schema, &version));
	if (schema == SCHEMA_CURRENT)
		return OK;
	if (schema == SCHEMA_NEWER)
		return sqlite_file_refuse_schema(f, schema, version);
	TRY(sqlite_file_connect(f, CONNECTION_READ_WRITE, &sql));
	e = take_steps(f, sql, keep);
	sql->ops->close(sql);
	return e;
}

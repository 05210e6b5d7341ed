#include "store/sqlite/store.h"

#include <assert.h>
#include <poll.h>
#include <unistd.h>

#include "store/sql/integrity_check.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/file.h"
#include "store/sqlite/single_writer_store.h"
#include "store/sqlite/upgrade.h"

static enum err bring_to_current(const struct sqlite_file *f, const struct sqlite_conf *conf)
{
	enum schema schema;
	int64_t version;

	if (conf->create)
		TRY(sqlite_file_create(f));
	TRY(sqlite_file_inspect(f, &schema, &version));
	switch (schema) {
	case SCHEMA_CURRENT:
		return OK;
	case SCHEMA_EMPTY:
		if (conf->create || conf->migrate)
			return sqlite_upgrade(f, UPGRADE_WITHOUT_BACKUP);
		return sqlite_file_refuse(f, ERR_INPUT, "is empty; `kycd db migrate` fills it");
	case SCHEMA_OLDER:
		if (conf->migrate)
			return sqlite_upgrade(
				f, conf->throwaway ? UPGRADE_WITHOUT_BACKUP : UPGRADE_WITH_BACKUP);
		break;
	case SCHEMA_NEWER:
	case SCHEMA_FOREIGN:
	case SCHEMA_INCOMPLETE_COPY:
		break;
	}
	return sqlite_file_refuse_schema(f, schema, version);
}

static enum err connect_prepared(const struct sqlite_file *f, enum connection_mode use,
	const struct statements *statements, struct sql **out)
{
	struct sql *sql;
	enum err e;

	TRY(sqlite_file_connect(f, use, &sql));
	e = sql->ops->prepare(sql, statements, use == CONNECTION_READ_WRITE);
	if (e != OK) {
		sql->ops->close(sql);
		return sqlite_file_refuse_error(
			f, e, "does not have the tables that its schema's version promises");
	}
	*out = sql;
	return OK;
}

static enum err connect_both(const struct sqlite_file *f, struct single_writer_conf *all)
{
	TRY(connect_prepared(f, CONNECTION_READ_WRITE, all->statements, &all->writer));
	return connect_prepared(f, CONNECTION_READ_ONLY, all->statements, &all->reader);
}

static void disconnect_both(struct single_writer_conf *all)
{
	if (all->writer != NULL)
		all->writer->ops->close(all->writer);
	statements_close(all->statements);
}

enum err sqlite_store_open(
	const struct sqlite_conf *conf, struct arena *arena, struct store **out, struct str *why)
{
	struct single_writer_conf all = { .queue = conf->queue, .micros = conf->micros };
	struct sqlite_file f;
	enum err e;

	assert(conf->readers <= READERS_MAX && conf->micros != NULL);
	all.readers = conf->readers > 0 ? conf->readers : READERS_MAX;
	TRY(sqlite_file_init(&f, conf->path, arena, why));
	TRY(bring_to_current(&f, conf));
	TRY(statements_open(&all.statements));
	e = connect_both(&f, &all);
	if (e != OK) {
		disconnect_both(&all);
		return e;
	}
	e = single_writer_store_open(&all, out);
	return e == OK ? OK
		       : sqlite_file_refuse(
				 &f, e, "the store's own threads or connections cannot be started");
}

enum err sqlite_store_migrate(
	struct str path, const struct cancel_token *cancel, struct arena *arena, struct str *why)
{
	struct sqlite_file f;

	TRY(sqlite_file_init(&f, path, arena, why));
	if (cancel != NULL)
		f.cancel = *cancel;
	TRY(sqlite_file_create(&f));
	return sqlite_upgrade(&f, UPGRADE_WITH_BACKUP);
}

enum err sqlite_store_version(struct str path, struct arena *arena, int64_t *version, struct str *why)
{
	struct sqlite_file f;
	enum schema schema;

	TRY(sqlite_file_init(&f, path, arena, why));
	return sqlite_file_inspect(&f, &schema, version);
}

static enum err check_rows(const struct sqlite_file *f, struct sql *sql)
{
	struct str where, sentence;
	int64_t orphans;

	if (integrity_check_count(sql, &orphans, &where) != OK)
		return sqlite_file_refuse_error(f, ERR_STORAGE, "its rows cannot be read");
	if (orphans == 0)
		return OK;
	sentence = arena_printf(f->arena,
		"%lld rows name something that is not there, the first in %.*s: it %s", (long long)orphans,
		STR_ARG(where), sqlite_condition_message(CONDITION_DAMAGED));
	return sqlite_file_refuse(
		f, ERR_STORAGE, sentence.p != NULL ? sentence.p : "rows name something that is not there");
}

enum err sqlite_store_check(struct str path, struct arena *arena, struct str *why)
{
	struct sqlite_file f;
	enum schema schema;
	int64_t version;
	struct sql *sql;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_inspect(&f, &schema, &version));
	if (schema != SCHEMA_CURRENT)
		return sqlite_file_refuse_schema(&f, schema, version);
	TRY(sqlite_file_connect(&f, CONNECTION_READ_ONLY, &sql));
	e = sqlite_file_check_pages(&f, sql);
	if (e == OK)
		e = check_rows(&f, sql);
	sql->ops->close(sql);
	return e;
}

enum err sqlite_store_facts(struct str path, struct arena *arena, struct sqlite_facts *out, struct str *why)
{
	struct sqlite_file f;
	enum schema schema;
	struct sql *sql;
	int64_t page, pages, pages_free;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_inspect(&f, &schema, &out->schema));
	TRY(sqlite_file_connect(&f, CONNECTION_READ_ONLY, &sql));
	e = sql->ops->query_number(sql, "SELECT page_size FROM pragma_page_size", &page);
	if (e == OK)
		e = sql->ops->query_number(sql, "SELECT page_count FROM pragma_page_count", &pages);
	if (e == OK)
		e = sql->ops->query_number(
			sql, "SELECT freelist_count FROM pragma_freelist_count", &pages_free);
	sql->ops->close(sql);
	if (e != OK)
		return sqlite_file_refuse_error(&f, e, "cannot be read");
	out->bytes = pages * page;
	out->pages_free = pages_free;
	out->last_backup = sqlite_backup_last_time(&f);
	return OK;
}

enum err sqlite_store_backup(
	const struct backup_params *params, struct arena *arena, struct backup *out, struct str *why)
{
	struct sqlite_file f, to;
	enum schema schema;
	int64_t version;
	enum err e;

	TRY(sqlite_file_init(&f, params->path, arena, why));
	e = sqlite_file_init(&to, params->to, arena, why);
	if (e == ERR_INPUT)
		*why = STR("the backup's path names no file");
	TRY(e);
	if (access(f.path, F_OK) != 0)
		return sqlite_file_refuse(&f, ERR_NOT_FOUND, "there is no such database");
	TRY(sqlite_file_inspect(&f, &schema, &version));
	if (schema == SCHEMA_NEWER)
		return sqlite_file_refuse_schema(&f, schema, version);
	f.cancel = params->cancel;
	return sqlite_backup(&f, to.path, params->proof, params->arg, out);
}

enum err sqlite_store_record_backup(struct str path, struct arena *arena, moment when)
{
	struct sqlite_file f;
	struct str why;

	TRY(sqlite_file_init(&f, path, arena, &why));
	return sqlite_backup_record_time(&f, when);
}

void sqlite_store_checkpoint(struct str path, struct arena *arena)
{
	struct str why;
	struct sqlite_file f;
	struct sql *sql;

	if (sqlite_file_init(&f, path, arena, &why) == OK &&
		sqlite_driver_open(f.path, CONNECTION_READ_WRITE, &sql) == OK)
		sql->ops->close(sql);
}

#define SCRUB_TRIES 40
#define SCRUB_PAUSE_MS 20

/* In short tries: while one waits for readers, nobody can write. */
static enum err empty_log(struct sql *sql)
{
	int64_t busy = 1;

	TRY(sql->ops->script(sql, "PRAGMA busy_timeout = 100"));
	for (int i = 0; i < SCRUB_TRIES && busy != 0; i++) {
		if (i > 0)
			(void)poll(NULL, 0, SCRUB_PAUSE_MS);
		TRY(sql->ops->query_number(sql, "PRAGMA wal_checkpoint(TRUNCATE)", &busy));
	}
	return busy == 0 ? OK : ERR_BUSY;
}

enum err sqlite_store_truncate_wal(struct str path, struct arena *arena, struct str *why)
{
	struct sqlite_file f;
	struct sql *sql;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_connect(&f, CONNECTION_READ_WRITE, &sql));
	e = empty_log(sql);
	sql->ops->close(sql);
	return e == OK ? OK : sqlite_file_refuse(&f, e, "its log cannot be emptied while others read");
}

int64_t sqlite_store_schema_version(void)
{
	return (int64_t)schema_migrations.n;
}

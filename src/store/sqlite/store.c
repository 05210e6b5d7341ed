#include "store/sqlite/store.h"

#include <assert.h>
#include <poll.h>
#include <unistd.h>

#include "store/sql/integrity_check.h"
#include "store/sqlite/backup_record.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/file.h"
#include "store/sqlite/open_files.h"
#include "store/sqlite/single_writer_store.h"
#include "store/sqlite/upgrade.h"

static enum err create_or_migrate(const struct sqlite_file *f, const struct sqlite_conf *conf)
{
	enum schema schema;
	int64_t version;

	TRY(sqlite_create(f, conf->creation));
	TRY(sqlite_file_inspect(f, &schema, &version));
	switch (schema) {
	case SCHEMA_CURRENT:
		return OK;
	case SCHEMA_EMPTY:
		if (conf->throwaway)
			return sqlite_upgrade(f, UPGRADE_WITHOUT_BACKUP);
		return sqlite_file_fail_absent(f, false);
	case SCHEMA_OLDER:
		if (conf->migrate)
			return sqlite_upgrade(
				f, conf->throwaway ? UPGRADE_WITHOUT_BACKUP : UPGRADE_WITH_BACKUP);
		break;
	case SCHEMA_NEWER:
	case SCHEMA_FOREIGN:
	case SCHEMA_INCOMPLETE_COPY:
	case SCHEMA_SET_BACK:
		break;
	}
	return sqlite_file_fail_schema(f, schema, version);
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
		return sqlite_file_fail_condition(
			f, e, "does not have the tables and columns of its schema version");
	}
	*out = sql;
	return OK;
}

static enum err open_connections(const struct sqlite_file *f, struct single_writer_conf *writer_conf)
{
	TRY(connect_prepared(f, CONNECTION_READ_WRITE, writer_conf->statements, &writer_conf->writer));
	return connect_prepared(f, CONNECTION_READ_ONLY, writer_conf->statements, &writer_conf->reader);
}

static void close_connections(struct single_writer_conf *writer_conf)
{
	if (writer_conf->writer != NULL)
		writer_conf->writer->ops->close(writer_conf->writer);
	statements_close(writer_conf->statements);
}

enum err sqlite_store_open(
	const struct sqlite_conf *conf, struct arena *arena, struct store **out, struct str *why)
{
	struct single_writer_conf writer_conf = { .queue = conf->queue, .micros = conf->micros };
	struct sqlite_file f;
	enum err e;

	assert(conf->readers <= READERS_MAX && conf->micros != NULL);
	writer_conf.readers = conf->readers > 0 ? conf->readers : READERS_MAX;
	TRY(sqlite_file_init(&f, conf->path, arena, why));
	TRY(create_or_migrate(&f, conf));
	TRY(statements_open(&writer_conf.statements));
	e = open_connections(&f, &writer_conf);
	if (e != OK) {
		close_connections(&writer_conf);
		return e;
	}
	e = single_writer_store_open(&writer_conf, out);
	return e == OK ? OK
		       : sqlite_file_fail(&f, e, "the threads or connections of the store cannot be started");
}

enum err sqlite_store_migrate(struct str path, enum creation creation, const struct cancel_token *cancel,
	struct arena *arena, struct str *why)
{
	struct sqlite_file f;

	TRY(sqlite_file_init(&f, path, arena, why));
	if (cancel != NULL)
		f.cancel = *cancel;
	TRY(sqlite_create(&f, creation));
	return sqlite_upgrade(&f, UPGRADE_WITH_BACKUP);
}

bool sqlite_store_was_created(struct str path, struct arena *arena)
{
	struct sqlite_file f;
	struct str why;

	return sqlite_file_init(&f, path, arena, &why) == OK && sqlite_file_was_created(&f);
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
	struct str where, message;
	int64_t orphans;

	if (integrity_check_count(sql, &orphans, &where) != OK)
		return sqlite_file_fail_condition(f, ERR_STORAGE, "its rows cannot be read");
	if (orphans == 0)
		return OK;
	message = arena_printf(f->arena,
		"%lld rows refer to rows that do not exist, the first in %.*s: it %s", (long long)orphans,
		STR_ARG(where), sqlite_condition_message(CONDITION_DAMAGED));
	return sqlite_file_fail(
		f, ERR_STORAGE, message.p != NULL ? message.p : "rows refer to rows that do not exist");
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
		return sqlite_file_fail_schema(&f, schema, version);
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
		return sqlite_file_fail_condition(&f, e, "cannot be read");
	out->bytes = pages * page;
	out->pages_free = pages_free;
	sqlite_backup_history(&f, &out->backups);
	return OK;
}

void sqlite_store_backups(struct str path, struct arena *arena, struct backup_history *out)
{
	struct sqlite_file f;
	struct str why;

	*out = (struct backup_history){ .failure = STR("") };
	if (sqlite_file_init(&f, path, arena, &why) == OK)
		sqlite_backup_history(&f, out);
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
		*why = STR("the backup's path does not name a file");
	TRY(e);
	if (access(f.path, F_OK) != 0)
		return sqlite_file_fail_absent(&f, true);
	TRY(sqlite_file_inspect(&f, &schema, &version));
	if (schema == SCHEMA_NEWER)
		return sqlite_file_fail_schema(&f, schema, version);
	f.cancel = params->cancel;
	return sqlite_backup(&f, to.path, params->proof, params->arg, out);
}

enum err sqlite_store_record_backup(
	struct str path, struct arena *arena, moment at, const struct backup *backup, int64_t ms)
{
	struct sqlite_file f;
	struct str why;

	TRY(sqlite_file_init(&f, path, arena, &why));
	return sqlite_backup_record_success(&f, at, backup->bytes, ms);
}

enum err sqlite_store_record_failed_backup(struct str path, struct arena *arena, moment at, struct str reason)
{
	struct sqlite_file f;
	struct str why;

	TRY(sqlite_file_init(&f, path, arena, &why));
	return sqlite_backup_record_failure(&f, at, reason);
}

void sqlite_store_checkpoint(struct str path, struct arena *arena)
{
	struct str why;
	struct sqlite_file f;
	struct sql *sql;

	/* If the files are not in place, the path may name another file than the one that the store has
	 * open. */
	if (open_files_last_state() == FILES_IN_PLACE && sqlite_file_init(&f, path, arena, &why) == OK &&
		sqlite_driver_open(f.path, CONNECTION_READ_WRITE, &sql) == OK)
		sql->ops->close(sql);
}

#define TRUNCATE_ATTEMPTS 40
#define TRUNCATE_PAUSE_MS 20

/* Empties the WAL. Makes several short attempts with pauses, because other connections cannot write while an
 * attempt waits for readers. */
static enum err truncate_wal(struct sql *sql)
{
	int64_t busy = 1;

	TRY(sql->ops->script(sql, "PRAGMA busy_timeout = 100"));
	for (int i = 0; i < TRUNCATE_ATTEMPTS && busy != 0; i++) {
		if (i > 0)
			(void)poll(NULL, 0, TRUNCATE_PAUSE_MS);
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
	e = truncate_wal(sql);
	sql->ops->close(sql);
	return e == OK ? OK
		       : sqlite_file_fail(
				 &f, e, "its WAL cannot be emptied while it is being read: try again");
}

int64_t sqlite_store_schema_version(void)
{
	return (int64_t)schema_migrations.n;
}

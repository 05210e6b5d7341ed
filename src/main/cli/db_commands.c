#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "app/admin/row_check.h"
#include "app/admin/seal_check.h"
#include "app/core/keyring.h"
#include "main/cli/command.h"
#include "main/config/database_text.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"
#include "store/postgres/store.h"
#include "store/sqlite/store.h"
#include "text/json.h"

/* If the schema is outdated, locks the file, so that no server uses it during the migration. */
static enum err lock_if_outdated(struct runtime *runtime, struct str path, struct str *why)
{
	int64_t version = 0;

	if (sqlite_store_version(path, &runtime->arena, &version, why) != OK || version == 0 ||
		version == sqlite_store_schema_version())
		return OK;
	return compose_lock(runtime, seconds(0), why);
}

static enum err migrate_file(struct runtime *runtime, enum creation creation, struct str *why)
{
	const struct str path = database_path(&runtime->config);
	const struct cancel_token cancel = { process_stop_requested, NULL };

	TRY(lock_if_outdated(runtime, path, why));
	*why = STR("the database cannot be migrated");
	process_defer_stops();
	return sqlite_store_migrate(path, creation, &cancel, &runtime->arena, why);
}

static enum err migrate_database(
	struct runtime *runtime, enum creation creation, int64_t *version, struct str *why)
{
	if (database_is_file(&runtime->config))
		TRY(migrate_file(runtime, creation, why));
	else
		TRY(postgres_store_migrate(runtime->config.database, &runtime->arena, why));
	return database_version(&runtime->config, &runtime->arena, version, why);
}

enum exit_code run_db_migrate(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	struct str why = STR("the database cannot be migrated");
	int64_t version = 0;
	enum exit_code code = EXIT_FAILED;
	const enum creation creation = source->create ? CREATE_AGAIN : CREATE_FIRST;

	(void)c;
	if (command_settings(&runtime, source, NEED_STORE)) {
		runtime.lock = INSTANCE_LOCK_NONE;
		code = migrate_database(&runtime, creation, &version, &why) == OK ? EXIT_DONE
										  : command_failed(why.p, OK);
		instance_lock_release(&runtime.lock);
	}
	if (code == EXIT_DONE)
		printf(args_has(args, "--json") ? "{\"schema\":%" PRId64 "}\n" : "schema %" PRId64 "\n",
			version);
	arena_finish(&runtime.arena);
	return code;
}

/* The result of a check. `rows` are those whose MAC was checked, `seals` the sealed values that were opened.
 */
struct check_result {
	int64_t schema, bytes, rows, seals;
	bool is_file;
	int64_t pages_free;
	moment last_backup;
};

static void print_intact(const struct check_result *r, bool json)
{
	char last[MOMENT_RFC3339_SIZE] = "";

	if (!moment_is_unset(r->last_backup))
		moment_rfc3339(r->last_backup, last);
	if (json) {
		printf("{\"intact\":true,\"schema\":%" PRId64 ",\"bytes\":%" PRId64
		       ",\"rows_authenticated\":%" PRId64 ",\"values_decrypted\":%" PRId64,
			r->schema, r->bytes, r->rows, r->seals);
		if (r->is_file)
			printf(",\"pages_free\":%" PRId64 ",\"last_backup\":%s%s%s", r->pages_free,
				last[0] ? "\"" : "", last[0] ? last : "null", last[0] ? "\"" : "");
		puts("}");
		return;
	}
	printf("the database is intact\nschema %" PRId64 ", %" PRId64 " bytes, %" PRId64
	       " rows authenticated, %" PRId64 " values decrypted",
		r->schema, r->bytes, r->rows, r->seals);
	if (r->is_file)
		printf(", %" PRId64 " free pages, last backup %s", r->pages_free,
			last[0] ? last : "not known");
	puts("");
}

static void print_damage_json(struct runtime *runtime, struct str why)
{
	struct buf text;
	struct json_writer w;
	struct str body;

	buf_init(&text, &runtime->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_bool(&w, "intact", false);
	json_field_text(&w, "message", why);
	json_end_object(&w);
	if (buf_done(&text, &body) == OK)
		printf("%.*s\n", STR_ARG(body));
}

static enum err check_file(struct runtime *runtime, struct check_result *result, struct str *why)
{
	const struct str path = database_path(&runtime->config);
	struct sqlite_facts facts = { 0 };

	TRY(sqlite_store_check(path, &runtime->arena, why));
	TRY(sqlite_store_facts(path, &runtime->arena, &facts, why));
	*result = (struct check_result){ .schema = facts.schema,
		.bytes = facts.bytes,
		.is_file = true,
		.pages_free = facts.pages_free,
		.last_backup = facts.backups.last_at };
	return OK;
}

/* Checks the rows that kycd stores. To check the pages of PostgreSQL, operators use its own tools
 * (pg_amcheck, data checksums). */
static enum err check_postgres(struct runtime *runtime, struct check_result *result, struct str *why)
{
	struct postgres_facts facts = { 0 };

	TRY(postgres_store_check(runtime->config.database, &runtime->arena, &facts, why));
	*result = (struct check_result){ .schema = facts.schema, .bytes = facts.bytes };
	return OK;
}

/* Lines of findings that are printed at most; the last line of the output has their number. */
#define FINDINGS_PRINTED 100

/* One line for each row, as `kycd db repair` takes it. `arg` is the number of lines so far. */
static void print_forged_row(void *arg, const char *table, const char *name, enum row_state state)
{
	int *const lines = arg;

	if ((*lines)++ < FINDINGS_PRINTED)
		fprintf(stderr, "%s %s: %s\n", table, name,
			state == ROW_WITHOUT_MAC ? "has no MAC" : "was not written by kycd");
}

static void print_damaged_value(void *arg, const char *table, const char *name, const char *column)
{
	int *const lines = arg;

	if ((*lines)++ < FINDINGS_PRINTED)
		fprintf(stderr, "%s %s: the value of %s cannot be decrypted\n", table, name, column);
}

/* Checks the MACs of all rows, and opens all sealed values. */
static enum err check_rows(struct runtime *runtime, struct check_result *result, struct str *why)
{
	int lines = 0;
	struct row_check rows = {
		.store = runtime->world.store, .on_finding = print_forged_row, .arg = &lines
	};
	struct seal_check seals = {
		.world = &runtime->world, .on_finding = print_damaged_value, .arg = &lines
	};

	if (row_check_run(&rows) != OK || seal_check_run(&seals) != OK) {
		*why = STR("the rows cannot be read");
		return ERR_STORAGE;
	}
	result->rows = rows.rows;
	result->seals = seals.values;
	if (rows.findings == 0 && seals.findings == 0)
		return OK;
	*why = arena_printf(&runtime->arena,
		"%" PRId64 " of %" PRId64
		" rows were changed or added by something else than kycd, which does not "
		"use them, and %" PRId64 " of %" PRId64
		" values cannot be decrypted: find out who can write to the "
		"database, check the disk, and restore a backup",
		rows.findings, rows.rows, seals.findings, seals.values);
	return ERR_INTEGRITY;
}

/* Opens the store and its keys, without changing anything. Without keys, no row has a MAC. */
static enum err check_authentic(struct runtime *runtime, struct check_result *result, struct str *why)
{
	struct secret_key master cleanup_with(secret_key_wipe) = { { 0 } };
	char other[MASTER_ID_SIZE] = "";

	runtime->world.clock = system_clock();
	runtime->world.random = system_random();
	runtime->world.keys = &runtime->keys;
	TRY(database_open(&runtime->config, DATABASE_EXISTING, &runtime->arena, &runtime->world.store, why));
	*why = STR("the keys in the database cannot be decrypted with KYCD_SECRET_KEY");
	if (!crypto_start() || !master_key_read(&runtime->config, &master))
		return ERR_INPUT;
	const enum err e = keyring_read(&runtime->world, &runtime->arena, &master, &runtime->keys, other);
	return e == OK ? check_rows(runtime, result, why) : e == ERR_NOT_FOUND ? OK : e;
}

static enum exit_code check_database(struct runtime *runtime, bool json)
{
	struct str why = STR("the database cannot be checked");
	struct check_result result;
	enum err e = database_is_file(&runtime->config) ? check_file(runtime, &result, &why)
							: check_postgres(runtime, &result, &why);

	if (e == OK)
		e = check_authentic(runtime, &result, &why);
	if (e == OK) {
		print_intact(&result, json);
		return EXIT_DONE;
	}
	if (json)
		print_damage_json(runtime, why);
	return command_failed(why.p, OK);
}

enum exit_code run_db_check(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (command_settings(&runtime, source, NEED_STORE))
		code = check_database(&runtime, args_has(args, "--json"));
	if (runtime.world.store != NULL)
		runtime.world.store->ops->close(runtime.world.store);
	secure_wipe(&runtime.keys, sizeof(runtime.keys));
	arena_finish(&runtime.arena);
	return code;
}

/* Proves that a backup can be used: opens the restored copy and decrypts its keys with the master key. */
static bool backup_opens_with_key(void *arg, const char *restored)
{
	struct runtime *const runtime = arg;
	const struct sqlite_conf conf = { .path = str_of(restored),
		.migrate = true,
		.throwaway = true,
		.readers = 1,
		.micros = system_micros };
	struct str why = STR("the restored copy cannot be opened");
	bool open;

	if (sqlite_store_open(&conf, &runtime->arena, &runtime->world.store, &why) != OK) {
		(void)command_failed(why.p, OK);
		return false;
	}
	open = compose_keys(runtime);
	runtime->world.store->ops->close(runtime->world.store);
	runtime->world.store = NULL;
	secure_wipe(&runtime->keys, sizeof(runtime->keys));
	return open;
}

/* Returns the tables of kycd. The first table in the list of checksums is left out: it is SQLite's schema
 * table. */
static const struct table_checksum *backup_tables(const struct backup *b, size_t *n)
{
	*n = b->checksum.n - 1;
	return &b->checksum.tables[1];
}

static void print_backup_json(
	struct runtime *runtime, struct str file, const struct backup *b, int64_t micros)
{
	struct buf text;
	struct json_writer w;
	struct str body;
	size_t n;
	const struct table_checksum *const tables = backup_tables(b, &n);

	buf_init(&text, &runtime->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "file", file);
	json_field_int(&w, "schema", b->schema);
	json_field_int(&w, "bytes", b->bytes);
	json_key(&w, "rows");
	json_begin_object(&w);
	for (size_t i = 0; i < n; i++)
		json_field_int(&w, tables[i].name, tables[i].rows);
	json_end_object(&w);
	json_field_int(&w, "milliseconds", micros / 1000);
	json_end_object(&w);
	if (buf_done(&text, &body) == OK)
		printf("%.*s\n", STR_ARG(body));
}

static void print_backup_line(struct str file, const struct backup *b, int64_t micros)
{
	size_t n;
	const struct table_checksum *const tables = backup_tables(b, &n);

	printf("%.*s: restored and compared: %" PRId64 " rows (", STR_ARG(file), b->checksum.rows);
	for (size_t i = 0; i < n; i++)
		printf("%s%s %" PRId64, i > 0 ? ", " : "", tables[i].name, tables[i].rows);
	printf("), %" PRId64 " bytes, %" PRId64 " ms\n", b->bytes, micros / 1000);
}

static enum err backup_database(struct runtime *runtime, struct str file, struct backup *out, struct str *why)
{
	const struct backup_params params = { database_path(&runtime->config), file, backup_opens_with_key,
		runtime, { process_stop_requested, NULL } };

	if (!database_is_file(&runtime->config)) {
		*why = STR(
			"kycd does not back up PostgreSQL databases: use `pg_dump --format=custom` for a copy, or "
			"pg_basebackup with WAL archiving for point-in-time recovery");
		return ERR_INPUT;
	}
	/* A signal must not end the process while a partial copy exists: the copy would keep personal data
	 * that is erased from the database later. */
	process_defer_stops();
	runtime->world.clock = system_clock();
	runtime->world.random = system_random();
	return sqlite_store_backup(&params, &runtime->arena, out, why);
}

static enum exit_code report_backup(
	struct runtime *runtime, const struct args *args, const struct backup *b, int64_t micros)
{
	const struct str file = str_of(args->words[0]);

	if (sqlite_store_record_backup(
		    database_path(&runtime->config), &runtime->arena, system_now(), b, micros / 1000) != OK)
		fprintf(stderr,
			"kycd: the backup was made and verified, but its time cannot be recorded beside the database\n");
	if (args_has(args, "--json"))
		print_backup_json(runtime, file, b, micros);
	else
		print_backup_line(file, b, micros);
	return EXIT_DONE;
}

/* Records the failure for doctor and the console, if the database is there. The command itself has failed
 * already, so a failure to record it is not reported. */
static void record_failed_backup(struct runtime *runtime, enum err e, struct str why)
{
	const struct str path = database_path(&runtime->config);

	if (!database_is_file(&runtime->config) || access(arena_copy(&runtime->arena, path).p, F_OK) != 0)
		return;
	(void)!sqlite_store_record_failed_backup(path, &runtime->arena, system_now(),
		e == ERR_UPSTREAM ? STR("the copy does not open with the master key") : why);
}

enum exit_code run_db_backup(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const int64_t started = system_micros();
	struct runtime runtime;
	struct backup backup;
	struct str why = STR("the backup cannot be made");
	const struct str file = str_of(args->words[0]);
	/* A path without a file name is not checked here, because the store reports it. */
	const char *const fault = file.n > 0 && !str_ends(file, STR("/")) ? database_file_fault(file) : NULL;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (fault) {
		fprintf(stderr, "kycd: FILE must be %s\n", fault);
		return EXIT_USAGE;
	}
	/* Run with low priority, so that a server on the same machine is not slowed down. */
	(void)!nice(10);
	if (command_settings(&runtime, source, NEED_STORE)) {
		const enum err e = crypto_start() ? backup_database(&runtime, file, &backup, &why)
						  : ERR_INTERNAL;
		if (e != OK)
			record_failed_backup(&runtime, e, why);
		if (e == OK)
			code = report_backup(&runtime, args, &backup, system_micros() - started);
		else if (e != ERR_UPSTREAM)
			(void)command_failed(why.p, OK);
	}
	arena_finish(&runtime.arena);
	return code;
}

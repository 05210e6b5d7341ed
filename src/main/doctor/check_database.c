#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/core/keyring.h"
#include "main/daemon/compose.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "main/doctor/checks.h"
#include "main/platform/system_clock.h"
#include "store/sqlite/store.h"

#define MIB ((off_t)1024 * 1024)
/* A larger write-ahead log gets a warning. Normally it stays well below this size, even under permanent
 * load. */
#define WAL_LARGE (256 * MIB)
/* The clocks of two instances may differ by this much without a finding. */
#define CLOCK_TOLERANCE seconds(5)

/* The start of a sentence. Its arguments are the schema of the database and the schema of this program. */
#define SCHEMAS "the database has schema %" PRId64 ", this program has schema %" PRId64

/* Returns whether the database exists and has the schema of this program. */
static bool has_current_schema(struct doctor_ctx *ctx)
{
	const struct str path = arena_copy(&ctx->arena, database_path(&ctx->config));
	struct str why;
	int64_t version;

	return (!database_is_file(&ctx->config) || access(path.p, F_OK) == 0) &&
	       database_version(&ctx->config, &ctx->arena, &version, &why) == OK &&
	       version == database_schema_version();
}

/* Reports a schema that is not current. Returns false if the database cannot be checked further. */
static bool report_schema(struct doctor_ctx *ctx)
{
	const struct str path = arena_copy(&ctx->arena, database_path(&ctx->config));
	const bool is_file = database_is_file(&ctx->config);
	struct str why = STR("the database cannot be read");
	int64_t version = 0;

	if (is_file && access(path.p, F_OK) != 0 && errno == ENOENT &&
		!sqlite_store_was_created(path, &ctx->arena)) {
		doctor_report(
			ctx, FINDING_WARNING, "%s does not exist yet: the first start creates it", path.p);
		return false;
	}
	if (database_version(&ctx->config, &ctx->arena, &version, &why) != OK) {
		doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(why));
		return false;
	}
	if (version == database_schema_version())
		return true;
	if (version == 0 && is_file && sqlite_store_was_created(path, &ctx->arena)) {
		doctor_report(ctx, FINDING_ERROR,
			"%s is empty, but a database was created here before: put the file back or restore a backup",
			path.p);
		return false;
	}
	if (version > database_schema_version())
		doctor_report(ctx, FINDING_ERROR, SCHEMAS ": run a newer version of kycd", version,
			database_schema_version());
	else if (is_file)
		doctor_report(ctx, FINDING_WARNING,
			SCHEMAS ": the next start saves a copy and migrates the database", version,
			database_schema_version());
	else if (version == 0)
		doctor_report(
			ctx, FINDING_WARNING, "the database is empty: the first start creates its tables");
	else
		doctor_report(ctx, FINDING_ERROR, SCHEMAS ": stop all instances and run `kycd db migrate`",
			version, database_schema_version());
	return false;
}

static void report_wal_size(struct doctor_ctx *ctx, struct str path)
{
	const struct str wal = arena_printf(&ctx->arena, "%.*s-wal", STR_ARG(path));
	struct stat s;

	if (stat(wal.p, &s) == 0 && s.st_size > WAL_LARGE)
		doctor_report(ctx, FINDING_WARNING,
			"%s is %jd MiB, because a process keeps a read transaction open: end that process, and the file "
			"shrinks",
			wal.p, (intmax_t)(s.st_size / MIB));
}

static void report_last_backup(struct doctor_ctx *ctx, const struct backup_history *history)
{
	const bool is_old = backup_is_old(history, system_now());
	char at[MOMENT_RFC3339_SIZE];

	if (moment_is_unset(history->last_at)) {
		doctor_report(
			ctx, FINDING_WARNING, "no backup is known: make one with `kycd db backup FILE`");
		return;
	}
	moment_rfc3339(history->last_at, at);
	doctor_report(ctx, is_old ? FINDING_WARNING : FINDING_OK, "the last known backup was made at %s%s",
		at, is_old ? ", more than 24 hours ago: make a new one with `kycd db backup FILE`" : "");
}

static void report_failed_backup(struct doctor_ctx *ctx, const struct backup_history *history)
{
	char at[MOMENT_RFC3339_SIZE];

	if (!backup_has_failed(history))
		return;
	moment_rfc3339(history->failed_at, at);
	doctor_report(ctx, FINDING_WARNING, "the backup at %s failed: %.*s", at, STR_ARG(history->failure));
}

void doctor_check_backup(struct doctor_ctx *ctx)
{
	struct backup_history history;

	if (!database_is_file(&ctx->config)) {
		doctor_report(ctx, FINDING_OK,
			"backups of a PostgreSQL database are made with its own tools (pg_dump, pg_basebackup): "
			"monitor them there");
		return;
	}
	if (ctx->config.dev) {
		doctor_report(ctx, FINDING_OK, "development mode needs no backup");
		return;
	}
	sqlite_store_backups(database_path(&ctx->config), &ctx->arena, &history);
	report_last_backup(ctx, &history);
	report_failed_backup(ctx, &history);
}

void doctor_check_database(struct doctor_ctx *ctx)
{
	const struct str path = database_path(&ctx->config);
	struct str why = STR("the database cannot be checked");

	if (!report_schema(ctx))
		return;
	if (database_is_file(&ctx->config))
		report_wal_size(ctx, path);
	if (database_check(&ctx->config, &ctx->arena, &why) == OK)
		doctor_report(ctx, FINDING_OK, "the database is intact, schema %" PRId64,
			database_schema_version());
	else
		doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(why));
}

struct store *doctor_open_current_store(struct doctor_ctx *ctx)
{
	struct str why = STR("the database cannot be opened");
	struct store *store;

	if (!has_current_schema(ctx))
		return NULL;
	if (database_open(&ctx->config, DATABASE_EXISTING, &ctx->arena, &store, &why) == OK)
		return store;
	doctor_report(ctx, FINDING_ERROR, "%.*s", STR_ARG(why));
	return NULL;
}

/* An open database and the rows that a check reads from it. */
struct database_query {
	struct doctor_ctx *ctx;
	struct world world;
	struct audit_entry row;
	size_t n;
};

/* Returns false if doctor_open_current_store() opens no database. */
static bool open_database(struct doctor_ctx *ctx, struct database_query *q)
{
	*q = (struct database_query){ .ctx = ctx };
	q->world.clock = system_clock();
	q->world.random = system_random();
	q->world.store = doctor_open_current_store(ctx);
	return q->world.store != NULL;
}

static void report_read_failure(struct doctor_ctx *ctx, const char *what)
{
	const char *const error = database_error();

	doctor_report(ctx, FINDING_ERROR, "%s%s%s", what, error ? ": the database " : "", error ? error : "");
}

/* Closes the database. If no other process has a SQLite database open, closing it also deletes its
 * write-ahead log. */
static void close_database(struct database_query *q)
{
	q->world.store->ops->close(q->world.store);
}

static void report_master_key(struct database_query *q, const struct secret_key *master)
{
	struct doctor_ctx *const ctx = q->ctx;
	struct keys keys = { 0 };
	char id[MASTER_ID_SIZE], other_id[MASTER_ID_SIZE] = "";

	keyring_master_id(master, id);
	const enum err e = keyring_read(&q->world, &ctx->arena, master, &keys, other_id);
	secure_wipe(&keys, sizeof(keys));
	if (e == OK)
		doctor_report(
			ctx, FINDING_OK, "the master key has the id %s and is the key of the database", id);
	else if (e == ERR_NOT_FOUND)
		doctor_report(
			ctx, FINDING_OK, "the master key has the id %s; the database has no keys yet", id);
	else if (e == ERR_STORAGE || e == ERR_BUSY)
		report_read_failure(ctx, "the keys in the database cannot be read");
	else if (e == ERR_CONFLICT)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_SECRET_KEY has the id %s, but the database was created with key %s: set the right key, or "
			"another KYCD_DATABASE",
			id, other_id);
	else
		doctor_report(ctx, FINDING_ERROR,
			"the keys in the database cannot be decrypted with key %s (%s): run `kycd db check`",
			id, err_name(e));
}

void doctor_check_key(struct doctor_ctx *ctx)
{
	struct secret_key master cleanup_with(secret_key_wipe) = { { 0 } };
	const bool is_dev = ctx->config.secret_key.n == 0 && ctx->config.dev;
	struct database_query q;

	if (is_dev && access(MASTER_KEY_DEV_FILE, F_OK) != 0) {
		doctor_report(ctx, FINDING_WARNING,
			"there is no development master key yet: the first start creates it");
		return;
	}
	if (!is_dev && ctx->config.secret_key.n == 0)
		doctor_report(ctx, FINDING_ERROR,
			"KYCD_SECRET_KEY is not set. Generate one with `kycd secret generate`");
	else if (!master_key_read(&ctx->config, &master))
		doctor_report(ctx, FINDING_ERROR, "%s is invalid: it must be 32 bytes in base64",
			is_dev ? MASTER_KEY_DEV_FILE : "KYCD_SECRET_KEY");
	else if (!open_database(ctx, &q))
		doctor_report(ctx, FINDING_WARNING,
			"the master key has a valid form, but there is no database to verify it with");
	else {
		report_master_key(&q, &master);
		close_database(&q);
	}
}

static enum err find_future_entry(struct tx *tx, void *arg)
{
	struct database_query *const q = arg;
	struct audit_entry probe = { 0 };

	id_lower_bound(moment_add(world_now(&q->world), CLOCK_TOLERANCE), probe.id.text);
	return store_find(tx, QUERY_AUDIT_SINCE, &probe, page_of(0, 1), &q->row, &q->n);
}

static void report_future_entries(struct database_query *q)
{
	struct doctor_ctx *const ctx = q->ctx;
	char at[MOMENT_RFC3339_SIZE];

	if (store_transact(q->world.store, TX_READ, &ctx->arena, find_future_entry, q) != OK) {
		report_read_failure(ctx, "the audit log cannot be read");
		return;
	}
	moment_rfc3339(q->row.at, at);
	if (q->n == 0)
		doctor_report(ctx, FINDING_OK, "no entry of the audit log is in the future");
	else if (ctx->config.dev)
		doctor_report(ctx, FINDING_WARNING,
			"the audit log has entries of %s: the development clock was moved forward", at);
	else
		doctor_report(ctx, FINDING_ERROR,
			"the audit log has entries of %s, which is in the future: this machine's clock is behind now or "
			"was ahead before; check it",
			at);
}

/* Reports audit log entries whose time is in the future. They show that a clock was set back, which makes
 * codes valid for longer and puts events in the wrong order. */
void doctor_check_row_times(struct doctor_ctx *ctx)
{
	struct database_query q;

	if (!open_database(ctx, &q))
		return;
	report_future_entries(&q);
	close_database(&q);
}

#include "store/postgres/store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/diagnosis.h"
#include "store/postgres/driver.h"
#include "store/postgres/multi_writer_store.h"
#include "store/postgres/tx.h"
#include "store/postgres/url.h"
#include "store/sql/integrity_check.h"
#include "store/sql/migrate.h"

/* State of one operation on a database, which is opening the store or running an operator's command. */
struct postgres_operation {
	const char *url;  /* 0-terminated, in the arena */
	struct str shown; /* the URL without its password */
	struct arena *arena;
	struct str *reason;
	struct sql *sql;
};

/* Sets the error message to "URL: WHAT", and returns `e`. */
static enum err operation_fail(const struct postgres_operation *op, enum err e, const char *what)
{
	const struct str message = arena_printf(op->arena, "%.*s: %s", STR_ARG(op->shown), what);

	*op->reason = message.p != NULL ? message : str_of(what);
	return e;
}

/* Does the same as operation_fail, but if a failure of PostgreSQL was diagnosed, uses its message instead of
 * `what`. */
static enum err operation_fail_diagnosed(const struct postgres_operation *op, enum err e, const char *what)
{
	const char *const message = postgres_error_message();

	return operation_fail(op, e, message != NULL ? message : what);
}

static void operation_finish(struct postgres_operation *op)
{
	if (op->sql != NULL)
		op->sql->ops->close(op->sql);
	op->sql = NULL;
}

static enum err operation_begin(
	struct str url, struct arena *arena, struct str *why, struct postgres_operation *out)
{
	const struct str whole = arena_copy(arena, url);
	struct str reason = STR("out of memory");
	const char *fault;
	enum err e;

	*out = (struct postgres_operation){ .url = whole.p, .arena = arena, .reason = why };
	if (whole.p == NULL)
		return ERR_INTERNAL;
	fault = postgres_url_fault(url, arena);
	if (fault != NULL) {
		*why = arena_printf(arena, "malformed PostgreSQL URL: it must be %s", fault);
		return why->p != NULL ? ERR_INPUT : ERR_INTERNAL;
	}
	out->shown = postgres_url_shown(url, arena);
	e = pg_tx_open(whole.p, PG_TX_NO_TIMEOUT, arena, &out->sql, &reason);
	return e == OK ? OK : operation_fail(out, e, reason.p);
}

static enum err inspect_schema(const struct postgres_operation *op, enum schema *schema, int64_t *version)
{
	enum err e = migrate_inspect(op->sql, &schema_migrations, schema, version);

	if (e != OK)
		return operation_fail_diagnosed(op, e, "cannot be read");
	if (*schema == SCHEMA_INCOMPLETE_COPY)
		return operation_fail(op, ERR_CONFLICT, INCOMPLETE_COPY_MESSAGE);
	if (*schema == SCHEMA_SET_BACK)
		return operation_fail(op, ERR_CONFLICT, SET_BACK_MESSAGE);
	return *schema == SCHEMA_FOREIGN
		       ? operation_fail(op, ERR_INPUT,
				 "has tables, but not those of kycd: give kycd a database of its own")
		       : OK;
}

/* Fails because the schema is older or newer than this program's. The message names both versions. */
static enum err operation_fail_schema(
	const struct postgres_operation *op, enum schema schema, int64_t version)
{
	const char *const what = schema == SCHEMA_NEWER ? "a newer kycd is needed"
							: "stop all instances and run `kycd db migrate`";
	const struct str message = arena_printf(op->arena,
		"its schema is version %lld, this program's is %zu: %s", (long long)version,
		schema_migrations.n, what);

	return operation_fail(op, ERR_CONFLICT, message.p != NULL ? message.p : what);
}

static enum err run_migrations(const struct postgres_operation *op)
{
	const enum err e = migrate(op->sql, &schema_migrations, NULL);

	return e == OK ? OK
		       : operation_fail_diagnosed(op, e,
				 "a migration failed; nothing was changed: see the PostgreSQL server's log");
}

static enum err ensure_current_schema(const struct postgres_operation *op, bool create)
{
	enum schema schema;
	int64_t version;

	TRY(inspect_schema(op, &schema, &version));
	if (schema == SCHEMA_EMPTY && create)
		return run_migrations(op);
	if (schema == SCHEMA_EMPTY)
		return operation_fail(op, ERR_INPUT,
			"has no tables: check that it is the right database and search_path; `kycd db migrate` "
			"creates the tables");
	return schema == SCHEMA_CURRENT ? OK : operation_fail_schema(op, schema, version);
}

/* What open_connection needs to open a further connection of the store. */
struct connection_source {
	char *url;
	struct statements *statements;
	struct read_ahead *ahead;
};

static enum err open_connection(void *arg, struct arena *arena, struct sql **out, struct str *why)
{
	const struct connection_source *const source = arg;
	struct sql *sql;
	enum err e;

	TRY(pg_tx_open(source->url, PG_TX, arena, &sql, why));
	pg_tx_set_read_ahead(sql, source->ahead);
	e = sql->ops->prepare(sql, source->statements, true);
	if (e != OK) {
		const char *const message = postgres_error_message();

		*why = str_of(message != NULL ? message : "its statements cannot be prepared");
		sql->ops->close(sql);
		return e;
	}
	*out = sql;
	return OK;
}

/* Frees the connection source. Overwrites the URL, because it contains the password. */
static void close_connection_source(void *arg)
{
	struct connection_source *const source = arg;

	if (source->url != NULL)
		explicit_bzero(source->url, strlen(source->url));
	free(source->url);
	read_ahead_close(source->ahead);
	free(source);
}

static enum err open_multi_writer(
	const struct postgres_operation *op, const struct postgres_conf *conf, struct store **out)
{
	struct connection_source *const source = calloc(1, sizeof(*source));
	struct multi_writer_conf multi_conf = { .open = open_connection,
		.finish = close_connection_source,
		.arg = source,
		.connections = conf->connections,
		.queue = conf->queue,
		.micros = conf->micros };

	if (source == NULL)
		return ERR_INTERNAL;
	source->url = strdup(op->url);
	if (source->url == NULL || statements_open(&source->statements) != OK ||
		read_ahead_open(source->statements, &source->ahead) != OK) {
		statements_close(source->statements);
		close_connection_source(source);
		return ERR_INTERNAL;
	}
	multi_conf.statements = source->statements;
	return multi_writer_store_open(&multi_conf, out);
}

enum err postgres_store_open(
	const struct postgres_conf *conf, struct arena *arena, struct store **out, struct str *why)
{
	struct postgres_operation op;
	enum err e;

	assert(conf->micros != NULL);
	TRY(operation_begin(conf->url, arena, why, &op));
	e = ensure_current_schema(&op, conf->create);
	operation_finish(&op);
	TRY(e);
	e = open_multi_writer(&op, conf, out);
	return e == OK ? OK : operation_fail_diagnosed(&op, e, "its statements cannot be prepared");
}

enum err postgres_store_migrate(struct str url, struct arena *arena, struct str *why)
{
	enum schema schema;
	int64_t version;
	struct postgres_operation op;
	enum err e;

	TRY(operation_begin(url, arena, why, &op));
	e = inspect_schema(&op, &schema, &version);
	if (e == OK && schema == SCHEMA_NEWER)
		e = operation_fail_schema(&op, schema, version);
	if (e == OK && schema != SCHEMA_CURRENT)
		e = run_migrations(&op);
	operation_finish(&op);
	return e;
}

static enum err check_rows(const struct postgres_operation *op)
{
	struct str where, message;
	int64_t orphans;

	if (integrity_check_count(op->sql, &orphans, &where) != OK)
		return operation_fail_diagnosed(op, ERR_STORAGE, "its rows cannot be read");
	if (orphans == 0)
		return OK;
	message = arena_printf(op->arena,
		"%lld rows refer to rows that do not exist, the first in %.*s: stop the server, keep the "
		"database as it is, restore the last backup",
		(long long)orphans, STR_ARG(where));
	return operation_fail(
		op, ERR_STORAGE, message.p != NULL ? message.p : "rows refer to rows that do not exist");
}

static enum err check_database(const struct postgres_operation *op, struct postgres_facts *out)
{
	enum schema schema;

	TRY(inspect_schema(op, &schema, &out->schema));
	if (schema != SCHEMA_CURRENT)
		return operation_fail_schema(op, schema, out->schema);
	TRY(check_rows(op));
	if (op->sql->ops->query_number(op->sql, "SELECT pg_database_size(current_database())", &out->bytes) !=
		OK)
		return operation_fail_diagnosed(op, ERR_STORAGE, "its size cannot be read");
	return OK;
}

enum err postgres_store_check(
	struct str url, struct arena *arena, struct postgres_facts *out, struct str *why)
{
	struct postgres_operation op;
	enum err e;

	TRY(operation_begin(url, arena, why, &op));
	e = check_database(&op, out);
	operation_finish(&op);
	return e;
}

enum err postgres_store_version(struct str url, struct arena *arena, int64_t *version, struct str *why)
{
	enum schema schema;
	struct postgres_operation op;
	enum err e;

	TRY(operation_begin(url, arena, why, &op));
	e = inspect_schema(&op, &schema, version);
	operation_finish(&op);
	return e;
}

const char *postgres_store_error(void)
{
	return postgres_error_message();
}

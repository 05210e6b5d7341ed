#include "store/postgres/copy_endpoint.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attr.h"
#include "base/buf.h"
#include "store/copy/copy_tables.h"
#include "store/postgres/copy_protocol.h"
#include "store/postgres/diagnosis.h"
#include "store/postgres/tx.h"
#include "store/postgres/url.h"
#include "store/sql/migrate.h"

#define TEXT_LIMIT ((size_t)64 * 1024)
/* Maximum attempts of endpoint_check_exclusive_use, with pauses of 0.1 s. */
#define ALONE_TRIES 20
#define ERROR_SIZE 128
/* How long to wait for the lock of another copy. If that copy was killed, the server may need some time to
 * release its lock. */
#define LOCK_WAIT "10s"

struct postgres_endpoint {
	struct copy_endpoint base;
	enum copy_role use;
	struct postgres *p;
	struct pg_copy copy_out;
	bool open, writing;
	char error[ERROR_SIZE];
};

static const struct copy_endpoint_ops postgres_endpoint_ops;

static struct postgres_endpoint *endpoint_from_base(struct copy_endpoint *base)
{
	assert(base->ops == &postgres_endpoint_ops);
	return container_of(base, struct postgres_endpoint, base);
}

static void set_error(struct postgres_endpoint *endpoint, const char *what)
{
	(void)snprintf(endpoint->error, sizeof(endpoint->error), "%s", what);
}

/* Diagnoses the failure of a call and sets the error message of the endpoint. */
static enum err check_result(
	struct postgres_endpoint *endpoint, enum err e, const struct postgres_failure *failure)
{
	enum tx_outcome outcome;

	if (e != ERR_STORAGE)
		return e;
	e = postgres_diagnose(failure, false, &outcome);
	if (outcome == TX_LOST)
		set_error(endpoint, "cannot be reached any more");
	else if (e == ERR_STORAGE && postgres_error_message() != NULL)
		set_error(endpoint, postgres_error_message());
	else
		(void)snprintf(endpoint->error, sizeof(endpoint->error), "refused a statement (SQLSTATE %s)",
			failure->sqlstate);
	return e;
}

static enum err endpoint_script(struct copy_endpoint *base, const char *text)
{
	struct postgres_failure failure;

	return check_result(endpoint_from_base(base),
		postgres_script(endpoint_from_base(base)->p, text, &failure), &failure);
}

static enum err endpoint_query_number(struct copy_endpoint *base, const char *text, int64_t *number)
{
	struct postgres_failure failure;

	return check_result(endpoint_from_base(base),
		postgres_query_number(endpoint_from_base(base)->p, text, number, &failure), &failure);
}

static enum err endpoint_begin(struct copy_endpoint *base)
{
	static const char *const texts[] = {
		[COPY_SOURCE] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		[COPY_TARGET] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
	};

	TRY(endpoint_script(base, texts[endpoint_from_base(base)->use]));
	endpoint_from_base(base)->open = true;
	return OK;
}

static enum err endpoint_commit(struct copy_endpoint *base)
{
	endpoint_from_base(base)->open = false;
	return endpoint_script(base, "COMMIT");
}

static void endpoint_rollback(struct copy_endpoint *base)
{
	struct postgres_endpoint *const endpoint = endpoint_from_base(base);
	struct postgres_failure failure;

	if (endpoint->writing)
		pg_copy_in_abort(endpoint->p);
	endpoint->writing = false;
	if (endpoint->open)
		(void)!postgres_script(endpoint->p, "ROLLBACK", &failure);
	endpoint->open = false;
}

static enum err endpoint_read(struct copy_endpoint *base, const struct record *table)
{
	struct postgres_endpoint *const endpoint = endpoint_from_base(base);
	struct postgres_failure failure;
	struct arena texts;
	struct str rows, text = { NULL, 0 };
	enum err e = ERR_INTERNAL;

	arena_init(&texts, TEXT_LIMIT);
	rows = copy_read_text(&texts, table);
	if (rows.p != NULL)
		text = arena_printf(&texts, "COPY (%.*s) TO STDOUT (FORMAT binary)", STR_ARG(rows));
	if (text.p != NULL)
		e = check_result(endpoint,
			pg_copy_out_begin(&endpoint->copy_out, endpoint->p, text.p, &failure), &failure);
	arena_finish(&texts);
	return e;
}

static enum err endpoint_next(struct copy_endpoint *base, struct str *encoded)
{
	struct postgres_failure failure;

	return check_result(endpoint_from_base(base),
		pg_copy_out_next(&endpoint_from_base(base)->copy_out, encoded, &failure), &failure);
}

static void endpoint_stop(struct copy_endpoint *base)
{
	pg_copy_out_end(&endpoint_from_base(base)->copy_out);
}

static enum err endpoint_write(struct copy_endpoint *base, const struct record *table)
{
	struct postgres_endpoint *const endpoint = endpoint_from_base(base);
	struct postgres_failure failure;
	struct arena texts;
	struct str columns, text = { NULL, 0 };
	enum err e = ERR_INTERNAL;

	arena_init(&texts, TEXT_LIMIT);
	columns = copy_columns_text(&texts, table);
	if (columns.p != NULL)
		text = arena_printf(&texts, "COPY \"%s\" (%.*s) FROM STDIN (FORMAT binary)", table->table,
			STR_ARG(columns));
	if (text.p != NULL)
		e = check_result(endpoint, pg_copy_in_begin(endpoint->p, text.p, &failure), &failure);
	arena_finish(&texts);
	endpoint->writing = e == OK;
	return e;
}

static enum err endpoint_put(struct copy_endpoint *base, struct str encoded)
{
	struct postgres_failure failure;

	return check_result(endpoint_from_base(base),
		pg_copy_in_put(endpoint_from_base(base)->p, encoded, &failure), &failure);
}

static enum err endpoint_end_write(struct copy_endpoint *base)
{
	struct postgres_failure failure;

	endpoint_from_base(base)->writing = false;
	return check_result(
		endpoint_from_base(base), pg_copy_in_end(endpoint_from_base(base)->p, &failure), &failure);
}

/* Fails if another kycd process has a connection, which it recognises by the application name that
 * postgres_connect sets. The server still lists a closed connection for a moment, so the check is
 * repeated. */
static enum err endpoint_check_exclusive_use(struct copy_endpoint *base)
{
	struct postgres_endpoint *const endpoint = endpoint_from_base(base);
	int64_t others = 1;

	for (int i = 0; i < ALONE_TRIES && others > 0; i++) {
		if (i > 0)
			TRY(endpoint_script(base, "SELECT pg_sleep(0.1)"));
		TRY(endpoint_query_number(base,
			"SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()"
			" AND application_name = 'kycd' AND pid <> pg_backend_pid()",
			&others));
	}
	if (others == 0)
		return OK;
	(void)snprintf(endpoint->error, sizeof(endpoint->error),
		"is in use by kycd (%" PRId64 " connections)", others);
	return ERR_BUSY;
}

static const char *endpoint_error(struct copy_endpoint *base)
{
	return endpoint_from_base(base)->error;
}

static void endpoint_close(struct copy_endpoint *base)
{
	struct postgres_endpoint *const endpoint = endpoint_from_base(base);

	endpoint_stop(base);
	endpoint_rollback(base);
	postgres_disconnect(endpoint->p);
	free(endpoint);
}

static const struct copy_endpoint_ops postgres_endpoint_ops = {
	.script = endpoint_script,
	.query_number = endpoint_query_number,
	.begin = endpoint_begin,
	.commit = endpoint_commit,
	.rollback = endpoint_rollback,
	.read = endpoint_read,
	.next = endpoint_next,
	.stop = endpoint_stop,
	.write = endpoint_write,
	.put = endpoint_put,
	.end_write = endpoint_end_write,
	.check_exclusive_use = endpoint_check_exclusive_use,
	.error = endpoint_error,
	.close = endpoint_close,
};

/* Settings of the connection. With enable_sort and enable_seqscan off, the server reads the rows in the order
 * of the index and sends the first one at once, instead of sorting the whole table first. */
static const char setup[] = "SET application_name = 'kycd db copy'; SET statement_timeout = 0;"
			    " SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '" LOCK_WAIT
			    "'; SET jit = off; SET enable_sort = off; SET enable_seqscan = off;"
			    " SELECT set_config('synchronous_commit', 'on', false)"
			    " WHERE current_setting('synchronous_commit') = 'off'";

/* Takes the lock that excludes a second copy. The server holds it until the connection is closed. */
#define LOCK "SELECT 1 FROM (SELECT pg_advisory_lock(7741126)) AS held"

/* The parameters of postgres_copy_endpoint_open. */
struct open_params {
	struct str shown; /* the URL without its password */
	const char *url;  /* 0-terminated */
	struct arena *arena;
	struct str *reason;
};

/* Sets the error message to "URL: WHAT", and returns `e`. */
static enum err open_fail(const struct open_params *params, enum err e, const char *what)
{
	const struct str message = arena_printf(params->arena, "%.*s: %s", STR_ARG(params->shown), what);

	*params->reason = message.p != NULL ? message : str_of(what);
	return e;
}

/* Reads the version and the kind of the schema. If `migrating` is true, first creates the tables in an empty
 * database. */
static enum err inspect_schema(
	const struct open_params *params, bool migrating, enum schema *schema, int64_t *version)
{
	struct str reason;
	struct sql *sql = NULL;
	enum err e = pg_tx_open(params->url, PG_TX_NO_TIMEOUT, params->arena, &sql, &reason);

	if (e != OK)
		return open_fail(params, e, reason.p);
	e = migrate_inspect(sql, &schema_migrations, schema, version);
	if (e == OK && migrating && *schema == SCHEMA_EMPTY) {
		e = migrate(sql, &schema_migrations, NULL);
		*schema = SCHEMA_CURRENT;
	}
	sql->ops->close(sql);
	return e == OK ? OK
		       : open_fail(params, e,
				 postgres_error_message() != NULL ? postgres_error_message()
								  : "cannot be read");
}

static enum err open_fail_version(const struct open_params *params, int64_t version)
{
	const struct str message = arena_printf(params->arena,
		"its schema is version %" PRId64 ", this program's is %zu: %s", version, schema_migrations.n,
		version > (int64_t)schema_migrations.n ? "a newer kycd is needed"
						       : "stop all instances and run `kycd db migrate`");

	return open_fail(params, ERR_CONFLICT, message.p != NULL ? message.p : "has another schema version");
}

static enum err check_schema(const struct open_params *params, enum copy_role use, bool *unfinished)
{
	enum schema schema = SCHEMA_EMPTY;
	int64_t version = 0;

	TRY(inspect_schema(params, use == COPY_TARGET, &schema, &version));
	*unfinished = schema == SCHEMA_INCOMPLETE_COPY;
	if (schema == SCHEMA_CURRENT)
		return OK;
	if (schema == SCHEMA_EMPTY)
		return open_fail(params, ERR_NOT_FOUND, "is empty: there is nothing to copy");
	if (schema == SCHEMA_FOREIGN)
		return open_fail(params, ERR_INPUT,
			"has tables, but not those of kycd: give kycd a database of its own");
	if (!*unfinished)
		return open_fail_version(params, version);
	if (use == COPY_SOURCE)
		return open_fail(params, ERR_CONFLICT, INCOMPLETE_COPY_MESSAGE);
	return version == (int64_t)schema_migrations.n
		       ? OK
		       : open_fail(params, ERR_CONFLICT, COPY_OF_ANOTHER_VERSION);
}

static enum err prepare_endpoint(const struct open_params *params, struct postgres_endpoint *endpoint)
{
	int64_t held;

	if (endpoint_script(&endpoint->base, setup) != OK)
		return open_fail(params, ERR_STORAGE, "refuses the session settings that kycd needs");
	postgres_set_script_limit(endpoint->p, POSTGRES_NO_LIMIT);
	if (endpoint->use == COPY_TARGET && endpoint_query_number(&endpoint->base, LOCK, &held) != OK)
		return open_fail(params, ERR_BUSY, "another copy is being written to it");
	return check_schema(params, endpoint->use, &endpoint->base.unfinished);
}

enum err postgres_copy_endpoint_open(
	struct str url, enum copy_role use, struct arena *arena, struct copy_endpoint **out, struct str *why)
{
	const struct str whole = arena_copy(arena, url);
	const struct open_params params = { postgres_url_shown(url, arena), whole.p, arena, why };
	struct postgres_endpoint *const endpoint = calloc(1, sizeof(*endpoint));
	struct str reason = STR("out of memory");
	enum err e = ERR_INTERNAL;

	if (endpoint == NULL)
		return ERR_INTERNAL;
	endpoint->base = (struct copy_endpoint){ &postgres_endpoint_ops, params.shown, false };
	endpoint->use = use;
	if (whole.p != NULL && params.shown.p != NULL)
		e = postgres_connect(whole.p, arena, &endpoint->p, &reason);
	if (e != OK) {
		free(endpoint);
		return open_fail(&params, e, reason.p);
	}
	e = prepare_endpoint(&params, endpoint);
	if (e != OK) {
		endpoint_close(&endpoint->base);
		return e;
	}
	*out = &endpoint->base;
	return OK;
}

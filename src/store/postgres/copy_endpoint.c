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
#define ALONE_TRIES 20
#define TROUBLE_SIZE 128
/* Of a copy that was killed: the server may still be about to notice. */
#define LOCK_WAIT "10s"

struct postgres_end {
	struct copy_endpoint base;
	enum copy_role use;
	struct postgres *p;
	struct pg_copy reading;
	bool open, writing;
	char trouble[TROUBLE_SIZE];
};

static const struct copy_endpoint_ops postgres_end_ops;

static struct postgres_end *mine(struct copy_endpoint *endpoint)
{
	assert(endpoint->ops == &postgres_end_ops);
	return container_of(endpoint, struct postgres_end, base);
}

static void respond(struct postgres_end *d, const char *what)
{
	(void)snprintf(d->trouble, sizeof(d->trouble), "%s", what);
}

static enum err judge(struct postgres_end *d, enum err e, const struct postgres_failure *failure)
{
	enum tx_outcome outcome;

	if (e != ERR_STORAGE)
		return e;
	e = postgres_diagnose(failure, false, &outcome);
	if (outcome == TX_LOST)
		respond(d, "cannot be reached any more");
	else if (e == ERR_STORAGE && postgres_error_message() != NULL)
		respond(d, postgres_error_message());
	else
		(void)snprintf(d->trouble, sizeof(d->trouble), "refused a statement (SQLSTATE %s)",
			failure->sqlstate);
	return e;
}

static enum err end_script(struct copy_endpoint *endpoint, const char *text)
{
	struct postgres_failure failure;

	return judge(mine(endpoint), postgres_script(mine(endpoint)->p, text, &failure), &failure);
}

static enum err end_ask(struct copy_endpoint *endpoint, const char *text, int64_t *number)
{
	struct postgres_failure failure;

	return judge(mine(endpoint), postgres_ask(mine(endpoint)->p, text, number, &failure), &failure);
}

static enum err end_begin(struct copy_endpoint *endpoint)
{
	static const char *const texts[] = {
		[COPY_SOURCE] = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
		[COPY_TARGET] = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
	};

	TRY(end_script(endpoint, texts[mine(endpoint)->use]));
	mine(endpoint)->open = true;
	return OK;
}

static enum err end_commit(struct copy_endpoint *endpoint)
{
	mine(endpoint)->open = false;
	return end_script(endpoint, "COMMIT");
}

static void end_rollback(struct copy_endpoint *endpoint)
{
	struct postgres_end *const d = mine(endpoint);
	struct postgres_failure failure;

	if (d->writing)
		pg_copy_in_abort(d->p);
	d->writing = false;
	if (d->open)
		(void)!postgres_script(d->p, "ROLLBACK", &failure);
	d->open = false;
}

static enum err end_read(struct copy_endpoint *endpoint, const struct record *table)
{
	struct postgres_end *const d = mine(endpoint);
	struct postgres_failure failure;
	struct arena texts;
	struct str rows, text = { NULL, 0 };
	enum err e = ERR_INTERNAL;

	arena_init(&texts, TEXT_LIMIT);
	rows = copy_read_text(&texts, table);
	if (rows.p != NULL)
		text = arena_printf(&texts, "COPY (%.*s) TO STDOUT (FORMAT binary)", STR_ARG(rows));
	if (text.p != NULL)
		e = judge(d, pg_copy_out_begin(&d->reading, d->p, text.p, &failure), &failure);
	arena_finish(&texts);
	return e;
}

static enum err end_next(struct copy_endpoint *endpoint, struct str *encoded)
{
	struct postgres_failure failure;

	return judge(mine(endpoint), pg_copy_out_next(&mine(endpoint)->reading, encoded, &failure), &failure);
}

static void end_stop(struct copy_endpoint *endpoint)
{
	pg_copy_out_end(&mine(endpoint)->reading);
}

static enum err end_write(struct copy_endpoint *endpoint, const struct record *table)
{
	struct postgres_end *const d = mine(endpoint);
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
		e = judge(d, pg_copy_in_begin(d->p, text.p, &failure), &failure);
	arena_finish(&texts);
	d->writing = e == OK;
	return e;
}

static enum err end_put(struct copy_endpoint *endpoint, struct str encoded)
{
	struct postgres_failure failure;

	return judge(mine(endpoint), pg_copy_in_put(mine(endpoint)->p, encoded, &failure), &failure);
}

static enum err end_written(struct copy_endpoint *endpoint)
{
	struct postgres_failure failure;

	mine(endpoint)->writing = false;
	return judge(mine(endpoint), pg_copy_in_end(mine(endpoint)->p, &failure), &failure);
}

/* An instance has at least one connection open, under the name that postgres_connect gives; so has a command.
 * Those that have just been closed are still to be seen for a moment. */
static enum err end_alone(struct copy_endpoint *endpoint)
{
	struct postgres_end *const d = mine(endpoint);
	int64_t others = 1;

	for (int i = 0; i < ALONE_TRIES && others > 0; i++) {
		if (i > 0)
			TRY(end_script(endpoint, "SELECT pg_sleep(0.1)"));
		TRY(end_ask(endpoint,
			"SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = current_database()"
			" AND application_name = 'kycd' AND pid <> pg_backend_pid()",
			&others));
	}
	if (others == 0)
		return OK;
	(void)snprintf(d->trouble, sizeof(d->trouble), "is in use by kycd (%" PRId64 " connections)", others);
	return ERR_BUSY;
}

static const char *end_trouble(struct copy_endpoint *endpoint)
{
	return mine(endpoint)->trouble;
}

static void end_close(struct copy_endpoint *endpoint)
{
	struct postgres_end *const d = mine(endpoint);

	end_stop(endpoint);
	end_rollback(endpoint);
	postgres_disconnect(d->p);
	free(d);
}

static const struct copy_endpoint_ops postgres_end_ops = {
	.script = end_script,
	.ask = end_ask,
	.begin = end_begin,
	.commit = end_commit,
	.rollback = end_rollback,
	.read = end_read,
	.next = end_next,
	.stop = end_stop,
	.write = end_write,
	.put = end_put,
	.written = end_written,
	.alone = end_alone,
	.error = end_trouble,
	.close = end_close,
};

/* Rows come as the index has them, from the first on: nothing is sorted first, on whichever disk. */
static const char setup[] = "SET application_name = 'kycd db copy'; SET statement_timeout = 0;"
			    " SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '" LOCK_WAIT
			    "'; SET jit = off; SET enable_sort = off; SET enable_seqscan = off;"
			    " SELECT set_config('synchronous_commit', 'on', false)"
			    " WHERE current_setting('synchronous_commit') = 'off'";

/* Until the connection ends. */
#define LOCK "SELECT 1 FROM (SELECT pg_advisory_lock(7741126)) AS held"

/* One operator's errand: `shown` is its name, `url` 0-terminated. */
struct opening {
	struct str shown;
	const char *url;
	struct arena *arena;
	struct str *why;
};

static enum err refuse(const struct opening *o, enum err e, const char *what)
{
	const struct str sentence = arena_printf(o->arena, "%.*s: %s", STR_ARG(o->shown), what);

	*o->why = sentence.p != NULL ? sentence : str_of(what);
	return e;
}

static enum err look(const struct opening *o, bool migrating, enum schema *schema, int64_t *version)
{
	struct str reason;
	struct sql *sql = NULL;
	enum err e = pg_tx_open(o->url, PG_TX_NO_TIMEOUT, o->arena, &sql, &reason);

	if (e != OK)
		return refuse(o, e, reason.p);
	e = migrate_inspect(sql, &schema_migrations, schema, version);
	if (e == OK && migrating && *schema == SCHEMA_EMPTY) {
		e = migrate(sql, &schema_migrations, NULL);
		*schema = SCHEMA_CURRENT;
	}
	sql->ops->close(sql);
	return e == OK ? OK
		       : refuse(o, e,
				 postgres_error_message() != NULL ? postgres_error_message()
								  : "cannot be read");
}

static enum err refuse_version(const struct opening *o, int64_t version)
{
	const struct str sentence = arena_printf(o->arena,
		"its schema is version %" PRId64 ", this program's is %zu: %s", version, schema_migrations.n,
		version > (int64_t)schema_migrations.n ? "a newer kycd is needed"
						       : "stop all instances and run `kycd db migrate`");

	return refuse(o, ERR_CONFLICT, sentence.p != NULL ? sentence.p : "has another schema");
}

static enum err check(const struct opening *o, enum copy_role use, bool *unfinished)
{
	enum schema schema = SCHEMA_EMPTY;
	int64_t version = 0;

	TRY(look(o, use == COPY_TARGET, &schema, &version));
	*unfinished = schema == SCHEMA_INCOMPLETE_COPY;
	if (schema == SCHEMA_CURRENT)
		return OK;
	if (schema == SCHEMA_EMPTY)
		return refuse(o, ERR_NOT_FOUND, "is empty: there is nothing to copy");
	if (schema == SCHEMA_FOREIGN)
		return refuse(
			o, ERR_INPUT, "has tables, but not those of kycd: give it a database of its own");
	if (!*unfinished)
		return refuse_version(o, version);
	if (use == COPY_SOURCE)
		return refuse(o, ERR_CONFLICT, INCOMPLETE_COPY_MESSAGE);
	return version == (int64_t)schema_migrations.n ? OK
						       : refuse(o, ERR_CONFLICT, COPY_OF_ANOTHER_VERSION);
}

static enum err start(const struct opening *o, struct postgres_end *d)
{
	int64_t held;

	if (end_script(&d->base, setup) != OK)
		return refuse(o, ERR_STORAGE, "refuses what a connection has to set");
	if (d->use == COPY_TARGET && end_ask(&d->base, LOCK, &held) != OK)
		return refuse(o, ERR_BUSY, "another copy is being written to it");
	return check(o, d->use, &d->base.unfinished);
}

enum err postgres_copy_endpoint_open(
	struct str url, enum copy_role use, struct arena *arena, struct copy_endpoint **out, struct str *why)
{
	const struct str whole = arena_copy(arena, url);
	const struct opening o = { postgres_url_shown(url, arena), whole.p, arena, why };
	struct postgres_end *const d = calloc(1, sizeof(*d));
	struct str reason = STR("no memory");
	enum err e = ERR_INTERNAL;

	if (d == NULL)
		return ERR_INTERNAL;
	d->base = (struct copy_endpoint){ &postgres_end_ops, o.shown, false };
	d->use = use;
	if (whole.p != NULL && o.shown.p != NULL)
		e = postgres_connect(whole.p, arena, &d->p, &reason);
	if (e != OK) {
		free(d);
		return refuse(&o, e, reason.p);
	}
	e = start(&o, d);
	if (e != OK) {
		end_close(&d->base);
		return e;
	}
	*out = &d->base;
	return OK;
}

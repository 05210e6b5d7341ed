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

/* One operator's errand with one database. */
struct postgres_operation {
	const char *url; /* 0-terminated, in the arena */
	struct str shown;
	struct arena *arena;
	struct str *reason;
	struct sql *sql;
};

static enum err refuse(const struct postgres_operation *d, enum err e, const char *what)
{
	const struct str sentence = arena_printf(d->arena, "%.*s: %s", STR_ARG(d->shown), what);

	*d->reason = sentence.p != NULL ? sentence : str_of(what);
	return e;
}

static enum err refuse_trouble(const struct postgres_operation *d, enum err e, const char *what)
{
	const char *const sentence = postgres_error_message();

	return refuse(d, e, sentence != NULL ? sentence : what);
}

static void finish(struct postgres_operation *d)
{
	if (d->sql != NULL)
		d->sql->ops->close(d->sql);
	d->sql = NULL;
}

static enum err begin(struct str url, struct arena *arena, struct str *why, struct postgres_operation *out)
{
	const struct str whole = arena_copy(arena, url);
	struct str reason = STR("no memory");
	enum err e;

	*out = (struct postgres_operation){ .url = whole.p, .arena = arena, .reason = why };
	if (whole.p == NULL)
		return ERR_INTERNAL;
	if (!postgres_url_is_good(url)) {
		*why = STR("it is no URL of PostgreSQL: postgresql://user:password@host/database, with %40 "
			   "for @ and %2F for / in the password");
		return ERR_INPUT;
	}
	out->shown = postgres_url_shown(url, arena);
	e = pg_tx_open(whole.p, PG_TX_NO_TIMEOUT, arena, &out->sql, &reason);
	return e == OK ? OK : refuse(out, e, reason.p);
}

static enum err look(const struct postgres_operation *d, enum schema *schema, int64_t *version)
{
	enum err e = migrate_inspect(d->sql, &schema_migrations, schema, version);

	if (e != OK)
		return refuse_trouble(d, e, "cannot be read");
	if (*schema == SCHEMA_INCOMPLETE_COPY)
		return refuse(d, ERR_CONFLICT, INCOMPLETE_COPY_MESSAGE);
	return *schema == SCHEMA_FOREIGN
		       ? refuse(d, ERR_INPUT,
				 "has tables, but not those of kycd: give it a database of its own")
		       : OK;
}

static enum err refuse_schema(const struct postgres_operation *d, enum schema schema, int64_t version)
{
	const char *const what = schema == SCHEMA_NEWER ? "a newer kycd is needed"
							: "stop all instances and run `kycd db migrate`";
	const struct str sentence = arena_printf(d->arena,
		"its schema is version %lld, this program's is %zu: %s", (long long)version,
		schema_migrations.n, what);

	return refuse(d, ERR_CONFLICT, sentence.p != NULL ? sentence.p : what);
}

static enum err forward(const struct postgres_operation *d)
{
	const enum err e = migrate(d->sql, &schema_migrations, NULL);

	return e == OK ? OK : refuse_trouble(d, e, "a step of the migration failed; nothing was changed");
}

static enum err be_current(const struct postgres_operation *d)
{
	enum schema schema;
	int64_t version;

	TRY(look(d, &schema, &version));
	if (schema == SCHEMA_EMPTY)
		return forward(d);
	return schema == SCHEMA_CURRENT ? OK : refuse_schema(d, schema, version);
}

/* What the lanes are opened with. */
struct opening {
	char *url;
	struct statements *statements;
	struct read_ahead *ahead;
};

static enum err open_lane(void *arg, struct sql **out)
{
	const struct opening *const o = arg;
	struct arena arena;
	struct str why;
	struct sql *sql;
	enum err e;

	arena_init(&arena, 0);
	e = pg_tx_open(o->url, PG_TX, &arena, &sql, &why);
	arena_finish(&arena);
	TRY(e);
	pg_tx_set_read_ahead(sql, o->ahead);
	e = sql->ops->prepare(sql, o->statements, true);
	if (e != OK) {
		sql->ops->close(sql);
		return e;
	}
	*out = sql;
	return OK;
}

/* The URL holds the password. */
static void finish_opening(void *arg)
{
	struct opening *const o = arg;

	if (o->url != NULL)
		explicit_bzero(o->url, strlen(o->url));
	free(o->url);
	read_ahead_close(o->ahead);
	free(o);
}

static enum err open_lanes(
	const struct postgres_operation *d, const struct postgres_conf *conf, struct store **out)
{
	struct opening *const o = calloc(1, sizeof(*o));
	struct multi_writer_conf lanes = { .open = open_lane,
		.finish = finish_opening,
		.arg = o,
		.connections = conf->connections,
		.queue = conf->queue,
		.micros = conf->micros };

	if (o == NULL)
		return ERR_INTERNAL;
	o->url = strdup(d->url);
	if (o->url == NULL || statements_open(&o->statements) != OK ||
		read_ahead_open(o->statements, &o->ahead) != OK) {
		statements_close(o->statements);
		finish_opening(o);
		return ERR_INTERNAL;
	}
	lanes.statements = o->statements;
	return multi_writer_store_open(&lanes, out);
}

bool postgres_store_url_is_good(struct str url)
{
	return postgres_url_is_good(url);
}

enum err postgres_store_open(
	const struct postgres_conf *conf, struct arena *arena, struct store **out, struct str *why)
{
	struct postgres_operation d;
	enum err e;

	assert(conf->micros != NULL);
	TRY(begin(conf->url, arena, why, &d));
	e = be_current(&d);
	finish(&d);
	TRY(e);
	e = open_lanes(&d, conf, out);
	return e == OK ? OK : refuse_trouble(&d, e, "its statements cannot be prepared");
}

enum err postgres_store_migrate(struct str url, struct arena *arena, struct str *why)
{
	enum schema schema;
	int64_t version;
	struct postgres_operation d;
	enum err e;

	TRY(begin(url, arena, why, &d));
	e = look(&d, &schema, &version);
	if (e == OK && schema == SCHEMA_NEWER)
		e = refuse_schema(&d, schema, version);
	if (e == OK && schema != SCHEMA_CURRENT)
		e = forward(&d);
	finish(&d);
	return e;
}

static enum err check_rows(const struct postgres_operation *d)
{
	struct str where, sentence;
	int64_t orphans;

	if (integrity_check_count(d->sql, &orphans, &where) != OK)
		return refuse_trouble(d, ERR_STORAGE, "its rows cannot be read");
	if (orphans == 0)
		return OK;
	sentence = arena_printf(d->arena,
		"%lld rows name something that is not there, the first in %.*s: stop the server, keep the "
		"database as it is, restore the last backup",
		(long long)orphans, STR_ARG(where));
	return refuse(
		d, ERR_STORAGE, sentence.p != NULL ? sentence.p : "rows name something that is not there");
}

static enum err check(const struct postgres_operation *d, struct postgres_facts *out)
{
	enum schema schema;

	TRY(look(d, &schema, &out->schema));
	if (schema != SCHEMA_CURRENT)
		return refuse_schema(d, schema, out->schema);
	TRY(check_rows(d));
	if (d->sql->ops->query_number(d->sql, "SELECT pg_database_size(current_database())", &out->bytes) !=
		OK)
		return refuse_trouble(d, ERR_STORAGE, "its size cannot be asked for");
	return OK;
}

enum err postgres_store_check(
	struct str url, struct arena *arena, struct postgres_facts *out, struct str *why)
{
	struct postgres_operation d;
	enum err e;

	TRY(begin(url, arena, why, &d));
	e = check(&d, out);
	finish(&d);
	return e;
}

enum err postgres_store_version(struct str url, struct arena *arena, int64_t *version, struct str *why)
{
	enum schema schema;
	struct postgres_operation d;
	enum err e;

	TRY(begin(url, arena, why, &d));
	e = look(&d, &schema, version);
	finish(&d);
	return e;
}

const char *postgres_store_error(void)
{
	return postgres_error_message();
}

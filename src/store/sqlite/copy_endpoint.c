#include "store/sqlite/copy_endpoint.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "base/buf.h"
#include "store/copy/copy_tables.h"
#include "store/copy/row_codec.h"
#include "store/sql/migrate.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/file.h"
#include "store/sqlite/upgrade.h"

#define BUSY_MS 5000
#define TEXT_LIMIT ((size_t)64 * 1024)

struct sqlite_endpoint {
	struct copy_endpoint base;
	enum copy_role role;
	sqlite3 *db;
	sqlite3_stmt *read_statement, *write_statement;
	const struct record *table; /* the table that is being read or written */
	struct row_buf row;
	int64_t version; /* PRAGMA data_version, a number that changes when another connection commits */
	const char *error;
};

static const struct copy_endpoint_ops sqlite_endpoint_ops;

static struct sqlite_endpoint *sqlite_endpoint_from_base(struct copy_endpoint *endpoint)
{
	assert(endpoint->ops == &sqlite_endpoint_ops);
	return container_of(endpoint, struct sqlite_endpoint, base);
}

static enum err set_error(struct sqlite_endpoint *s, int code)
{
	const int saved_errno = code != SQLITE_OK ? sqlite3_system_errno(s->db) : 0;
	const char *message;
	enum err e;

	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
		return OK;
	sqlite_condition_forget();
	e = sqlite_diagnose(code, saved_errno != 0 ? saved_errno : errno);
	message = sqlite_condition_message(sqlite_condition_last());
	s->error = message != NULL ? message : sqlite3_errstr(code);
	if (e == ERR_BUSY)
		s->error = "is locked by another process";
	return e;
}

static enum err sqlite_endpoint_script(struct copy_endpoint *endpoint, const char *text)
{
	return set_error(sqlite_endpoint_from_base(endpoint),
		sqlite3_exec(sqlite_endpoint_from_base(endpoint)->db, text, NULL, NULL, NULL));
}

static enum err sqlite_endpoint_query_number(
	struct copy_endpoint *endpoint, const char *text, int64_t *number)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);
	sqlite3_stmt *stmt = NULL;
	int code;

	TRY(set_error(s, sqlite3_prepare_v2(s->db, text, -1, &stmt, NULL)));
	code = sqlite3_step(stmt);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return code == SQLITE_DONE ? ERR_NOT_FOUND : set_error(s, code);
}

/* Begins a transaction. SQLite's BEGIN does not start the snapshot of a source; the query on sqlite_schema
 * does. */
static enum err sqlite_endpoint_begin(struct copy_endpoint *endpoint)
{
	static const char *const begin_scripts[] = {
		[COPY_SOURCE] = "BEGIN; SELECT count(*) FROM sqlite_schema",
		[COPY_TARGET] = "BEGIN IMMEDIATE",
	};

	TRY(sqlite_endpoint_script(endpoint, begin_scripts[sqlite_endpoint_from_base(endpoint)->role]));
	return sqlite_endpoint_query_number(
		endpoint, "PRAGMA data_version", &sqlite_endpoint_from_base(endpoint)->version);
}

static enum err sqlite_endpoint_commit(struct copy_endpoint *endpoint)
{
	return sqlite_endpoint_script(endpoint, "COMMIT");
}

static void sqlite_endpoint_rollback(struct copy_endpoint *endpoint)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);

	(void)sqlite3_finalize(s->write_statement);
	s->write_statement = NULL;
	if (sqlite3_get_autocommit(s->db) == 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

static enum err prepare_statement(struct sqlite_endpoint *s, struct str text, sqlite3_stmt **out)
{
	return text.p == NULL ? ERR_INTERNAL : set_error(s, sqlite3_prepare_v2(s->db, text.p, -1, out, NULL));
}

static enum err sqlite_endpoint_read(struct copy_endpoint *endpoint, const struct record *table)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);
	struct arena texts;
	enum err e;

	assert(s->read_statement == NULL);
	arena_init(&texts, TEXT_LIMIT);
	e = prepare_statement(s, copy_read_text(&texts, table), &s->read_statement);
	arena_finish(&texts);
	s->table = table;
	return e;
}

/* Encodes one value. A value of another type than its column means that the file is damaged. It is encoded as
 * NULL, which row_fits_table rejects. */
static void encode_value(struct sqlite_endpoint *s, int i, const struct column *c)
{
	const int type = sqlite3_column_type(s->read_statement, i);
	struct str value;

	if (column_is_number(c) && type == SQLITE_INTEGER) {
		row_encode_number(&s->row, sqlite3_column_int64(s->read_statement, i));
		return;
	}
	if (column_is_number(c) || type != (c->kind == COLUMN_ID ? SQLITE_TEXT : SQLITE_BLOB)) {
		row_encode_null(&s->row);
		return;
	}
	value.p = sqlite3_column_blob(s->read_statement, i);
	value.n = (size_t)sqlite3_column_bytes(s->read_statement, i);
	row_encode_bytes(&s->row, value);
}

static enum err sqlite_endpoint_next(struct copy_endpoint *endpoint, struct str *encoded)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);
	const int code = sqlite3_step(s->read_statement);

	if (code == SQLITE_DONE)
		return ERR_NOT_FOUND;
	TRY(set_error(s, code));
	row_encode_begin(&s->row, s->table->n);
	for (size_t i = 0; i < s->table->n; i++)
		encode_value(s, (int)i, &s->table->columns[i]);
	if (s->row.failed) {
		s->error = "has a row that is too large";
		return ERR_INTERNAL;
	}
	*encoded = (struct str){ s->row.p, s->row.n };
	return OK;
}

static void sqlite_endpoint_stop(struct copy_endpoint *endpoint)
{
	(void)sqlite3_finalize(sqlite_endpoint_from_base(endpoint)->read_statement);
	sqlite_endpoint_from_base(endpoint)->read_statement = NULL;
}

static enum err sqlite_endpoint_write(struct copy_endpoint *endpoint, const struct record *table)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);
	struct arena texts;
	struct str columns, text = { NULL, 0 };
	struct buf b;
	enum err e;

	assert(s->write_statement == NULL);
	arena_init(&texts, TEXT_LIMIT);
	columns = copy_columns_text(&texts, table);
	buf_init(&b, &texts);
	buf_printf(&b, "INSERT INTO \"%s\" (%.*s) VALUES (", table->table, STR_ARG(columns));
	for (size_t i = 0; i < table->n; i++)
		buf_printf(&b, "%s$%zu", i > 0 ? ", " : "", i + 1);
	buf_char(&b, ')');
	e = columns.p == NULL || buf_done(&b, &text) != OK ? ERR_INTERNAL
							   : prepare_statement(s, text, &s->write_statement);
	arena_finish(&texts);
	s->table = table;
	return e;
}

/* Binds one value. SQLITE_STATIC means that SQLite does not copy it; the row is inserted before the memory of
 * `value` is released. */
static int bind_value(sqlite3_stmt *stmt, int i, const struct column *c, struct str value)
{
	if (column_is_number(c))
		return sqlite3_bind_int64(stmt, i, row_decode_number(value));
	if (c->kind == COLUMN_ID)
		return sqlite3_bind_text(stmt, i, value.p, (int)value.n, SQLITE_STATIC);
	return sqlite3_bind_blob64(stmt, i, value.p, value.n, SQLITE_STATIC);
}

static enum err sqlite_endpoint_put(struct copy_endpoint *endpoint, struct str encoded)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);
	struct row_fields f = row_decode(encoded);
	int code = SQLITE_OK, done;

	for (size_t i = 0; i < s->table->n && code == SQLITE_OK; i++)
		code = bind_value(s->write_statement, (int)i + 1, &s->table->columns[i], row_decode_next(&f));
	if (code == SQLITE_OK)
		code = sqlite3_step(s->write_statement);
	TRY(set_error(s, code));
	done = sqlite3_reset(s->write_statement);
	return set_error(s, done);
}

static enum err sqlite_endpoint_end_write(struct copy_endpoint *endpoint)
{
	(void)sqlite3_finalize(sqlite_endpoint_from_base(endpoint)->write_statement);
	sqlite_endpoint_from_base(endpoint)->write_statement = NULL;
	return OK;
}

/* Checks a source only. A target needs no check, because no other kycd process opens a database with
 * COPY_MARK. */
static enum err sqlite_endpoint_check_exclusive_use(struct copy_endpoint *endpoint)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);
	int64_t tables = 0, version = 0;

	if (s->role == COPY_TARGET)
		return OK;
	TRY(sqlite_endpoint_query_number(endpoint, "SELECT count(*) FROM sqlite_schema", &tables));
	TRY(sqlite_endpoint_query_number(endpoint, "PRAGMA data_version", &version));
	if (version == s->version)
		return OK;
	s->error = "was changed while it was copied";
	return ERR_BUSY;
}

static const char *sqlite_endpoint_error(struct copy_endpoint *endpoint)
{
	return sqlite_endpoint_from_base(endpoint)->error;
}

/* Closes the endpoint. Empties the WAL of a target first, because old pages in it may contain deleted
 * content. */
static void sqlite_endpoint_close(struct copy_endpoint *endpoint)
{
	struct sqlite_endpoint *const s = sqlite_endpoint_from_base(endpoint);

	sqlite_endpoint_stop(endpoint);
	sqlite_endpoint_rollback(endpoint);
	if (s->role == COPY_TARGET)
		(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_close(s->db);
	row_encode_finish(&s->row);
	free(s);
}

static const struct copy_endpoint_ops sqlite_endpoint_ops = {
	.script = sqlite_endpoint_script,
	.query_number = sqlite_endpoint_query_number,
	.begin = sqlite_endpoint_begin,
	.commit = sqlite_endpoint_commit,
	.rollback = sqlite_endpoint_rollback,
	.read = sqlite_endpoint_read,
	.next = sqlite_endpoint_next,
	.stop = sqlite_endpoint_stop,
	.write = sqlite_endpoint_write,
	.put = sqlite_endpoint_put,
	.end_write = sqlite_endpoint_end_write,
	.check_exclusive_use = sqlite_endpoint_check_exclusive_use,
	.error = sqlite_endpoint_error,
	.close = sqlite_endpoint_close,
};

static const char *const setup_scripts[] = {
	[COPY_SOURCE] = "PRAGMA query_only = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -8192;"
			" PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON",
	[COPY_TARGET] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
			" PRAGMA mmap_size = 0; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;"
			" PRAGMA cell_size_check = ON",
};

static enum err connect(struct sqlite_endpoint *s, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	TRY(set_error(s, sqlite3_open_v2(path, &s->db, flags, NULL)));
	TRY(set_error(s, sqlite3_busy_timeout(s->db, BUSY_MS)));
	TRY(sqlite_endpoint_script(&s->base, setup_scripts[s->role]));
	return sqlite_endpoint_query_number(&s->base, "PRAGMA data_version", &s->version);
}

/* Does the same as sqlite_file_inspect, but accepts an unfinished copy. */
static enum err inspect_target(const struct sqlite_file *f, enum schema *schema, int64_t *version)
{
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_connect(f, CONNECTION_READ_ONLY, &sql));
	e = migrate_inspect(sql, f->migrations, schema, version);
	sql->ops->close(sql);
	return e == OK ? OK : sqlite_file_fail_condition(f, e, "cannot be read");
}

static enum err prepare_target(const struct sqlite_file *f, bool *unfinished)
{
	enum schema schema = SCHEMA_EMPTY;
	int64_t version = 0;

	TRY(sqlite_file_create(f));
	TRY(inspect_target(f, &schema, &version));
	if (schema == SCHEMA_EMPTY)
		return sqlite_upgrade(f, UPGRADE_WITHOUT_BACKUP);
	*unfinished = schema == SCHEMA_INCOMPLETE_COPY;
	if (schema == SCHEMA_CURRENT || (*unfinished && version == (int64_t)f->migrations->n))
		return OK;
	return *unfinished ? sqlite_file_fail(f, ERR_CONFLICT, COPY_OF_ANOTHER_VERSION)
			   : sqlite_file_fail_schema(f, schema, version);
}

static enum err check_source(const struct sqlite_file *f)
{
	enum schema schema;
	int64_t version;

	TRY(sqlite_file_inspect(f, &schema, &version));
	if (schema == SCHEMA_EMPTY)
		return sqlite_file_fail(f, ERR_NOT_FOUND, "is empty: there is nothing to copy");
	return schema == SCHEMA_CURRENT ? OK : sqlite_file_fail_schema(f, schema, version);
}

enum err sqlite_copy_endpoint_open(struct str path, enum copy_role role, struct arena *arena,
	struct copy_endpoint **out, struct str *why)
{
	struct sqlite_file f;
	struct sqlite_endpoint *s;
	bool unfinished = false;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(role == COPY_TARGET ? prepare_target(&f, &unfinished) : check_source(&f));
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_INTERNAL;
	s->base = (struct copy_endpoint){ &sqlite_endpoint_ops, str_of(f.path), unfinished };
	s->role = role;
	s->error = "cannot be opened";
	e = connect(s, f.path);
	if (e != OK) {
		e = sqlite_file_fail(&f, e, s->error);
		sqlite_endpoint_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}

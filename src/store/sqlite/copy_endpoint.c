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

struct sqlite_end {
	struct copy_endpoint base;
	enum copy_role use;
	sqlite3 *db;
	sqlite3_stmt *reading, *writing;
	const struct record *table; /* that is read or written */
	struct row_buf row;
	int64_t version; /* other connections' changes move it */
	const char *trouble;
};

static const struct copy_endpoint_ops sqlite_end_ops;

static struct sqlite_end *mine(struct copy_endpoint *endpoint)
{
	assert(endpoint->ops == &sqlite_end_ops);
	return container_of(endpoint, struct sqlite_end, base);
}

static enum err judge(struct sqlite_end *s, int code)
{
	const int kept = code != SQLITE_OK ? sqlite3_system_errno(s->db) : 0;
	const char *sentence;
	enum err e;

	if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
		return OK;
	sqlite_condition_forget();
	e = sqlite_diagnose(code, kept != 0 ? kept : errno);
	sentence = sqlite_condition_message(sqlite_condition_last());
	s->trouble = sentence != NULL ? sentence : sqlite3_errstr(code);
	if (e == ERR_BUSY)
		s->trouble = "is locked by another process";
	return e;
}

static enum err end_script(struct copy_endpoint *endpoint, const char *text)
{
	return judge(mine(endpoint), sqlite3_exec(mine(endpoint)->db, text, NULL, NULL, NULL));
}

static enum err end_ask(struct copy_endpoint *endpoint, const char *text, int64_t *number)
{
	struct sqlite_end *const s = mine(endpoint);
	sqlite3_stmt *asked = NULL;
	int code;

	TRY(judge(s, sqlite3_prepare_v2(s->db, text, -1, &asked, NULL)));
	code = sqlite3_step(asked);
	if (code == SQLITE_ROW)
		*number = sqlite3_column_int64(asked, 0);
	(void)sqlite3_finalize(asked);
	return code == SQLITE_DONE ? ERR_NOT_FOUND : judge(s, code);
}

/* The look into the schema is what holds a source's moment fast; BEGIN alone does not. */
static enum err end_begin(struct copy_endpoint *endpoint)
{
	static const char *const texts[] = {
		[COPY_SOURCE] = "BEGIN; SELECT count(*) FROM sqlite_schema",
		[COPY_TARGET] = "BEGIN IMMEDIATE",
	};

	TRY(end_script(endpoint, texts[mine(endpoint)->use]));
	return end_ask(endpoint, "PRAGMA data_version", &mine(endpoint)->version);
}

static enum err end_commit(struct copy_endpoint *endpoint)
{
	return end_script(endpoint, "COMMIT");
}

static void end_rollback(struct copy_endpoint *endpoint)
{
	struct sqlite_end *const s = mine(endpoint);

	(void)sqlite3_finalize(s->writing);
	s->writing = NULL;
	if (sqlite3_get_autocommit(s->db) == 0)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

static enum err prepare(struct sqlite_end *s, struct str text, sqlite3_stmt **out)
{
	return text.p == NULL ? ERR_INTERNAL : judge(s, sqlite3_prepare_v2(s->db, text.p, -1, out, NULL));
}

static enum err end_read(struct copy_endpoint *endpoint, const struct record *table)
{
	struct sqlite_end *const s = mine(endpoint);
	struct arena texts;
	enum err e;

	assert(s->reading == NULL);
	arena_init(&texts, TEXT_LIMIT);
	e = prepare(s, copy_read_text(&texts, table), &s->reading);
	arena_finish(&texts);
	s->table = table;
	return e;
}

static bool is_number(const struct column *c)
{
	return c->kind != COLUMN_ID && c->kind != COLUMN_DIGEST && c->kind != COLUMN_BYTES;
}

/* What is of another type than its column was not written by us: as if it were not there. */
static void take_value(struct sqlite_end *s, int i, const struct column *c)
{
	const int type = sqlite3_column_type(s->reading, i);
	struct str value;

	if (is_number(c) && type == SQLITE_INTEGER) {
		row_encode_number(&s->row, sqlite3_column_int64(s->reading, i));
		return;
	}
	if (is_number(c) || type != (c->kind == COLUMN_ID ? SQLITE_TEXT : SQLITE_BLOB)) {
		row_encode_null(&s->row);
		return;
	}
	value.p = sqlite3_column_blob(s->reading, i);
	value.n = (size_t)sqlite3_column_bytes(s->reading, i);
	row_encode_bytes(&s->row, value);
}

static enum err end_next(struct copy_endpoint *endpoint, struct str *encoded)
{
	struct sqlite_end *const s = mine(endpoint);
	const int code = sqlite3_step(s->reading);

	if (code == SQLITE_DONE)
		return ERR_NOT_FOUND;
	TRY(judge(s, code));
	row_encode_begin(&s->row, s->table->n);
	for (size_t i = 0; i < s->table->n; i++)
		take_value(s, (int)i, &s->table->columns[i]);
	if (s->row.failed) {
		s->trouble = "has a row that is too large";
		return ERR_INTERNAL;
	}
	*encoded = (struct str){ s->row.p, s->row.n };
	return OK;
}

static void end_stop(struct copy_endpoint *endpoint)
{
	(void)sqlite3_finalize(mine(endpoint)->reading);
	mine(endpoint)->reading = NULL;
}

static enum err end_write(struct copy_endpoint *endpoint, const struct record *table)
{
	struct sqlite_end *const s = mine(endpoint);
	struct arena texts;
	struct str columns, text = { NULL, 0 };
	struct buf b;
	enum err e;

	assert(s->writing == NULL);
	arena_init(&texts, TEXT_LIMIT);
	columns = copy_columns_text(&texts, table);
	buf_init(&b, &texts);
	buf_printf(&b, "INSERT INTO \"%s\" (%.*s) VALUES (", table->table, STR_ARG(columns));
	for (size_t i = 0; i < table->n; i++)
		buf_printf(&b, "%s$%zu", i > 0 ? ", " : "", i + 1);
	buf_char(&b, ')');
	e = columns.p == NULL || buf_done(&b, &text) != OK ? ERR_INTERNAL : prepare(s, text, &s->writing);
	arena_finish(&texts);
	s->table = table;
	return e;
}

/* Nothing is copied: the tuple lives until the row is in. */
static int bind_value(sqlite3_stmt *stmt, int i, const struct column *c, struct str value)
{
	if (is_number(c))
		return sqlite3_bind_int64(stmt, i, row_decode_number(value));
	if (c->kind == COLUMN_ID)
		return sqlite3_bind_text(stmt, i, value.p, (int)value.n, SQLITE_STATIC);
	return sqlite3_bind_blob64(stmt, i, value.p, value.n, SQLITE_STATIC);
}

static enum err end_put(struct copy_endpoint *endpoint, struct str encoded)
{
	struct sqlite_end *const s = mine(endpoint);
	struct row_fields f = row_decode(encoded);
	int code = SQLITE_OK, done;

	for (size_t i = 0; i < s->table->n && code == SQLITE_OK; i++)
		code = bind_value(s->writing, (int)i + 1, &s->table->columns[i], row_decode_next(&f));
	if (code == SQLITE_OK)
		code = sqlite3_step(s->writing);
	TRY(judge(s, code));
	done = sqlite3_reset(s->writing);
	return judge(s, done);
}

static enum err end_written(struct copy_endpoint *endpoint)
{
	(void)sqlite3_finalize(mine(endpoint)->writing);
	mine(endpoint)->writing = NULL;
	return OK;
}

/* A target that has the mark is opened by nobody else. */
static enum err end_alone(struct copy_endpoint *endpoint)
{
	struct sqlite_end *const s = mine(endpoint);
	int64_t tables = 0, version = 0;

	if (s->use == COPY_TARGET)
		return OK;
	TRY(end_ask(endpoint, "SELECT count(*) FROM sqlite_schema", &tables));
	TRY(end_ask(endpoint, "PRAGMA data_version", &version));
	if (version == s->version)
		return OK;
	s->trouble = "was changed while it was copied";
	return ERR_BUSY;
}

static const char *end_trouble(struct copy_endpoint *endpoint)
{
	return mine(endpoint)->trouble;
}

/* The log holds old pages: it does not outlive the connection. */
static void end_close(struct copy_endpoint *endpoint)
{
	struct sqlite_end *const s = mine(endpoint);

	end_stop(endpoint);
	end_rollback(endpoint);
	if (s->use == COPY_TARGET)
		(void)sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_close(s->db);
	row_encode_finish(&s->row);
	free(s);
}

static const struct copy_endpoint_ops sqlite_end_ops = {
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

static const char *const setups[] = {
	[COPY_SOURCE] = "PRAGMA query_only = ON; PRAGMA mmap_size = 0; PRAGMA cache_size = -8192;"
			" PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON",
	[COPY_TARGET] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
			" PRAGMA mmap_size = 0; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;"
			" PRAGMA cell_size_check = ON",
};

static enum err connect(struct sqlite_end *s, const char *path)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;

	TRY(judge(s, sqlite3_open_v2(path, &s->db, flags, NULL)));
	TRY(judge(s, sqlite3_busy_timeout(s->db, BUSY_MS)));
	TRY(end_script(&s->base, setups[s->use]));
	return end_ask(&s->base, "PRAGMA data_version", &s->version);
}

/* As sqlite_file_inspect does, which refuses a target that is half a copy. */
static enum err look(const struct sqlite_file *f, enum schema *schema, int64_t *version)
{
	struct sql *sql = NULL;
	enum err e;

	TRY(sqlite_file_connect(f, CONNECTION_READ_ONLY, &sql));
	e = migrate_inspect(sql, f->migrations, schema, version);
	sql->ops->close(sql);
	return e == OK ? OK : sqlite_file_refuse_error(f, e, "cannot be read");
}

static enum err prepare_target(const struct sqlite_file *f, bool *unfinished)
{
	enum schema schema = SCHEMA_EMPTY;
	int64_t version = 0;

	TRY(sqlite_file_create(f));
	TRY(look(f, &schema, &version));
	if (schema == SCHEMA_EMPTY)
		return sqlite_upgrade(f, UPGRADE_WITHOUT_BACKUP);
	*unfinished = schema == SCHEMA_INCOMPLETE_COPY;
	if (schema == SCHEMA_CURRENT || (*unfinished && version == (int64_t)f->migrations->n))
		return OK;
	return *unfinished ? sqlite_file_refuse(f, ERR_CONFLICT, COPY_OF_ANOTHER_VERSION)
			   : sqlite_file_refuse_schema(f, schema, version);
}

static enum err check_source(const struct sqlite_file *f)
{
	enum schema schema;
	int64_t version;

	TRY(sqlite_file_inspect(f, &schema, &version));
	if (schema == SCHEMA_EMPTY)
		return sqlite_file_refuse(f, ERR_NOT_FOUND, "is empty: there is nothing to copy");
	return schema == SCHEMA_CURRENT ? OK : sqlite_file_refuse_schema(f, schema, version);
}

enum err sqlite_copy_endpoint_open(
	struct str path, enum copy_role use, struct arena *arena, struct copy_endpoint **out, struct str *why)
{
	struct sqlite_file f;
	struct sqlite_end *s;
	bool unfinished = false;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(use == COPY_TARGET ? prepare_target(&f, &unfinished) : check_source(&f));
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ERR_INTERNAL;
	s->base = (struct copy_endpoint){ &sqlite_end_ops, str_of(f.path), unfinished };
	s->use = use;
	s->trouble = "fails";
	e = connect(s, f.path);
	if (e != OK) {
		e = sqlite_file_refuse(&f, e, s->trouble);
		end_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}

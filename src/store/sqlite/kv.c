#include "store/sqlite/kv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/file.h"
#include "store/sqlite/file_identity.h"

/* "kycs" in ASCII: SQLite's application_id of these files, which distinguishes them from other databases. */
#define APPLICATION_ID 0x6B796373
/* How long to wait for the lock of another process, which may be about to end. */
#define BUSY_MS 3000

#define DAMAGED "is damaged: remove it and the sandbox starts empty"

enum kv_statement { KV_EACH, KV_PUT, KV_DROP, KV_BEGIN, KV_COMMIT, KV_ROLLBACK, KV_STATEMENTS };

static const char *const kv_statement_texts[KV_STATEMENTS] = {
	[KV_EACH] = "SELECT key, bytes FROM kept WHERE kind = ?1 ORDER BY key",
	[KV_PUT] = "INSERT OR REPLACE INTO kept (kind, key, bytes) VALUES (?1, ?2, ?3)",
	[KV_DROP] = "DELETE FROM kept WHERE kind = ?1 AND key = ?2",
	[KV_BEGIN] = "BEGIN IMMEDIATE",
	[KV_COMMIT] = "COMMIT",
	[KV_ROLLBACK] = "ROLLBACK",
};

struct sqlite_kv {
	struct kv_store base;
	struct lock lock;
	sqlite3 *db;
	sqlite3_stmt *prepared[KV_STATEMENTS];
	char *path; /* of the file; owned */
	struct file_identity identity;
	bool failed;	     /* a call after `begin` has failed */
	bool failure_logged; /* a failure was logged, and no commit has succeeded since then */
};

static const struct kv_store_ops sqlite_kv_ops;

static struct sqlite_kv *sqlite_kv_from_base(struct kv_store *kv)
{
	assert(kv->ops == &sqlite_kv_ops);
	return container_of(kv, struct sqlite_kv, base);
}

/* Returns text that follows "the file ". The text for a damaged file differs from sqlite_condition_message,
 * because this file has no backup and may be deleted. */
static const char *failure_text(int code, int system_error)
{
	const enum sqlite_condition condition = sqlite_condition_of(code, system_error);

	switch (condition) {
	case CONDITION_DISK_FULL:
	case CONDITION_NO_PERMISSION:
		return sqlite_condition_message(condition);
	case CONDITION_DAMAGED:
	case CONDITION_NOT_A_DATABASE:
		return DAMAGED;
	case CONDITION_NONE:
	case CONDITION_IO_ERROR:
	case CONDITION_COUNT:
		break;
	}
	return "cannot be written: check the disk and the system log";
}

/* Logs only the first of several consecutive failures. kv_commit logs the recovery. */
static void log_first_failure(struct sqlite_kv *s, int code)
{
	const int thread_errno = errno, sqlite_errno = sqlite3_system_errno(s->db),
		  system_error = sqlite_errno != 0 ? sqlite_errno : thread_errno;

	if (s->failure_logged)
		return;
	s->failure_logged = true;
	log_event(LOG_ERROR, "sandbox_file_failed", LOG_NUMBER("code", sqlite3_extended_errcode(s->db)),
		LOG_NUMBER("errno", system_error), LOG_TEXT("file", failure_text(code, system_error)),
		LOG_TEXT("effect", "requests that change something get 500"));
}

static bool run_kv_statement(struct sqlite_kv *s, enum kv_statement which)
{
	int code;

	errno = 0;
	code = sqlite3_step(s->prepared[which]);
	if (code != SQLITE_DONE)
		log_first_failure(s, code);
	(void)sqlite3_reset(s->prepared[which]);
	return code == SQLITE_DONE;
}

/* Binds the key. SQLITE_STATIC means that SQLite does not copy the text; the statement runs before the caller
 * continues. */
static bool bind_key(sqlite3_stmt *stmt, const char *kind, int64_t key)
{
	return sqlite3_bind_text(stmt, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK &&
	       sqlite3_bind_int64(stmt, 2, key) == SQLITE_OK;
}

static void kv_begin(struct kv_store *kv)
{
	struct sqlite_kv *const s = sqlite_kv_from_base(kv);

	lock_acquire(&s->lock);
	s->failed = !run_kv_statement(s, KV_BEGIN);
}

static void kv_put(struct kv_store *kv, const char *kind, int64_t key, struct str bytes)
{
	struct sqlite_kv *const s = sqlite_kv_from_base(kv);
	sqlite3_stmt *const put = s->prepared[KV_PUT];

	if (s->failed)
		return;
	s->failed = !bind_key(put, kind, key) ||
		    sqlite3_bind_blob64(put, 3, bytes.n > 0 ? bytes.p : "", bytes.n, SQLITE_STATIC) !=
			    SQLITE_OK ||
		    !run_kv_statement(s, KV_PUT);
	(void)sqlite3_clear_bindings(put);
}

static void kv_drop(struct kv_store *kv, const char *kind, int64_t key)
{
	struct sqlite_kv *const s = sqlite_kv_from_base(kv);

	if (!s->failed)
		s->failed = !bind_key(s->prepared[KV_DROP], kind, key) || !run_kv_statement(s, KV_DROP);
}

/* Returns whether the path still names the open file. If not, changes would be lost. Logs only the first of
 * several consecutive failures. */
static bool is_in_place(struct sqlite_kv *s)
{
	const enum open_files_state state = file_identity_compare(s->path, &s->identity);

	if (state != FILES_IN_PLACE && !s->failure_logged) {
		s->failure_logged = true;
		log_event(LOG_ERROR, "sandbox_file_changed", LOG_WORD("file", s->path),
			LOG_TEXT("reason", open_files_text(state)),
			LOG_TEXT("effect", "requests that change something get 500"),
			LOG_TEXT("action", "put the file back, or restart to begin with an empty sandbox"));
	}
	return state == FILES_IN_PLACE;
}

static enum err kv_commit(struct kv_store *kv)
{
	struct sqlite_kv *const s = sqlite_kv_from_base(kv);
	const bool done = !s->failed && is_in_place(s) && run_kv_statement(s, KV_COMMIT);

	/* Rolls back only if a transaction is still open; SQLite ends it by itself when the disk is full. */
	if (!done && sqlite3_get_autocommit(s->db) == 0)
		(void)run_kv_statement(s, KV_ROLLBACK);
	if (done && s->failure_logged) {
		s->failure_logged = false;
		log_event(LOG_INFO, "sandbox_file_recovered");
	}
	lock_release(&s->lock);
	return done ? OK : ERR_STORAGE;
}

static enum err kv_each(struct kv_store *kv, const char *kind, kv_visit *visit, void *arg)
{
	struct sqlite_kv *const s = sqlite_kv_from_base(kv);
	sqlite3_stmt *const each = s->prepared[KV_EACH];
	enum err e = OK;
	int code = SQLITE_ERROR;

	lock_acquire(&s->lock);
	if (sqlite3_bind_text(each, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK)
		while (e == OK && (code = sqlite3_step(each)) == SQLITE_ROW)
			e = visit(arg, sqlite3_column_int64(each, 0),
				(struct str){ sqlite3_column_blob(each, 1),
					(size_t)sqlite3_column_bytes(each, 1) });
	(void)sqlite3_reset(each);
	lock_release(&s->lock);
	return e == OK && code != SQLITE_DONE ? ERR_STORAGE : e;
}

static void kv_close(struct kv_store *kv)
{
	struct sqlite_kv *const s = sqlite_kv_from_base(kv);

	for (size_t i = 0; i < KV_STATEMENTS; i++)
		(void)sqlite3_finalize(s->prepared[i]);
	(void)sqlite3_close(s->db);
	lock_finish(&s->lock);
	free(s->path);
	free(s);
}

static const struct kv_store_ops sqlite_kv_ops = {
	.each = kv_each,
	.begin = kv_begin,
	.put = kv_put,
	.drop = kv_drop,
	.commit = kv_commit,
	.close = kv_close,
};

/* Returns the number that the query returns, or -1 on failure. */
static int64_t query_number(struct sqlite_kv *s, const char *sql_text)
{
	sqlite3_stmt *stmt = NULL;
	int64_t number = -1;

	if (sqlite3_prepare_v2(s->db, sql_text, -1, &stmt, NULL) == SQLITE_OK &&
		sqlite3_step(stmt) == SQLITE_ROW)
		number = sqlite3_column_int64(stmt, 0);
	(void)sqlite3_finalize(stmt);
	return number;
}

static bool run_script(struct sqlite_kv *s, const char *script)
{
	return sqlite3_exec(s->db, script, NULL, NULL, NULL) == SQLITE_OK;
}

/* Opens the file and takes its exclusive lock. With locking_mode EXCLUSIVE, SQLite keeps the lock of the
 * first transaction until the file is closed. */
static enum err open_exclusive(struct sqlite_kv *s, const struct sqlite_file *f)
{
	static const char set_up[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON;"
				     " PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
				     " PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL;"
				     " PRAGMA synchronous = NORMAL; BEGIN EXCLUSIVE; COMMIT;";

	if (sqlite3_open_v2(f->path, &s->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
		return sqlite_file_fail(f, ERR_STORAGE,
			"cannot be opened: check that this user may read and write the file and its folder");
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	if (run_script(s, set_up))
		return OK;
	if ((sqlite3_errcode(s->db) & 0xff) == SQLITE_BUSY)
		return sqlite_file_fail(f, ERR_BUSY,
			"another kycd process uses it for its sandbox: stop that process, use another file, or start in another folder");
	return sqlite_file_fail(f, ERR_INPUT,
		"is damaged, or not a sandbox file: remove it and the sandbox starts empty, or use another file");
}

static enum err create_table(struct sqlite_kv *s, const struct sqlite_file *f, int64_t version)
{
	const struct str script = arena_printf(f->arena,
		"BEGIN; CREATE TABLE kept (kind TEXT NOT NULL, key INTEGER NOT NULL, bytes BLOB NOT NULL,"
		" PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;"
		" PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT;",
		APPLICATION_ID, (long long)version);

	if (!script.p || !run_script(s, script.p))
		return sqlite_file_fail(f, ERR_STORAGE, "cannot be written: check whether the disk is full");
	return OK;
}

static enum err check_format(struct sqlite_kv *s, const struct sqlite_file *f, int64_t version)
{
	const int64_t found_version = query_number(s, "PRAGMA user_version");

	if (query_number(s, "SELECT count(*) FROM sqlite_schema") == 0)
		return create_table(s, f, version);
	if (query_number(s, "PRAGMA application_id") != APPLICATION_ID)
		return sqlite_file_fail(
			f, ERR_INPUT, "is a database, but not a sandbox file: use another file");
	if (found_version != version) {
		const struct str message = arena_printf(f->arena,
			"was written by another version of kycd (%lld, this one writes %lld): use that version, "
			"or remove the file and the sandbox starts empty",
			(long long)found_version, (long long)version);
		return sqlite_file_fail(
			f, ERR_CONFLICT, message.p ? message.p : "is of another version of kycd");
	}
	if (query_number(s, "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'") != 0)
		return sqlite_file_fail(f, ERR_INPUT, DAMAGED);
	return OK;
}

static enum err prepare_statements(struct sqlite_kv *s, const struct sqlite_file *f)
{
	for (size_t i = 0; i < KV_STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, kv_statement_texts[i], -1, SQLITE_PREPARE_PERSISTENT,
			    &s->prepared[i], NULL) != SQLITE_OK)
			return sqlite_file_fail(f, ERR_INPUT, DAMAGED);
	return OK;
}

enum err sqlite_kv_open(
	struct str path, int64_t version, struct arena *arena, struct kv_store **out, struct str *why)
{
	struct sqlite_file f;
	struct sqlite_kv *s;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_create(&f));
	s = calloc(1, sizeof(*s));
	if (!s)
		return sqlite_file_fail(&f, ERR_INTERNAL, "cannot be opened: out of memory");
	s->base.ops = &sqlite_kv_ops;
	lock_init(&s->lock);
	s->path = strdup(f.path);
	e = s->path != NULL ? open_exclusive(s, &f) : sqlite_file_fail(&f, ERR_INTERNAL, "out of memory");
	if (e == OK && !file_identity_read(s->path, &s->identity))
		e = sqlite_file_fail(&f, ERR_STORAGE, "was removed while it was opened: try again");
	if (e == OK)
		e = check_format(s, &f, version);
	if (e == OK)
		e = prepare_statements(s, &f);
	if (e != OK) {
		kv_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}

#include "store/sqlite/kv.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/file.h"

/* "kycs": what tells a shelf from other databases. */
#define APPLICATION_ID 0x6B796373
/* For who was killed a moment ago, and for a program that is just ending. */
#define BUSY_MS 3000

enum sentence { EACH, PUT, DROP, BEGIN, CONTROL_COMMIT, CONTROL_ROLLBACK, SENTENCES };

static const char *const texts[SENTENCES] = {
	[EACH] = "SELECT key, bytes FROM kept WHERE kind = ?1 ORDER BY key",
	[PUT] = "INSERT OR REPLACE INTO kept (kind, key, bytes) VALUES (?1, ?2, ?3)",
	[DROP] = "DELETE FROM kept WHERE kind = ?1 AND key = ?2",
	[BEGIN] = "BEGIN IMMEDIATE",
	[CONTROL_COMMIT] = "COMMIT",
	[CONTROL_ROLLBACK] = "ROLLBACK",
};

struct sqlite_shelf {
	struct kv_store base;
	struct lock lock;
	sqlite3 *db;
	sqlite3_stmt *prepared[SENTENCES];
	bool failed;   /* something since begin */
	bool troubled; /* and the log heard of it */
};

static const struct kv_store_ops shelf_ops;

static struct sqlite_shelf *mine(struct kv_store *kv)
{
	assert(kv->ops == &shelf_ops);
	return container_of(kv, struct sqlite_shelf, base);
}

/* What may follow "the file ": there is no backup of this one, and none is missed. */
static const char *advice(int code, int system_error)
{
	const enum sqlite_condition trouble = sqlite_condition_of(code, system_error);

	switch (trouble) {
	case CONDITION_DISK_FULL:
	case CONDITION_NO_PERMISSION:
		return sqlite_condition_message(trouble);
	case CONDITION_DAMAGED:
	case CONDITION_NOT_A_DATABASE:
		return "is damaged: remove it, and the sandbox begins anew";
	case CONDITION_NONE:
	case CONDITION_IO_ERROR:
	case CONDITION_COUNT:
		break;
	}
	return "cannot be written: look at the disk and the system's log";
}

/* The log hears of the first failure, and of the end of them. */
static void note(struct sqlite_shelf *s, int code)
{
	const int fresh = errno, kept = sqlite3_system_errno(s->db), system_error = kept != 0 ? kept : fresh;

	if (s->troubled)
		return;
	s->troubled = true;
	log_event(LOG_ERROR, "sandbox_file_failed", LOG_NUMBER("code", sqlite3_extended_errcode(s->db)),
		LOG_NUMBER("errno", system_error), LOG_TEXT("file", advice(code, system_error)),
		LOG_TEXT("effect", "calls that change something answer 500"));
}

static bool run(struct sqlite_shelf *s, enum sentence which)
{
	int code;

	errno = 0;
	code = sqlite3_step(s->prepared[which]);
	if (code != SQLITE_DONE)
		note(s, code);
	(void)sqlite3_reset(s->prepared[which]);
	return code == SQLITE_DONE;
}

/* Nothing is copied: it is run before the caller goes on. */
static bool name(sqlite3_stmt *stmt, const char *kind, int64_t key)
{
	return sqlite3_bind_text(stmt, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK &&
	       sqlite3_bind_int64(stmt, 2, key) == SQLITE_OK;
}

static void shelf_begin(struct kv_store *kv)
{
	struct sqlite_shelf *const s = mine(kv);

	lock_acquire(&s->lock);
	s->failed = !run(s, BEGIN);
}

static void shelf_put(struct kv_store *kv, const char *kind, int64_t key, struct str bytes)
{
	struct sqlite_shelf *const s = mine(kv);
	sqlite3_stmt *const put = s->prepared[PUT];

	if (s->failed)
		return;
	s->failed = !name(put, kind, key) ||
		    sqlite3_bind_blob64(put, 3, bytes.n > 0 ? bytes.p : "", bytes.n, SQLITE_STATIC) !=
			    SQLITE_OK ||
		    !run(s, PUT);
	(void)sqlite3_clear_bindings(put);
}

static void shelf_drop(struct kv_store *kv, const char *kind, int64_t key)
{
	struct sqlite_shelf *const s = mine(kv);

	if (!s->failed)
		s->failed = !name(s->prepared[DROP], kind, key) || !run(s, DROP);
}

static enum err shelf_commit(struct kv_store *kv)
{
	struct sqlite_shelf *const s = mine(kv);
	const bool done = !s->failed && run(s, CONTROL_COMMIT);

	/* A full disk may have ended the transaction already. */
	if (!done && sqlite3_get_autocommit(s->db) == 0)
		(void)run(s, CONTROL_ROLLBACK);
	if (done && s->troubled) {
		s->troubled = false;
		log_event(LOG_INFO, "sandbox_file_recovered");
	}
	lock_release(&s->lock);
	return done ? OK : ERR_STORAGE;
}

static enum err shelf_each(struct kv_store *kv, const char *kind, kv_visit *found, void *arg)
{
	struct sqlite_shelf *const s = mine(kv);
	sqlite3_stmt *const each = s->prepared[EACH];
	enum err e = OK;
	int code = SQLITE_ERROR;

	lock_acquire(&s->lock);
	if (sqlite3_bind_text(each, 1, kind, -1, SQLITE_STATIC) == SQLITE_OK)
		while (e == OK && (code = sqlite3_step(each)) == SQLITE_ROW)
			e = found(arg, sqlite3_column_int64(each, 0),
				(struct str){ sqlite3_column_blob(each, 1),
					(size_t)sqlite3_column_bytes(each, 1) });
	(void)sqlite3_reset(each);
	lock_release(&s->lock);
	return e == OK && code != SQLITE_DONE ? ERR_STORAGE : e;
}

static void shelf_close(struct kv_store *kv)
{
	struct sqlite_shelf *const s = mine(kv);

	for (size_t i = 0; i < SENTENCES; i++)
		(void)sqlite3_finalize(s->prepared[i]);
	(void)sqlite3_close(s->db);
	lock_finish(&s->lock);
	free(s);
}

static const struct kv_store_ops shelf_ops = {
	.each = shelf_each,
	.begin = shelf_begin,
	.put = shelf_put,
	.drop = shelf_drop,
	.commit = shelf_commit,
	.close = shelf_close,
};

/* One number; -1: the file cannot tell. */
static int64_t ask(struct sqlite_shelf *s, const char *question)
{
	sqlite3_stmt *asked = NULL;
	int64_t number = -1;

	if (sqlite3_prepare_v2(s->db, question, -1, &asked, NULL) == SQLITE_OK &&
		sqlite3_step(asked) == SQLITE_ROW)
		number = sqlite3_column_int64(asked, 0);
	(void)sqlite3_finalize(asked);
	return number;
}

static bool tell(struct sqlite_shelf *s, const char *script)
{
	return sqlite3_exec(s->db, script, NULL, NULL, NULL) == SQLITE_OK;
}

/* The lock of its first transaction stays, so that nobody else comes in between. */
static enum err take(struct sqlite_shelf *s, const struct sqlite_file *f)
{
	static const char set_up[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON;"
				     " PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
				     " PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL;"
				     " PRAGMA synchronous = NORMAL; BEGIN EXCLUSIVE; COMMIT;";

	if (sqlite3_open_v2(f->path, &s->db,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL) != SQLITE_OK)
		return sqlite_file_refuse(
			f, ERR_STORAGE, "cannot be opened: are file and folder ours to read and write?");
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	if (tell(s, set_up))
		return OK;
	if ((sqlite3_errcode(s->db) & 0xff) == SQLITE_BUSY)
		return sqlite_file_refuse(f, ERR_BUSY,
			"another kycd keeps its sandbox there: stop that one, name another file, or start in another folder");
	return sqlite_file_refuse(f, ERR_INPUT,
		"is damaged, or no file of the sandbox: remove it and the sandbox begins anew, or name another file");
}

static enum err make_table(struct sqlite_shelf *s, const struct sqlite_file *f, int64_t version)
{
	const struct str script = arena_printf(f->arena,
		"BEGIN; CREATE TABLE kept (kind TEXT NOT NULL, key INTEGER NOT NULL, bytes BLOB NOT NULL,"
		" PRIMARY KEY (kind, key)) STRICT, WITHOUT ROWID;"
		" PRAGMA application_id = %d; PRAGMA user_version = %lld; COMMIT;",
		APPLICATION_ID, (long long)version);

	if (!script.p || !tell(s, script.p))
		return sqlite_file_refuse(f, ERR_STORAGE, "cannot be written: is the disk full?");
	return OK;
}

static enum err judge(struct sqlite_shelf *s, const struct sqlite_file *f, int64_t version)
{
	const int64_t found = ask(s, "PRAGMA user_version");

	if (ask(s, "SELECT count(*) FROM sqlite_schema") == 0)
		return make_table(s, f, version);
	if (ask(s, "PRAGMA application_id") != APPLICATION_ID)
		return sqlite_file_refuse(
			f, ERR_INPUT, "is a database, but none of the sandbox: name another file");
	if (found != version) {
		const struct str sentence = arena_printf(f->arena,
			"was written by another version of kycd (%lld, this one writes %lld): use that one, or "
			"remove the file and the sandbox begins anew",
			(long long)found, (long long)version);
		return sqlite_file_refuse(
			f, ERR_CONFLICT, sentence.p ? sentence.p : "is of another version of kycd");
	}
	if (ask(s, "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'") != 0)
		return sqlite_file_refuse(f, ERR_INPUT, "is damaged: remove it, and the sandbox begins anew");
	return OK;
}

static enum err prepare(struct sqlite_shelf *s, const struct sqlite_file *f)
{
	for (size_t i = 0; i < SENTENCES; i++)
		if (sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->prepared[i],
			    NULL) != SQLITE_OK)
			return sqlite_file_refuse(
				f, ERR_INPUT, "is damaged: remove it, and the sandbox begins anew");
	return OK;
}

enum err sqlite_kv_open(
	struct str path, int64_t version, struct arena *arena, struct kv_store **out, struct str *why)
{
	struct sqlite_file f;
	struct sqlite_shelf *s;
	enum err e;

	TRY(sqlite_file_init(&f, path, arena, why));
	TRY(sqlite_file_create(&f));
	s = calloc(1, sizeof(*s));
	if (!s)
		return sqlite_file_refuse(&f, ERR_INTERNAL, "no memory");
	s->base.ops = &shelf_ops;
	lock_init(&s->lock);
	e = take(s, &f);
	if (e == OK)
		e = judge(s, &f, version);
	if (e == OK)
		e = prepare(s, &f);
	if (e != OK) {
		shelf_close(&s->base);
		return e;
	}
	*out = &s->base;
	return OK;
}

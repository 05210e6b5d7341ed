#include "store/sqlite/open_files.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

/* Offsets and sizes in the WAL and its index (SQLite documentation, "WAL-mode File Format", section 2.1). */
#define INDEX_PAGE_SIZE_AT 14
#define INDEX_FRAMES_AT 16
#define INDEX_SALTS_AT 32
#define INDEX_COPIED_AT 96
#define INDEX_ATTEMPTED_AT 128
#define INDEX_REGION_BYTES 32768
#define WAL_HEADER_BYTES 32
#define WAL_FRAME_HEADER_BYTES 24

/* Size of the first 64 pages, which are hashed. A small database has no more pages. */
#define SAMPLE_BYTES ((size_t)256 * 1024)

#define ABANDONED_SUFFIX ".abandoned"

static const char database_magic[] = "SQLite format 3";

static _Atomic int last_state;

static const char *const suffixes[OPEN_FILE_COUNT] = { "", "-wal", "-shm" };
static uint32_t index_number(const volatile unsigned char *index, size_t at)
{
	return *(const volatile uint32_t *)(const volatile void *)(index + at);
}

/* Returns the first region of the WAL index, which SQLite keeps mapped while the connection is open. Returns
 * NULL if it cannot be read. */
static const volatile unsigned char *map_index(sqlite3_file *file)
{
	void volatile *region = NULL;

	if (file->pMethods->iVersion < 2 || file->pMethods->xShmMap == NULL ||
		file->pMethods->xShmMap(file, 0, INDEX_REGION_BYTES, 0, &region) != SQLITE_OK)
		return NULL;
	return region;
}

static struct checkpoint_state read_checkpoint(const volatile unsigned char *index)
{
	return (struct checkpoint_state){ .salts = { index_number(index, INDEX_SALTS_AT),
						  index_number(index, INDEX_SALTS_AT + 4) },
		.copied = index_number(index, INDEX_COPIED_AT),
		.attempted = index_number(index, INDEX_ATTEMPTED_AT),
		.frames = index_number(index, INDEX_FRAMES_AT) };
}

static bool checkpoint_equal(const struct checkpoint_state *a, const struct checkpoint_state *b)
{
	return a->salts[0] == b->salts[0] && a->salts[1] == b->salts[1] && a->copied == b->copied &&
	       a->attempted == b->attempted;
}

/* Returns the minimum length of the WAL for this index. The value 1 of the page size means 65,536 bytes. */
static int64_t wal_min_size(const volatile unsigned char *index, uint32_t frames)
{
	const uint16_t page = *(const volatile uint16_t *)(const volatile void *)(index + INDEX_PAGE_SIZE_AT);
	const int64_t bytes = page == 1 ? 65536 : page;

	return frames > 0 ? WAL_HEADER_BYTES + (int64_t)frames * (WAL_FRAME_HEADER_BYTES + bytes) : 0;
}

static sqlite3_file *database_file(sqlite3 *db)
{
	sqlite3_file *file = NULL;

	return sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file) == SQLITE_OK &&
			       file != NULL && file->pMethods != NULL
		       ? file
		       : NULL;
}

static uint64_t hash_bytes(const unsigned char *bytes, size_t n)
{
	uint64_t hash = 0xcbf29ce484222325U;

	for (size_t i = 0; i < n; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, bytes + i, sizeof(word));
		hash = (hash ^ word) * 0x100000001b3U;
		hash ^= hash >> 29;
	}
	return hash;
}

/* Reads the start of the file. If the file is shorter than `n`, the rest of `out` is filled with zeros. */
static bool read_start(sqlite3_file *file, void *out, int n)
{
	const int code = file->pMethods->xRead(file, out, n, 0);

	return code == SQLITE_OK || code == SQLITE_IOERR_SHORT_READ;
}

/* Reads the content that is compared, if the database was modified since the last time; otherwise it is the
 * recorded content. Returns false after an error of the disk. */
static bool read_content(const struct open_files *o, sqlite3_file *file, const struct file_status *database,
	struct file_content *out)
{
	*out = o->content;
	if (database->modified == o->content.modified && database->size == o->content.size)
		return true;
	out->size = database->size;
	out->modified = database->modified;
	if (!read_start(file, o->buffer, SAMPLE_BYTES))
		return false;
	out->sample = hash_bytes(o->buffer, SAMPLE_BYTES);
	memcpy(out->header, o->buffer, DATABASE_HEADER_SIZE);
	return true;
}

/* Returns whether two states of the content are equal. Ignores the time of the last change, because it may
 * change although the content does not. */
static bool content_equal(const struct file_content *a, const struct file_content *b)
{
	return a->size == b->size && a->sample == b->sample &&
	       memcmp(a->header, b->header, DATABASE_HEADER_SIZE) == 0;
}

/* Returns whether another program has written into the files. SQLite writes to the database only in a
 * checkpoint, and a checkpoint changes the WAL index before and after. So if the index is the same at two
 * moments at which no checkpoint is running, the database must be unchanged, and the WAL must be as long as
 * the index says. The index is read before and after the files, because other processes also make
 * checkpoints. `before` was read before `found`. */
static bool is_overwritten(struct open_files *o, const volatile unsigned char *index,
	const struct checkpoint_state *before, const struct file_status found[OPEN_FILE_COUNT],
	enum open_file_kind *kind)
{
	struct checkpoint_state after;
	struct file_content content;
	bool is_stable, is_same_checkpoint;

	if (!read_content(o, database_file(o->db), &found[OPEN_DATABASE], &content))
		return false;
	after = read_checkpoint(index);
	is_stable = checkpoint_equal(before, &after);
	is_same_checkpoint = is_stable && o->settled && checkpoint_equal(&o->checkpoint, &after);
	*kind = OPEN_DATABASE;
	if (memcmp(content.header, database_magic, sizeof(database_magic)) != 0 ||
		(is_same_checkpoint && !content_equal(&o->content, &content)))
		return true;
	*kind = OPEN_WAL;
	if (is_stable && found[OPEN_WAL].size < wal_min_size(index, before->frames))
		return true;
	o->settled = is_stable && after.attempted <= after.copied;
	o->checkpoint = after;
	o->content = content;
	return false;
}

static enum open_files_state find_state(struct open_files *o, enum open_file_kind *kind)
{
	sqlite3_file *const file = database_file(o->db);
	const volatile unsigned char *const index = file != NULL ? map_index(file) : NULL;
	struct checkpoint_state before = { 0 };
	struct file_status found[OPEN_FILE_COUNT];

	/* This state is final, because the overwritten content is lost. */
	if (o->state == FILES_OVERWRITTEN)
		return FILES_OVERWRITTEN;
	if (index != NULL)
		before = read_checkpoint(index);
	for (*kind = OPEN_DATABASE; *kind < OPEN_FILE_COUNT; (*kind)++) {
		const enum open_files_state state = file_identity_status(
			o->paths[*kind], &o->identities[*kind], *kind == OPEN_DATABASE, &found[*kind]);

		if (state != FILES_IN_PLACE)
			return state;
	}
	return index != NULL && is_overwritten(o, index, &before, found, kind) ? FILES_OVERWRITTEN
									       : FILES_IN_PLACE;
}

/* Renames the WAL and its index to their abandoned names. They belong to the database content that was
 * replaced or overwritten. With their old names, the next start or command would copy their pages into the
 * new content, for example a restored backup, and damage it. */
static void set_aside(struct open_files *o)
{
	for (size_t i = OPEN_WAL; i < OPEN_FILE_COUNT; i++)
		if (file_identity_compare(o->paths[i], &o->identities[i]) == FILES_IN_PLACE &&
			rename(o->paths[i], o->abandoned_paths[i]) == 0)
			o->is_aside = true;
}

/* Renames the WAL and its index back, because the database to which they belong is back under its name. */
static void put_back(struct open_files *o)
{
	for (size_t i = OPEN_WAL; i < OPEN_FILE_COUNT; i++)
		if (file_identity_compare(o->paths[i], &o->identities[i]) != FILES_IN_PLACE &&
			file_identity_compare(o->abandoned_paths[i], &o->identities[i]) == FILES_IN_PLACE)
			(void)renameat2(
				AT_FDCWD, o->abandoned_paths[i], AT_FDCWD, o->paths[i], RENAME_NOREPLACE);
	o->is_aside = false;
}

/* Copies the WAL, which only this process can still read, into the database, so that a crash loses no
 * transaction. If a reader prevents a part from being copied, the next call copies the rest. */
static void save_wal(struct open_files *o)
{
	int frames = 0, copied = 0;

	if (o->wal_saved || sqlite3_get_autocommit(o->db) == 0)
		return;
	o->wal_saved = sqlite3_wal_checkpoint_v2(o->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied) ==
			       SQLITE_OK &&
		       frames == copied;
}

static void log_change(const struct open_files *o, enum open_file_kind kind)
{
	static const char *const actions[OPEN_FILE_COUNT] = {
		[OPEN_DATABASE] =
			"stop the server, put the file back or restore a backup, and start the server",
		[OPEN_WAL] = "restart the server; stop it with SIGTERM, which saves what the file contained",
		[OPEN_WAL_INDEX] = "restart the server",
	};

	if (o->state == FILES_IN_PLACE)
		log_event(LOG_INFO, "database_files_restored");
	else
		log_event(LOG_ERROR, "database_files_changed", LOG_WORD("file", o->paths[kind]),
			LOG_TEXT("reason", open_files_text(o->state)),
			LOG_TEXT("effect", "requests that write get 503 and /health/ready fails"),
			LOG_TEXT("action", actions[kind]));
}

/* Stores the state. Logs one line when the files are no longer in place, and one when they are in place
 * again. */
static void set_state(struct open_files *o, enum open_files_state state, enum open_file_kind kind)
{
	const bool was_in_place = o->state == FILES_IN_PLACE;

	o->state = state;
	atomic_store(&last_state, (int)state);
	if (was_in_place != (state == FILES_IN_PLACE))
		log_change(o, kind);
}

enum err open_files_check(struct open_files *o)
{
	enum open_file_kind kind = OPEN_DATABASE;
	enum open_files_state state;

	if (o->is_aside && o->state != FILES_OVERWRITTEN &&
		file_identity_compare(o->paths[OPEN_DATABASE], &o->identities[OPEN_DATABASE]) ==
			FILES_IN_PLACE)
		put_back(o);
	state = find_state(o, &kind);
	if (state == FILES_REMOVED && kind == OPEN_WAL)
		save_wal(o);
	if ((state == FILES_OVERWRITTEN || state == FILES_REPLACED) && o->state != state &&
		kind == OPEN_DATABASE)
		set_aside(o);
	set_state(o, state, kind);
	return state == FILES_IN_PLACE ? OK : ERR_STORAGE;
}

bool open_files_may_checkpoint(struct open_files *o)
{
	(void)!open_files_check(o);
	for (size_t i = OPEN_WAL; i < OPEN_FILE_COUNT; i++)
		if (file_identity_compare(o->paths[i], &o->identities[i]) == FILES_REPLACED)
			return false;
	return o->state != FILES_OVERWRITTEN;
}

enum open_files_state open_files_last_state(void)
{
	return (enum open_files_state)atomic_load(&last_state);
}

/* Makes a checkpoint if necessary, because after a crash the first connection does not know how much of the
 * WAL is already in the database. */
static void settle(struct open_files *o)
{
	enum open_file_kind kind;

	o->settled = false;
	(void)find_state(o, &kind);
	if (!o->settled)
		(void)sqlite3_wal_checkpoint_v2(o->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

static char *join(const char *name, const char *suffix)
{
	const size_t size = name != NULL ? strlen(name) + strlen(suffix) + 1 : 0;
	char *const joined = size > 0 ? malloc(size) : NULL;

	if (joined != NULL)
		(void)snprintf(joined, size, "%s%s", name, suffix);
	return joined;
}

enum err open_files_record(struct open_files *o, sqlite3 *db, const char *path)
{
	const char *const real_path = sqlite3_db_filename(db, "main");

	o->buffer = malloc(SAMPLE_BYTES);
	if (o->buffer == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < OPEN_FILE_COUNT; i++) {
		o->paths[i] = join(i == OPEN_DATABASE ? path : real_path, suffixes[i]);
		o->abandoned_paths[i] = join(o->paths[i], ABANDONED_SUFFIX);
		if (o->paths[i] == NULL || o->abandoned_paths[i] == NULL)
			return ERR_INTERNAL;
		if (!file_identity_read(o->paths[i], &o->identities[i]))
			return ERR_STORAGE;
	}
	atomic_store(&last_state, FILES_IN_PLACE);
	o->db = db;
	settle(o);
	return OK;
}

void open_files_finish(struct open_files *o)
{
	for (size_t i = 0; i < OPEN_FILE_COUNT; i++)
		free(o->paths[i]);
	for (size_t i = 0; i < OPEN_FILE_COUNT; i++)
		free(o->abandoned_paths[i]);
	free(o->buffer);
}

/* The files that the writing connection of a SQLite database has open: the database, its write-ahead log
 * (WAL) and the index of the WAL. SQLite does not notice when another program removes, replaces or overwrites
 * them, and keeps writing to files that have no name any more. This module compares the names with the open
 * files, logs the first difference (`database_files_changed`) and its end (`database_files_restored`), saves
 * the content of a WAL that has lost its name, and renames WAL and index to NAME.abandoned if another
 * database has taken the place of theirs.
 *
 * Used by one thread at a time, like the connection. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "base/err.h"
#include "store/sqlite/file_identity.h"

enum open_file_kind { OPEN_DATABASE, OPEN_WAL, OPEN_WAL_INDEX, OPEN_FILE_COUNT };

/* The values of the WAL index that change whenever a checkpoint writes to the database or empties the WAL. */
struct checkpoint_state {
	uint32_t salts[2];
	uint32_t copied; /* number of frames that checkpoints have copied into the database */
	/* Number of frames that checkpoints have tried to copy; perhaps not all were copied. */
	uint32_t attempted;
	uint32_t frames; /* number of frames in the WAL; not compared */
};

#define DATABASE_HEADER_SIZE 100

/* The properties of the database file that are compared to detect changes. */
struct file_content {
	int64_t size, modified; /* size in bytes; time of the last change in nanoseconds */
	unsigned char header[DATABASE_HEADER_SIZE];
	uint64_t sample; /* hash of the first pages; computed again when `modified` changes */
};

struct open_files {
	sqlite3 *db;		      /* NULL: nothing was recorded */
	char *paths[OPEN_FILE_COUNT]; /* owned */
	/* Names that the WAL and its index get when they are set aside; owned. */
	char *abandoned_paths[OPEN_FILE_COUNT];
	struct file_identity identities[OPEN_FILE_COUNT];
	enum open_files_state state;
	bool is_aside;	/* WAL and index have been renamed to their abandoned names */
	bool wal_saved; /* the content of the removed WAL was copied into the database */
	bool settled;	/* no checkpoint was running when `checkpoint` and `content` were read */
	struct checkpoint_state checkpoint;
	struct file_content content;
	unsigned char *buffer; /* for the sample; owned */
};

/* Records the open files of `db`, which must have read from the database in WAL mode. `path` names the
 * database. The caller must call open_files_finish even after a failure. */
enum err open_files_record(struct open_files *o, sqlite3 *db, const char *path) must_use;
/* Checks the files. Returns ERR_STORAGE if they are not the recorded ones; nothing may be written then. Takes
 * about five microseconds. Outside of a transaction it also saves the content of a removed WAL. */
enum err open_files_check(struct open_files *o) must_use;
/* Checks the files, and returns whether the connection may make a checkpoint when it is closed. Returns false
 * if the database was overwritten, or if another process uses other files under the names of the WAL and its
 * index. A replaced database does not matter: the checkpoint goes to the file that was opened. */
bool open_files_may_checkpoint(struct open_files *o);
/* Returns the result of the last check in this process, which has only one database. Thread-safe. */
enum open_files_state open_files_last_state(void);
void open_files_finish(struct open_files *o);

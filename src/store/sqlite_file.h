/* The file of a SQLite store: made with narrow permissions, opened, its schema judged.
 * The sentences are those of store/sqlite_store.h. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/migrate.h"
#include "store/sql_driver.h"
#include "store/sqlite_driver.h"
#include "store/sqlite_snapshot.h"
#include "store/steps.h"

/* One operator's errand with one file. */
struct sqlite_file {
	const char *path;    /* 0-terminated; begins with / or ./ */
	struct arena *arena; /* the sentence lives here */
	struct str *why;
	const struct steps *steps;
	struct cancel_token cancel; /* of what takes long; as made: never */
};

enum err sqlite_file_init(
	struct sqlite_file *f, struct str path, struct arena *arena, struct str *why) must_use;
/* Says why ("path: what"), and gives `e` back. */
enum err sqlite_file_refuse(const struct sqlite_file *f, enum err e, const char *what) must_use;
/* The same; where SQLite's last trouble is known, that is what. */
enum err sqlite_file_refuse_trouble(const struct sqlite_file *f, enum err e, const char *what) must_use;
/* Those of its path that are missing, 0700. */
enum err sqlite_file_make_folders(const struct sqlite_file *f) must_use;
/* And the empty file. */
enum err sqlite_file_make(const struct sqlite_file *f) must_use;
/* What root makes beside a database belongs to the database's owner, as SQLite does with its log: else the
 * service could not open it the next time. */
void sqlite_file_share(const struct sqlite_file *f, int fd);
enum err sqlite_file_connect(const struct sqlite_file *f, enum connection use, struct sql **out) must_use;
/* Without changing anything. SCHEMA_STRANGE and SCHEMA_UNFINISHED are refused. */
enum err sqlite_file_look(const struct sqlite_file *f, enum schema *schema, int64_t *version) must_use;
/* Strange, unfinished, older or newer than `steps`; of the last two it names both versions. */
enum err sqlite_file_refuse_schema(const struct sqlite_file *f, enum schema schema, int64_t version) must_use;
/* Every page of it, and every index against its table. */
enum err sqlite_file_is_whole(const struct sqlite_file *f, struct sql *sql) must_use;

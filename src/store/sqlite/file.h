/* The file of a SQLite store: made with narrow permissions, opened, its schema judged.
 * The sentences are those of store/sqlite/store.h. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "store/sql/driver.h"
#include "store/sql/migrate.h"
#include "store/sql/schema_migrations.h"
#include "store/sqlite/driver.h"
#include "store/sqlite/snapshot.h"

/* One operator's errand with one file. */
struct sqlite_file {
	const char *path;    /* 0-terminated; begins with / or ./ */
	struct arena *arena; /* the sentence lives here */
	struct str *why;
	const struct migrations *migrations;
	struct cancel_token cancel; /* of what takes long; as made: never */
};

enum err sqlite_file_init(
	struct sqlite_file *f, struct str path, struct arena *arena, struct str *why) must_use;
/* Says why ("path: what"), and gives `e` back. */
enum err sqlite_file_refuse(const struct sqlite_file *f, enum err e, const char *what) must_use;
/* The same; where SQLite's last trouble is known, that is what. */
enum err sqlite_file_refuse_error(const struct sqlite_file *f, enum err e, const char *what) must_use;
/* Those of its path that are missing, 0700. */
enum err sqlite_file_create_folders(const struct sqlite_file *f) must_use;
/* And the empty file. */
enum err sqlite_file_create(const struct sqlite_file *f) must_use;
/* What root makes beside a database belongs to the database's owner, as SQLite does with its log: else the
 * service could not open it the next time. */
void sqlite_file_share_owner(const struct sqlite_file *f, int fd);
enum err sqlite_file_connect(
	const struct sqlite_file *f, enum connection_mode use, struct sql **out) must_use;
/* Without changing anything. SCHEMA_FOREIGN and SCHEMA_INCOMPLETE_COPY are refused. */
enum err sqlite_file_inspect(const struct sqlite_file *f, enum schema *schema, int64_t *version) must_use;
/* Strange, unfinished, older or newer than `steps`; of the last two it names both versions. */
enum err sqlite_file_refuse_schema(const struct sqlite_file *f, enum schema schema, int64_t version) must_use;
/* Every page of it, and every index against its table. */
enum err sqlite_file_check_pages(const struct sqlite_file *f, struct sql *sql) must_use;

/* Opens a store in a PostgreSQL database (15 or later), and runs the operator's commands on one: migrate,
 * check, version. Backups are the operator's task (pg_dump).
 *
 * On failure `why` is a message for the operator, allocated in `arena` and without the password; otherwise it
 * is not set. The functions return ERR_BUSY if the server cannot be reached, and ERR_INPUT if the URL is
 * malformed or the database belongs to another program. They return ERR_CONFLICT if the schema is newer than
 * that of this program or older (it must then be migrated), or if the database is an unfinished copy. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/store.h"

struct postgres_conf {
	struct str url;	    /* postgresql://… */
	bool create;	    /* creates the tables if the database is empty */
	size_t connections; /* limit; 0: PG_CONNECTIONS (16) */
	/* Maximum number of calls that wait for a connection; 0 means MULTI_WRITER_QUEUE (1,024). */
	size_t queue;
	int64_t (*micros)(void); /* monotonic clock, in microseconds */
};

/* Opens the store. Does not migrate an older database. Also returns ERR_INPUT if the database is empty and
 * `create` is false. */
enum err postgres_store_open(
	const struct postgres_conf *conf, struct arena *arena, struct store **out, struct str *why) must_use;
/* Runs either all missing migrations or none. Processes that migrate at the same time wait for each other. */
enum err postgres_store_migrate(struct str url, struct arena *arena, struct str *why) must_use;
struct postgres_facts {
	int64_t schema; /* version */
	int64_t bytes;	/* size of the database */
};
/* Checks that every row to which another row refers exists. Returns ERR_STORAGE if one is missing. */
enum err postgres_store_check(
	struct str url, struct arena *arena, struct postgres_facts *out, struct str *why) must_use;
/* Returns the version of the schema, which is 0 if the database is empty. */
enum err postgres_store_version(
	struct str url, struct arena *arena, int64_t *version, struct str *why) must_use;
/* See postgres_error_message in store/postgres/diagnosis.h. */
const char *postgres_store_error(void);

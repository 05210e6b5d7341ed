/* A store in a PostgreSQL database (15 or later), and what an operator does with it. On failure `why` is a
 * sentence for the operator, in `arena`, without the password; else it is untouched. ERR_BUSY: it cannot be
 * reached; ERR_INPUT: not a database of ours; ERR_CONFLICT: its schema is older (migrate) or newer than this
 * program's. Backups are the operator's own (pg_dump). */
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
	size_t connections; /* connections, at most; 0: 16 */
	size_t queue;	    /* calls that may wait for one; 0: 1,024 */
	int64_t (*micros)(void);
};

/* Is it of the form that can be used? */
bool postgres_store_url_is_good(struct str url);
/* An empty database gets its tables; an older one is left alone. */
enum err postgres_store_open(
	const struct postgres_conf *conf, struct arena *arena, struct store **out, struct str *why) must_use;
/* All steps or none; several at once take turns. */
enum err postgres_store_migrate(struct str url, struct arena *arena, struct str *why) must_use;
struct postgres_facts {
	int64_t schema, bytes;
};
/* Do the rows fit together? ERR_STORAGE: no. */
enum err postgres_store_check(
	struct str url, struct arena *arena, struct postgres_facts *out, struct str *why) must_use;
/* Its schema's version; 0: it is empty. */
enum err postgres_store_version(
	struct str url, struct arena *arena, int64_t *version, struct str *why) must_use;
/* What was wrong last, as it may follow "the database "; NULL: not known. */
const char *postgres_store_error(void);

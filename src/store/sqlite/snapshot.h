/* One moment of a SQLite file, held fast while others write on. What it holds is told by rows and a digest
 * for each table, and copied page by page, both from the same moment. Memory is bounded: a page cache of 1
 * MiB and one row. ERR_BUSY (locked), ERR_INPUT (not a database), ERR_NOT_FOUND (cannot be opened),
 * ERR_STORAGE. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/digest.h"
#include "store/sql/cancel_token.h"

#define CHECKSUM_TABLES 64
#define CHECKSUM_NAME 48

struct table_checksum {
	char name[CHECKSUM_NAME];
	int64_t rows;
	unsigned char digest[DIGEST_BYTES]; /* of all values of all rows in their order */
};

/* Tables by name; the schema itself is one of them. */
struct checksum {
	struct table_checksum tables[CHECKSUM_TABLES];
	size_t n;
	int64_t rows; /* of all tables but the schema */
};

struct snapshot;

/* `path` is 0-terminated. */
enum err snapshot_open(const char *path, struct snapshot **out) must_use;
/* What follows ends with ERR_STORAGE when it is given up; `g` outlives the snapshot. */
void snapshot_set_cancel(struct snapshot *s, const struct cancel_token *g);
enum err snapshot_checksum(struct snapshot *s, struct checksum *out) must_use;
/* Into the empty file `to`, which `fd` is open on as well: what is written is brought to the disk as it goes,
 * so that nobody else's flush has to wait for much of it. */
enum err snapshot_copy(struct snapshot *s, const char *to, int fd) must_use;
/* What the last failure was, for a sentence; static. */
const char *snapshot_error(const struct snapshot *s);
void snapshot_close(struct snapshot *s);

bool checksum_equal(const struct checksum *a, const struct checksum *b);

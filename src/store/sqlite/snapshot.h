/* A consistent snapshot of a SQLite file, kept by an open read transaction while other connections write. A
 * checksum of each of its tables can be computed, and the file can be copied page by page. Needs memory for a
 * page cache of 1 MiB and one row. A snapshot is used by one thread. The functions return ERR_BUSY if the
 * file is locked, ERR_INPUT if it is no database, ERR_NOT_FOUND if it cannot be opened, and ERR_STORAGE after
 * any other failure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/digest.h"
#include "store/sql/cancel_token.h"

/* The error message for a copy that does not fit on the disk. It follows a path. */
#define SNAPSHOT_DISK_FULL                                                                                   \
	"cannot be written: the disk is full, or a limit on file sizes is reached; free space and try again"

#define CHECKSUM_TABLES 64
#define CHECKSUM_NAME 48

struct table_checksum {
	char name[CHECKSUM_NAME];
	int64_t rows;
	unsigned char digest[DIGEST_BYTES]; /* digest of all values of all rows, in order */
};

/* The checksum of a database. The first entry is for sqlite_schema, which contains the definitions of all
 * tables. Each table then has one entry; they are sorted by name. */
struct checksum {
	struct table_checksum tables[CHECKSUM_TABLES];
	size_t n;
	int64_t rows; /* of all tables except sqlite_schema */
};

struct snapshot;

/* `path` is 0-terminated. */
enum err snapshot_open(const char *path, struct snapshot **out) must_use;
/* Makes the functions below stop with ERR_STORAGE when `token` is cancelled. `token` must stay valid until
 * the snapshot is closed. */
void snapshot_set_cancel(struct snapshot *s, const struct cancel_token *token);
enum err snapshot_checksum(struct snapshot *s, struct checksum *out) must_use;
/* Copies the snapshot into the empty file `to`; `fd` is an open descriptor of the same file. Flushes the
 * written pages at intervals, so that the commits of a server do not have to wait until the disk has written
 * all of them at once. The caller must flush the last pages. */
enum err snapshot_copy(struct snapshot *s, const char *to, int fd) must_use;
/* Returns the description of the last failure, as text that follows a path. It is valid until the snapshot is
 * closed. */
const char *snapshot_error(const struct snapshot *s);
/* Accepts NULL. */
void snapshot_close(struct snapshot *s);

bool checksum_equal(const struct checksum *a, const struct checksum *b);

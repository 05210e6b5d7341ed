/* The read set of a writing transaction: which rows it has read, and how. Other transactions run at the same
 * time, so a row that was read without a lock may be changed, and a key that was missing may be added, before
 * this transaction saves it. The transaction checks the read set before it saves a row
 * (store/postgres/pipeline.c).
 *
 * Rows are identified by a 64-bit hash of record and key. Used by one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/record.h"

enum read_state {
	READ_NONE,     /* not read */
	READ_UNLOCKED, /* the row exists, and other transactions may change it */
	READ_MISSING,  /* the row does not exist, and other transactions may add it */
	READ_LOCKED,   /* the row is locked by this transaction until its end */
};

/* All zeros: empty. */
struct read_set {
	struct {
		uint64_t key;
		enum read_state state;
	} * list;
	size_t n, capacity;
	bool failed; /* memory ran out, so the set is incomplete */
};

void read_set_clear(struct read_set *s);
void read_set_finish(struct read_set *s);
/* Sets the state of a row. A row that is READ_LOCKED does not become READ_UNLOCKED. */
void read_set_put(struct read_set *s, enum record_kind of, const void *row, enum read_state state);
enum read_state read_set_get(const struct read_set *s, enum record_kind of, const void *row);

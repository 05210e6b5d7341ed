/* The MACs of stored rows: whoever can write to the database, but has no key, cannot change or add a row that
 * kycd believes. A MAC covers the name of the table and all columns in the order of the record. Its stored
 * form is one byte, the generation of the key, and MAC_BYTES bytes of keyed BLAKE2b (spec/data-protection.md
 * 4). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "port/store.h"
#include "store/sql/driver.h"
#include "store/sql/statement.h"

#define ROW_MAC_GENERATION 1
#define ROW_MAC_SIZE (1 + MAC_BYTES)

/* The key of the MACs. Without a key, rows are written with an empty MAC and not checked. */
struct row_key {
	struct secret_key key;
	bool is_set;
	int64_t (*micros)(void); /* monotonic clock, for the limit on log lines */
};

/* Writes the MAC of a row, a struct of the record. Returns its size: 0 without a key. */
size_t row_mac_write(
	const struct row_key *key, enum record_kind of, const void *row, unsigned char out[ROW_MAC_SIZE]);

/* What a driver has read of a row. */
struct stored_row {
	struct str mac; /* the stored MAC */
	bool misfit;	/* a value does not fit its column */
};

/* Decides what happens to a row that was read: sets `*kept` if it belongs to the result, and call->states[n].
 * Logs rows that are not authentic. Returns ERR_INTEGRITY if the call must fail, and ERR_STORAGE for a misfit
 * in a row without a MAC. */
enum err row_mac_judge(const struct sql_call *call, const struct statement *statement, const void *row,
	const struct stored_row *stored, size_t n, bool *kept) must_use;

/* Registers the names of the tables as labels of the metric. */
void row_mac_label(void);

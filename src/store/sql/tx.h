/* The operations of `struct tx` (port/store.h) on a driver. The caller begins, commits and rolls back the
 * driver's transaction; this module only runs statements in it. */
#pragma once

#include <stdbool.h>

#include "port/store.h"
#include "store/sql/driver.h"

struct sql_tx {
	struct tx base;
	struct sql *sql;
};

/* Initializes a transaction; nothing has to be freed afterwards. The byte values of loaded rows are allocated
 * in `arena`. */
void sql_tx_init(struct sql_tx *tx, struct sql *sql, struct arena *arena, bool writing);

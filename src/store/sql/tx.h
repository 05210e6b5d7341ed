/* Loads and saves of port/store.h inside a transaction that somebody else has begun on a driver. */
#pragma once

#include <stdbool.h>

#include "port/store.h"
#include "store/sql/driver.h"

struct sql_tx {
	struct tx base;
	struct sql *sql;
};

/* Loaded bytes go into `arena`. Nothing to finish. */
void sql_tx_init(struct sql_tx *tx, struct sql *sql, struct arena *arena, bool writing);

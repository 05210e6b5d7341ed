/* Writes the MACs of the rows of a database that is older than MACs. */
#pragma once

#include "base/err.h"
#include "port/store.h"

/* Writes the MACs of all rows that have none. Can be interrupted and run again, also by several instances at
 * once. The store must have its row key. */
enum err row_macs_write(struct store *store) must_use;

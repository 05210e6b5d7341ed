/* Do the rows fit together? What one row names, another one must be. The database does not watch over this
 * itself: the order of writes within a job stays free, and `db check` asks here. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/sql/driver.h"

/* How many rows name something that is not there; then `where` is the first "table.column". */
enum err integrity_check_count(struct sql *sql, int64_t *orphans, struct str *where) must_use;

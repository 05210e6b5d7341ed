/* Checks that the rows which other rows refer to exist. The schema has no foreign keys, so that a transaction
 * may write its rows in any order; `kycd db check` runs this check instead. */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "store/sql/driver.h"

/* Counts the rows that refer to a row that does not exist. If there are any, `where` is "table.column" of the
 * first one; it is static text. */
enum err integrity_check_count(struct sql *sql, int64_t *orphans, struct str *where) must_use;

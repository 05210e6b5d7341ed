/* The SQL of migrations that is specific to SQLite. */
#pragma once

#include "store/sql/driver.h"

/* SQL expression: the time of the machine's clock in milliseconds since 1970. */
#define SQLITE_NOW "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"

extern const struct dialect sqlite_dialect;

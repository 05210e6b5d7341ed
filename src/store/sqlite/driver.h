/* SQLite as a driver (store/sql/driver.h); with store/sqlite/row. A commit is on the disk when
 * it returns (WAL, synchronous=FULL); what is removed is overwritten with zeros. Waits at most 5 s for
 * another process that writes. */
#pragma once

#include "base/err.h"
#include "store/sql/driver.h"

enum connection_mode { CONNECTION_READ_ONLY, CONNECTION_READ_WRITE };

/* The file must exist (an empty one will do); a writing connection turns it to WAL. `path` is 0-terminated.
 * ERR_NOT_FOUND: cannot be opened. */
enum err sqlite_driver_open(const char *path, enum connection_mode use, struct sql **out) must_use;

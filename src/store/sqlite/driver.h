/* The SQLite driver (store/sql/driver.h). store/sqlite/row.c converts the rows. A commit returns when it is
 * on the disk (WAL mode, synchronous=FULL). Deleted content is overwritten with zeros (secure_delete). A call
 * waits at most 5 s for the lock of another process. */
#pragma once

#include "base/err.h"
#include "store/sql/driver.h"

enum connection_mode { CONNECTION_READ_ONLY, CONNECTION_READ_WRITE };

/* Opens an existing file, which may be empty. A writing connection switches the file to WAL mode. `path` is
 * 0-terminated. Returns ERR_NOT_FOUND if the file cannot be opened. */
enum err sqlite_driver_open(const char *path, enum connection_mode use, struct sql **out) must_use;

/* The log of a connection that writes, in large pieces. SQLite hands its frames over one by one, each in two
 * small writes, a hundred of them for the commit of a full group; here what lies behind each other is kept
 * until it is flushed, read or would become too long, and goes to the file at once. What is promised stays
 * what it was: a commit is flushed before it is answered, and others read of the log only what was flushed.
 */
#pragma once

/* For sqlite3_open_v2. NULL: it cannot be had, and the system's own does. */
const char *sqlite_wal_vfs(void);

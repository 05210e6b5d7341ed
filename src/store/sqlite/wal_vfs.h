/* An SQLite VFS that writes the write-ahead log (WAL) in large pieces. SQLite writes each WAL frame in two
 * small writes, about a hundred for the commit of a full group. This VFS buffers adjacent writes and passes
 * them to the file in one write when the WAL is flushed or read, or when the buffer is full. Guarantees are
 * unchanged: a commit is flushed before it returns, and other connections read only the flushed part of the
 * WAL.
 *
 * Use it only for the writing connection. */
#pragma once

/* Registers the VFS at the first call, and returns its name for sqlite3_open_v2. Returns NULL on failure,
 * with which sqlite3_open_v2 uses SQLite's default VFS. Thread-safe. */
const char *sqlite_wal_vfs(void);

#include "store/sqlite/wal_vfs.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/attr.h"

/* A commit of a full group has about twice that; SQLite's own writes take less than 128 KiB at a time. */
#define PIECE ((size_t)120 * 1024)

struct log_file {
	sqlite3_file base;
	sqlite3_file *real; /* behind this struct, in the same memory */
	char *piece;	    /* what was not written yet: n bytes from `at` on; NULL before the first */
	size_t n;
	sqlite3_int64 at;
};

static const sqlite3_io_methods log_methods;
static sqlite3_vfs *system_vfs;

static struct log_file *mine(sqlite3_file *file)
{
	assert(file->pMethods == &log_methods);
	return container_of(file, struct log_file, base);
}

/* Whose failure is heard here is that of an earlier write: none of its transaction has been flushed. */
static int write_piece(struct log_file *f)
{
	const int n = (int)f->n;

	f->n = 0;
	return n > 0 ? f->real->pMethods->xWrite(f->real, f->piece, n, f->at) : SQLITE_OK;
}

static int log_close(sqlite3_file *file)
{
	struct log_file *const f = mine(file);
	const int code = write_piece(f);
	const int closed = f->real->pMethods->xClose(f->real);

	free(f->piece);
	return code != SQLITE_OK ? code : closed;
}

static int log_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
	struct log_file *const f = mine(file);
	const int code = write_piece(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xRead(f->real, to, n, at);
}

static bool has_place(const struct log_file *f, size_t n, sqlite3_int64 at)
{
	return f->n == 0 || (at == f->at + (sqlite3_int64)f->n && f->n + n <= PIECE);
}

static int log_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
	struct log_file *const f = mine(file);
	const size_t size = (size_t)n;
	const int code = has_place(f, size, at) ? SQLITE_OK : write_piece(f);

	if (code != SQLITE_OK)
		return code;
	if (f->piece == NULL)
		f->piece = malloc(PIECE);
	if (f->piece == NULL || size > PIECE)
		return f->real->pMethods->xWrite(f->real, from, n, at);
	if (f->n == 0)
		f->at = at;
	memcpy(f->piece + f->n, from, size);
	f->n += size;
	return SQLITE_OK;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct log_file *const f = mine(file);
	const int code = write_piece(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xTruncate(f->real, size);
}

static int log_sync(sqlite3_file *file, int how)
{
	struct log_file *const f = mine(file);
	const int code = write_piece(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xSync(f->real, how);
}

static int log_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct log_file *const f = mine(file);
	const int code = write_piece(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xFileSize(f->real, size);
}

static int log_lock(sqlite3_file *file, int how)
{
	return mine(file)->real->pMethods->xLock(mine(file)->real, how);
}

static int log_unlock(sqlite3_file *file, int how)
{
	return mine(file)->real->pMethods->xUnlock(mine(file)->real, how);
}

static int log_is_reserved(sqlite3_file *file, int *out)
{
	return mine(file)->real->pMethods->xCheckReservedLock(mine(file)->real, out);
}

static int log_control(sqlite3_file *file, int what, void *arg)
{
	return mine(file)->real->pMethods->xFileControl(mine(file)->real, what, arg);
}

static int log_sector(sqlite3_file *file)
{
	return mine(file)->real->pMethods->xSectorSize(mine(file)->real);
}

static int log_device(sqlite3_file *file)
{
	return mine(file)->real->pMethods->xDeviceCharacteristics(mine(file)->real);
}

/* Version 1: a log has no shared memory of its own and is not mapped. */
static const sqlite3_io_methods log_methods = {
	.iVersion = 1,
	.xClose = log_close,
	.xRead = log_read,
	.xWrite = log_write,
	.xTruncate = log_truncate,
	.xSync = log_sync,
	.xFileSize = log_size,
	.xLock = log_lock,
	.xUnlock = log_unlock,
	.xCheckReservedLock = log_is_reserved,
	.xFileControl = log_control,
	.xSectorSize = log_sector,
	.xDeviceCharacteristics = log_device,
};

/* What is no log is the system's own, methods and all. */
static int log_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct log_file *const f = container_of(file, struct log_file, base);
	int code;

	(void)vfs;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return system_vfs->xOpen(system_vfs, name, file, flags, out);
	*f = (struct log_file){ .real = (sqlite3_file *)(void *)(f + 1) };
	code = system_vfs->xOpen(system_vfs, name, f->real, flags, out);
	/* What has no methods is never closed. */
	if (f->real->pMethods != NULL)
		f->base.pMethods = &log_methods;
	return code;
}

const char *sqlite_wal_vfs(void)
{
	static sqlite3_vfs log_vfs;
	sqlite3_vfs *const found = sqlite3_vfs_find(NULL);
	sqlite3_mutex *const once = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);

	sqlite3_mutex_enter(once);
	if (system_vfs == NULL && found != NULL) {
		log_vfs = *found;
		log_vfs.zName = "kycd-log";
		log_vfs.szOsFile = (int)sizeof(struct log_file) + found->szOsFile;
		log_vfs.xOpen = log_open;
		if (sqlite3_vfs_register(&log_vfs, 0) == SQLITE_OK)
			system_vfs = found;
	}
	sqlite3_mutex_leave(once);
	return system_vfs != NULL ? log_vfs.zName : NULL;
}

#include "store/sqlite/wal_vfs.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "base/attr.h"

/* Size of the buffer in bytes. The commit of a full group writes about twice as much. SQLite's default VFS
 * also writes less than 128 KiB at a time. */
#define BUFFER_SIZE ((size_t)120 * 1024)

struct wal_file {
	sqlite3_file base;
	sqlite3_file *real; /* the file of the default VFS; stored after this struct in the same allocation */
	char *buffer;	    /* n bytes that were not written yet; allocated at the first write to the file */
	size_t n;
	sqlite3_int64 offset; /* file offset of `buffer` */
};

static const sqlite3_io_methods wal_methods;
static sqlite3_vfs *default_vfs;

static struct wal_file *wal_file_from_base(sqlite3_file *file)
{
	assert(file->pMethods == &wal_methods);
	return container_of(file, struct wal_file, base);
}

/* Writes the buffer to the file. If that fails, the caller gets an error for bytes of an earlier write. That
 * is safe, because nothing of the transaction has been flushed yet. */
static int flush_buffer(struct wal_file *f)
{
	const int n = (int)f->n;

	f->n = 0;
	return n > 0 ? f->real->pMethods->xWrite(f->real, f->buffer, n, f->offset) : SQLITE_OK;
}

static int wal_close(sqlite3_file *file)
{
	struct wal_file *const f = wal_file_from_base(file);
	const int code = flush_buffer(f);
	const int closed = f->real->pMethods->xClose(f->real);

	free(f->buffer);
	return code != SQLITE_OK ? code : closed;
}

static int wal_read(sqlite3_file *file, void *to, int n, sqlite3_int64 offset)
{
	struct wal_file *const f = wal_file_from_base(file);
	const int code = flush_buffer(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xRead(f->real, to, n, offset);
}

static bool fits_buffer(const struct wal_file *f, size_t n, sqlite3_int64 offset)
{
	return f->n == 0 || (offset == f->offset + (sqlite3_int64)f->n && f->n + n <= BUFFER_SIZE);
}

static int wal_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 offset)
{
	struct wal_file *const f = wal_file_from_base(file);
	const size_t size = (size_t)n;
	const int code = fits_buffer(f, size, offset) ? SQLITE_OK : flush_buffer(f);

	if (code != SQLITE_OK)
		return code;
	if (f->buffer == NULL)
		f->buffer = malloc(BUFFER_SIZE);
	if (f->buffer == NULL || size > BUFFER_SIZE)
		return f->real->pMethods->xWrite(f->real, from, n, offset);
	if (f->n == 0)
		f->offset = offset;
	memcpy(f->buffer + f->n, from, size);
	f->n += size;
	return SQLITE_OK;
}

static int wal_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	struct wal_file *const f = wal_file_from_base(file);
	const int code = flush_buffer(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xTruncate(f->real, size);
}

static int wal_sync(sqlite3_file *file, int how)
{
	struct wal_file *const f = wal_file_from_base(file);
	const int code = flush_buffer(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xSync(f->real, how);
}

static int wal_size(sqlite3_file *file, sqlite3_int64 *size)
{
	struct wal_file *const f = wal_file_from_base(file);
	const int code = flush_buffer(f);

	return code != SQLITE_OK ? code : f->real->pMethods->xFileSize(f->real, size);
}

static int wal_lock(sqlite3_file *file, int how)
{
	return wal_file_from_base(file)->real->pMethods->xLock(wal_file_from_base(file)->real, how);
}

static int wal_unlock(sqlite3_file *file, int how)
{
	return wal_file_from_base(file)->real->pMethods->xUnlock(wal_file_from_base(file)->real, how);
}

static int wal_check_reserved_lock(sqlite3_file *file, int *out)
{
	return wal_file_from_base(file)->real->pMethods->xCheckReservedLock(
		wal_file_from_base(file)->real, out);
}

static int wal_file_control(sqlite3_file *file, int what, void *arg)
{
	return wal_file_from_base(file)->real->pMethods->xFileControl(
		wal_file_from_base(file)->real, what, arg);
}

static int wal_sector_size(sqlite3_file *file)
{
	return wal_file_from_base(file)->real->pMethods->xSectorSize(wal_file_from_base(file)->real);
}

static int wal_device_characteristics(sqlite3_file *file)
{
	return wal_file_from_base(file)->real->pMethods->xDeviceCharacteristics(
		wal_file_from_base(file)->real);
}

/* With iVersion 1 there are no methods for shared memory and memory mapping; SQLite does not use them for a
 * WAL file. */
static const sqlite3_io_methods wal_methods = {
	.iVersion = 1,
	.xClose = wal_close,
	.xRead = wal_read,
	.xWrite = wal_write,
	.xTruncate = wal_truncate,
	.xSync = wal_sync,
	.xFileSize = wal_size,
	.xLock = wal_lock,
	.xUnlock = wal_unlock,
	.xCheckReservedLock = wal_check_reserved_lock,
	.xFileControl = wal_file_control,
	.xSectorSize = wal_sector_size,
	.xDeviceCharacteristics = wal_device_characteristics,
};

/* Opens a WAL file with buffering. Opens all other files with the default VFS and its methods. */
static int wal_vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
	struct wal_file *const f = container_of(file, struct wal_file, base);
	int code;

	(void)vfs;
	if ((flags & SQLITE_OPEN_WAL) == 0)
		return default_vfs->xOpen(default_vfs, name, file, flags, out);
	*f = (struct wal_file){ .real = (sqlite3_file *)(void *)(f + 1) };
	code = default_vfs->xOpen(default_vfs, name, f->real, flags, out);
	/* SQLite calls xClose only if pMethods is set, so it stays NULL if the default VFS has failed. */
	if (f->real->pMethods != NULL)
		f->base.pMethods = &wal_methods;
	return code;
}

const char *sqlite_wal_vfs(void)
{
	static sqlite3_vfs wal_vfs;
	sqlite3_vfs *const found = sqlite3_vfs_find(NULL);
	sqlite3_mutex *const register_mutex = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);

	sqlite3_mutex_enter(register_mutex);
	if (default_vfs == NULL && found != NULL) {
		wal_vfs = *found;
		wal_vfs.zName = "kycd-wal";
		wal_vfs.szOsFile = (int)sizeof(struct wal_file) + found->szOsFile;
		wal_vfs.xOpen = wal_vfs_open;
		if (sqlite3_vfs_register(&wal_vfs, 0) == SQLITE_OK)
			default_vfs = found;
	}
	sqlite3_mutex_leave(register_mutex);
	return default_vfs != NULL ? wal_vfs.zName : NULL;
}

/* Migrates the file of a SQLite store to the schema of this program. Before an older database is migrated, a
 * backup of it is made and verified. The backup stays beside the file: "kycd.db.before-0002-20260105T100000Z"
 * is the database before migration 2. */
#pragma once

#include "base/err.h"
#include "store/sqlite/file.h"

enum upgrade_backup { UPGRADE_WITHOUT_BACKUP, UPGRADE_WITH_BACKUP };

/* Migrates an empty or older database. Does nothing if the schema is current. On failure the database is
 * unchanged. With UPGRADE_WITH_BACKUP, an older database is migrated only after its backup is verified; a
 * backup from an earlier attempt is used if it still has the same content. */
enum err sqlite_upgrade(const struct sqlite_file *f, enum upgrade_backup backup) must_use;

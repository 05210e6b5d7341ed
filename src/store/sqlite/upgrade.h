/* Brings the file of a SQLite store to this program's schema. Of an older one a copy that was tried stays
 * beside it: "kycd.db.before-0002-20260105T100000Z" is what it was before step 2. */
#pragma once

#include "base/err.h"
#include "store/sqlite/file.h"

enum upgrade_backup { UPGRADE_WITHOUT_BACKUP, UPGRADE_WITH_BACKUP };

/* Empty, older or current becomes current, or stays what it was. With UPGRADE_WITH_BACKUP: without a good
 * copy of an older one no step is taken; a good one of an earlier attempt that still is the same counts. */
enum err sqlite_upgrade(const struct sqlite_file *f, enum upgrade_backup keep) must_use;

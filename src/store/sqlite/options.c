#include "store/sqlite/options.h"

#include <stddef.h>

#include "base/attr.h"

static const struct {
	int name, value;
} options[] = {
	/* DQS_DML and DQS_DDL are off, because with them SQLite treats an unknown column name in double
	 * quotes as a string instead of failing. */
	{ SQLITE_DBCONFIG_DQS_DML, 0 },
	{ SQLITE_DBCONFIG_DQS_DDL, 0 },
	{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
	{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
};

/* Settings of all connections. temp_store = MEMORY: no personal data is written to temporary files. */
static const char *const setups[] = {
	[false] = "PRAGMA query_only = ON; PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON;"
		  " PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0; PRAGMA cache_size = -256;",
	[true] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
		 " PRAGMA foreign_keys = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;"
		 " PRAGMA mmap_size = 0; PRAGMA cache_size = -7168; PRAGMA journal_size_limit = 16777216;",
};

int sqlite_set_options(sqlite3 *db, bool writing)
{
	for (size_t i = 0; i < array_len(options); i++) {
		const int code = sqlite3_db_config(db, options[i].name, options[i].value, (int *)NULL);

		if (code != SQLITE_OK)
			return code;
	}
	return sqlite3_exec(db, setups[writing], NULL, NULL, NULL);
}

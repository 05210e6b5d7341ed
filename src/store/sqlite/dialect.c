#include "store/sqlite/dialect.h"

#define COUNT_TABLE(name) "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '" name "'"
/* Tables are WITHOUT ROWID, so that a load by key searches one B-tree instead of two. */
const struct dialect sqlite_dialect = {
	.text = "TEXT",
	.bytes = "BLOB",
	.integer = "INTEGER",
	.strict = "STRICT, WITHOUT ROWID",
	.now = SQLITE_NOW,
	.empty = "x''",
	.join = "group_concat",
	.random = "lower(hex(randomblob(8)))",
	.size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
	.count_tables = "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
	.count_migrations = COUNT_TABLE("schema_migrations"),
	.count_old_migrations = COUNT_TABLE("schema_steps"),
	.count_marks = COUNT_TABLE(COPY_MARK),
};

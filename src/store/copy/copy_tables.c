#include "store/copy/copy_tables.h"

#include <assert.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"

struct migration_row {
	int64_t version, applied_at;
};

static const struct column migration_columns[] = {
	{ "version", COLUMN_INT, offsetof(struct migration_row, version), sizeof(int64_t) },
	{ "applied_at", COLUMN_INT, offsetof(struct migration_row, applied_at), sizeof(int64_t) },
};

static const struct record migrations_table = { "schema_migrations", sizeof(struct migration_row),
	migration_columns, array_len(migration_columns), 1, NULL };

const struct record *copy_table(size_t i)
{
	assert(i < COPY_TABLES);
	return i < RECORD_COUNT ? &records[i] : &migrations_table;
}

static void append_column_names(struct buf *b, const struct record *table, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s\"", i > 0 ? ", " : "", table->columns[i].name);
}

static struct str finish_text(struct buf *b)
{
	struct str text = { NULL, 0 };

	return buf_done(b, &text) == OK ? text : (struct str){ NULL, 0 };
}

struct str copy_columns_text(struct arena *arena, const struct record *table)
{
	struct buf b;

	buf_init(&b, arena);
	append_column_names(&b, table, table->n);
	return finish_text(&b);
}

struct str copy_read_text(struct arena *arena, const struct record *table)
{
	struct buf b;

	buf_init(&b, arena);
	buf_add(&b, STR("SELECT "));
	append_column_names(&b, table, table->n);
	buf_printf(&b, " FROM \"%s\" ORDER BY ", table->table);
	append_column_names(&b, table, table->n_keys);
	return finish_text(&b);
}

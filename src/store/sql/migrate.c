#include "store/sql/migrate.h"

#include <assert.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

#define MIGRATION_MEMORY ((size_t)1024 * 1024)

/* In this schema version the table that lists the migrations was renamed from schema_steps to
 * schema_migrations. */
#define TABLE_RENAMED_IN 12

static enum err read_schema_version(struct sql *sql, int64_t *version)
{
	int64_t n;

	TRY(sql->ops->query_number(sql, sql->dialect->count_migrations, &n));
	if (n > 0)
		return sql->ops->query_number(
			sql, "SELECT coalesce(max(version), 0) FROM schema_migrations", version);
	TRY(sql->ops->query_number(sql, sql->dialect->count_old_migrations, &n));
	if (n > 0)
		return sql->ops->query_number(
			sql, "SELECT coalesce(max(version), 0) FROM schema_steps", version);
	*version = 0;
	return OK;
}

/* The schema version in which rows got MACs. From then on, the keys of a database include that of the MACs.
 */
#define MACS_ADDED_IN 27

/* Returns whether the database has the key of MACs although its schema has none. */
static enum err is_set_back(struct sql *sql, int64_t version, bool *out)
{
	int64_t keys = 0;

	if (version >= TABLE_RENAMED_IN && version < MACS_ADDED_IN)
		TRY(sql->ops->query_number(sql, "SELECT count(*) FROM keyrings WHERE name = 'row'", &keys));
	*out = keys > 0;
	return OK;
}

enum err migrate_inspect(
	struct sql *sql, const struct migrations *migrations, enum schema *schema, int64_t *version)
{
	int64_t tables, found_version, marks;
	bool set_back;

	TRY(sql->ops->query_number(sql, sql->dialect->count_tables, &tables));
	TRY(sql->ops->query_number(sql, sql->dialect->count_marks, &marks));
	TRY(read_schema_version(sql, &found_version));
	*version = found_version;
	TRY(is_set_back(sql, found_version, &set_back));
	if (marks > 0)
		*schema = SCHEMA_INCOMPLETE_COPY;
	else if (set_back)
		*schema = SCHEMA_SET_BACK;
	else if (found_version == 0)
		*schema = tables == 0 ? SCHEMA_EMPTY : SCHEMA_FOREIGN;
	else if (found_version == (int64_t)migrations->n)
		*schema = SCHEMA_CURRENT;
	else
		*schema = found_version < (int64_t)migrations->n ? SCHEMA_OLDER : SCHEMA_NEWER;
	return OK;
}

/* Returns the SQL text with which the engine replaces a marker of the migration files, such as {text}.
 * `marker` is without braces. Returns NULL for an unknown marker. */
static const char *marker_text(const struct dialect *d, struct str marker)
{
	const struct {
		struct str marker;
		const char *text;
	} rows[] = {
		{ STR("text"), d->text },
		{ STR("bytes"), d->bytes },
		{ STR("int"), d->integer },
		{ STR("strict"), d->strict },
		{ STR("now"), d->now },
		{ STR("empty"), d->empty },
		{ STR("random"), d->random },
		{ STR("join"), d->join },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		if (str_eq(rows[i].marker, marker))
			return rows[i].text;
	}
	return NULL;
}

static enum err replace_markers(const struct dialect *d, const char *text, struct buf *out)
{
	struct str rest = str_of(text), plain_text, marker;

	while (str_cut(&rest, '{', &plain_text)) {
		const char *engine_text;

		buf_add(out, plain_text);
		if (!str_cut(&rest, '}', &marker))
			return ERR_INTERNAL;
		engine_text = marker_text(d, marker);
		if (engine_text == NULL)
			return ERR_INTERNAL;
		buf_add(out, str_of(engine_text));
	}
	buf_add(out, plain_text);
	return OK;
}

static enum err run_migration_text(struct sql *sql, struct arena *a, const char *text)
{
	struct buf b;
	struct str sql_text;

	buf_init(&b, a);
	TRY(replace_markers(sql->dialect, text, &b));
	if (buf_done(&b, &sql_text) != OK)
		return ERR_INTERNAL;
	return sql->ops->script(sql, sql_text.p);
}

static enum err apply_migration(struct sql *sql, struct arena *a, const struct migration *migration)
{
	const struct str entry = arena_printf(a, "INSERT INTO %s VALUES (%lld, {now})",
		migration->version < TABLE_RENAMED_IN ? "schema_steps (version, applied)"
						      : "schema_migrations (version, applied_at)",
		(long long)migration->version);

	if (entry.p == NULL)
		return ERR_INTERNAL;
	TRY(run_migration_text(sql, a, migration->text));
	return run_migration_text(sql, a, entry.p);
}

/* Runs the missing migrations inside the transaction. Inspects the schema first, because another process may
 * have migrated the database since the caller inspected it. */
static enum err apply_missing_migrations(struct sql *sql, struct arena *a,
	const struct migrations *migrations, const struct migrate_hook *hook)
{
	enum schema schema;
	int64_t version;

	if (sql->dialect->migration_lock != NULL)
		TRY(sql->ops->query_number(sql, sql->dialect->migration_lock, &version));
	TRY(migrate_inspect(sql, migrations, &schema, &version));
	if (schema != SCHEMA_EMPTY && schema != SCHEMA_OLDER && schema != SCHEMA_CURRENT)
		return ERR_CONFLICT;
	if (schema == SCHEMA_OLDER && hook != NULL)
		TRY(hook->run(hook->arg, version));
	for (size_t i = (size_t)version; i < migrations->n; i++) {
		assert(migrations->list[i].version == (int64_t)i + 1);
		arena_reset(a);
		TRY(apply_migration(sql, a, &migrations->list[i]));
	}
	return OK;
}

enum err migrate(struct sql *sql, const struct migrations *migrations, const struct migrate_hook *hook)
{
	struct arena arena;
	enum err e;

	TRY(sql->ops->begin(sql, true));
	arena_init(&arena, MIGRATION_MEMORY);
	e = apply_missing_migrations(sql, &arena, migrations, hook);
	if (e == OK)
		e = sql->ops->commit(sql);
	if (e != OK)
		sql->ops->rollback(sql);
	arena_finish(&arena);
	return e;
}

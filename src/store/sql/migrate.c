#include "store/sql/migrate.h"

#include <assert.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/buf.h"

#define MIGRATION_MEMORY ((size_t)1024 * 1024)

/* Migration 12 renamed the table that lists the migrations. */
#define RENAMED_BY 12

static enum err version_of(struct sql *sql, int64_t *version)
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

enum err migrate_inspect(
	struct sql *sql, const struct migrations *migrations, enum schema *schema, int64_t *version)
{
	int64_t tables, seen, marks;

	TRY(sql->ops->query_number(sql, sql->dialect->count_tables, &tables));
	TRY(sql->ops->query_number(sql, sql->dialect->count_marks, &marks));
	TRY(version_of(sql, &seen));
	*version = seen;
	if (marks > 0)
		*schema = SCHEMA_INCOMPLETE_COPY;
	else if (seen == 0)
		*schema = tables == 0 ? SCHEMA_EMPTY : SCHEMA_FOREIGN;
	else if (seen == (int64_t)migrations->n)
		*schema = SCHEMA_CURRENT;
	else
		*schema = seen < (int64_t)migrations->n ? SCHEMA_OLDER : SCHEMA_NEWER;
	return OK;
}

/* {text} and the like as the engine spells them. */
static const char *spelling(const struct dialect *d, struct str marker)
{
	const struct {
		struct str marker;
		const char *spelt;
	} rows[] = {
		{ STR("text"), d->text },
		{ STR("bytes"), d->bytes },
		{ STR("int"), d->integer },
		{ STR("strict"), d->strict },
		{ STR("now"), d->now },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		if (str_eq(rows[i].marker, marker))
			return rows[i].spelt;
	}
	return NULL;
}

static enum err fill_in(const struct dialect *d, const char *text, struct buf *out)
{
	struct str rest = str_of(text), part, marker;

	while (str_cut(&rest, '{', &part)) {
		const char *spelt;

		buf_add(out, part);
		if (!str_cut(&rest, '}', &marker))
			return ERR_INTERNAL;
		spelt = spelling(d, marker);
		if (spelt == NULL)
			return ERR_INTERNAL;
		buf_add(out, str_of(spelt));
	}
	buf_add(out, part);
	return OK;
}

static enum err run_text(struct sql *sql, struct arena *a, const char *text)
{
	struct buf b;
	struct str filled;

	buf_init(&b, a);
	TRY(fill_in(sql->dialect, text, &b));
	if (buf_done(&b, &filled) != OK)
		return ERR_INTERNAL;
	return sql->ops->script(sql, filled.p);
}

static enum err apply_migration(struct sql *sql, struct arena *a, const struct migration *migration)
{
	const struct str entry = arena_printf(a, "INSERT INTO %s VALUES (%lld, {now})",
		migration->version < RENAMED_BY ? "schema_steps (version, applied)"
						: "schema_migrations (version, applied_at)",
		(long long)migration->version);

	if (entry.p == NULL)
		return ERR_INTERNAL;
	TRY(run_text(sql, a, migration->text));
	return run_text(sql, a, entry.p);
}

/* Another process may have been faster: what counts is what the transaction sees. */
static enum err apply_missing(struct sql *sql, struct arena *a, const struct migrations *migrations,
	const struct migrate_hook *hook)
{
	enum schema schema;
	int64_t version;

	if (sql->dialect->alone != NULL)
		TRY(sql->ops->query_number(sql, sql->dialect->alone, &version));
	TRY(migrate_inspect(sql, migrations, &schema, &version));
	if (schema == SCHEMA_FOREIGN || schema == SCHEMA_INCOMPLETE_COPY || schema == SCHEMA_NEWER)
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
	e = apply_missing(sql, &arena, migrations, hook);
	if (e == OK)
		e = sql->ops->commit(sql);
	if (e != OK)
		sql->ops->rollback(sql);
	arena_finish(&arena);
	return e;
}

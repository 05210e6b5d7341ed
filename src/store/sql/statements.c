#include "store/sql/statements.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define TEXTS_LIMIT ((size_t)512 * 1024)

/* `"a", "b"`: names stand in quotes because `user` and `key` are words of SQL. */
static void add_names(struct buf *b, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s\"", i > 0 ? ", " : "", columns[i].name);
}

static void add_key_condition(struct buf *b, const struct record *r)
{
	for (size_t i = 0; i < r->n_keys; i++)
		buf_printf(b, "%s\"%s\" = $%zu", i > 0 ? " AND " : " WHERE ", r->columns[i].name, i + 1);
}

/* Parameters are numbered from `first` on. */
static void add_into(struct buf *b, const struct record *r, const char *values, size_t first)
{
	buf_printf(b, "INSERT INTO \"%s\" (", r->table);
	add_names(b, r->columns, r->n);
	buf_printf(b, ") %s", values);
	for (size_t i = 0; i < r->n; i++)
		buf_printf(b, "%s$%zu", i > 0 ? ", " : "", first + i);
}

static void add_insert(struct buf *b, const struct record *r)
{
	add_into(b, r, "VALUES (", 1);
	buf_char(b, ')');
}

static void write_load(struct buf *b, const struct record *r)
{
	buf_add(b, STR("SELECT "));
	add_names(b, r->columns + r->n_keys, r->n - r->n_keys);
	buf_printf(b, " FROM \"%s\"", r->table);
	add_key_condition(b, r);
}

static void write_save(struct buf *b, const struct record *r)
{
	add_insert(b, r);
	buf_add(b, STR(" ON CONFLICT ("));
	add_names(b, r->columns, r->n_keys);
	buf_add(b, STR(") DO UPDATE SET "));
	for (size_t i = r->n_keys; i < r->n; i++)
		buf_printf(b, "%s\"%s\" = excluded.\"%s\"", i > r->n_keys ? ", " : "", r->columns[i].name,
			r->columns[i].name);
}

static void write_add(struct buf *b, const struct record *r)
{
	add_insert(b, r);
	buf_add(b, STR(" ON CONFLICT DO NOTHING"));
}

static void write_remove(struct buf *b, const struct record *r)
{
	buf_printf(b, "DELETE FROM \"%s\"", r->table);
	add_key_condition(b, r);
}

static void (*const writers[STATEMENT_KINDS])(struct buf *b, const struct record *r) = {
	[STATEMENT_LOAD] = write_load,
	[STATEMENT_SAVE] = write_save,
	[STATEMENT_ADD] = write_add,
	[STATEMENT_REMOVE] = write_remove,
};

static const char *const match_words[] = {
	[MATCH_EQUAL] = "=",
	[MATCH_BELOW] = "<",
	[MATCH_UP_TO] = "<=",
	[MATCH_ABOVE] = ">",
	[MATCH_FROM] = ">=",
	[MATCH_NOT] = "<>",
	[MATCH_UNIQUE] = "=",
};

/* The literal condition is the one of the unique index, so that the engine may use it. */
static void add_filters(struct buf *b, const struct query *q)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct filter *const f = &q->filters[i];

		buf_printf(b, "%s\"%s\" %s $%zu", i > 0 ? " AND " : " WHERE ", f->column,
			match_words[f->match], i + 1);
		if (f->match == MATCH_UNIQUE)
			buf_printf(b, " AND \"%s\" <> ''", f->column);
	}
}

static void write_query(struct buf *b, const struct query *q)
{
	const struct record *const r = &records[q->of];
	const char *const turn = q->newest_first ? " DESC" : "";

	buf_add(b, STR("SELECT "));
	add_names(b, r->columns, r->n);
	buf_printf(b, " FROM \"%s\"", r->table);
	add_filters(b, q);
	buf_printf(b, " ORDER BY \"%s\"%s", record_column(r, q->sort_column)->name, turn);
	for (size_t i = 0; i < r->n_keys; i++) {
		if (strcmp(r->columns[i].name, q->sort_column) != 0)
			buf_printf(b, ", \"%s\"%s", r->columns[i].name, turn);
	}
	buf_printf(b, " LIMIT $%zu OFFSET $%zu", q->n + 1, q->n + 2);
}

/* Read by every call and changed by operators: who holds them would make all others wait. */
static bool is_shared(enum record_kind of)
{
	return of == RECORD_TENANT || of == RECORD_API_KEY || of == RECORD_KEYRING;
}

/* What these find is changed right away. Of what is due each takes what nobody else is taking. */
static const char *hold_at_first(enum query_kind q)
{
	switch ((int)q) {
	case QUERY_EFFECTS_DUE:
		return " FOR UPDATE SKIP LOCKED";
	case QUERY_SESSION_BY_PROVIDER:
	case QUERY_EFFECTS_LEASED:
	case QUERY_EFFECTS_OPEN:
	case QUERY_EFFECTS_BEFORE:
	case QUERY_IP_LIMITS_EXPIRED:
	case QUERY_EVENT_BODIES_UNTIL:
	case QUERY_CHALLENGES_EXPIRED:
	case QUERY_CLAIMS_OF_WALLET:
		return " FOR UPDATE";
	default:
		return NULL;
	}
}

static enum err finish_text(struct buf *b, const char **text)
{
	struct str done;

	if (buf_done(b, &done) != OK)
		return ERR_INTERNAL;
	*text = done.p;
	return OK;
}

static enum err add_held(struct arena *a, const struct buf *text, const char *hold, const char **held)
{
	struct buf b;

	buf_init(&b, a);
	buf_add(&b, (struct str){ text->p, text->n });
	buf_add(&b, str_of(hold));
	return finish_text(&b, held);
}

static enum err write_strict(struct arena *a, const struct record *r, const char **strict)
{
	struct buf b;

	buf_init(&b, a);
	add_insert(&b, r);
	return finish_text(&b, strict);
}

/* The others are added for the row that the first one gives back, if it was added. */
static enum err write_welcome(struct arena *a, const char **text)
{
	size_t first = 1;
	struct buf b;

	buf_init(&b, a);
	for (size_t i = 0; i < NEW_USER_ROWS; i++) {
		const struct record *const r = &records[new_user_record_kinds[i]];
		const bool last = i + 1 == NEW_USER_ROWS;

		if (last)
			buf_char(&b, ' ');
		else
			buf_printf(&b, "%s\"row%zu\" AS (", i == 0 ? "WITH " : ", ", i);
		add_into(&b, r, i == 0 ? "VALUES (" : "SELECT ", first);
		buf_add(&b, i == 0 ? STR(") ON CONFLICT DO NOTHING RETURNING 1)") : STR(" FROM \"row0\""));
		if (i > 0 && !last)
			buf_char(&b, ')');
		first += r->n;
	}
	return finish_text(&b, text);
}

static enum err make_of_record(
	struct arena *a, enum record_kind of, enum statement_kind kind, struct statement *s)
{
	const struct record *const r = &records[of];
	const bool by_key = kind == STATEMENT_LOAD || kind == STATEMENT_REMOVE;
	struct buf b;

	buf_init(&b, a);
	writers[kind](&b, r);
	s->of = of;
	s->in = r->columns;
	s->n_in = by_key ? r->n_keys : r->n;
	s->size = r->size;
	if (kind == STATEMENT_LOAD) {
		s->out = r->columns + r->n_keys;
		s->n_out = r->n - r->n_keys;
		s->locks_by_default = !is_shared(of);
		TRY(add_held(a, &b, " FOR UPDATE", &s->locking));
	} else if (kind == STATEMENT_SAVE || kind == STATEMENT_ADD) {
		TRY(write_strict(a, r, &s->strict));
	}
	return finish_text(&b, &s->text);
}

static enum err make_of_query(struct arena *a, enum query_kind kind, struct statement *s)
{
	const struct query *const q = &queries[kind];
	const struct record *const r = &records[q->of];
	const char *const hold = hold_at_first(kind);
	struct column *const in = arena_array(a, struct column, QUERY_FILTERS);
	struct buf b;

	if (in == NULL)
		return ERR_INTERNAL;
	for (size_t i = 0; i < q->n; i++) {
		in[i] = *record_column(r, q->filters[i].column);
		assert(q->filters[i].match != MATCH_UNIQUE || strcmp(in[i].name, r->unique) == 0);
	}
	buf_init(&b, a);
	write_query(&b, q);
	*s = (struct statement){ .of = q->of,
		.in = in,
		.n_in = q->n,
		.out = r->columns,
		.n_out = r->n,
		.size = r->size,
		.paged = true,
		.locks_by_default = hold != NULL };
	TRY(add_held(a, &b, hold != NULL ? hold : " FOR UPDATE", &s->locking));
	return finish_text(&b, &s->text);
}

static enum err make_all(struct statements *s)
{
	struct arena *const a = &s->texts;

	for (int of = 0; of < RECORD_COUNT; of++) {
		for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
			const size_t i = statement_of((enum record_kind)of, (enum statement_kind)kind);

			TRY(make_of_record(a, (enum record_kind)of, (enum statement_kind)kind, &s->list[i]));
		}
	}
	for (int q = 0; q < QUERY_COUNT; q++)
		TRY(make_of_query(a, (enum query_kind)q, &s->list[statement_of_query((enum query_kind)q)]));
	s->list[STATEMENT_PROBE].text =
		"UPDATE \"schema_migrations\" SET \"applied_at\" = \"applied_at\" WHERE \"version\" = 1";
	return write_welcome(a, &s->insert_new_user);
}

enum err statements_open(struct statements **out)
{
	struct statements *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	arena_init(&s->texts, TEXTS_LIMIT);
	e = make_all(s);
	if (e != OK) {
		statements_close(s);
		return e;
	}
	*out = s;
	return OK;
}

void statements_close(struct statements *s)
{
	if (s == NULL)
		return;
	arena_finish(&s->texts);
	free(s);
}

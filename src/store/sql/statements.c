#include "store/sql/statements.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "store/sql/update_statement.h"

#define TEXTS_LIMIT ((size_t)512 * 1024)

/* Appends the column names as `"a", "b"`. The quotes allow a column to have the name of an SQL keyword. */
static void append_column_names(struct buf *b, const struct column *columns, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(b, "%s\"%s\"", i > 0 ? ", " : "", columns[i].name);
}

static void append_key_condition(struct buf *b, const struct record *r)
{
	for (size_t i = 0; i < r->n_keys; i++)
		buf_printf(b, "%s\"%s\" = $%zu", i > 0 ? " AND " : " WHERE ", r->columns[i].name, i + 1);
}

/* Appends an INSERT up to its values, without the closing bracket. `values` is "VALUES (" or "SELECT ". The
 * parameters are numbered from `first`. */
static void append_insert_into(struct buf *b, const struct record *r, const char *values, size_t first)
{
	buf_printf(b, "INSERT INTO \"%s\" (", r->table);
	append_column_names(b, r->columns, r->n);
	buf_printf(b, ") %s", values);
	for (size_t i = 0; i < r->n; i++)
		buf_printf(b, "%s$%zu", i > 0 ? ", " : "", first + i);
}

static void append_insert(struct buf *b, const struct record *r)
{
	append_insert_into(b, r, "VALUES (", 1);
	buf_char(b, ')');
}

static void write_load(struct buf *b, const struct record *r)
{
	buf_add(b, STR("SELECT "));
	append_column_names(b, r->columns + r->n_keys, r->n - r->n_keys);
	buf_printf(b, " FROM \"%s\"", r->table);
	append_key_condition(b, r);
}

static void write_save(struct buf *b, const struct record *r)
{
	append_insert(b, r);
	buf_add(b, STR(" ON CONFLICT ("));
	append_column_names(b, r->columns, r->n_keys);
	buf_add(b, STR(") DO UPDATE SET "));
	for (size_t i = r->n_keys; i < r->n; i++)
		buf_printf(b, "%s\"%s\" = excluded.\"%s\"", i > r->n_keys ? ", " : "", r->columns[i].name,
			r->columns[i].name);
}

static void write_add(struct buf *b, const struct record *r)
{
	append_insert(b, r);
	buf_add(b, STR(" ON CONFLICT DO NOTHING"));
}

static void write_remove(struct buf *b, const struct record *r)
{
	buf_printf(b, "DELETE FROM \"%s\"", r->table);
	append_key_condition(b, r);
}

/* Appends the key columns as `("a", "b")`, a row value, or their parameters. */
static void append_row_value(struct buf *b, const struct record *r, bool parameters)
{
	for (size_t i = 0; i < r->n_keys; i++) {
		buf_add(b, i == 0 ? STR("(") : STR(", "));
		if (parameters)
			buf_printf(b, "$%zu", i + 1);
		else
			buf_printf(b, "\"%s\"", r->columns[i].name);
	}
	buf_char(b, ')');
}

static void write_walk(struct buf *b, const struct record *r)
{
	buf_add(b, STR("SELECT "));
	append_column_names(b, r->columns, r->n);
	buf_printf(b, " FROM \"%s\" WHERE ", r->table);
	append_row_value(b, r, false);
	buf_add(b, STR(" > "));
	append_row_value(b, r, true);
	buf_add(b, STR(" ORDER BY "));
	append_column_names(b, r->columns, r->n_keys);
	buf_printf(b, " LIMIT $%zu OFFSET $%zu", r->n_keys + 1, r->n_keys + 2);
}

static void (*const writers[STATEMENT_KINDS])(struct buf *b, const struct record *r) = {
	[STATEMENT_LOAD] = write_load,
	[STATEMENT_SAVE] = write_save,
	[STATEMENT_ADD] = write_add,
	[STATEMENT_REMOVE] = write_remove,
	[STATEMENT_WALK] = write_walk,
};

static const char *const match_operators[] = {
	[MATCH_EQUAL] = "=",
	[MATCH_BELOW] = "<",
	[MATCH_UP_TO] = "<=",
	[MATCH_ABOVE] = ">",
	[MATCH_ABOVE_ZERO] = ">",
	[MATCH_FROM] = ">=",
	[MATCH_NOT] = "<>",
	[MATCH_ZERO] = "=",
	[MATCH_TWO] = "=",
	[MATCH_EQUAL_NOT_EMPTY] = "=",
	[MATCH_UNIQUE] = "=",
};

/* The conditions of partial indexes. They are repeated literally in the query; without them the engine cannot
 * use the index. */
static const char *const index_conditions[] = {
	[MATCH_ABOVE_ZERO] = "> 0",
	[MATCH_ZERO] = "= 0",
	[MATCH_TWO] = "= 2",
	[MATCH_EQUAL_NOT_EMPTY] = "<> ''",
	[MATCH_UNIQUE] = "<> ''",
};

/* Appends the conditions of a query. */
static void append_filters(struct buf *b, const struct query *q)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct filter *const f = &q->filters[i];

		buf_printf(b, "%s\"%s\" %s $%zu", i > 0 ? " AND " : " WHERE ", f->column,
			match_operators[f->match], i + 1);
		if (index_conditions[f->match] != NULL)
			buf_printf(b, " AND \"%s\" %s", f->column, index_conditions[f->match]);
	}
}

static void write_query(struct buf *b, const struct query *q)
{
	const struct record *const r = &records[q->of];
	const char *const direction = q->newest_first ? " DESC" : "";

	buf_add(b, STR("SELECT "));
	append_column_names(b, r->columns, r->n);
	buf_printf(b, " FROM \"%s\"", r->table);
	append_filters(b, q);
	buf_printf(b, " ORDER BY \"%s\"%s", record_column(r, q->sort_column)->name, direction);
	for (size_t i = 0; i < r->n_keys; i++) {
		if (strcmp(r->columns[i].name, q->sort_column) != 0)
			buf_printf(b, ", \"%s\"%s", r->columns[i].name, direction);
	}
	buf_printf(b, " LIMIT $%zu OFFSET $%zu", q->n + 1, q->n + 2);
}

/* Returns whether every request reads rows of this record, but only operators change them. Such rows are
 * loaded without a lock, because requests would otherwise wait for each other. */
static bool is_read_by_every_request(enum record_kind of)
{
	return of == RECORD_TENANT || of == RECORD_API_KEY || of == RECORD_KEYRING;
}

/* Returns the lock clause of a query whose rows the caller changes at once, or NULL for all other queries.
 * Workers that look for due effects skip the rows that another worker has locked. */
static const char *lock_clause_by_default(enum query_kind q)
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
	case QUERY_EVENTS_UNNUMBERED:
	case QUERY_WEBHOOK_ENDPOINTS_OF_TENANT:
	case QUERY_DELIVERY_OF_EVENT:
	case QUERY_VERIFICATION_LINK_BY_TOKEN:
	case QUERY_VERIFICATION_LINKS_BY_ADDRESS:
	case QUERY_VERIFICATION_LINKS_OF_USER:
	case QUERY_VERIFICATION_LINKS_OF_USER_BY_COMPLETION:
	case QUERY_VERIFICATION_LINKS_EXPIRED:
	case QUERY_VERIFICATION_RESULTS_OF_LINK:
	case QUERY_VERIFICATION_RESULTS_EXPIRED:
	case QUERY_OPERATOR_ACCOUNT_BY_EMAIL:
	case QUERY_OPERATOR_ACCOUNT_BY_LINK:
	case QUERY_PASSKEYS_OF_OPERATOR:
	case QUERY_PASSKEY_CHALLENGES_EXPIRED:
	case QUERY_CONSOLE_SESSIONS_OF_OPERATOR:
	case QUERY_CONSOLE_SESSIONS_EXPIRED:
	case QUERY_OPERATOR_NOTES_OF_USER:
	case QUERY_INSTANCES:
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

static enum err append_lock_clause(
	struct arena *a, const struct buf *text, const char *clause, const char **locking)
{
	struct buf b;

	buf_init(&b, a);
	buf_add(&b, (struct str){ text->p, text->n });
	buf_add(&b, str_of(clause));
	return finish_text(&b, locking);
}

static enum err write_strict_insert(struct arena *a, const struct record *r, const char **strict)
{
	struct buf b;

	buf_init(&b, a);
	append_insert(&b, r);
	return finish_text(&b, strict);
}

/* Generates the statement that inserts a new user. A WITH query inserts the first row and returns it only if
 * it did not exist. The other rows are inserted by SELECTs from that result, so they are inserted only
 * together with the first. */
static enum err write_insert_new_user(struct arena *a, const char **text)
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
		append_insert_into(&b, r, i == 0 ? "VALUES (" : "SELECT ", first);
		buf_add(&b, i == 0 ? STR(") ON CONFLICT DO NOTHING RETURNING 1)") : STR(" FROM \"row0\""));
		if (i > 0 && !last)
			buf_char(&b, ')');
		first += r->n;
	}
	return finish_text(&b, text);
}

static enum err build_record_statement(
	struct arena *a, enum record_kind of, enum statement_kind kind, struct statement *s)
{
	const struct record *const r = &records[of];
	const bool by_key = kind == STATEMENT_LOAD || kind == STATEMENT_REMOVE || kind == STATEMENT_WALK;
	struct buf b;

	buf_init(&b, a);
	writers[kind](&b, r);
	s->of = of;
	s->in = r->columns;
	s->n_in = by_key ? r->n_keys : r->n;
	s->size = r->size;
	if (kind == STATEMENT_LOAD || kind == STATEMENT_WALK) {
		const size_t first = kind == STATEMENT_LOAD ? r->n_keys : 0;

		s->out = r->columns + first;
		s->n_out = r->n - first;
		s->paged = kind == STATEMENT_WALK;
		s->locks_by_default = kind == STATEMENT_WALK || !is_read_by_every_request(of);
		TRY(append_lock_clause(a, &b, " FOR UPDATE", &s->locking));
	} else if (kind == STATEMENT_SAVE || kind == STATEMENT_ADD) {
		TRY(write_strict_insert(a, r, &s->strict));
	}
	return finish_text(&b, &s->text);
}

static enum err build_query_statement(struct arena *a, enum query_kind kind, struct statement *s)
{
	const struct query *const q = &queries[kind];
	const struct record *const r = &records[q->of];
	const char *const clause = lock_clause_by_default(kind);
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
		.locks_by_default = clause != NULL };
	TRY(append_lock_clause(a, &b, clause != NULL ? clause : " FOR UPDATE", &s->locking));
	return finish_text(&b, &s->text);
}

static enum err build_all(struct statements *s)
{
	struct arena *const a = &s->texts;

	for (int of = 0; of < RECORD_COUNT; of++) {
		for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
			const size_t i = statement_of((enum record_kind)of, (enum statement_kind)kind);

			if (writers[kind] != NULL)
				TRY(build_record_statement(
					a, (enum record_kind)of, (enum statement_kind)kind, &s->list[i]));
		}
		TRY(update_statement_build(a, (enum record_kind)of, s->list));
	}
	for (int q = 0; q < QUERY_COUNT; q++)
		TRY(build_query_statement(
			a, (enum query_kind)q, &s->list[statement_of_query((enum query_kind)q)]));
	for (size_t i = 0; i < STATEMENT_PROBE; i++)
		if (record_has_mac(&records[s->list[i].of]))
			s->list[i].row_key = &s->row_key;
	s->list[STATEMENT_PROBE].text =
		"UPDATE \"schema_migrations\" SET \"applied_at\" = \"applied_at\" WHERE \"version\" = 1";
	return write_insert_new_user(a, &s->insert_new_user);
}

enum err statements_open(struct statements **out)
{
	struct statements *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	arena_init(&s->texts, TEXTS_LIMIT);
	row_mac_label();
	e = build_all(s);
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
	secret_key_wipe(&s->row_key.key);
	free(s);
}

#include "store/sql/update_statement.h"

#include <string.h>

#include "base/buf.h"

/* Returns whether a query filters or sorts by the column. Indexes have such columns only. */
static bool is_in_query(enum record_kind of, const char *column)
{
	for (int q = 0; q < QUERY_COUNT; q++) {
		if (queries[q].of != of)
			continue;
		if (strcmp(queries[q].sort_column, column) == 0)
			return true;
		for (size_t i = 0; i < queries[q].n; i++)
			if (strcmp(queries[q].filters[i].column, column) == 0)
				return true;
	}
	return false;
}

/* Returns whether most saves change a column of an index, so that trying an UPDATE first costs more than it
 * saves. */
static bool changes_its_indexes(enum record_kind of)
{
	return of == RECORD_EFFECT || of == RECORD_SESSION;
}

/* Copies the columns of a record, those first that the UPDATE sets, then those of its condition. Returns the
 * number of the former; 0 if there is no such UPDATE. */
static size_t order_for_update(enum record_kind of, struct column *out)
{
	const struct record *const r = &records[of];
	size_t n_set = 0, n = 0;

	if (changes_its_indexes(of))
		return 0;
	for (size_t i = r->n_keys; i < r->n; i++)
		if (!is_in_query(of, r->columns[i].name))
			out[n_set++] = r->columns[i];
	n = n_set;
	for (size_t i = 0; i < r->n; i++)
		if (i < r->n_keys || is_in_query(of, r->columns[i].name))
			out[n++] = r->columns[i];
	return n > n_set + r->n_keys ? n_set : 0;
}

static void write_update(struct buf *b, const struct record *r, const struct column *columns, size_t n_set)
{
	buf_printf(b, "UPDATE \"%s\"", r->table);
	for (size_t i = 0; i < r->n; i++) {
		const char *const between = i < n_set ? ", " : " AND ";
		const char *const first = i == 0 ? " SET " : " WHERE ";

		buf_printf(
			b, "%s\"%s\" = $%zu", i == 0 || i == n_set ? first : between, columns[i].name, i + 1);
	}
}

enum err update_statement_build(struct arena *a, enum record_kind of, struct statement *list)
{
	const struct record *const r = &records[of];
	struct column *const in = arena_array(a, struct column, r->n);
	struct statement *const s = &list[statement_of(of, STATEMENT_UPDATE)];
	struct buf b;
	struct str text;
	size_t n_set;

	if (in == NULL)
		return ERR_INTERNAL;
	n_set = order_for_update(of, in);
	if (n_set == 0)
		return OK;
	buf_init(&b, a);
	write_update(&b, r, in, n_set);
	TRY(buf_done(&b, &text));
	*s = (struct statement){
		.text = text.p, .of = of, .in = in, .n_in = r->n, .size = r->size, .single_writer = true
	};
	list[statement_of(of, STATEMENT_SAVE)].update = statement_of(of, STATEMENT_UPDATE);
	return OK;
}

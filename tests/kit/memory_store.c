#include "kit/memory_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "kit/memory_rows.h"

/* The rows of one record, not sorted. Each row is a separate allocation. */
struct table {
	void **rows;
	size_t n, capacity;
};

/* One change made by a transaction: the row before and after it. `before` is NULL for an insert, `after` for
 * a removal. */
struct row_change {
	enum record_kind kind;
	void *before, *after;
};

struct memory_store {
	struct store base;
	struct clock *clock;
	struct lock lock; /* held during a whole transaction; protects all members below */
	struct table tables[RECORD_COUNT];
	struct row_change *changes; /* the changes of the current transaction, oldest first */
	size_t n_changes, capacity;
	commit_callback *notify;
	void *notify_arg;
};

struct memory_tx {
	struct tx base;
	struct memory_store *store;
};

static const struct store_ops memory_ops;
static const struct tx_ops memory_tx_ops;

static struct memory_store *memory_store_from_base(struct store *store)
{
	assert(store->ops == &memory_ops);
	return container_of(store, struct memory_store, base);
}

static struct memory_store *memory_store_of_tx(struct tx *tx)
{
	const struct memory_tx *const own = container_of(tx, struct memory_tx, base);

	assert(tx->ops == &memory_tx_ops);
	return own->store;
}

/* Makes sure that the array can hold one more element; doubles its capacity if not. */
static enum err reserve_one_more(void **array, size_t n, size_t *capacity, size_t size)
{
	const size_t new_capacity = *capacity > 0 ? *capacity * 2 : 16;
	void *p;

	if (n < *capacity)
		return OK;
	p = reallocarray(*array, new_capacity, size);
	if (p == NULL)
		return ERR_INTERNAL;
	*array = p;
	*capacity = new_capacity;
	return OK;
}

/* Returns where the table stores the row with this key, or NULL. */
static void **find_slot(struct table *t, const struct record *r, const void *key)
{
	for (size_t i = 0; i < t->n; i++) {
		if (row_compare_key(r, t->rows[i], key) == 0)
			return &t->rows[i];
	}
	return NULL;
}

/* Returns true if a row with another key has the same value in the record's unique column. */
static bool unique_value_exists(const struct table *t, const struct record *r, const void *row)
{
	const struct column *const c = r->unique != NULL ? record_column(r, r->unique) : NULL;

	if (c == NULL || column_is_empty(c, row))
		return false;
	for (size_t i = 0; i < t->n; i++) {
		if (column_compare(c, t->rows[i], row) == 0 && row_compare_key(r, t->rows[i], row) != 0)
			return true;
	}
	return false;
}

/* Replaces the row `before` by `after`. If `before` is NULL, `after` is added; if `after` is NULL, `before`
 * is removed. The table must have capacity for one more row. */
static void replace_row(struct table *t, const void *before, void *after)
{
	size_t i = 0;

	while (i < t->n && t->rows[i] != before)
		i++;
	assert(before == NULL || i < t->n);
	if (before == NULL)
		t->rows[t->n++] = after;
	else if (after != NULL)
		t->rows[i] = after;
	else
		t->rows[i] = t->rows[--t->n];
}

/* Replaces the row `before` by a copy of `row` and records the change. If `row` is NULL, `before` is removed.
 */
static enum err apply_change(struct memory_store *s, enum record_kind kind, void *before, const void *row)
{
	const struct record *const r = &records[kind];
	struct table *const t = &s->tables[kind];
	void *after = NULL, *changes = s->changes, *rows = t->rows;

	TRY(reserve_one_more(&changes, s->n_changes, &s->capacity, sizeof(s->changes[0])));
	s->changes = changes;
	TRY(reserve_one_more(&rows, t->n, &t->capacity, sizeof(t->rows[0])));
	t->rows = rows;
	if (row != NULL) {
		after = row_clone(r, row);
		if (after == NULL)
			return ERR_INTERNAL;
	}
	replace_row(t, before, after);
	s->changes[s->n_changes++] = (struct row_change){ kind, before, after };
	return OK;
}

static void discard_undo_log(struct memory_store *s)
{
	for (size_t i = 0; i < s->n_changes; i++)
		row_free(&records[s->changes[i].kind], s->changes[i].before);
	s->n_changes = 0;
}

/* Undoes the changes of the transaction, newest first. This needs no memory and cannot fail, because the
 * table still has the capacity that it had before each change. */
static void undo_changes(struct memory_store *s)
{
	while (s->n_changes > 0) {
		const struct row_change c = s->changes[--s->n_changes];

		replace_row(&s->tables[c.kind], c.after, c.before);
		row_free(&records[c.kind], c.after);
	}
}

static enum err memory_load(struct tx *tx, enum record_kind kind, void *row)
{
	struct memory_store *const s = memory_store_of_tx(tx);
	void **const slot = find_slot(&s->tables[kind], &records[kind], row);

	return slot != NULL ? row_copy_out(&records[kind], *slot, tx->arena, row) : ERR_NOT_FOUND;
}

static enum err memory_save(struct tx *tx, enum record_kind kind, const void *row)
{
	struct memory_store *const s = memory_store_of_tx(tx);
	void **const slot = find_slot(&s->tables[kind], &records[kind], row);

	assert(tx->writing);
	if (unique_value_exists(&s->tables[kind], &records[kind], row))
		return ERR_CONFLICT;
	return apply_change(s, kind, slot != NULL ? *slot : NULL, row);
}

static enum err memory_add(struct tx *tx, enum record_kind kind, const void *row)
{
	struct memory_store *const s = memory_store_of_tx(tx);

	assert(tx->writing);
	if (find_slot(&s->tables[kind], &records[kind], row) != NULL)
		return ERR_CONFLICT;
	return memory_save(tx, kind, row);
}

static enum err memory_remove(struct tx *tx, enum record_kind kind, const void *row)
{
	struct memory_store *const s = memory_store_of_tx(tx);
	void **const slot = find_slot(&s->tables[kind], &records[kind], row);

	assert(tx->writing);
	return slot != NULL ? apply_change(s, kind, *slot, NULL) : OK;
}

static int compare_matches(const void *a, const void *b, void *query)
{
	return row_compare(query, *(void *const *)a, *(void *const *)b);
}

/* Writes all rows that match the query to `matching`, in the query's order; returns their number. */
static size_t collect_matches(struct table *t, const struct query *q, const void *probe, void **matching)
{
	struct query sort_query = *q;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (row_matches(q, t->rows[i], probe))
			matching[n++] = t->rows[i];
	}
	qsort_r(matching, n, sizeof(matching[0]), compare_matches, &sort_query);
	return n;
}

static enum err memory_find(
	struct tx *tx, enum query_kind query, const void *probe, struct page page, void *rows, size_t *found)
{
	const struct query *const q = &queries[query];
	const struct record *const r = &records[q->of];
	struct table *const t = &memory_store_of_tx(tx)->tables[q->of];
	void **const matching = calloc(t->n + 1, sizeof(matching[0]));
	size_t n, copied = 0;
	enum err e = OK;

	if (matching == NULL)
		return ERR_INTERNAL;
	n = collect_matches(t, q, probe, matching);
	for (size_t i = page.skip; i < n && copied < page.limit && e == OK; i++) {
		e = row_copy_out(r, matching[i], tx->arena, (char *)rows + copied * r->size);
		copied++;
	}
	free(matching);
	if (e == OK)
		*found = copied;
	return e;
}

static int compare_keys(const void *a, const void *b, void *record)
{
	return row_compare_key(record, *(void *const *)a, *(void *const *)b);
}

static enum err memory_walk(
	struct tx *tx, const struct walk *walk, void *rows, enum row_state *states, size_t *found)
{
	struct record r = records[walk->of];
	struct table *const t = &memory_store_of_tx(tx)->tables[walk->of];
	size_t copied = 0;

	if (t->n > 0)
		qsort_r(t->rows, t->n, sizeof(t->rows[0]), compare_keys, &r);
	for (size_t i = 0; i < t->n && copied < walk->limit; i++) {
		if (walk->after != NULL && row_compare_key(&r, t->rows[i], walk->after) <= 0)
			continue;
		TRY(row_copy_out(&r, t->rows[i], tx->arena, (char *)rows + copied * r.size));
		states[copied++] = ROW_AUTHENTIC;
	}
	*found = copied;
	return OK;
}

static enum err memory_clock(struct tx *tx, moment *now)
{
	struct clock *const clock = memory_store_of_tx(tx)->clock;

	*now = clock != NULL ? clock->ops->now(clock) : (moment){ 0 };
	return OK;
}

static enum err memory_size(struct tx *tx, int64_t *bytes)
{
	(void)tx;
	*bytes = 4096;
	return OK;
}

static const struct tx_ops memory_tx_ops = {
	.load = memory_load,
	.save = memory_save,
	.add = memory_add,
	.remove = memory_remove,
	.find = memory_find,
	.walk = memory_walk,
	.clock = memory_clock,
	.size = memory_size,
};

static enum err memory_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct memory_store *const s = memory_store_from_base(store);
	struct memory_tx tx = {
		.base = { .ops = &memory_tx_ops, .arena = arena, .writing = kind != TX_READ },
		.store = s,
	};
	const struct arena_mark before = arena_mark(arena);
	commit_callback *notify = NULL;
	void *notify_arg;
	enum err e;

	lock_acquire(&s->lock);
	/* The other stores may run the work of a write again. This one always does, after it has rolled back
	 * the first run, so that tests detect work that cannot be repeated. */
	e = work(&tx.base, arg);
	if (e == OK && kind != TX_READ) {
		undo_changes(s);
		tx.base.added = 0;
		arena_rewind(arena, before);
		e = work(&tx.base, arg);
	}
	if (e == OK)
		discard_undo_log(s);
	else
		undo_changes(s);
	if (e == OK && tx.base.added != 0)
		notify = s->notify;
	notify_arg = s->notify_arg;
	lock_release(&s->lock);
	if (notify != NULL)
		notify(notify_arg, tx.base.added);
	return e;
}

static void memory_on_commit(struct store *store, commit_callback *notify, void *arg)
{
	struct memory_store *const s = memory_store_from_base(store);

	lock_acquire(&s->lock);
	s->notify = notify;
	s->notify_arg = arg;
	lock_release(&s->lock);
}

static enum err memory_ready(struct store *store)
{
	(void)memory_store_from_base(store);
	return OK;
}

static void memory_close(struct store *store)
{
	struct memory_store *const s = memory_store_from_base(store);

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		for (size_t i = 0; i < s->tables[kind].n; i++)
			row_free(&records[kind], s->tables[kind].rows[i]);
		free(s->tables[kind].rows);
	}
	free(s->changes);
	lock_finish(&s->lock);
	free(s);
}

static const struct store_ops memory_ops = {
	.transact = memory_transact,
	.on_commit = memory_on_commit,
	.ready = memory_ready,
	.close = memory_close,
};

enum err memory_store_open(struct store **out)
{
	struct memory_store *const s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_INTERNAL;
	s->base.ops = &memory_ops;
	lock_init(&s->lock);
	*out = &s->base;
	return OK;
}

void memory_store_set_clock(struct store *store, struct clock *clock)
{
	memory_store_from_base(store)->clock = clock;
}

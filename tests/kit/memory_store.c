#include "kit/memory_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "kit/memory_rows.h"

/* Pointers to rows of their own, in no order. */
struct table {
	void **rows;
	size_t n, room;
};

/* What was there before and after; NULL: nothing. */
struct change {
	enum record_kind kind;
	void *before, *after;
};

struct memory_store {
	struct store base;
	struct clock *clock;
	struct lock turn; /* of everything below: one transaction at a time */
	struct table tables[RECORD_COUNT];
	struct change *changes; /* of the transaction, oldest first */
	size_t n_changes, room;
	void (*ring)(void *arg);
	void *ring_arg;
};

struct memory_tx {
	struct tx base;
	struct memory_store *store;
};

static const struct store_ops memory_ops;
static const struct tx_ops memory_tx_ops;

static struct memory_store *mine(struct store *store)
{
	assert(store->ops == &memory_ops);
	return container_of(store, struct memory_store, base);
}

static struct memory_store *store_of(struct tx *tx)
{
	const struct memory_tx *const own = container_of(tx, struct memory_tx, base);

	assert(tx->ops == &memory_tx_ops);
	return own->store;
}

/* Room for one more, doubling. */
static enum err widen(void **array, size_t n, size_t *room, size_t size)
{
	const size_t wider = *room > 0 ? *room * 2 : 16;
	void *p;

	if (n < *room)
		return OK;
	p = reallocarray(*array, wider, size);
	if (p == NULL)
		return ERR_INTERNAL;
	*array = p;
	*room = wider;
	return OK;
}

/* The place of the row with this key; NULL: none. */
static void **place_of(struct table *t, const struct record *r, const void *key)
{
	for (size_t i = 0; i < t->n; i++) {
		if (row_compare_key(r, t->rows[i], key) == 0)
			return &t->rows[i];
	}
	return NULL;
}

/* Has another row its unique value? */
static bool is_taken(const struct table *t, const struct record *r, const void *row)
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

/* Puts `after` where `before` was; either may be NULL. Needs room in the table. */
static void swap_rows(struct table *t, const void *before, void *after)
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

/* `row` NULL: removes. */
static enum err change(struct memory_store *s, enum record_kind kind, void *before, const void *row)
{
	const struct record *const r = &records[kind];
	struct table *const t = &s->tables[kind];
	void *after = NULL, *changes = s->changes, *rows = t->rows;

	TRY(widen(&changes, s->n_changes, &s->room, sizeof(s->changes[0])));
	s->changes = changes;
	TRY(widen(&rows, t->n, &t->room, sizeof(t->rows[0])));
	t->rows = rows;
	if (row != NULL) {
		after = row_clone(r, row);
		if (after == NULL)
			return ERR_INTERNAL;
	}
	swap_rows(t, before, after);
	s->changes[s->n_changes++] = (struct change){ kind, before, after };
	return OK;
}

static void forget_changes(struct memory_store *s)
{
	for (size_t i = 0; i < s->n_changes; i++)
		row_free(&records[s->changes[i].kind], s->changes[i].before);
	s->n_changes = 0;
}

/* Backwards. What is removed leaves room, so that nothing here can fail. */
static void undo_changes(struct memory_store *s)
{
	while (s->n_changes > 0) {
		const struct change c = s->changes[--s->n_changes];

		swap_rows(&s->tables[c.kind], c.after, c.before);
		row_free(&records[c.kind], c.after);
	}
}

static enum err memory_load(struct tx *tx, enum record_kind kind, void *row)
{
	struct memory_store *const s = store_of(tx);
	void **const place = place_of(&s->tables[kind], &records[kind], row);

	return place != NULL ? row_copy_out(&records[kind], *place, tx->arena, row) : ERR_NOT_FOUND;
}

static enum err memory_save(struct tx *tx, enum record_kind kind, const void *row)
{
	struct memory_store *const s = store_of(tx);
	void **const place = place_of(&s->tables[kind], &records[kind], row);

	assert(tx->writing);
	if (is_taken(&s->tables[kind], &records[kind], row))
		return ERR_CONFLICT;
	return change(s, kind, place != NULL ? *place : NULL, row);
}

static enum err memory_add(struct tx *tx, enum record_kind kind, const void *row)
{
	struct memory_store *const s = store_of(tx);

	assert(tx->writing);
	if (place_of(&s->tables[kind], &records[kind], row) != NULL)
		return ERR_CONFLICT;
	return memory_save(tx, kind, row);
}

static enum err memory_remove(struct tx *tx, enum record_kind kind, const void *row)
{
	struct memory_store *const s = store_of(tx);
	void **const place = place_of(&s->tables[kind], &records[kind], row);

	assert(tx->writing);
	return place != NULL ? change(s, kind, *place, NULL) : OK;
}

static int compare_found(const void *a, const void *b, void *query)
{
	return row_compare(query, *(void *const *)a, *(void *const *)b);
}

/* All that match, in order. */
static size_t collect(struct table *t, const struct query *q, const void *probe, void **matching)
{
	struct query order = *q;
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (row_matches(q, t->rows[i], probe))
			matching[n++] = t->rows[i];
	}
	qsort_r(matching, n, sizeof(matching[0]), compare_found, &order);
	return n;
}

static enum err memory_find(
	struct tx *tx, enum query_kind query, const void *probe, struct page page, void *rows, size_t *found)
{
	const struct query *const q = &queries[query];
	const struct record *const r = &records[q->of];
	struct table *const t = &store_of(tx)->tables[q->of];
	void **const matching = calloc(t->n + 1, sizeof(matching[0]));
	size_t n, given = 0;
	enum err e = OK;

	if (matching == NULL)
		return ERR_INTERNAL;
	n = collect(t, q, probe, matching);
	for (size_t i = page.skip; i < n && given < page.limit && e == OK; i++) {
		e = row_copy_out(r, matching[i], tx->arena, (char *)rows + given * r->size);
		given++;
	}
	free(matching);
	if (e == OK)
		*found = given;
	return e;
}

static enum err memory_clock(struct tx *tx, moment *now)
{
	struct clock *const clock = store_of(tx)->clock;

	*now = clock != NULL ? clock->ops->now(clock) : (moment){ 0 };
	return OK;
}

static const struct tx_ops memory_tx_ops = {
	.load = memory_load,
	.save = memory_save,
	.add = memory_add,
	.remove = memory_remove,
	.find = memory_find,
	.clock = memory_clock,
};

static enum err memory_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	struct memory_store *const s = mine(store);
	struct memory_tx tx = {
		.base = { .ops = &memory_tx_ops, .arena = arena, .writing = kind != TX_READ },
		.store = s,
	};
	const struct arena_mark before = arena_mark(arena);
	void (*ring)(void *arg) = NULL;
	void *ring_arg;
	enum err e;

	lock_acquire(&s->turn);
	/* As the other stores may: the first run is undone. What cannot be run twice is seen by its tests. */
	e = work(&tx.base, arg);
	if (e == OK && kind != TX_READ) {
		undo_changes(s);
		tx.base.has_effects = false;
		arena_rewind(arena, before);
		e = work(&tx.base, arg);
	}
	if (e == OK)
		forget_changes(s);
	else
		undo_changes(s);
	if (e == OK && tx.base.has_effects)
		ring = s->ring;
	ring_arg = s->ring_arg;
	lock_release(&s->turn);
	if (ring != NULL)
		ring(ring_arg);
	return e;
}

static void memory_on_effects(struct store *store, void (*ring)(void *arg), void *arg)
{
	struct memory_store *const s = mine(store);

	lock_acquire(&s->turn);
	s->ring = ring;
	s->ring_arg = arg;
	lock_release(&s->turn);
}

static enum err memory_ready(struct store *store)
{
	(void)mine(store);
	return OK;
}

static void memory_close(struct store *store)
{
	struct memory_store *const s = mine(store);

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		for (size_t i = 0; i < s->tables[kind].n; i++)
			row_free(&records[kind], s->tables[kind].rows[i]);
		free(s->tables[kind].rows);
	}
	free(s->changes);
	lock_finish(&s->turn);
	free(s);
}

static const struct store_ops memory_ops = {
	.transact = memory_transact,
	.on_commit = memory_on_effects,
	.ready = memory_ready,
	.close = memory_close,
};

enum err memory_store_open(struct store **out)
{
	struct memory_store *const s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ERR_INTERNAL;
	s->base.ops = &memory_ops;
	lock_init(&s->turn);
	*out = &s->base;
	return OK;
}

void memory_store_set_clock(struct store *store, struct clock *clock)
{
	mine(store)->clock = clock;
}

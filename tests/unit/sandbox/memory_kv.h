/* A shelf in memory: what was committed outlives the sandbox that is closed, and nothing else does. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "port/kv_store.h"

#define MEMORY_SHELF_MAX 512

struct memory_row {
	const char *kind; /* static text; NULL: the place is free */
	int64_t key;
	char *bytes;
	size_t n;
};

struct memory_shelf {
	struct kv_store base;
	struct memory_row kept[MEMORY_SHELF_MAX], draft[MEMORY_SHELF_MAX];
	size_t puts, drops; /* that were committed */
	size_t puts_open, drops_open;
	bool fails; /* commits do */
};

static inline void memory_rows_free(struct memory_row *rows)
{
	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++)
		free(rows[i].bytes);
	memset(rows, 0, MEMORY_SHELF_MAX * sizeof(*rows));
}

static inline void memory_rows_copy(struct memory_row *to, const struct memory_row *from)
{
	memory_rows_free(to);
	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++) {
		if (!from[i].kind)
			continue;
		to[i] = from[i];
		to[i].bytes = malloc(from[i].n + 1);
		if (!to[i].bytes)
			abort();
		memcpy(to[i].bytes, from[i].bytes, from[i].n);
	}
}

static inline struct memory_row *memory_row_at(struct memory_row *rows, const char *kind, int64_t key)
{
	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++)
		if (rows[i].kind && strcmp(rows[i].kind, kind) == 0 && rows[i].key == key)
			return &rows[i];
	return NULL;
}

static inline size_t memory_shelf_count(struct memory_shelf *m, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < MEMORY_SHELF_MAX; i++)
		n += m->kept[i].kind && strcmp(m->kept[i].kind, kind) == 0;
	return n;
}

static inline struct memory_shelf *memory_shelf_of(struct kv_store *kv)
{
	return container_of(kv, struct memory_shelf, base);
}

static inline enum err memory_each(struct kv_store *kv, const char *kind, kv_visit *found, void *arg)
{
	struct memory_row *const rows = memory_shelf_of(kv)->kept;
	int64_t after = INT64_MIN;
	struct memory_row *next;

	do {
		next = NULL;
		for (size_t i = 0; i < MEMORY_SHELF_MAX; i++)
			if (rows[i].kind && strcmp(rows[i].kind, kind) == 0 && rows[i].key > after &&
				(!next || rows[i].key < next->key))
				next = &rows[i];
		if (next) {
			TRY(found(arg, next->key, (struct str){ next->bytes, next->n }));
			after = next->key;
		}
	} while (next);
	return OK;
}

static inline void memory_begin(struct kv_store *kv)
{
	struct memory_shelf *const m = memory_shelf_of(kv);

	memory_rows_copy(m->draft, m->kept);
	m->puts_open = m->drops_open = 0;
}

static inline void memory_drop(struct kv_store *kv, const char *kind, int64_t key)
{
	struct memory_shelf *const m = memory_shelf_of(kv);
	struct memory_row *const row = memory_row_at(m->draft, kind, key);

	if (!row)
		return;
	free(row->bytes);
	*row = (struct memory_row){ 0 };
	m->drops_open++;
}

static inline void memory_put(struct kv_store *kv, const char *kind, int64_t key, struct str bytes)
{
	struct memory_shelf *const m = memory_shelf_of(kv);
	struct memory_row *row = memory_row_at(m->draft, kind, key);

	for (size_t i = 0; !row; i++)
		if (!m->draft[i].kind)
			row = &m->draft[i];

	char *const copy = malloc(bytes.n + 1), *const before = row->bytes;

	if (!copy)
		abort();
	memcpy(copy, bytes.p, bytes.n);
	*row = (struct memory_row){ kind, key, copy, bytes.n };
	free(before);
	m->puts_open++;
}

static inline enum err memory_commit(struct kv_store *kv)
{
	struct memory_shelf *const m = memory_shelf_of(kv);

	if (m->fails)
		return ERR_STORAGE;
	memory_rows_copy(m->kept, m->draft);
	m->puts += m->puts_open;
	m->drops += m->drops_open;
	return OK;
}

static const struct kv_store_ops memory_shelf_ops = {
	.each = memory_each,
	.begin = memory_begin,
	.put = memory_put,
	.drop = memory_drop,
	.commit = memory_commit,
};

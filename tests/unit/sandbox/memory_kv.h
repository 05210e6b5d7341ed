/* A kv_store in memory, for tests. A test can close a sandbox and open another one on the same rows: only
 * committed changes are still there. Not thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "port/kv_store.h"

#define MEMORY_KV_ROWS 512

struct memory_kv_row {
	const char *kind; /* static text; NULL: the slot is free */
	int64_t key;
	char *bytes;
	size_t n;
};

struct memory_kv {
	struct kv_store base;
	struct memory_kv_row committed[MEMORY_KV_ROWS], pending[MEMORY_KV_ROWS];
	size_t puts, drops;		    /* committed so far */
	size_t pending_puts, pending_drops; /* in the open transaction */
	bool fails;			    /* every commit fails with ERR_STORAGE */
};

static inline void memory_kv_rows_free(struct memory_kv_row *rows)
{
	for (size_t i = 0; i < MEMORY_KV_ROWS; i++)
		free(rows[i].bytes);
	memset(rows, 0, MEMORY_KV_ROWS * sizeof(*rows));
}

static inline void memory_kv_rows_copy(struct memory_kv_row *to, const struct memory_kv_row *from)
{
	memory_kv_rows_free(to);
	for (size_t i = 0; i < MEMORY_KV_ROWS; i++) {
		if (!from[i].kind)
			continue;
		to[i] = from[i];
		to[i].bytes = malloc(from[i].n + 1);
		if (!to[i].bytes)
			abort();
		memcpy(to[i].bytes, from[i].bytes, from[i].n);
	}
}

static inline struct memory_kv_row *memory_kv_find(struct memory_kv_row *rows, const char *kind, int64_t key)
{
	for (size_t i = 0; i < MEMORY_KV_ROWS; i++)
		if (rows[i].kind && strcmp(rows[i].kind, kind) == 0 && rows[i].key == key)
			return &rows[i];
	return NULL;
}

static inline size_t memory_kv_count(struct memory_kv *memory, const char *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < MEMORY_KV_ROWS; i++)
		n += memory->committed[i].kind && strcmp(memory->committed[i].kind, kind) == 0;
	return n;
}

static inline struct memory_kv *memory_kv_from_base(struct kv_store *kv)
{
	return container_of(kv, struct memory_kv, base);
}

static inline enum err memory_kv_each(struct kv_store *kv, const char *kind, kv_visit *found, void *arg)
{
	struct memory_kv_row *const rows = memory_kv_from_base(kv)->committed;
	int64_t after = INT64_MIN;
	struct memory_kv_row *next;

	do {
		next = NULL;
		for (size_t i = 0; i < MEMORY_KV_ROWS; i++)
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

static inline void memory_kv_begin(struct kv_store *kv)
{
	struct memory_kv *const memory = memory_kv_from_base(kv);

	memory_kv_rows_copy(memory->pending, memory->committed);
	memory->pending_puts = memory->pending_drops = 0;
}

static inline void memory_kv_drop(struct kv_store *kv, const char *kind, int64_t key)
{
	struct memory_kv *const memory = memory_kv_from_base(kv);
	struct memory_kv_row *const row = memory_kv_find(memory->pending, kind, key);

	if (!row)
		return;
	free(row->bytes);
	*row = (struct memory_kv_row){ 0 };
	memory->pending_drops++;
}

static inline void memory_kv_put(struct kv_store *kv, const char *kind, int64_t key, struct str bytes)
{
	struct memory_kv *const memory = memory_kv_from_base(kv);
	struct memory_kv_row *row = memory_kv_find(memory->pending, kind, key);

	for (size_t i = 0; !row; i++)
		if (!memory->pending[i].kind)
			row = &memory->pending[i];

	char *const copy = malloc(bytes.n + 1), *const before = row->bytes;

	if (!copy)
		abort();
	memcpy(copy, bytes.p, bytes.n);
	*row = (struct memory_kv_row){ kind, key, copy, bytes.n };
	free(before);
	memory->pending_puts++;
}

static inline enum err memory_kv_commit(struct kv_store *kv)
{
	struct memory_kv *const memory = memory_kv_from_base(kv);

	if (memory->fails)
		return ERR_STORAGE;
	memory_kv_rows_copy(memory->committed, memory->pending);
	memory->puts += memory->pending_puts;
	memory->drops += memory->pending_drops;
	return OK;
}

static const struct kv_store_ops memory_kv_ops = {
	.each = memory_kv_each,
	.begin = memory_kv_begin,
	.put = memory_kv_put,
	.drop = memory_kv_drop,
	.commit = memory_kv_commit,
};

#include "app/core/table_walk.h"

#include <string.h>

#define PAGE_BYTES ((size_t)64 * 1024 * 1024)

struct page_job {
	const struct table_walk *walk;
	const void *after;
	size_t limit;
	struct table_page page;
	char *rows;
	enum row_state states[TABLE_PAGE_ROWS];
};

static enum err read_page(struct tx *tx, void *arg)
{
	struct page_job *const job = arg;
	const struct walk walk = { job->walk->of, job->after, job->limit };

	job->rows = arena_many(tx->arena, records[walk.of].size, job->limit, _Alignof(max_align_t));
	if (job->rows == NULL)
		return ERR_INTERNAL;
	TRY(store_walk(tx, &walk, job->rows, job->states, &job->page.n));
	job->page.of = walk.of;
	job->page.rows = job->rows;
	job->page.states = job->states;
	return job->walk->in_tx != NULL ? job->walk->in_tx(tx, job->walk->arg, &job->page) : OK;
}

/* Returns whether the key of the last row is the one that the page began after. */
static bool is_stuck(const struct page_job *job, const char *last)
{
	const struct record *const r = &records[job->walk->of];

	for (size_t i = 0; i < r->n_keys && job->after != NULL; i++)
		if (memcmp((const char *)job->after + r->columns[i].offset, last + r->columns[i].offset,
			    r->columns[i].size) != 0)
			return false;
	return job->after != NULL;
}

static enum err walk_pages(struct store *store, struct arena *arena, struct page_job *job)
{
	_Alignas(max_align_t) char after[RECORD_SIZE_MAX];
	const size_t size = records[job->walk->of].size;

	for (;;) {
		arena_reset(arena);
		const enum err e = store_transact(store, job->walk->kind, arena, read_page, job);
		if (e == ERR_INTERNAL && job->limit > 1) {
			job->limit /= 2;
			continue;
		}
		TRY(e);
		if (job->walk->after_tx != NULL)
			job->walk->after_tx(job->walk->arg, &job->page);
		if (job->page.n < job->limit)
			return OK;
		const char *const last = job->rows + (job->page.n - 1) * size;
		if (is_stuck(job, last))
			return ERR_STORAGE;
		memcpy(after, last, size);
		job->after = after;
	}
}

enum err table_walk_run(struct store *store, const struct table_walk *walk)
{
	struct page_job job = { .walk = walk, .limit = TABLE_PAGE_ROWS };
	struct arena arena;

	arena_init(&arena, PAGE_BYTES);
	const enum err e = walk_pages(store, &arena, &job);
	arena_wipe(&arena); /* a check may have opened sealed values in it */
	arena_finish(&arena);
	return e;
}

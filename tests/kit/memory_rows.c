#include "kit/memory_rows.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int column_compare(const struct column *c, const void *a, const void *b)
{
	int64_t x, y;

	if (!column_is_number(c))
		return str_cmp(column_bytes(c, a), column_bytes(c, b));
	x = column_number(c, a);
	y = column_number(c, b);
	return (x > y) - (x < y);
}

bool column_is_empty(const struct column *c, const void *row)
{
	return !column_is_number(c) ? column_bytes(c, row).n == 0 : column_number(c, row) == 0;
}

int row_compare_key(const struct record *r, const void *a, const void *b)
{
	int comparison = 0;

	for (size_t i = 0; i < r->n_keys && comparison == 0; i++)
		comparison = column_compare(&r->columns[i], a, b);
	return comparison;
}

static bool filter_matches(enum match match, const struct column *c, const void *row, const void *probe)
{
	const int comparison = column_compare(c, row, probe);

	switch (match) {
	case MATCH_EQUAL:
		return comparison == 0;
	case MATCH_BELOW:
		return comparison < 0;
	case MATCH_UP_TO:
		return comparison <= 0;
	case MATCH_ABOVE:
		return comparison > 0;
	case MATCH_ABOVE_ZERO:
		return comparison > 0 && column_number(c, row) > 0;
	case MATCH_FROM:
		return comparison >= 0;
	case MATCH_NOT:
		return comparison != 0;
	case MATCH_ZERO:
		return comparison == 0 && column_is_empty(c, row);
	case MATCH_TWO:
		return comparison == 0 && column_number(c, row) == 2;
	case MATCH_EQUAL_NOT_EMPTY:
	case MATCH_UNIQUE:
		return comparison == 0 && !column_is_empty(c, row);
	}
	assert(false && "unknown enum match");
	return false;
}

bool row_matches(const struct query *q, const void *row, const void *probe)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct column *const c = record_column(&records[q->of], q->filters[i].column);

		if (!filter_matches(q->filters[i].match, c, row, probe))
			return false;
	}
	return true;
}

int row_compare(const struct query *q, const void *a, const void *b)
{
	const struct record *const r = &records[q->of];
	int comparison = column_compare(record_column(r, q->sort_column), a, b);

	if (comparison == 0)
		comparison = row_compare_key(r, a, b);
	return q->newest_first ? -comparison : comparison;
}

/* Each byte string of the copy is a separate allocation, even if it is empty. */
void *row_clone(const struct record *r, const void *row)
{
	char *const kept = malloc(r->size);
	bool failed = false;

	if (kept == NULL)
		return NULL;
	memcpy(kept, row, r->size);
	for (size_t i = 0; i < r->n; i++) {
		const struct column *const c = &r->columns[i];
		struct str bytes;
		char *p;

		if (c->kind != COLUMN_BYTES)
			continue;
		bytes = column_bytes(c, row);
		p = malloc(bytes.n + 1);
		failed |= p == NULL;
		if (p != NULL && bytes.n > 0)
			memcpy(p, bytes.p, bytes.n);
		bytes = (struct str){ p, p != NULL ? bytes.n : 0 };
		memcpy(kept + c->offset, &bytes, sizeof(bytes));
	}
	if (!failed)
		return kept;
	row_free(r, kept);
	return NULL;
}

void row_free(const struct record *r, void *row)
{
	if (row == NULL)
		return;
	for (size_t i = 0; i < r->n; i++) {
		const struct column *const c = &r->columns[i];
		struct {
			char *p;
			size_t n;
		} own;

		if (c->kind != COLUMN_BYTES)
			continue;
		static_assert(sizeof(own) == sizeof(struct str), "`own` is a struct str with writable bytes");
		memcpy(&own, (char *)row + c->offset, sizeof(own));
		if (own.p != NULL)
			explicit_bzero(own.p, own.n);
		free(own.p);
	}
	explicit_bzero(row, r->size);
	free(row);
}

enum err row_copy_out(const struct record *r, const void *row, struct arena *arena, void *out)
{
	_Alignas(max_align_t) char copy[RECORD_SIZE_MAX];

	assert(r->size <= sizeof(copy));
	memcpy(copy, row, r->size);
	for (size_t i = 0; i < r->n; i++) {
		const struct column *const c = &r->columns[i];
		struct str bytes;

		if (c->kind != COLUMN_BYTES)
			continue;
		bytes = arena_copy(arena, column_bytes(c, row));
		if (bytes.p == NULL)
			return ERR_INTERNAL;
		memcpy(copy + c->offset, &bytes, sizeof(bytes));
	}
	memcpy(out, copy, r->size);
	return OK;
}

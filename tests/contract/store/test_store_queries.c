/* Compares the result of every query of port/record.h with that of a loop over all rows. */
#include "stores.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define ROWS 60
#define PROBES 24

static int64_t number_at(const struct column *c, const char *at)
{
	int64_t number = 0;
	int word;

	if (c->kind == COLUMN_FLAG)
		return *(const bool *)at;
	if (c->kind != COLUMN_ENUM) {
		memcpy(&number, at, sizeof(number));
		return number;
	}
	memcpy(&word, at, sizeof(word));
	return word;
}

static int order_of(const struct column *c, const void *a, const void *b)
{
	const char *const x = (const char *)a + c->offset, *const y = (const char *)b + c->offset;

	assert_true(c->kind != COLUMN_BYTES);
	if (c->kind == COLUMN_ID)
		return strcmp(x, y);
	if (c->kind == COLUMN_DIGEST)
		return memcmp(x, y, c->size);
	return number_at(c, x) < number_at(c, y) ? -1 : number_at(c, x) > number_at(c, y);
}

/* Returns whether a value is 0 or the empty text. */
static bool is_none(const struct column *c, const void *row)
{
	return c->kind == COLUMN_ID ? ((const char *)row)[c->offset] == '\0'
				    : number_at(c, (const char *)row + c->offset) == 0;
}

static bool is_above_zero(const struct column *c, const void *row)
{
	return c->kind == COLUMN_INT && number_at(c, (const char *)row + c->offset) > 0;
}

static bool is_two(const struct column *c, const void *row)
{
	return c->kind == COLUMN_ENUM && number_at(c, (const char *)row + c->offset) == 2;
}

/* What a value is, apart from how it compares with that of the probe. */
struct value_facts {
	bool none, above_zero, two;
};

static bool expected_to_hold(enum match match, int comparison, struct value_facts value)
{
	const bool below = comparison < 0, same = comparison == 0;
	const bool holds[] = {
		[MATCH_EQUAL] = same,
		[MATCH_BELOW] = below,
		[MATCH_UP_TO] = below || same,
		[MATCH_ABOVE] = !below && !same,
		[MATCH_ABOVE_ZERO] = !below && !same && value.above_zero,
		[MATCH_FROM] = !below,
		[MATCH_NOT] = !same,
		[MATCH_ZERO] = same && value.none,
		[MATCH_EQUAL_NOT_EMPTY] = same && !value.none,
		[MATCH_TWO] = same && value.two,
		[MATCH_UNIQUE] = same,
	};

	return holds[match];
}

static bool expected_to_match(const struct query *q, const void *row, const void *probe)
{
	for (size_t i = 0; i < q->n; i++) {
		const struct column *const c = record_column(&records[q->of], q->filters[i].column);

		const struct value_facts value = { c->kind != COLUMN_DIGEST && is_none(c, row),
			is_above_zero(c, row), is_two(c, row) };

		if (!expected_to_hold(q->filters[i].match, order_of(c, row, probe), value))
			return false;
	}
	return true;
}

static int expected_order(const struct query *q, const void *a, const void *b)
{
	const struct record *const r = &records[q->of];
	int comparison = order_of(record_column(r, q->sort_column), a, b);

	for (size_t i = 0; i < r->n_keys && comparison == 0; i++)
		comparison = order_of(&r->columns[i], a, b);
	return q->newest_first ? -comparison : comparison;
}

struct query_params {
	enum query_kind query;
	const void *probe;
	size_t skip, limit;
	char *rows;
	size_t found;
};

static enum err run_query(struct tx *tx, void *arg)
{
	struct query_params *const q = arg;

	return store_find(tx, q->query, q->probe, page_of(q->skip, q->limit), q->rows, &q->found);
}

static size_t query_page(struct fixture *f, struct query_params *q, size_t skip, size_t limit, char *rows)
{
	q->skip = skip;
	q->limit = limit;
	q->rows = rows;
	q->found = 4711;
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, run_query, q), OK);
	assert_true(q->found <= limit);
	return q->found;
}

static char *add_rows(struct fixture *f, enum record_kind kind)
{
	const size_t size = records[kind].size;
	char *const rows = arena_bytes(&f->arena, size * ROWS, 16);

	assert_non_null(rows);
	for (unsigned i = 0; i < ROWS; i++) {
		row_make_narrow(kind, i, rows + i * size);
		assert_int_equal(run_action(f, f->store, DO_ADD, kind, rows + i * size), OK);
	}
	return rows;
}

/* Reads the whole result as one page, and asserts that it contains exactly the matching rows, in order.
 * Returns their number. */
static size_t assert_result(struct fixture *f, struct query_params *q, const char *rows, char *found)
{
	const struct query *const query = &queries[q->query];
	const size_t size = records[query->of].size;
	const size_t n = query_page(f, q, 0, ROWS + 1, found);
	size_t matching = 0;

	for (size_t i = 0; i < ROWS; i++)
		matching += expected_to_match(query, rows + i * size, q->probe);
	assert_int_equal(n, matching);
	for (size_t i = 0; i < n; i++) {
		assert_true(expected_to_match(query, found + i * size, q->probe));
		assert_true(i == 0 || expected_order(query, found + (i - 1) * size, found + i * size) < 0);
	}
	return n;
}

static void assert_pages(struct fixture *f, struct query_params *q, const char *whole, size_t n)
{
	const enum record_kind kind = queries[q->query].of;
	const size_t size = records[kind].size, steps[] = { 1, 7, ROWS };
	char *const page = arena_bytes(&f->arena, size * ROWS, 16);

	assert_non_null(page);
	for (size_t s = 0; s < array_len(steps); s++) {
		for (size_t at = 0; at <= n; at += steps[s]) {
			const size_t got = query_page(f, q, at, steps[s], page);

			assert_int_equal(got, n - at < steps[s] ? n - at : steps[s]);
			for (size_t i = 0; i < got; i++)
				row_assert_equal(kind, page + i * size, whole + (at + i) * size);
		}
	}
	assert_int_equal(query_page(f, q, 0, 0, page), 0);
	assert_int_equal(query_page(f, q, SIZE_MAX, ROWS, page), 0);
}

/* Runs the query with a random row as its probe. Returns the number of rows that it found. */
static size_t assert_probe(struct fixture *f, struct query_params *q, char *rows, char *found)
{
	const struct arena_mark before = arena_mark(&f->arena);

	q->probe = rows + random_u64() % ROWS * records[queries[q->query].of].size;
	const size_t n = assert_result(f, q, rows, found);
	assert_pages(f, q, found, n);
	arena_rewind(&f->arena, before);
	return n;
}

static void assert_query(struct fixture *f, enum query_kind query, char *rows, char *found)
{
	struct query_params q = { .query = query };
	size_t most = 0;

	for (size_t p = 0; p < PROBES; p++) {
		const size_t n = assert_probe(f, &q, rows, found);

		most = n > most ? n : most;
	}
	if (most == 0)
		fail_msg("query %d of %s found nothing", (int)query, records[queries[query].of].table);
}

static void every_query_returns_the_matching_rows(void **state)
{
	struct fixture *const f = *state;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		char *const rows = add_rows(f, (enum record_kind)kind);
		char *const found = arena_bytes(&f->arena, records[kind].size * (ROWS + 1), 16);

		assert_non_null(found);
		for (int i = 0; i < QUERY_COUNT; i++)
			if (queries[i].of == (enum record_kind)kind)
				assert_query(f, (enum query_kind)i, rows, found);
	}
}

/* In a unique column, an empty value means that the row has no value. So a query for the empty value must
 * find nothing. */
static void empty_unique_value_finds_nothing(void **state)
{
	struct fixture *const f = *state;
	struct session without = { .id = { "1" } }, with = { .id = { "2" }, .provider_ref = { "p" } },
		       found[3];
	struct query_params q = { .query = QUERY_SESSION_BY_PROVIDER };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_SESSION, &without), OK);
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_SESSION, &with), OK);
	q.probe = &without;
	assert_int_equal(query_page(f, &q, 0, 3, (char *)found), 0);
	q.probe = &with;
	assert_int_equal(query_page(f, &q, 0, 3, (char *)found), 1);
	assert_string_equal(found[0].id.text, "2");
}

static void rows_of_the_same_time_are_sorted_by_key(void **state)
{
	struct fixture *const f = *state;
	static const char *const expected[] = { "4", "3", "2", "1" };
	struct session found[5], probe = { .user_id = { "u" } };
	struct query_params q = { .query = QUERY_SESSIONS_OF_USER, .probe = &probe };

	for (int i = 0; i < 4; i++) {
		struct session s = { .user_id = { "u" }, .created_at = { i < 3 ? 10 : 11 } };

		(void)snprintf(s.id.text, sizeof(s.id.text), "%d", i + 1);
		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_SESSION, &s), OK);
	}
	assert_int_equal(query_page(f, &q, 0, 5, (char *)found), 4);
	for (size_t i = 0; i < array_len(expected); i++)
		assert_string_equal(found[i].id.text, expected[i]);
}

/* The caller may use the same memory for the probe and for the result. */
static void result_may_overwrite_the_probe(void **state)
{
	struct fixture *const f = *state;
	struct effect rows[4] = { { .lease_expires_at = { 50 } } };
	struct query_params q = { .query = QUERY_EFFECTS_LEASED, .probe = &rows[0] };

	for (int i = 0; i < 4; i++) {
		struct effect e = { .lease_expires_at = { 50 + i }, .due_at = { i } };

		(void)snprintf(e.id.text, sizeof(e.id.text), "%d", i);
		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_EFFECT, &e), OK);
	}
	assert_int_equal(query_page(f, &q, 0, 4, (char *)rows), 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(rows[i].lease_expires_at.ms, 51 + i);
}

static enum err write_and_find(struct tx *tx, void *arg)
{
	struct audit_entry row = { .id = { "1" }, .subject = "s" };
	struct audit_entry *const found = arg;
	size_t n;

	TRY(store_add_audit_entry(tx, &row));
	TRY(store_find(tx, QUERY_AUDIT_OF_SUBJECT, &row, page_of(0, 2), found, &n));
	return n == 1 ? OK : ERR_INTERNAL;
}

static void transaction_sees_its_own_writes(void **state)
{
	struct fixture *const f = *state;
	struct audit_entry found[2];

	assert_int_equal(store_transact(f->store, TX_WRITE, &f->arena, write_and_find, found), OK);
	assert_string_equal(found[0].id.text, "1");
}

static const struct contract_test contracts[] = {
	{ "every query returns the matching rows", every_query_returns_the_matching_rows },
	{ "empty unique value finds nothing", empty_unique_value_finds_nothing },
	{ "rows of the same time are sorted by key", rows_of_the_same_time_are_sorted_by_key },
	{ "result may overwrite the probe", result_may_overwrite_the_probe },
	{ "transaction sees its own writes", transaction_sees_its_own_writes },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of loading, saving, adding and removing single rows, for every record and every kind of value. */
#include "stores.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define FLAVOURS 12

/* Copies the key of `row` to `probe` and fills the rest of `probe` with 0x55. */
static void make_probe(enum record_kind kind, const void *row, void *probe)
{
	const struct record *const r = &records[kind];

	memset(probe, 0x55, r->size);
	for (size_t i = 0; i < r->n_keys; i++)
		memcpy((char *)probe + r->columns[i].offset, (const char *)row + r->columns[i].offset,
			r->columns[i].size);
}

static void assert_stored(struct fixture *f, enum record_kind kind, const void *row)
{
	struct row_space loaded;

	make_probe(kind, row, &loaded);
	assert_int_equal(run_action(f, f->store, DO_LOAD, kind, &loaded), OK);
	row_assert_equal(kind, row, &loaded);
}

/* Asserts that the row is not stored, and that load leaves the caller's row unchanged. */
static void assert_absent(struct fixture *f, enum record_kind kind, const void *row)
{
	struct row_space loaded, before;

	make_probe(kind, row, &loaded);
	memcpy(&before, &loaded, records[kind].size);
	assert_int_equal(run_action(f, f->store, DO_LOAD, kind, &loaded), ERR_NOT_FOUND);
	assert_memory_equal(&loaded, &before, records[kind].size);
}

static void every_value_is_loaded_as_saved(void **state)
{
	struct fixture *const f = *state;
	struct row_space row;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		for (unsigned flavour = 0; flavour < FLAVOURS; flavour++) {
			row_make(f, (enum record_kind)kind, flavour, flavour, &row);
			assert_absent(f, (enum record_kind)kind, &row);
			assert_int_equal(run_action(f, f->store, flavour % 2 ? DO_ADD : DO_SAVE,
						 (enum record_kind)kind, &row),
				OK);
			assert_stored(f, (enum record_kind)kind, &row);
		}
	}
}

static void save_replaces_all_columns_but_the_key(void **state)
{
	struct fixture *const f = *state;
	struct row_space row, other;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		row_make(f, (enum record_kind)kind, 99, 3, &other);
		assert_int_equal(run_action(f, f->store, DO_SAVE, (enum record_kind)kind, &other), OK);
		for (unsigned flavour = 0; flavour < FLAVOURS; flavour++) {
			row_make(f, (enum record_kind)kind, 7, flavour, &row);
			assert_int_equal(run_action(f, f->store, DO_SAVE, (enum record_kind)kind, &row), OK);
			assert_stored(f, (enum record_kind)kind, &row);
		}
		assert_stored(f, (enum record_kind)kind, &other);
	}
}

static void add_never_replaces(void **state)
{
	struct fixture *const f = *state;
	struct row_space row, second;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		row_make(f, (enum record_kind)kind, 1, 3, &row);
		row_make(f, (enum record_kind)kind, 1, 4, &second);
		assert_int_equal(run_action(f, f->store, DO_ADD, (enum record_kind)kind, &row), OK);
		assert_int_equal(
			run_action(f, f->store, DO_ADD, (enum record_kind)kind, &second), ERR_CONFLICT);
		assert_stored(f, (enum record_kind)kind, &row);
	}
}

static void remove_deletes_one_row(void **state)
{
	struct fixture *const f = *state;
	struct row_space row, other;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		row_make(f, (enum record_kind)kind, 1, 3, &row);
		row_make(f, (enum record_kind)kind, 2, 3, &other);
		assert_int_equal(run_action(f, f->store, DO_REMOVE, (enum record_kind)kind, &row), OK);
		assert_int_equal(run_action(f, f->store, DO_ADD, (enum record_kind)kind, &row), OK);
		assert_int_equal(run_action(f, f->store, DO_ADD, (enum record_kind)kind, &other), OK);
		assert_int_equal(run_action(f, f->store, DO_REMOVE, (enum record_kind)kind, &row), OK);
		assert_absent(f, (enum record_kind)kind, &row);
		assert_stored(f, (enum record_kind)kind, &other);
		assert_int_equal(run_action(f, f->store, DO_ADD, (enum record_kind)kind, &row), OK);
		assert_stored(f, (enum record_kind)kind, &row);
	}
}

/* Rows that differ in one key column are different rows. */
static void rows_with_composite_keys_are_distinct(void **state)
{
	struct fixture *const f = *state;
	struct quota rows[] = {
		{ { "a" }, 202601, 1, 0, 0 },
		{ { "a" }, 202602, 2, 0, 0 },
		{ { "b" }, 202601, 3, 0, 0 },
		{ { "b" }, 202602, 4, 0, 0 },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &rows[i]), OK);
	assert_int_equal(run_action(f, f->store, DO_REMOVE, RECORD_QUOTA, &rows[1]), OK);
	assert_absent(f, RECORD_QUOTA, &rows[1]);
	assert_stored(f, RECORD_QUOTA, &rows[0]);
	assert_stored(f, RECORD_QUOTA, &rows[2]);
	assert_stored(f, RECORD_QUOTA, &rows[3]);
}

static void tenant_name_is_unique(void **state)
{
	struct fixture *const f = *state;
	struct tenant first = { .id = { "1" }, .name = "shop" }, second = { .id = { "2" }, .name = "shop" };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &first), OK);
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &second), ERR_CONFLICT);
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_TENANT, &second), ERR_CONFLICT);
	assert_absent(f, RECORD_TENANT, &second);
	first.monthly_quota = 5; /* saving a row with its own name is no conflict */
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_TENANT, &first), OK);
	assert_stored(f, RECORD_TENANT, &first);
	(void)snprintf(second.name, sizeof(second.name), "shop2");
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &second), OK);
	(void)snprintf(
		second.name, sizeof(second.name), "shop"); /* renaming to an existing name is a conflict */
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_TENANT, &second), ERR_CONFLICT);
}

static void provider_session_is_unique_unless_empty(void **state)
{
	struct fixture *const f = *state;
	struct session rows[] = { { .id = { "1" } }, { .id = { "2" } }, { .id = { "3" } } };

	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_SESSION, &rows[i]), OK);
	(void)snprintf(rows[0].provider_ref.text, sizeof(rows[0].provider_ref.text), "didit");
	rows[1].provider_ref = rows[0].provider_ref;
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_SESSION, &rows[0]), OK);
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_SESSION, &rows[1]), ERR_CONFLICT);
	rows[0].provider_ref.text[0] = '\0';
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_SESSION, &rows[0]), OK);
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_SESSION, &rows[1]), OK);
}

/* Saving and loading copies bytes, so that later changes of the row or of the caller's memory do not affect
 * them. */
static void loaded_bytes_are_a_copy(void **state)
{
	struct fixture *const f = *state;
	char text[] = "first";
	struct user user = { .id = { "1" }, .wrapped_key = { text, 5 } }, loaded = user;

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_USER, &user), OK);
	memcpy(text, "XXXXX", 5);
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_USER, &loaded), OK);
	user.wrapped_key = STR("second");
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_USER, &user), OK);
	assert_true(str_eq(loaded.wrapped_key, STR("first")));
}

/* If the bytes do not fit into the arena, load fails and leaves the caller's row unchanged. */
static void full_arena_is_an_error(void **state)
{
	struct fixture *const f = *state;
	struct user user = { .id = { "1" }, .wrapped_key = STR_INIT("0123456789") },
		    loaded = { .id = { "1" } };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_USER, &user), OK);
	f->arena.limit = f->arena.used + 10;
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_USER, &loaded), ERR_INTERNAL);
	assert_null(loaded.wrapped_key.p);
	f->arena.limit = ARENA_TEST_LIMIT;
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_USER, &loaded), OK);
	assert_true(str_eq(loaded.wrapped_key, user.wrapped_key));
}

static void store_is_ready(void **state)
{
	struct fixture *const f = *state;

	assert_int_equal(f->store->ops->ready(f->store), OK);
	assert_int_equal(f->store->ops->ready(f->store), OK);
}

static const struct contract_test contracts[] = {
	{ "every value is loaded as saved", every_value_is_loaded_as_saved },
	{ "save replaces all columns but the key", save_replaces_all_columns_but_the_key },
	{ "add never replaces", add_never_replaces },
	{ "remove deletes one row", remove_deletes_one_row },
	{ "rows with composite keys are distinct", rows_with_composite_keys_are_distinct },
	{ "tenant name is unique", tenant_name_is_unique },
	{ "provider session is unique unless empty", provider_session_is_unique_unless_empty },
	{ "loaded bytes are a copy", loaded_bytes_are_a_copy },
	{ "full arena is an error", full_arena_is_an_error },
	{ "store is ready", store_is_ready },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

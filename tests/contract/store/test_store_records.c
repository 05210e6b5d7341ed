/* One row at a time, in every record and with every kind of value. */
#include "stores.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define FLAVOURS 12

/* Only the key is known. */
static void key_only(enum record_kind kind, const void *row, void *probe)
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

	key_only(kind, row, &loaded);
	assert_int_equal(run_action(f, f->store, DO_LOAD, kind, &loaded), OK);
	row_assert_equal(kind, row, &loaded);
}

/* Not there, and the caller's row untouched. */
static void assert_absent(struct fixture *f, enum record_kind kind, const void *row)
{
	struct row_space loaded, before;

	key_only(kind, row, &loaded);
	memcpy(&before, &loaded, records[kind].size);
	assert_int_equal(run_action(f, f->store, DO_LOAD, kind, &loaded), ERR_NOT_FOUND);
	assert_memory_equal(&loaded, &before, records[kind].size);
}

static void each_value_comes_back(void **state)
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

static void save_replaces_all_but_the_key(void **state)
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

static void remove_takes_one_row(void **state)
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

/* Every part of a key counts: rows that share one part are different rows. */
static void keys_of_several_columns(void **state)
{
	struct fixture *const f = *state;
	struct quota rows[] = {
		{ { "a" }, 202601, 1 },
		{ { "a" }, 202602, 2 },
		{ { "b" }, 202601, 3 },
		{ { "b" }, 202602, 4 },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_QUOTA, &rows[i]), OK);
	assert_int_equal(run_action(f, f->store, DO_REMOVE, RECORD_QUOTA, &rows[1]), OK);
	assert_absent(f, RECORD_QUOTA, &rows[1]);
	assert_stored(f, RECORD_QUOTA, &rows[0]);
	assert_stored(f, RECORD_QUOTA, &rows[2]);
	assert_stored(f, RECORD_QUOTA, &rows[3]);
}

static void a_tenants_name_is_unique(void **state)
{
	struct fixture *const f = *state;
	struct tenant first = { .id = { "1" }, .name = "shop" }, second = { .id = { "2" }, .name = "shop" };

	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &first), OK);
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &second), ERR_CONFLICT);
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_TENANT, &second), ERR_CONFLICT);
	assert_absent(f, RECORD_TENANT, &second);
	first.monthly_quota = 5; /* its own name is no conflict */
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_TENANT, &first), OK);
	assert_stored(f, RECORD_TENANT, &first);
	(void)snprintf(second.name, sizeof(second.name), "shop2");
	assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_TENANT, &second), OK);
	(void)snprintf(second.name, sizeof(second.name), "shop"); /* nor may it be taken later */
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_TENANT, &second), ERR_CONFLICT);
}

static void a_providers_session_is_unique_unless_empty(void **state)
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

/* What was loaded is the caller's: what happens to the row later does not reach it. */
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

/* An arena that is too small for the bytes: a failure, and the caller's row as it was. */
static void a_full_arena_is_a_failure(void **state)
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

static void it_says_that_it_is_ready(void **state)
{
	struct fixture *const f = *state;

	assert_int_equal(f->store->ops->ready(f->store), OK);
	assert_int_equal(f->store->ops->ready(f->store), OK);
}

static const struct contract contracts[] = {
	{ "each value of each column comes back", each_value_comes_back },
	{ "save replaces all but the key", save_replaces_all_but_the_key },
	{ "add never replaces", add_never_replaces },
	{ "remove takes one row", remove_takes_one_row },
	{ "keys of several columns", keys_of_several_columns },
	{ "a tenant's name is unique", a_tenants_name_is_unique },
	{ "a provider's session is unique unless empty", a_providers_session_is_unique_unless_empty },
	{ "loaded bytes are a copy", loaded_bytes_are_a_copy },
	{ "a full arena is a failure", a_full_arena_is_a_failure },
	{ "it says that it is ready", it_says_that_it_is_ready },
};

int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

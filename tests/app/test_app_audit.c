/* The trail as operators read it: whole, by subject, from a moment on, a page at a time. */
#include "app/core/audit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "kit/app_fixture.h"

#define ROWS 7

static const char *const subjects[] = { "ana", "rui" };

static enum err write_one(struct tx *tx, void *arg)
{
	struct app_fixture *const fx = arg;
	const struct actor actor = { ACTOR_KEY, "testkey1", "" };
	const size_t i = (size_t)(atomic_load(&fx->clock.now) - FIXTURE_NOW);
	const struct audit_params params = { AUDIT_PREPARED, subjects[i % array_len(subjects)], "", "" };

	return audit_append(&fx->world, tx, &actor, &params);
}

/* One row a millisecond, from FIXTURE_NOW on. */
static void fill(struct app_fixture *fx)
{
	for (int i = 0; i < ROWS; i++) {
		assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, write_one, fx), OK);
		fixture_advance_clock(fx, milliseconds(1));
	}
}

static const struct {
	const char *says, *subject;
	int64_t from;
	size_t step;
	const char *want; /* the rows' milliseconds */
} walks[] = {
	{ "all", "", 0, ROWS + 1, "0123456" },
	{ "all, when a page is all", "", 0, ROWS, "0123456" },
	{ "all, one at a time", "", 0, 1, "0123456" },
	{ "all, by threes", "", 0, 3, "0123456" },
	{ "one subject", "rui", 0, ROWS, "135" },
	{ "one subject, one at a time", "ana", 0, 1, "0246" },
	{ "just before a row", "", FIXTURE_NOW + 2, 2, "23456" },
	{ "just after a row", "", FIXTURE_NOW + 3, 2, "3456" },
	{ "one subject since", "ana", FIXTURE_NOW + 3, 2, "46" },
	{ "after all", "", FIXTURE_NOW + ROWS, 2, "" },
	{ "nobody", "eva", 0, 2, "" },
};

static void a_walk_meets_each_row_once_and_in_order(void **state)
{
	struct app_fixture *const fx = *state;

	fill(fx);
	for (size_t i = 0; i < array_len(walks); i++) {
		struct audit_cursor cursor = { .begun = false };
		struct audit_entry rows[ROWS + 1];
		char got[ROWS + 2] = "";
		size_t all = 0, n = walks[i].step;

		print_message("# %s\n", walks[i].says);
		assert_true(str_copy_to(str_of(walks[i].subject), cursor.subject, sizeof(cursor.subject)));
		id_floor((moment){ walks[i].from }, cursor.from.text);
		while (n == walks[i].step) {
			assert_int_equal(
				audit_read(&fx->world, &fx->arena, &cursor, rows, walks[i].step, &n), OK);
			for (size_t r = 0; r < n && all <= ROWS; r++)
				got[all++] = (char)('0' + (rows[r].at.ms - FIXTURE_NOW));
		}
		assert_string_equal(got, walks[i].want);
	}
}

static void a_store_that_fails_leaves_the_walk_where_it_was(void **state)
{
	struct app_fixture *const fx = *state;
	struct audit_cursor cursor = { .begun = false };
	struct audit_entry rows[ROWS];
	size_t n;

	fill(fx);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, 2, &n), OK);
	const struct audit_cursor before = cursor;
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, 2, &n), OK);
	assert_string_equal(cursor.from.text, before.from.text);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, 2, &n), OK);
	assert_int_equal(rows[0].at.ms, FIXTURE_NOW + 2);
}

static enum err write_many(struct tx *tx, void *arg)
{
	struct app_fixture *const fx = arg;
	const struct actor actor = { ACTOR_KEY, "testkey1", "" };
	static const char *const notes[] = { "a", "b", "c", "d", "e", "f", "g" };

	for (size_t i = 0; i < array_len(notes); i++) {
		const struct audit_params params = { AUDIT_DECISION, "ana", "", notes[i] };

		TRY(audit_append(&fx->world, tx, &actor, &params));
	}
	return OK;
}

/* All of one millisecond. */
static void what_one_transaction_did_is_in_its_order(void **state)
{
	struct app_fixture *const fx = *state;
	struct audit_cursor cursor = { .subject = "ana" };
	struct audit_entry rows[ROWS + 1];
	size_t n = 0;

	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, write_many, fx), OK);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, ROWS + 1, &n), OK);
	assert_int_equal(n, ROWS);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i].detail[0], 'a' + (int)i);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_walk_meets_each_row_once_and_in_order),
		TEST(what_one_transaction_did_is_in_its_order),
		TEST(a_store_that_fails_leaves_the_walk_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

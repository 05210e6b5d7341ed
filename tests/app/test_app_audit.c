/* Tests of reading the audit log as operators do: all entries, those of one subject, those from a time on,
 * and page by page. */
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

static enum err append_entry(struct tx *tx, void *arg)
{
	struct app_fixture *const fx = arg;
	const struct actor actor = { ACTOR_KEY, "testkey1", "" };
	const size_t i = (size_t)(atomic_load(&fx->clock.now) - FIXTURE_NOW);
	const struct audit_params params = { AUDIT_PREPARED, subjects[i % array_len(subjects)], "", "" };

	return audit_append(&fx->world, tx, &actor, &params);
}

/* Appends ROWS entries, one per millisecond from FIXTURE_NOW on; the subjects alternate. */
static void append_entries(struct app_fixture *fx)
{
	for (int i = 0; i < ROWS; i++) {
		assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, append_entry, fx), OK);
		fixture_advance_clock(fx, milliseconds(1));
	}
}

static const struct {
	const char *name, *subject;
	int64_t from;
	size_t page_size;
	/* Times of the expected entries in milliseconds since FIXTURE_NOW, one digit each. */
	const char *expected;
} cases[] = {
	{ "all", "", 0, ROWS + 1, "0123456" },
	{ "all, one page of exactly that size", "", 0, ROWS, "0123456" },
	{ "all, pages of one", "", 0, 1, "0123456" },
	{ "all, pages of three", "", 0, 3, "0123456" },
	{ "one subject", "rui", 0, ROWS, "135" },
	{ "one subject, pages of one", "ana", 0, 1, "0246" },
	{ "from the time of an entry", "", FIXTURE_NOW + 2, 2, "23456" },
	{ "from the time of the next entry", "", FIXTURE_NOW + 3, 2, "3456" },
	{ "one subject, from a time between its entries", "ana", FIXTURE_NOW + 3, 2, "46" },
	{ "from a time after the last entry", "", FIXTURE_NOW + ROWS, 2, "" },
	{ "a subject without entries", "eva", 0, 2, "" },
};

static void cursor_returns_each_entry_once_and_in_order(void **state)
{
	struct app_fixture *const fx = *state;

	append_entries(fx);
	for (size_t i = 0; i < array_len(cases); i++) {
		struct audit_cursor cursor = { .begun = false };
		struct audit_entry rows[ROWS + 1];
		char got[ROWS + 2] = "";
		size_t total = 0, n = cases[i].page_size;

		print_message("# %s\n", cases[i].name);
		assert_true(str_copy_to(str_of(cases[i].subject), cursor.subject, sizeof(cursor.subject)));
		id_lower_bound((moment){ cases[i].from }, cursor.from.text);
		while (n == cases[i].page_size) {
			assert_int_equal(
				audit_read(&fx->world, &fx->arena, &cursor, rows, cases[i].page_size, &n),
				OK);
			for (size_t r = 0; r < n && total <= ROWS; r++)
				got[total++] = (char)('0' + (rows[r].at.ms - FIXTURE_NOW));
		}
		assert_string_equal(got, cases[i].expected);
	}
}

static void store_failure_leaves_the_cursor_unchanged(void **state)
{
	struct app_fixture *const fx = *state;
	struct audit_cursor cursor = { .begun = false };
	struct audit_entry rows[ROWS];
	size_t n;

	append_entries(fx);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, 2, &n), OK);
	const struct audit_cursor before = cursor;
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, 2, &n), OK);
	assert_string_equal(cursor.from.text, before.from.text);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, 2, &n), OK);
	assert_int_equal(rows[0].at.ms, FIXTURE_NOW + 2);
}

static enum err append_in_one_transaction(struct tx *tx, void *arg)
{
	struct app_fixture *const fx = arg;
	const struct actor actor = { ACTOR_KEY, "testkey1", "" };
	static const char *const details[] = { "a", "b", "c", "d", "e", "f", "g" };

	for (size_t i = 0; i < array_len(details); i++) {
		const struct audit_params params = { AUDIT_DECISION, "ana", "", details[i] };

		TRY(audit_append(&fx->world, tx, &actor, &params));
	}
	return OK;
}

/* Entries with the same millisecond are returned in the order in which they were appended. */
static void entries_of_one_transaction_keep_their_order(void **state)
{
	struct app_fixture *const fx = *state;
	struct audit_cursor cursor = { .subject = "ana" };
	struct audit_entry rows[ROWS + 1];
	size_t n = 0;

	assert_int_equal(
		store_transact(fx->world.store, TX_WRITE, &fx->arena, append_in_one_transaction, fx), OK);
	assert_int_equal(audit_read(&fx->world, &fx->arena, &cursor, rows, ROWS + 1, &n), OK);
	assert_int_equal(n, ROWS);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rows[i].detail[0], 'a' + (int)i);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(cursor_returns_each_entry_once_and_in_order),
		TEST(entries_of_one_transaction_keep_their_order),
		TEST(store_failure_leaves_the_cursor_unchanged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/connection_index.h"

#define ADDRESSES 1000

static struct ip address(int n)
{
	const unsigned char bytes[4] = { 10, 0, (unsigned char)(n / 256), (unsigned char)n };

	return ip_of_v4(bytes);
}

static void count_one(struct conn_entry *entry, void *arg)
{
	(void)entry;
	++*(size_t *)arg;
}

static size_t count_all(struct connection_index *index)
{
	size_t n = 0;

	connection_index_each(index, count_one, &n);
	return n;
}

/* Adds three entries for each of more addresses than the index has buckets. */
static void entries_are_counted_by_address(void **state maybe_unused)
{
	static struct connection_index index;
	static struct conn_entry entries[3 * ADDRESSES];

	for (int i = 0; i < 3 * ADDRESSES; i++) {
		entries[i].origin = address(i % ADDRESSES);
		connection_index_add(&index, &entries[i]);
	}
	assert_int_equal(count_all(&index), 3 * ADDRESSES);
	for (int i = 0; i < ADDRESSES; i++) {
		const struct ip own = address(i);

		assert_int_equal(connection_index_count(&index, &own), 3);
	}
	for (int i = 0; i < ADDRESSES; i++)
		connection_index_remove(&entries[ADDRESSES + i]);
	for (int i = 0; i < ADDRESSES; i++) {
		const struct ip own = address(i);

		assert_int_equal(connection_index_count(&index, &own), 2);
	}
	assert_int_equal(count_all(&index), 2 * ADDRESSES);
}

static void moved_entry_is_counted_for_its_new_address(void **state maybe_unused)
{
	static struct connection_index index;
	struct conn_entry entries[3] = { { .origin = address(1) }, { .origin = address(1) },
		{ .origin = address(1) } };
	const struct ip from = address(1), to = address(2);

	for (size_t i = 0; i < array_len(entries); i++)
		connection_index_add(&index, &entries[i]);
	for (size_t i = 0; i < array_len(entries); i++) {
		assert_int_equal(connection_index_count(&index, &to), i);
		connection_index_move(&index, &entries[i], &to);
		assert_int_equal(connection_index_count(&index, &from), array_len(entries) - 1 - i);
		assert_int_equal(count_all(&index), array_len(entries));
	}
	connection_index_move(&index, &entries[1], &from);
	connection_index_remove(&entries[0]);
	connection_index_remove(&entries[2]);
	assert_int_equal(connection_index_count(&index, &from), 1);
	assert_int_equal(connection_index_count(&index, &to), 0);
	connection_index_remove(&entries[1]);
	assert_int_equal(count_all(&index), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_counted_by_address),
		cmocka_unit_test(moved_entry_is_counted_for_its_new_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

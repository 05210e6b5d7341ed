#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/connection_index.h"

#define CROWD 1000

static struct ip address(int n)
{
	const unsigned char bytes[4] = { 10, 0, (unsigned char)(n / 256), (unsigned char)n };

	return ip_of_v4(bytes);
}

static void count_one(struct conn_entry *m, void *arg)
{
	(void)m;
	++*(size_t *)arg;
}

static size_t count_all(struct connection_index *crowd)
{
	size_t n = 0;

	connection_index_each(crowd, count_one, &n);
	return n;
}

/* More than there are lists, three of each address. */
static void each_is_counted_for_its_own(void **state maybe_unused)
{
	static struct connection_index crowd;
	static struct conn_entry members[3 * CROWD];

	for (int i = 0; i < 3 * CROWD; i++) {
		members[i].origin = address(i % CROWD);
		connection_index_add(&crowd, &members[i]);
	}
	assert_int_equal(count_all(&crowd), 3 * CROWD);
	for (int i = 0; i < CROWD; i++) {
		const struct ip own = address(i);

		assert_int_equal(connection_index_count(&crowd, &own), 3);
	}
	for (int i = 0; i < CROWD; i++)
		connection_index_remove(&members[CROWD + i]);
	for (int i = 0; i < CROWD; i++) {
		const struct ip own = address(i);

		assert_int_equal(connection_index_count(&crowd, &own), 2);
	}
	assert_int_equal(count_all(&crowd), 2 * CROWD);
}

static void who_moves_is_counted_where_it_is(void **state maybe_unused)
{
	static struct connection_index crowd;
	struct conn_entry members[3] = { { .origin = address(1) }, { .origin = address(1) },
		{ .origin = address(1) } };
	const struct ip from = address(1), to = address(2);

	for (size_t i = 0; i < array_len(members); i++)
		connection_index_add(&crowd, &members[i]);
	for (size_t i = 0; i < array_len(members); i++) {
		assert_int_equal(connection_index_count(&crowd, &to), i);
		connection_index_move(&crowd, &members[i], &to);
		assert_int_equal(connection_index_count(&crowd, &from), array_len(members) - 1 - i);
		assert_int_equal(count_all(&crowd), array_len(members));
	}
	connection_index_move(&crowd, &members[1], &from);
	connection_index_remove(&members[0]);
	connection_index_remove(&members[2]);
	assert_int_equal(connection_index_count(&crowd, &from), 1);
	assert_int_equal(connection_index_count(&crowd, &to), 0);
	connection_index_remove(&members[1]);
	assert_int_equal(count_all(&crowd), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_counted_for_its_own),
		cmocka_unit_test(who_moves_is_counted_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

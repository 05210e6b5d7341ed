#include "net/reply_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define PIECE ((size_t)1000)

static void body_is_limited_by_what_was_received(void **state)
{
	static const char piece[PIECE];
	struct str kept;

	(void)state;
	for (int extra = -1; extra <= 1; extra++) {
		struct reply_body body = { .max = 100 * PIECE };

		for (int i = 0; i < 99; i++)
			assert_true(reply_body_add(&body, (struct str){ piece, PIECE }));
		assert_int_equal(reply_body_add(&body, (struct str){ piece, PIECE - 1 }) &&
					 reply_body_add(&body, (struct str){ piece, (size_t)(extra + 1) }),
			extra <= 0);
		assert_int_equal(body.too_large, extra > 0);
		assert_int_equal(body.received, 100 * PIECE + (size_t)extra);
		assert_true(reply_body_end(&body, &kept));
		reply_body_finish(&body);
	}
}

static void large_body_takes_little_memory_if_it_is_pruned(void **state)
{
	static const struct str keys[] = { STR_INIT("a") };
	char piece[PIECE];
	struct reply_body body = { .max = 8000 * PIECE };
	struct str kept;

	(void)state;
	memset(piece, 'x', sizeof(piece));
	reply_body_prune(&body, keys, 1);
	assert_true(reply_body_add(&body, STR("{\"x\":\"")));
	for (int i = 0; i < 7000; i++)
		assert_true(reply_body_add(&body, (struct str){ piece, sizeof(piece) }));
	assert_true(reply_body_add(&body, STR("\",\"a\":1}")));
	assert_true(reply_body_end(&body, &kept));
	assert_true(str_eq(kept, STR("{\"a\":1}")));
	assert_true(body.room <= (size_t)16 * 1024);
	reply_body_finish(&body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(body_is_limited_by_what_was_received),
		cmocka_unit_test(large_body_takes_little_memory_if_it_is_pruned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

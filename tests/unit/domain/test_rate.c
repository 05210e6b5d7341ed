#include "domain/rate.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

/* A time in 2026: the ticks of these windows are milliseconds of the store's clock. */
#define NOW INT64_C(1767607500000)
#define LIMIT 1000

/* Counts `n` calls in the slot that contains this time. */
static void count(struct window *w, int64_t n, int64_t ticks)
{
	duration wait;

	assert_int_equal(window_take_some(w, n, LIMIT, minutes(1), ticks, &wait), n);
}

/* Returns how many more calls are within the limit at this time. */
static int64_t available(struct window *w, int64_t ticks)
{
	struct window copy = *w;
	duration wait;

	return window_take_some(&copy, LIMIT, LIMIT, minutes(1), ticks, &wait);
}

static void windows_are_read_as_they_were_written(void **state)
{
	struct window written[RATE_WINDOWS], read[RATE_WINDOWS];
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .name = "key" };

	(void)state;
	memset(written, 0, sizeof(written));
	for (size_t i = 0; i < RATE_WINDOWS; i++) {
		count(&written[i], 300, NOW - 30000); /* needs more than one byte */
		count(&written[i], (int64_t)i + 1, NOW);
	}
	rate_write(&rate, written, RATE_WINDOWS, bytes);
	rate_read(&rate, read, RATE_WINDOWS, minutes(1), NOW);
	assert_memory_equal(read, written, sizeof(read));
}

/* An earlier version of the program may have written another number of windows. */
static void row_of_another_length_is_read_as_empty_windows(void **state)
{
	struct window written[RATE_WINDOWS], read;
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .name = "key" };

	(void)state;
	memset(written, 0, sizeof(written));
	count(&written[0], 5, NOW);
	rate_write(&rate, written, RATE_WINDOWS, bytes);
	rate_read(&rate, &read, 1, minutes(1), NOW);
	assert_int_equal(available(&read, NOW), LIMIT);
	rate.windows.n = RATE_WINDOW_BYTES - 1;
	rate_read(&rate, &read, 1, minutes(1), NOW);
	assert_int_equal(available(&read, NOW), LIMIT);
	rate.windows.n = RATE_WINDOW_BYTES;
	rate_read(&rate, &read, 1, minutes(1), NOW);
	assert_int_equal(available(&read, NOW), LIMIT - 5);
}

/* If counts were kept after the clock was set back by an hour, they would count until the clock reaches their
 * time again. */
static void counts_of_a_clock_that_was_set_back_are_discarded(void **state)
{
	struct window written, read;
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .name = "key" };

	(void)state;
	memset(&written, 0, sizeof(written));
	count(&written, 5, NOW);
	rate_write(&rate, &written, 1, bytes);
	rate_read(&rate, &read, 1, minutes(1), NOW - 60000);
	assert_int_equal(available(&read, NOW - 60000), LIMIT - 5);
	rate_read(&rate, &read, 1, minutes(1), NOW - 3600000);
	assert_int_equal(available(&read, NOW - 3600000), LIMIT);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_are_read_as_they_were_written),
		cmocka_unit_test(row_of_another_length_is_read_as_empty_windows),
		cmocka_unit_test(counts_of_a_clock_that_was_set_back_are_discarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

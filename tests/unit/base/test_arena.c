#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#if UNDER_ASAN
#include <sanitizer/asan_interface.h>
#endif

/* Makes the sanitizers return NULL from a malloc that is too large, instead of ending the process. The names
 * are fixed by the sanitizers. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming) */

static void allocation_limit_is_exact_to_the_byte(void **state maybe_unused)
{
	static const struct {
		const char *name;
		size_t before, size, align;
		bool fits;
	} rows[] = {
		{ "n-1", 0, 99, 1, true },
		{ "n", 0, 100, 1, true },
		{ "n+1", 0, 101, 1, false },
		{ "n-1 in two pieces", 60, 39, 1, true },
		{ "n in two pieces", 60, 40, 1, true },
		{ "n+1 in two pieces", 60, 41, 1, false },
		{ "n with alignment padding", 57, 36, 8, true },
		{ "n+1 with alignment padding", 57, 37, 8, false },
		{ "zero bytes when the arena is full", 100, 0, 1, true },
		{ "padding alone exceeds the limit", 97, 0, 8, false },
		{ "SIZE_MAX does not overflow", 100, SIZE_MAX, 1, false },
		{ "PTRDIFF_MAX does not overflow", 100, PTRDIFF_MAX, 1, false },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct arena a;

		arena_init(&a, 100);
		if (rows[i].before > 0)
			assert_non_null(arena_bytes(&a, rows[i].before, 1));
		if ((arena_bytes(&a, rows[i].size, rows[i].align) != NULL) != rows[i].fits)
			fail_msg("%s", rows[i].name);
		arena_finish(&a);
	}
}

static void failed_allocation_does_not_count_towards_the_limit(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, 100);
	assert_null(arena_bytes(&a, 101, 1));
	assert_int_equal(a.used, 0);
	assert_non_null(arena_bytes(&a, 100, 1));
	assert_null(arena_bytes(&a, 1, 1));
	assert_int_equal(a.used, 100);
	arena_finish(&a);
}

/* Wipes three allocations: one in a block that arena_reset kept, one in a shared block, and one in a block of
 * its own. */
static void wipe_overwrites_all_blocks_with_zeros(void **state maybe_unused)
{
	struct arena a;
	char *pieces[3];

	arena_init(&a, (size_t)1024 * 1024);
	pieces[0] = arena_bytes(&a, 32, 1);
	assert_non_null(pieces[0]);
	memset(pieces[0], 's', 32);
	arena_reset(&a);
	pieces[1] = arena_bytes(&a, 1, 1);
	pieces[2] = arena_bytes(&a, 100000, 1);
	for (size_t i = 1; i < array_len(pieces); i++)
		assert_non_null(pieces[i]);
	memset(pieces[1], 's', 1);
	memset(pieces[2], 's', 100000);
	arena_wipe(&a);
	for (size_t i = 0; i < array_len(pieces); i++)
		for (size_t k = 0; k < (i == 0 ? (size_t)32 : i == 1 ? (size_t)1 : (size_t)100000); k++)
			assert_int_equal(pieces[i][k], 0);
	arena_finish(&a);
	arena_wipe(&a);
}

static void alignment_padding_counts_towards_the_limit(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, 100);
	assert_non_null(arena_bytes(&a, 1, 1));
	assert_non_null(arena_bytes(&a, 8, 8));
	assert_int_equal(a.used, 16);
	assert_null(arena_bytes(&a, 85, 1));
	assert_non_null(arena_bytes(&a, 84, 1));
	arena_finish(&a);
}

struct piece {
	unsigned char *p;
	size_t size;
};

static void assert_all(struct piece piece, unsigned char expected)
{
	for (size_t i = 0; i < piece.size; i++)
		assert_int_equal(piece.p[i], expected);
}

/* Allocates pieces of all sizes, from 0 bytes to more than the largest block, and fills each with its own
 * number. */
static void allocate_pieces(struct arena *a, struct piece *pieces, size_t n)
{
	static const size_t aligns[] = { 1, 2, 4, 8, 16, 64, 4096 };

	for (size_t i = 0; i < n; i++) {
		const size_t align = aligns[i % array_len(aligns)],
			     size = i % 50 == 49 ? (size_t)50000 : i * 7;

		pieces[i] = (struct piece){ arena_bytes(a, size, align), size };
		assert_non_null(pieces[i].p);
		assert_int_equal((uintptr_t)pieces[i].p % align, 0);
		assert_all(pieces[i], 0);
		memset(pieces[i].p, (int)(i + 1), size);
	}
}

static void allocations_are_zeroed_aligned_and_do_not_overlap(void **state maybe_unused)
{
	struct arena a;
	struct piece pieces[200];

	arena_init(&a, (size_t)4 * 1024 * 1024);
	for (int repetition = 0; repetition < 2; repetition++) {
		allocate_pieces(&a, pieces, array_len(pieces));
		for (size_t i = 0; i < array_len(pieces); i++)
			assert_all(pieces[i], (unsigned char)(i + 1));
		arena_reset(&a); /* the second iteration reuses memory that was written to */
	}
	arena_finish(&a);
}

static void reset_keeps_one_block(void **state maybe_unused)
{
	struct arena a;
	struct arena_block *block;

	arena_init(&a, (size_t)1024 * 1024);
	assert_non_null(arena_bytes(&a, 1000, 1));
	block = a.last;
	arena_reset(&a);
	assert_ptr_equal(a.last, block);
	assert_int_equal(a.used, 0);
	assert_non_null(arena_bytes(&a, 1000, 1));
	assert_ptr_equal(a.last, block);
	for (int i = 0; i < 100; i++)
		assert_non_null(arena_bytes(&a, 1000, 1));
	assert_ptr_not_equal(a.last, block);
	block = a.last;
	arena_reset(&a);
	assert_ptr_equal(a.last, block);
	arena_finish(&a);
}

static void reset_frees_large_blocks(void **state maybe_unused)
{
	struct arena a;
	struct arena_block *block;

	arena_init(&a, (size_t)1024 * 1024);
	assert_non_null(arena_bytes(&a, 100000, 1));
	arena_reset(&a);
	assert_null(a.last);
	assert_non_null(arena_bytes(&a, 10, 1));
	block = a.last;
	assert_non_null(arena_bytes(&a, 100000, 1));
	arena_reset(&a);
	assert_ptr_equal(a.last, block);
	arena_finish(&a);
}

/* Without the rewind, the limit of 50,000 bytes would be reached. */
static void allocate_and_rewind_twenty_times(struct arena *a, size_t before, size_t size)
{
	const struct arena_mark mark = arena_mark(a);

	for (int i = 0; i < 20; i++) {
		assert_int_equal(arena_bytes(a, size, 1) != NULL, before + size <= 50000);
		arena_rewind(a, mark);
		assert_int_equal(a->used, before);
	}
}

static void rewind_releases_allocations_since_the_mark_and_keeps_earlier_ones(void **state maybe_unused)
{
	static const size_t sizes[] = { 0, 1, 100, 4000, 5000, 40000 };
	static char expected[40000];

	memset(expected, 'k', sizeof(expected));
	for (size_t i = 0; i < array_len(sizes) * array_len(sizes); i++) {
		const size_t before = sizes[i / array_len(sizes)];
		struct arena a;

		arena_init(&a, 50000);
		char *const kept = arena_bytes(&a, before, 1);
		assert_non_null(kept);
		memset(kept, 'k', before);
		allocate_and_rewind_twenty_times(&a, before, sizes[i % array_len(sizes)]);
		assert_memory_equal(kept, expected, before);
		arena_finish(&a);
	}
}

static void rewind_overwrites_released_memory(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, 1000);
	assert_non_null(arena_bytes(&a, 10, 1));
	const struct arena_mark mark = arena_mark(&a);
	char *const p = arena_bytes(&a, 100, 1);
	memset(p, 's', 100);
	arena_rewind(&a, mark);
#if UNDER_ASAN
	assert_true(__asan_address_is_poisoned(p));
	ASAN_UNPOISON_MEMORY_REGION(p, 100);
#endif
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	arena_finish(&a);
}

static void zeroed_arena_can_be_finished_and_reset(void **state maybe_unused)
{
	struct arena a = { 0 };

	arena_finish(&a);
	arena_reset(&a);
	assert_null(arena_bytes(&a, 1, 1));
	arena_finish(&a);
	arena_init(&a, 10);
	assert_non_null(arena_bytes(&a, 10, 1));
	arena_finish(&a);
	assert_null(a.last);
}

static void allocation_fails_when_the_system_has_no_memory(void **state maybe_unused)
{
	struct arena a;

	arena_init(&a, SIZE_MAX);
	assert_null(arena_bytes(&a, PTRDIFF_MAX - 8192, 1));
	assert_null(arena_bytes(&a, PTRDIFF_MAX - 8191, 1));
	assert_null(arena_bytes(&a, SIZE_MAX, 1));
	assert_int_equal(a.used, 0);
	assert_null(a.last);
	assert_non_null(arena_bytes(&a, 1, 1));
	arena_finish(&a);
}

static void array_allocation_checks_overflow_and_limit(void **state maybe_unused)
{
	struct arena a;
	int64_t *numbers;

	arena_init(&a, 80);
	assert_null(arena_many(&a, 8, SIZE_MAX / 8 + 1, 8));
	assert_null(arena_array(&a, int64_t, 11));
	numbers = arena_array(&a, int64_t, 9);
	assert_non_null(numbers);
	assert_int_equal(numbers[8], 0);
	assert_non_null(arena_new(&a, int64_t));
	assert_null(arena_new(&a, char));
	assert_non_null(arena_array(&a, int64_t, 0));
	arena_finish(&a);
}

static void copy_is_nul_terminated_and_obeys_the_limit(void **state maybe_unused)
{
	struct arena a;
	struct str s;

	arena_init(&a, 5);
	s = arena_copy(&a, STR("abcde"));
	assert_null(s.p);
	assert_int_equal(s.n, 0);
	s = arena_copy(&a, (struct str){ "", SIZE_MAX });
	assert_null(s.p);
	s = arena_copy(&a, STR("a\0b"));
	assert_int_equal(s.n, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	s = arena_copy(&a, (struct str){ NULL, 0 });
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	s = arena_copy(&a, STR(""));
	assert_null(s.p);
	arena_finish(&a);
}

static void printf_is_nul_terminated_and_obeys_the_limit(void **state maybe_unused)
{
	/* U+20AC cannot be converted in the C locale, so printf itself fails. */
	static const wchar_t not_in_c_locale[] = { 0x20ac, 0 };
	struct arena a;
	struct str s;

	arena_init(&a, 8);
	s = arena_printf(&a, "%s", "12345678");
	assert_null(s.p);
	assert_int_equal(s.n, 0);
	s = arena_printf(&a, "%ls", not_in_c_locale);
	assert_null(s.p);
	assert_int_equal(a.used, 0);
	s = arena_printf(&a, "%d-%.*s", 42, STR_ARG(STR("abc")));
	assert_int_equal(s.n, 6);
	assert_string_equal(s.p, "42-abc");
	s = arena_printf(&a, "%s", "");
	assert_int_equal(s.n, 0);
	assert_string_equal(s.p, "");
	arena_finish(&a);
}

#if UNDER_ASAN
static void memory_that_is_not_allocated_is_poisoned(void **state maybe_unused)
{
	static const size_t sizes[] = { 1, 7, 8, 9, 100, 4096, 50000 };
	struct arena a;

	arena_init(&a, (size_t)1024 * 1024);
	for (size_t i = 0; i < array_len(sizes); i++) {
		char *const p = arena_bytes(&a, sizes[i], 1);
		char *const next = arena_bytes(&a, 1, 1);

		assert_non_null(p);
		assert_non_null(next);
		assert_null(__asan_region_is_poisoned(p, sizes[i]));
		assert_true(__asan_address_is_poisoned(p + sizes[i]));
		assert_false(__asan_address_is_poisoned(next));
		assert_true(__asan_address_is_poisoned(next + 1));
	}
	arena_reset(&a);
	{
		char *const p = arena_bytes(&a, 100, 1);

		assert_non_null(p);
		arena_reset(&a);
		assert_true(__asan_address_is_poisoned(p));
		assert_true(__asan_address_is_poisoned(p + 99));
	}
	arena_finish(&a);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allocation_limit_is_exact_to_the_byte),
		cmocka_unit_test(failed_allocation_does_not_count_towards_the_limit),
		cmocka_unit_test(wipe_overwrites_all_blocks_with_zeros),
		cmocka_unit_test(alignment_padding_counts_towards_the_limit),
		cmocka_unit_test(allocations_are_zeroed_aligned_and_do_not_overlap),
		cmocka_unit_test(reset_keeps_one_block),
		cmocka_unit_test(reset_frees_large_blocks),
		cmocka_unit_test(rewind_releases_allocations_since_the_mark_and_keeps_earlier_ones),
		cmocka_unit_test(rewind_overwrites_released_memory),
		cmocka_unit_test(zeroed_arena_can_be_finished_and_reset),
		cmocka_unit_test(allocation_fails_when_the_system_has_no_memory),
		cmocka_unit_test(array_allocation_checks_overflow_and_limit),
		cmocka_unit_test(copy_is_nul_terminated_and_obeys_the_limit),
		cmocka_unit_test(printf_is_nul_terminated_and_obeys_the_limit),
#if UNDER_ASAN
		cmocka_unit_test(memory_that_is_not_allocated_is_poisoned),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

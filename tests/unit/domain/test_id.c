#include "domain/id.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

static const unsigned char spec_random[ID_RANDOM_BYTES] = { 0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9, 0x93, 0x02,
	0xbd, 0x5b };
static const unsigned char zero_random[ID_RANDOM_BYTES];
static const unsigned char ones_random[ID_RANDOM_BYTES] = { 255, 255, 255, 255, 255, 255, 255, 255, 255,
	255 };

/* The first row is the example of the ULID specification, in lower case. */
static const struct {
	const char *name;
	int64_t ms;
	const unsigned char *random;
	const char *want;
} ulid_rows[] = {
	{ "the specification's example", 1469922850259, spec_random, "01arz3ndektsv4rrffq69g5fav" },
	{ "all zeros", 0, zero_random, "00000000000000000000000000" },
	{ "all ones", (INT64_C(1) << 48) - 1, ones_random, "7zzzzzzzzzzzzzzzzzzzzzzzzz" },
	{ "beyond 48 bits", INT64_C(1) << 48, zero_random, "7zzzzzzzzz0000000000000000" },
	{ "before 1970", -1, ones_random, "0000000000zzzzzzzzzzzzzzzz" },
};

static void ids_are_ulids(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(ulid_rows); i++) {
		char id[ID_SIZE];

		memset(id, 'x', sizeof(id));
		id_make((moment){ ulid_rows[i].ms }, ulid_rows[i].random, id);
		print_message("# %s\n", ulid_rows[i].name);
		assert_string_equal(id, ulid_rows[i].want);
		assert_true(id_is_valid(str_of(id)));
	}
}

/* Every random bit changes exactly one character of the id. */
static void every_random_bit_is_used(void **state)
{
	char plain[ID_SIZE];

	(void)state;
	id_make((moment){ 0 }, zero_random, plain);
	for (unsigned bit = 0; bit < ID_RANDOM_BYTES * 8; bit++) {
		unsigned char random[ID_RANDOM_BYTES] = { 0 };
		char id[ID_SIZE];
		unsigned differing = 0;

		random[bit / 8] = (unsigned char)(0x80 >> bit % 8);
		id_make((moment){ 0 }, random, id);
		for (size_t i = 0; i < ID_LENGTH; i++)
			differing += id[i] != plain[i];
		assert_int_equal(differing, 1);
		assert_true(id[10 + bit / 5] != '0');
	}
}

static void later_ids_sort_later(void **state)
{
	char earlier_id[ID_SIZE], later_id[ID_SIZE];

	(void)state;
	for (int64_t ms = 1; ms < INT64_C(1) << 47; ms *= 2) {
		id_make((moment){ ms - 1 }, ones_random, earlier_id);
		id_make((moment){ ms }, zero_random, later_id);
		assert_true(strcmp(earlier_id, later_id) < 0);
	}
}

static void lower_bound_sorts_between_earlier_and_later_ids(void **state)
{
	char bound[ID_SIZE], id[ID_SIZE];

	(void)state;
	for (int64_t ms = 1; ms < INT64_C(1) << 47; ms *= 2) {
		id_lower_bound((moment){ ms }, bound);
		id_make((moment){ ms - 1 }, ones_random, id);
		assert_true(strcmp(id, bound) < 0);
		id_make((moment){ ms }, zero_random, id);
		assert_string_equal(id, bound);
		id_make((moment){ ms }, spec_random, id);
		assert_true(strcmp(id, bound) > 0);
	}
}

static const struct {
	const char *text;
	bool want;
} format_rows[] = {
	{ "01arz3ndektsv4rrffq69g5fav", true },
	{ "01ARZ3NDEKTSV4RRFFQ69G5FAV", false },
	{ "01arz3ndektsv4rrffq69g5fa", false },
	{ "01arz3ndektsv4rrffq69g5favv", false },
	{ "01arz3ndektsv4rrffq69g5fai", false },
	{ "01arz3ndektsv4rrffq69g5fal", false },
	{ "01arz3ndektsv4rrffq69g5fao", false },
	{ "01arz3ndektsv4rrffq69g5fau", false },
	{ "01arz3ndektsv4rrffq69g5fa-", false },
	{ "", false },
};

static void malformed_ids_are_refused(void **state)
{
	char with_nul[ID_LENGTH] = "01arz3ndektsv4rrffq69g5fa";

	(void)state;
	for (size_t i = 0; i < array_len(format_rows); i++) {
		print_message("# '%s'\n", format_rows[i].text);
		assert_int_equal(id_is_valid(str_of(format_rows[i].text)), format_rows[i].want);
	}
	assert_false(id_is_valid((struct str){ with_nul, ID_LENGTH }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_ulids),
		cmocka_unit_test(every_random_bit_is_used),
		cmocka_unit_test(later_ids_sort_later),
		cmocka_unit_test(lower_bound_sorts_between_earlier_and_later_ids),
		cmocka_unit_test(malformed_ids_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

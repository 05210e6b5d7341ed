#include "domain/id.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"

static const unsigned char spec_luck[ID_RANDOM_BYTES] = { 0xd6, 0x76, 0x4c, 0x61, 0xef, 0xb9, 0x93, 0x02, 0xbd,
	0x5b };
static const unsigned char no_luck[ID_RANDOM_BYTES];
static const unsigned char all_luck[ID_RANDOM_BYTES] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255 };

/* The first row is the example of the ULID specification, in lower case. */
static const struct {
	const char *name;
	int64_t ms;
	const unsigned char *luck;
	const char *want;
} made[] = {
	{ "the specification's example", 1469922850259, spec_luck, "01arz3ndektsv4rrffq69g5fav" },
	{ "nothing", 0, no_luck, "00000000000000000000000000" },
	{ "everything", (INT64_C(1) << 48) - 1, all_luck, "7zzzzzzzzzzzzzzzzzzzzzzzzz" },
	{ "beyond 48 bits", INT64_C(1) << 48, no_luck, "7zzzzzzzzz0000000000000000" },
	{ "before 1970", -1, all_luck, "0000000000zzzzzzzzzzzzzzzz" },
};

static void ids_are_ulids(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(made); i++) {
		char id[ID_SIZE];

		memset(id, 'x', sizeof(id));
		id_make((moment){ made[i].ms }, made[i].luck, id);
		print_message("# %s\n", made[i].name);
		assert_string_equal(id, made[i].want);
		assert_true(id_is_valid(str_of(id)));
	}
}

/* Every bit of luck is seen, and seen in one place alone. */
static void no_bit_is_lost(void **state)
{
	char plain[ID_SIZE];

	(void)state;
	id_make((moment){ 0 }, no_luck, plain);
	for (unsigned bit = 0; bit < ID_RANDOM_BYTES * 8; bit++) {
		unsigned char luck[ID_RANDOM_BYTES] = { 0 };
		char id[ID_SIZE];
		unsigned differing = 0;

		luck[bit / 8] = (unsigned char)(0x80 >> bit % 8);
		id_make((moment){ 0 }, luck, id);
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
		id_make((moment){ ms - 1 }, all_luck, earlier_id);
		id_make((moment){ ms }, no_luck, later_id);
		assert_true(strcmp(earlier_id, later_id) < 0);
	}
}

static void the_floor_parts_earlier_from_later(void **state)
{
	char floor[ID_SIZE], id[ID_SIZE];

	(void)state;
	for (int64_t ms = 1; ms < INT64_C(1) << 47; ms *= 2) {
		id_lower_bound((moment){ ms }, floor);
		id_make((moment){ ms - 1 }, all_luck, id);
		assert_true(strcmp(id, floor) < 0);
		id_make((moment){ ms }, no_luck, id);
		assert_string_equal(id, floor);
		id_make((moment){ ms }, spec_luck, id);
		assert_true(strcmp(id, floor) > 0);
	}
}

static const struct {
	const char *text;
	bool want;
} judged[] = {
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

static void the_form_is_checked(void **state)
{
	char with_nul[ID_LENGTH] = "01arz3ndektsv4rrffq69g5fa";

	(void)state;
	for (size_t i = 0; i < array_len(judged); i++) {
		print_message("# '%s'\n", judged[i].text);
		assert_int_equal(id_is_valid(str_of(judged[i].text)), judged[i].want);
	}
	assert_false(id_is_valid((struct str){ with_nul, ID_LENGTH }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_ulids),
		cmocka_unit_test(no_bit_is_lost),
		cmocka_unit_test(later_ids_sort_later),
		cmocka_unit_test(the_floor_parts_earlier_from_later),
		cmocka_unit_test(the_form_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

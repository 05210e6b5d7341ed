/* Tests of the query of a URL: reading a parameter, and adding some before a fragment. */
#include "text/query.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

static void value_is_that_of_the_first_well_formed_parameter(void **state)
{
	static const struct {
		const char *query, *value;
	} rows[] = {
		{ "", "" },
		{ "b=1", "" },
		{ "a", "" },
		{ "a=", "" },
		{ "a=1", "1" },
		{ "b=2&a=1", "1" },
		{ "a=1&a=2", "1" },
		{ "a=x%20y", "x y" },
		{ "a=%&a=2", "2" },
		{ "a=b=c", "b=c" },
		{ "&&a=1&", "1" },
		{ "A=1", "" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 1024);
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].query);
		assert_true(str_eq(query_value(&a, str_of(rows[i].query), STR("a")), str_of(rows[i].value)));
	}
	arena_finish(&a);
}

static void parameters_are_added_before_the_fragment(void **state)
{
	static const struct {
		const char *url, *result;
	} rows[] = {
		{ "https://shop.example/", "https://shop.example/?x=1" },
		{ "https://shop.example/?y=2", "https://shop.example/?y=2&x=1" },
		{ "https://shop.example/#top", "https://shop.example/?x=1#top" },
		{ "https://shop.example/?y=2#top", "https://shop.example/?y=2&x=1#top" },
		{ "https://shop.example/#a?b", "https://shop.example/?x=1#a?b" },
		{ "https://shop.example/#", "https://shop.example/?x=1#" },
	};
	struct arena a;

	(void)state;
	arena_init(&a, 4096);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct buf out;
		struct str url;

		buf_init(&out, &a);
		query_add(&out, str_of(rows[i].url), STR("x=1"));
		assert_int_equal(buf_done(&out, &url), OK);
		assert_true(str_eq(url, str_of(rows[i].result)));
	}
	arena_finish(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_is_that_of_the_first_well_formed_parameter),
		cmocka_unit_test(parameters_are_added_before_the_fragment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

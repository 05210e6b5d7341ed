#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox/state/destinations.h"

static struct destination *add(struct destinations *all, int n)
{
	struct destination draft = { .secret = STR("secret"), .label = STR("a label") }, *made = NULL;
	char url[32];

	(void)snprintf(draft.id, sizeof(draft.id), "id-%d", n);
	(void)snprintf(url, sizeof(url), "http://a.example/%d", n);
	draft.url = str_of(url);
	return destinations_add(all, &draft, &made) == OK ? made : NULL;
}

static void they_are_bounded_and_single(void **state)
{
	struct destination draft = { .url = STR("http://a.example/3"), .secret = STR("x") }, *made;
	struct destinations all = { .n = 0 };

	(void)state;
	for (int i = 0; i < DESTINATIONS_MAX; i++)
		assert_non_null(add(&all, i));
	assert_int_equal(destinations_add(&all, &draft, &made), ERR_CONFLICT);
	draft.url = STR("http://b.example/");
	assert_int_equal(destinations_add(&all, &draft, &made), ERR_BUSY);
	assert_true(str_eq(all.all[3].url, STR("http://a.example/3")));
	assert_true(str_eq(all.all[3].secret, STR("secret")));
	assert_true(str_eq(all.all[3].label, STR("a label")));
	destinations_finish(&all);
	assert_int_equal(all.n, 0);
}

static void one_that_goes_makes_room(void **state)
{
	struct destinations all = { .n = 0 };

	(void)state;
	for (int i = 0; i < DESTINATIONS_MAX; i++)
		(void)add(&all, i);
	destinations_drop(&all, destinations_by_id(&all, STR("id-3")));
	assert_null(destinations_by_id(&all, STR("id-3")));
	assert_true(str_eq(all.all[3].url, STR("http://a.example/4")));
	assert_int_equal(all.n, DESTINATIONS_MAX - 1);
	assert_non_null(add(&all, 99));
	assert_true(str_eq(destinations_by_id(&all, STR("id-99"))->url, STR("http://a.example/99")));
	destinations_finish(&all);
}

static void a_change_keeps_what_it_does_not_name(void **state)
{
	struct destinations all = { .n = 0 };
	struct destination wanted;

	(void)state;
	(void)add(&all, 1);
	(void)add(&all, 2);
	wanted = all.all[0]; /* texts are its own */
	wanted.label = STR("another label, longer than before");
	assert_int_equal(destinations_change(&all, &all.all[0], &wanted), OK);
	assert_true(str_eq(all.all[0].url, STR("http://a.example/1")));
	assert_true(str_eq(all.all[0].secret, STR("secret")));
	assert_true(str_eq(all.all[0].label, STR("another label, longer than before")));
	wanted = all.all[0];
	wanted.url = STR("http://a.example/2");
	assert_int_equal(destinations_change(&all, &all.all[0], &wanted), ERR_CONFLICT);
	destinations_finish(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_bounded_and_single),
		cmocka_unit_test(one_that_goes_makes_room),
		cmocka_unit_test(a_change_keeps_what_it_does_not_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox/state/destinations.h"

static struct destination *add_destination(struct destinations *list, int n)
{
	struct destination draft = { .secret = STR("secret"), .label = STR("a label") }, *added = NULL;
	char url[32];

	(void)snprintf(draft.id, sizeof(draft.id), "id-%d", n);
	(void)snprintf(url, sizeof(url), "http://a.example/%d", n);
	draft.url = str_of(url);
	return destinations_add(list, &draft, &added) == OK ? added : NULL;
}

static void number_is_limited_and_urls_are_unique(void **state)
{
	struct destination draft = { .url = STR("http://a.example/3"), .secret = STR("x") }, *added;
	struct destinations list = { .n = 0 };

	(void)state;
	for (int i = 0; i < DESTINATIONS_MAX; i++)
		assert_non_null(add_destination(&list, i));
	assert_int_equal(destinations_add(&list, &draft, &added), ERR_CONFLICT);
	draft.url = STR("http://b.example/");
	assert_int_equal(destinations_add(&list, &draft, &added), ERR_BUSY);
	assert_true(str_eq(list.all[3].url, STR("http://a.example/3")));
	assert_true(str_eq(list.all[3].secret, STR("secret")));
	assert_true(str_eq(list.all[3].label, STR("a label")));
	destinations_finish(&list);
	assert_int_equal(list.n, 0);
}

static void removed_destination_frees_its_slot(void **state)
{
	struct destinations list = { .n = 0 };

	(void)state;
	for (int i = 0; i < DESTINATIONS_MAX; i++)
		(void)add_destination(&list, i);
	destinations_drop(&list, destinations_by_id(&list, STR("id-3")));
	assert_null(destinations_by_id(&list, STR("id-3")));
	assert_true(str_eq(list.all[3].url, STR("http://a.example/4")));
	assert_int_equal(list.n, DESTINATIONS_MAX - 1);
	assert_non_null(add_destination(&list, 99));
	assert_true(str_eq(destinations_by_id(&list, STR("id-99"))->url, STR("http://a.example/99")));
	destinations_finish(&list);
}

static void change_keeps_other_fields_and_rejects_a_used_url(void **state)
{
	struct destinations list = { .n = 0 };
	struct destination changed;

	(void)state;
	(void)add_destination(&list, 1);
	(void)add_destination(&list, 2);
	changed = list.all[0]; /* a shallow copy: its texts belong to the stored destination */
	changed.label = STR("another label, longer than before");
	assert_int_equal(destinations_change(&list, &list.all[0], &changed), OK);
	assert_true(str_eq(list.all[0].url, STR("http://a.example/1")));
	assert_true(str_eq(list.all[0].secret, STR("secret")));
	assert_true(str_eq(list.all[0].label, STR("another label, longer than before")));
	changed = list.all[0];
	changed.url = STR("http://a.example/2");
	assert_int_equal(destinations_change(&list, &list.all[0], &changed), ERR_CONFLICT);
	destinations_finish(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(number_is_limited_and_urls_are_unique),
		cmocka_unit_test(removed_destination_frees_its_slot),
		cmocka_unit_test(change_keeps_other_fields_and_rejects_a_used_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

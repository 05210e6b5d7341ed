/* app/console: the list and the export of the audit log, their filters, and which operators may use them. */
#include "app/console/audit_list.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/console/audit_export.h"
#include "app/core/audit.h"
#include "base/attr.h"
#include "kit/app_fixture.h"
#include "kit/console_fixture.h"

#define OP "op_00000000000000000000000001"
#define OTHER_OP "op_00000000000000000000000002"

struct added_entry {
	struct app_fixture *fx;
	struct actor actor;
	struct audit_params params;
};

static enum err append(struct tx *tx, void *arg)
{
	const struct added_entry *const entry = arg;

	return audit_append(&entry->fx->world, tx, &entry->actor, &entry->params);
}

/* Ids of the same millisecond have no order. */
static void add(struct app_fixture *fx, enum actor_kind kind, const char *actor, const char *detail)
{
	struct added_entry entry = { fx, { .kind = kind }, { AUDIT_PERSON_VIEWED, "subject", "", detail } };

	(void)snprintf(entry.actor.id, sizeof(entry.actor.id), "%s", actor);
	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, append, &entry), OK);
	fixture_advance_clock(fx, seconds(1));
}

/* One entry of each actor an hour. */
static void add_all(struct app_fixture *fx)
{
	add(fx, ACTOR_OPERATOR, OP, "one");
	fixture_advance_clock(fx, hours(1));
	add(fx, ACTOR_OPERATOR, OTHER_OP, "two");
	add(fx, ACTOR_OPERATOR, "", "command");
	fixture_advance_clock(fx, hours(1));
	add(fx, ACTOR_KEY, "abc", "key");
	add(fx, ACTOR_WORKER, "", "worker");
	add(fx, ACTOR_LINK, "vl_1", "link");
}

static struct audit_list *read_list(struct app_fixture *fx, const struct console_caller *caller,
	const struct audit_filter *filter, enum console_verdict expected)
{
	struct audit_list *const list = arena_new(&fx->arena, struct audit_list);
	enum console_verdict verdict;

	assert_non_null(list);
	assert_int_equal(console_audit_list(&fx->world, &fx->arena, caller, filter, list, &verdict), OK);
	assert_int_equal(verdict, expected);
	return list;
}

/* The details of the entries that the filter selects, newest first, separated by spaces. */
static void check(struct app_fixture *fx, const struct console_caller *caller,
	const struct audit_filter *filter, const char *expected)
{
	const struct audit_list *const list = read_list(fx, caller, filter, CONSOLE_PERMITTED);
	char found[256] = "";

	for (size_t i = 0; i < list->n; i++) {
		const size_t n = strlen(found);

		if (list->rows[i].action == AUDIT_PERSON_VIEWED)
			(void)snprintf(
				found + n, sizeof(found) - n, "%s%s", n > 0 ? " " : "", list->rows[i].detail);
	}
	assert_string_equal(found, expected);
}

static void entries_are_selected_by_actor(void **state)
{
	static const struct {
		enum audit_actors actors;
		const char *id, *expected;
	} rows[] = {
		{ AUDIT_ACTORS_ALL, "", "link worker key command two one" },
		{ AUDIT_ACTORS_OPERATORS, "", "two one" },
		{ AUDIT_ACTORS_COMMANDS, "", "command" },
		{ AUDIT_ACTORS_KEYS, "", "key" },
		{ AUDIT_ACTORS_WORKERS, "", "worker" },
		{ AUDIT_ACTORS_PROVIDER, "", "" },
		{ AUDIT_ACTORS_LINKS, "", "link" },
		{ AUDIT_ACTORS_ALL, OP, "one" },
		{ AUDIT_ACTORS_OPERATORS, OTHER_OP, "two" },
		{ AUDIT_ACTORS_COMMANDS, OP, "" },
		{ AUDIT_ACTORS_ALL, "abc", "key" },
		{ AUDIT_ACTORS_ALL, "an id that is longer than the id of any actor can be", "" },
	};
	struct app_fixture *const fx = *state;
	const struct console_caller caller = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);

	add_all(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct audit_filter filter = { .actors = rows[i].actors,
			.actor_id = str_of(rows[i].id),
			.subject = STR("subject"),
			.limit = AUDIT_LIST_MAX };
		struct audit_filter without_subject = filter;

		printf("# %d %s\n", (int)rows[i].actors, rows[i].id);
		without_subject.subject = STR("");
		check(fx, &caller, &filter, rows[i].expected);
		check(fx, &caller, &without_subject, rows[i].expected);
	}
}

static void entries_are_selected_by_time(void **state)
{
	struct app_fixture *const fx = *state;
	const struct console_caller caller = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const moment start = world_now(&fx->world);
	struct audit_filter filter = { .limit = AUDIT_LIST_MAX };

	add_all(fx);
	filter.from = moment_add(start, hours(1));
	check(fx, &caller, &filter, "link worker key command two");
	filter.until = moment_add(start, hours(2));
	check(fx, &caller, &filter, "command two");
	filter.from = moment_add(start, hours(1));
	filter.until = filter.from;
	check(fx, &caller, &filter, "");
	assert_false(read_list(fx, &caller, &filter, CONSOLE_PERMITTED)->has_more);
}

static void pages_follow_each_other_until_the_first_day_of_the_filter(void **state)
{
	struct app_fixture *const fx = *state;
	const struct console_caller caller = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	struct audit_filter filter = { .actors = AUDIT_ACTORS_OPERATORS, .limit = 1 };

	add_all(fx);
	const struct audit_list *list = read_list(fx, &caller, &filter, CONSOLE_PERMITTED);

	assert_string_equal(list->rows[0].detail, "two");
	assert_true(list->has_more);
	filter.before = list->next_before;
	check(fx, &caller, &filter, "one");
	filter.from = moment_sub(world_now(&fx->world), minutes(90));
	list = read_list(fx, &caller, &filter, CONSOLE_PERMITTED);
	assert_int_equal(list->n, 0);
	assert_false(list->has_more);
}

static struct str export_list(struct app_fixture *fx, const struct console_caller *caller,
	const struct audit_filter *filter, enum console_verdict expected)
{
	enum console_verdict verdict;
	struct str text = STR("");

	assert_int_equal(console_audit_export(&fx->world, &fx->arena, caller, filter, &text, &verdict), OK);
	assert_int_equal(verdict, expected);
	return text;
}

static size_t count_lines(struct str text)
{
	struct str line;
	size_t n = 0;

	while (str_cut(&text, '\n', &line))
		n++;
	return n;
}

static bool has_text(struct str text, const char *part)
{
	return text.n > 0 && memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static void export_has_what_the_filter_selects_and_is_an_entry(void **state)
{
	struct app_fixture *const fx = *state;
	struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct audit_filter filter = { .actors = AUDIT_ACTORS_OPERATORS };
	const struct audit_filter exports = { .action = STR("list_exported"), .limit = 1 };

	add_all(fx);
	(void)export_list(fx, &reviewer, &filter, CONSOLE_STEP_UP_NEEDED);
	fixture_step_up(fx, &reviewer);
	const struct str text = export_list(fx, &reviewer, &filter, CONSOLE_PERMITTED);

	assert_true(has_text(text, "\"" OP "\""));
	assert_false(has_text(text, "\"abc\""));
	assert_false(has_text(text, "Only the newest"));
	assert_int_equal(count_lines(text), 3);
	(void)export_list(fx, &reviewer, &filter, CONSOLE_STEP_UP_NEEDED);
	const struct audit_list *const list = read_list(fx, &reviewer, &exports, CONSOLE_PERMITTED);

	assert_string_equal(list->rows[0].subject, "audit");
	assert_string_equal(list->rows[0].detail, "2");
	assert_string_equal(list->rows[0].actor, reviewer.actor.id);
}

static void export_of_a_limited_operator_has_the_entries_of_the_tenant_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	struct console_caller of_shop = fixture_console_caller(fx, OPERATOR_REVIEWER, &shop.tenant.id);
	const struct console_caller viewer = fixture_console_caller(fx, OPERATOR_VIEWER, &shop.tenant.id);
	const struct audit_filter all = { .action = STR("") };

	fixture_verify_email(fx, &shop, "ana@example.com");
	fixture_verify_email(fx, &bank, "bob@example.com");
	add_all(fx);
	(void)export_list(fx, &viewer, &all, CONSOLE_ROLE_REFUSED);
	fixture_step_up(fx, &of_shop);
	const struct str text = export_list(fx, &of_shop, &all, CONSOLE_PERMITTED);

	assert_true(has_text(text, shop.tenant.id.text));
	assert_false(has_text(text, bank.tenant.id.text));
	assert_false(has_text(text, OP));
}

static void export_ends_with_a_line_that_says_if_there_are_more(void **state)
{
	struct app_fixture *const fx = *state;
	struct console_caller reviewer = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	const struct audit_filter keys = { .actors = AUDIT_ACTORS_KEYS };

	for (int i = 0; i <= AUDIT_EXPORT_ROWS_MAX; i++)
		add(fx, ACTOR_KEY, "abc", "key");
	fixture_step_up(fx, &reviewer);
	const struct str text = export_list(fx, &reviewer, &keys, CONSOLE_PERMITTED);

	assert_true(has_text(text, "Only the newest 10000 entries"));
	assert_int_equal(count_lines(text), 1 + AUDIT_EXPORT_ROWS_MAX + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			entries_are_selected_by_actor, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			entries_are_selected_by_time, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(pages_follow_each_other_until_the_first_day_of_the_filter,
			fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			export_has_what_the_filter_selects_and_is_an_entry, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			export_of_a_limited_operator_has_the_entries_of_the_tenant_only, fixture_setup,
			fixture_teardown),
		cmocka_unit_test_setup_teardown(
			export_ends_with_a_line_that_says_if_there_are_more, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

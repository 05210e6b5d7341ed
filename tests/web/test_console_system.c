/* The words of the system page: the verdict, and what it says of backups. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "web/console/system_values.h"

#define NOW 1767607500000
#define HOUR_MS ((int64_t)3600 * 1000)

struct page {
	struct arena a;
	struct system_view *view;
	struct system_values values;
};

static void open_page(struct page *page)
{
	arena_init(&page->a, (size_t)512 * 1024);
	page->view = arena_new(&page->a, struct system_view);
	assert_non_null(page->view);
	page->view->now = (moment){ NOW };
	page->view->has_checks = true;
	page->view->checks.finished_at = (moment){ NOW };
	page->view->backups.failure = STR("");
}

static void fill(struct page *page)
{
	page->values = (struct system_values){ .version = STR("1") };
	assert_int_equal(system_values_fill(&page->a, page->view, &page->values), OK);
}

static void assert_text(struct str text, const char *expected)
{
	assert_int_equal(text.n, strlen(expected));
	assert_memory_equal(text.p, expected, text.n);
}

static void verdict_says_how_much_needs_attention(void **state)
{
	static const struct {
		size_t errors, warnings;
		bool was_checked;
		const char *class, *text;
	} rows[] = {
		{ 0, 0, true, "good", "Everything works." },
		{ 0, 0, false, "wait", "Nothing bad is known, but the checks have not run yet." },
		{ 0, 1, true, "wait", "kycd works. Look at 1 thing when you have time." },
		{ 0, 2, false, "wait", "kycd works. Look at 2 things when you have time." },
		{ 1, 0, true, "bad", "1 thing needs attention now." },
		{ 2, 3, true, "bad", "2 things need attention now." },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct page page;

		open_page(&page);
		page.view->n_errors = rows[i].errors;
		page.view->n_attention = rows[i].errors + rows[i].warnings;
		page.view->checks.finished_at = (moment){ rows[i].was_checked ? NOW : 0 };
		fill(&page);
		assert_text(page.values.verdict, rows[i].text);
		assert_text(page.values.verdict_class, rows[i].class);
		arena_finish(&page.a);
	}
}

static void backups_are_shown_with_age_size_and_failures_since(void **state)
{
	struct page page;

	(void)state;
	open_page(&page);
	page.view->backup_keeper = BACKUPS_BY_KYCD;
	page.view->backups = (struct backup_history){ .last_at = { NOW - 23 * HOUR_MS },
		.bytes = (int64_t)3 * 1024 * 1024,
		.ms = 12345,
		.failed_at = { NOW - 30 * HOUR_MS },
		.failure = STR("the disk is full") };
	fill(&page);
	assert_true(page.values.backup_is_kept && !page.values.backup_is_bad);
	assert_text(page.values.backup_age, "23 hours");
	assert_text(page.values.backup_size, "3072 KiB in 12.3 s");
	assert_int_equal(page.values.failure.n, 0); /* a backup has succeeded since */
	page.view->backups.failed_at = (moment){ NOW - HOUR_MS };
	fill(&page);
	assert_true(page.values.backup_is_bad);
	assert_text(page.values.failure, "the disk is full");
	page.view->backups = (struct backup_history){ .failure = STR("") };
	fill(&page);
	assert_true(page.values.backup_is_bad);
	assert_int_equal(page.values.backup_at.n + page.values.backup_size.n, 0);
	arena_finish(&page.a);
}

static void backups_of_postgres_and_development_mode_are_a_sentence(void **state)
{
	struct page page;

	(void)state;
	open_page(&page);
	page.view->backup_keeper = BACKUPS_BY_POSTGRES;
	fill(&page);
	assert_false(page.values.backup_is_kept);
	assert_non_null(strstr(page.values.backup_text.p, "use the tools of PostgreSQL"));
	page.view->backup_keeper = BACKUPS_NOT_NEEDED;
	fill(&page);
	assert_text(page.values.backup_text, "Development mode needs no backups.");
	arena_finish(&page.a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_says_how_much_needs_attention),
		cmocka_unit_test(backups_are_shown_with_age_size_and_failures_since),
		cmocka_unit_test(backups_of_postgres_and_development_mode_are_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

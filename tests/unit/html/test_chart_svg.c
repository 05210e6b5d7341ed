#include "html/chart_svg.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

static struct arena arena;

static const struct str names[] = { STR_INIT("approved"), STR_INIT("declined") };

static struct str draw(const struct chart_column *columns, size_t n)
{
	const struct chart chart = { STR("Decisions"), names, 2, columns, n };
	struct str out;

	assert_int_equal(chart_columns_write(&arena, &chart, &out), OK);
	return out;
}

static void assert_contains(struct str svg, const char *part)
{
	if (strstr(svg.p, part) == NULL)
		fail_msg("%s is missing in %s", part, svg.p);
}

static size_t count(struct str svg, const char *part)
{
	size_t n = 0;

	for (const char *p = svg.p; (p = strstr(p, part)) != NULL; p++)
		n++;
	return n;
}

static void chart_without_columns_is_an_axis(void **state)
{
	const struct str svg = draw(NULL, 0);

	(void)state;
	assert_string_equal(svg.p,
		"<svg class=\"chart\" role=\"img\" aria-label=\"Decisions\" viewBox=\"0 0 1 101\" "
		"preserveAspectRatio=\"none\">"
		"<rect class=\"chart-axis\" y=\"100\" width=\"1\" height=\"1\"/></svg>");
}

static void column_has_a_title_and_a_bar_for_each_value_above_zero(void **state)
{
	static const struct chart_column column = { STR_INIT("2026-01-05"), { 4, 0 } };
	const struct str svg = draw(&column, 1);

	(void)state;
	assert_contains(svg, "<title>2026-01-05: 4 approved, 0 declined</title>");
	assert_contains(svg, "<rect class=\"chart-0\" x=\"0\" y=\"0\" width=\"4\" height=\"100\"/>");
	assert_int_equal(count(svg, "class=\"chart-1\""), 0);
}

static void thirty_days_are_drawn_beside_each_other(void **state)
{
	struct chart_column columns[30];
	char expected[64];

	(void)state;
	for (int64_t i = 0; i < 30; i++)
		columns[i] = (struct chart_column){ STR("day"), { i + 1, 30 - i } };
	const struct str svg = draw(columns, 30);

	assert_int_equal(count(svg, "<g>"), 30);
	assert_int_equal(count(svg, "class=\"chart-0\""), 30);
	assert_int_equal(count(svg, "class=\"chart-1\""), 30);
	for (int i = 0; i < 30; i++) {
		(void)snprintf(expected, sizeof(expected), "<rect class=\"chart-1\" x=\"%d\"", i * 11 + 4);
		assert_contains(svg, expected);
	}
	assert_contains(svg, "viewBox=\"0 0 330 101\"");
}

static void values_of_any_size_fit(void **state)
{
	static const struct chart_column columns[] = {
		{ STR_INIT("a"), { INT64_MAX, 1 } },
		{ STR_INIT("b"), { INT64_MAX / 2, -5 } },
		{ STR_INIT("c"), { 0, INT64_MIN } },
	};
	const struct str svg = draw(columns, array_len(columns));

	(void)state;
	assert_contains(svg, "<rect class=\"chart-0\" x=\"0\" y=\"0\" width=\"4\" height=\"100\"/>");
	/* A value that is small beside the others does not look like 0. */
	assert_contains(svg, "<rect class=\"chart-1\" x=\"4\" y=\"99\" width=\"4\" height=\"1\"/>");
	assert_contains(svg, "<rect class=\"chart-0\" x=\"11\" y=\"50\" width=\"4\" height=\"50\"/>");
	assert_int_equal(count(svg, "class=\"chart-1\""), 1);
}

static void labels_are_escaped(void **state)
{
	static const struct str hostile[] = { STR_INIT("</title><script>\"&"), STR_INIT("x") };
	static const struct chart_column column = { STR_INIT("<b>"), { 1, 1 } };
	const struct chart chart = { STR("a\"><img>"), hostile, 2, &column, 1 };
	struct str svg;

	(void)state;
	assert_int_equal(chart_columns_write(&arena, &chart, &svg), OK);
	assert_contains(svg, "aria-label=\"a&quot;&gt;&lt;img&gt;\"");
	assert_contains(svg, "<title>&lt;b&gt;: 1 &lt;/title&gt;&lt;script&gt;&quot;&amp;, 1 x</title>");
}

static void too_many_columns_are_refused(void **state)
{
	static const struct chart_column columns[CHART_COLUMNS_MAX + 1];
	struct chart chart = { STR("x"), names, 2, columns, CHART_COLUMNS_MAX };
	struct str svg;

	(void)state;
	assert_int_equal(chart_columns_write(&arena, &chart, &svg), OK);
	chart.n_columns++;
	assert_int_equal(chart_columns_write(&arena, &chart, &svg), ERR_INPUT);
	chart.n_columns = 1;
	chart.n_series = CHART_SERIES_MAX + 1;
	assert_int_equal(chart_columns_write(&arena, &chart, &svg), ERR_INPUT);
}

static void bar_is_a_part_of_the_longest_one(void **state)
{
	static const struct {
		int64_t value, max;
		const char *width;
	} rows[] = {
		{ 0, 0, "width=\"0\"" },
		{ 0, 10, "width=\"0\"" },
		{ 1, 100000, "width=\"1\"" },
		{ 5, 10, "width=\"50\"" },
		{ 10, 10, "width=\"100\"" },
		{ 20, 10, "width=\"100\"" },
		{ -3, 10, "width=\"0\"" },
	};
	struct str svg;

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		assert_int_equal(chart_bar_write(&arena, rows[i].value, rows[i].max, 1, &svg), OK);
		assert_contains(svg, rows[i].width);
		assert_contains(svg, "class=\"chart-1\"");
	}
	assert_int_equal(chart_bar_write(&arena, 1, 1, CHART_SERIES_MAX, &svg), ERR_INPUT);
}

static int open_arena(void **state)
{
	(void)state;
	arena_init(&arena, (size_t)1024 * 1024);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_finish(&arena);
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(chart_without_columns_is_an_axis, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(
			column_has_a_title_and_a_bar_for_each_value_above_zero, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(
			thirty_days_are_drawn_beside_each_other, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(values_of_any_size_fit, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(labels_are_escaped, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(too_many_columns_are_refused, open_arena, close_arena),
		cmocka_unit_test_setup_teardown(bar_is_a_part_of_the_longest_one, open_arena, close_arena),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

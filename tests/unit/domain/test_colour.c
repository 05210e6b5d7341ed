#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"
#include "domain/colour.h"

static struct colour colour_named(const char *text)
{
	struct colour colour = { 0 };
	assert_true(colour_parse(str_of(text), &colour));
	return colour;
}

static void only_a_hash_and_six_hexadecimal_digits_are_a_colour(void **state)
{
	(void)state;
	static const char *const refused[] = { "", "#", "#fff", "#ffff", "#fffff", "#fffffff", "#ffffff00",
		"ffffff", "0ffffff", "#gggggg", "#12345g", "#12345:", "#12345/", "#12345@", "#12345`",
		"#12 456", "# 23456", "#12345\n", " #12345", "red", "rgb(1,2,3)", "#-12345", "#+12345",
		"#0x1234", "\357\274\2031234" };
	for (size_t i = 0; i < array_len(refused); i++) {
		struct colour colour = { 1, 2, 3 };
		assert_false(colour_parse(str_of(refused[i]), &colour));
		assert_true(colour_eq(colour, (struct colour){ 1, 2, 3 }));
	}
	assert_false(colour_parse(((struct str){ "#12345\0", 7 }), &(struct colour){ 0 }));
}

static void a_colour_is_written_in_lower_case(void **state)
{
	(void)state;
	static const char *const rows[][2] = { { "#000000", "#000000" }, { "#FFFFFF", "#ffffff" },
		{ "#0A1b2C", "#0a1b2c" }, { "#9aF0e1", "#9af0e1" } };
	for (size_t i = 0; i < array_len(rows); i++) {
		char text[COLOUR_SIZE];
		colour_format(colour_named(rows[i][0]), text);
		assert_string_equal(text, rows[i][1]);
	}
	assert_true(colour_eq(colour_named("#010203"), (struct colour){ 1, 2, 3 }));
	assert_false(colour_eq(colour_named("#010203"), (struct colour){ 1, 2, 4 }));
	assert_false(colour_eq(colour_named("#010203"), (struct colour){ 1, 3, 3 }));
	assert_false(colour_eq(colour_named("#010203"), (struct colour){ 2, 2, 3 }));
}

/* Values of the formulas of WCAG 2.2, computed with 30 digits (Python's decimal module). */
static void luminance_and_contrast_are_those_of_wcag(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		double luminance_of_a, contrast;
	} rows[] = {
		{ "#000000", "#ffffff", 0.000000000000, 21.000000000 },
		{ "#ffffff", "#ffffff", 1.000000000000, 1.000000000 },
		{ "#ff0000", "#ffffff", 0.212600000000, 3.998476771 },
		{ "#00ff00", "#ffffff", 0.715200000000, 1.372190277 },
		{ "#0000ff", "#ffffff", 0.072200000000, 8.592471358 },
		{ "#767676", "#ffffff", 0.181164244250, 4.542224960 },
		{ "#777777", "#ffffff", 0.184474994500, 4.478089454 },
		{ "#949494", "#ffffff", 0.296138270798, 3.033469826 },
		{ "#0a0a0a", "#0b0b0b", 0.003035269835, 1.005869036 },
		{ "#0b0b0b", "#000000", 0.003346535764, 1.066930715 },
		{ "#ffd400", "#1a1a1a", 0.683469669318, 12.157663200 },
		{ "#0052cc", "#f5f5f5", 0.103942200362, 6.256235454 },
	};
	for (size_t i = 0; i < array_len(rows); i++) {
		struct colour a = colour_named(rows[i].a), b = colour_named(rows[i].b);
		assert_true(colour_luminance(a) - rows[i].luminance_of_a < 1e-9);
		assert_true(rows[i].luminance_of_a - colour_luminance(a) < 1e-9);
		assert_true(colour_contrast(a, b) - rows[i].contrast < 1e-6);
		assert_true(rows[i].contrast - colour_contrast(a, b) < 1e-6);
		assert_true(colour_contrast(a, b) == colour_contrast(b, a));
	}
}

static void a_colour_with_enough_contrast_is_not_adjusted(void **state)
{
	(void)state;
	struct colour white = colour_named("#ffffff"), grey = colour_named("#767676");
	assert_true(colour_eq(colour_adjusted(grey, white, COLOUR_CONTRAST_TEXT), grey));
	assert_false(colour_eq(colour_adjusted(colour_named("#777777"), white, COLOUR_CONTRAST_TEXT),
		colour_named("#777777")));
	assert_true(colour_eq(colour_adjusted(white, white, 1), white));
}

static void an_adjusted_colour_has_just_enough_contrast(void **state)
{
	(void)state;
	static const char *const backgrounds[] = { "#ffffff", "#f5f5f5", "#000000", "#121212", "#1b1f24",
		"#777777", "#767676" };
	for (unsigned step = 0; step < 1u << 12; step++) {
		struct colour colour = { (uint8_t)((step >> 8) * 17), (uint8_t)((step >> 4 & 15) * 17),
			(uint8_t)((step & 15) * 17) };
		for (size_t i = 0; i < array_len(backgrounds); i++) {
			struct colour background = colour_named(backgrounds[i]);
			struct colour adjusted = colour_adjusted(colour, background, COLOUR_CONTRAST_TEXT);
			assert_true(colour_contrast(adjusted, background) >= COLOUR_CONTRAST_TEXT);
			if (!colour_eq(adjusted, colour) && i < 5)
				assert_true(
					colour_contrast(adjusted, background) < COLOUR_CONTRAST_TEXT + 0.3);
		}
	}
}

static void a_ratio_that_cannot_be_reached_gives_black_or_white(void **state)
{
	(void)state;
	struct colour grey = colour_named("#808080"), red = colour_named("#ff0000");
	assert_true(colour_eq(colour_adjusted(red, grey, 21), colour_named("#000000")));
	assert_true(colour_eq(colour_adjusted(red, colour_named("#404040"), 21), colour_named("#ffffff")));
}

static void text_on_any_colour_is_readable(void **state)
{
	(void)state;
	assert_true(colour_eq(colour_of_text_on(colour_named("#ffd400")), colour_named("#000000")));
	assert_true(colour_eq(colour_of_text_on(colour_named("#0052cc")), colour_named("#ffffff")));
	for (unsigned step = 0; step < 1u << 12; step++) {
		struct colour colour = { (uint8_t)((step >> 8) * 17), (uint8_t)((step >> 4 & 15) * 17),
			(uint8_t)((step & 15) * 17) };
		assert_true(colour_contrast(colour_of_text_on(colour), colour) >= 4.58);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_hash_and_six_hexadecimal_digits_are_a_colour),
		cmocka_unit_test(a_colour_is_written_in_lower_case),
		cmocka_unit_test(luminance_and_contrast_are_those_of_wcag),
		cmocka_unit_test(a_colour_with_enough_contrast_is_not_adjusted),
		cmocka_unit_test(an_adjusted_colour_has_just_enough_contrast),
		cmocka_unit_test(a_ratio_that_cannot_be_reached_gives_black_or_white),
		cmocka_unit_test(text_on_any_colour_is_readable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

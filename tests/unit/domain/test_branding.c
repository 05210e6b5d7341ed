#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "domain/branding.h"

static void an_empty_branding_has_nothing(void **state)
{
	(void)state;
	struct branding branding = { 0 };
	assert_false(branding_has_colour(&branding));
	assert_false(branding_has_logo(&branding));
	assert_false(branding_has_consent_text(&branding));
}

static void each_part_of_a_branding_is_told_apart(void **state)
{
	(void)state;
	struct branding branding = { .colour = "#123456" };
	assert_true(branding_has_colour(&branding));
	assert_false(branding_has_logo(&branding));

	branding = (struct branding){ 0 };
	branding.logo_digest.bytes[31] = 1;
	assert_true(branding_has_logo(&branding));
	assert_false(branding_has_consent_text(&branding));

	branding = (struct branding){ 0 };
	branding.consent_digest.bytes[0] = 1;
	assert_true(branding_has_consent_text(&branding));
	assert_false(branding_has_logo(&branding));
}

static void an_accent_is_readable_in_light_and_in_dark_mode(void **state)
{
	static const char *const colours[] = { "#000000", "#ffffff", "#ffd400", "#0052cc", "#777777", "#16191d",
		"#ff0000" };

	(void)state;
	for (size_t i = 0; i < array_len(colours); i++) {
		struct colour colour = { 0 };
		assert_true(colour_parse(str_of(colours[i]), &colour));
		struct accent accent = accent_of(colour);
		assert_true(colour_contrast(accent.light, BACKGROUND_LIGHT) >= COLOUR_CONTRAST_TEXT);
		assert_true(colour_contrast(accent.dark, BACKGROUND_DARK) >= COLOUR_CONTRAST_TEXT);
	}
}

static void a_colour_that_is_readable_stays_as_it_is(void **state)
{
	(void)state;
	struct colour blue = { 0x00, 0x52, 0xcc }, yellow = { 0xff, 0xd4, 0x00 };
	assert_true(colour_eq(accent_of(blue).light, blue));
	assert_false(colour_eq(accent_of(blue).dark, blue));
	assert_true(colour_eq(accent_of(yellow).dark, yellow));
	assert_false(colour_eq(accent_of(yellow).light, yellow));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_branding_has_nothing),
		cmocka_unit_test(each_part_of_a_branding_is_told_apart),
		cmocka_unit_test(an_accent_is_readable_in_light_and_in_dark_mode),
		cmocka_unit_test(a_colour_that_is_readable_stays_as_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

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
	static const char *const colours[] = { "#000000", "#ffffff", "#ffd400", "#0052cc", "#777777",
		"#16191d", "#ff0000" };

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

static void a_consent_text_becomes_one_line(void **state)
{
	static const struct {
		const char *raw;
		enum consent_text_form form;
		const char *text;
	} rows[] = {
		{ "I agree.", CONSENT_TEXT_VALID, "I agree." },
		{ "\n  I agree.\r\n", CONSENT_TEXT_VALID, "I agree." },
		{ "I agree\nto the  \tcheck.\n", CONSENT_TEXT_VALID, "I agree to the check." },
		{ "I agree\r\nto the check.", CONSENT_TEXT_VALID, "I agree to the check." },
		{ "\u0623\u0648\u0627\u0641\u0642", CONSENT_TEXT_VALID, "\u0623\u0648\u0627\u0641\u0642" },
		{ "", CONSENT_TEXT_EMPTY, NULL },
		{ " \r\n\t", CONSENT_TEXT_EMPTY, NULL },
		{ "I agree.\n\nReally.", CONSENT_TEXT_PARAGRAPHS, NULL },
		{ "I agree.\r\n \r\nReally.", CONSENT_TEXT_PARAGRAPHS, NULL },
		{ "I agree\x07", CONSENT_TEXT_CHARACTERS, NULL },
		{ "I agree\xff", CONSENT_TEXT_CHARACTERS, NULL },
		{ "I \u200eagree", CONSENT_TEXT_CHARACTERS, NULL },
	};
	char out[CONSENT_TEXT_SIZE_MAX + 1];

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# row %zu\n", i);
		memcpy(out, "unchanged", sizeof("unchanged"));
		assert_int_equal(consent_text_read(str_of(rows[i].raw), out), rows[i].form);
		assert_string_equal(out, rows[i].text != NULL ? rows[i].text : "unchanged");
	}
}

static void a_consent_text_has_at_most_2000_bytes(void **state)
{
	static char raw[CONSENT_TEXT_SIZE_MAX + 2];
	char out[CONSENT_TEXT_SIZE_MAX + 1];

	(void)state;
	memset(raw, 'a', sizeof(raw));
	assert_int_equal(consent_text_read((struct str){ raw, 1999 }, out), CONSENT_TEXT_VALID);
	assert_int_equal(consent_text_read((struct str){ raw, 2000 }, out), CONSENT_TEXT_VALID);
	assert_int_equal(strlen(out), 2000);
	assert_int_equal(consent_text_read((struct str){ raw, 2001 }, out), CONSENT_TEXT_TOO_LONG);
}

static void every_fault_of_a_consent_text_has_a_message(void **state)
{
	(void)state;
	for (int form = CONSENT_TEXT_EMPTY; form <= CONSENT_TEXT_CHARACTERS; form++)
		assert_true(strlen(consent_text_form_message((enum consent_text_form)form)) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_branding_has_nothing),
		cmocka_unit_test(each_part_of_a_branding_is_told_apart),
		cmocka_unit_test(an_accent_is_readable_in_light_and_in_dark_mode),
		cmocka_unit_test(a_colour_that_is_readable_stays_as_it_is),
		cmocka_unit_test(a_consent_text_becomes_one_line),
		cmocka_unit_test(a_consent_text_has_at_most_2000_bytes),
		cmocka_unit_test(every_fault_of_a_consent_text_has_a_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

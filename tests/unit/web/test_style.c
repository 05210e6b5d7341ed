/* Tests of the colours of the style sheet, in both colour schemes and with the colour of a tenant: every text
 * and control has enough contrast with its background. */
#include "web/core/assets.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

/* A text or part of a control, its background, and the contrast that it needs. */
static const struct pair {
	const char *colour, *background;
	double ratio;
} pairs[] = {
	{ "text", "ground", COLOUR_CONTRAST_TEXT },
	{ "text", "surface", COLOUR_CONTRAST_TEXT },
	{ "text", "sunken", COLOUR_CONTRAST_TEXT },
	{ "muted", "ground", COLOUR_CONTRAST_TEXT },
	{ "muted", "surface", COLOUR_CONTRAST_TEXT },
	{ "accent", "ground", COLOUR_CONTRAST_TEXT },
	{ "accent", "surface", COLOUR_CONTRAST_TEXT },
	{ "bad", "ground", COLOUR_CONTRAST_TEXT },
	{ "bad", "surface", COLOUR_CONTRAST_TEXT },
	{ "good", "good-ground", COLOUR_CONTRAST_TEXT },
	{ "bad", "bad-ground", COLOUR_CONTRAST_TEXT },
	{ "wait", "wait-ground", COLOUR_CONTRAST_TEXT },
	{ "news", "news-ground", COLOUR_CONTRAST_TEXT },
	{ "edge", "ground", COLOUR_CONTRAST_PART },
	{ "edge", "surface", COLOUR_CONTRAST_PART },
	{ "focus", "ground", COLOUR_CONTRAST_PART },
	{ "focus", "surface", COLOUR_CONTRAST_PART },
};

static struct arena arena;

/* The last value of a token in the style sheet. In the light scheme, the rules for the dark scheme are
 * skipped. */
static struct colour token(struct str style, const char *name, bool dark)
{
	struct colour found = { 0, 0, 0 };
	char search[32];
	size_t n = 0;

	(void)snprintf(search, sizeof(search), "--%s:#", name);
	for (const char *at = strstr(style.p, search); at; at = strstr(at + 1, search)) {
		const char *const value = at + strlen(search) - 1;
		const char *rule = at;

		while (strncmp(rule, ":root{", 6) != 0)
			rule--;
		if (!dark && rule > style.p && rule[-1] == '{') /* inside @media */
			continue;
		assert_true(colour_parse((struct str){ value, 7 }, &found));
		n++;
	}
	if (n == 0)
		fail_msg("--%s is not in the style sheet", name);
	return found;
}

static void assert_contrasts(struct str style, const char *name)
{
	for (size_t dark = 0; dark < 2; dark++) {
		for (size_t i = 0; i < array_len(pairs); i++) {
			const struct colour colour = token(style, pairs[i].colour, dark),
					    background = token(style, pairs[i].background, dark);
			const double ratio = colour_contrast(colour, background);

			if (ratio < pairs[i].ratio)
				fail_msg("%s, %s: %s on %s: %f", name, dark ? "dark" : "light",
					pairs[i].colour, pairs[i].background, ratio);
		}
	}
}

static void every_text_and_control_has_enough_contrast(void **state)
{
	(void)state;
	assert_contrasts(asset_style()->content, "without a tenant's colour");
}

static void colour_of_a_tenant_is_adjusted_until_it_is_readable(void **state)
{
	static const char *const colours[] = { "#000000", "#ffffff", "#ff0000", "#ffff00", "#00ff00",
		"#808080", "#1a56b8", "#f5f6f8", "#1a1e23" };

	(void)state;
	for (size_t i = 0; i < array_len(colours); i++) {
		struct colour colour;

		assert_true(colour_parse(str_of(colours[i]), &colour));
		assert_contrasts(style_with_colour(&arena, colour), colours[i]);
	}
}

static void readable_colour_is_used_as_it_is(void **state)
{
	const struct colour green = { 0x0a, 0x66, 0x34 }, light_green = { 0x7f, 0xdc, 0xa4 };

	(void)state;
	assert_true(colour_eq(token(style_with_colour(&arena, green), "accent", false), green));
	assert_true(colour_eq(token(style_with_colour(&arena, light_green), "accent", true), light_green));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_and_control_has_enough_contrast),
		cmocka_unit_test(colour_of_a_tenant_is_adjusted_until_it_is_readable),
		cmocka_unit_test(readable_colour_is_used_as_it_is),
	};

	arena_init(&arena, ARENA_CALL_LIMIT);
	const int failed = cmocka_run_group_tests(tests, NULL, NULL);
	arena_finish(&arena);
	return failed;
}

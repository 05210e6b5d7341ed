/* Tests of language matching. */
#include "text/language.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static const struct str available[] = { STR_INIT("en"), STR_INIT("pt-BR"), STR_INIT("es"),
	STR_INIT("zh-Hant-TW"), STR_INIT("pt-AO") };

static const char *tag_or_dash(size_t found)
{
	return found < array_len(available) ? available[found].p : "-";
}

static void nearest_language_is_found(void **state)
{
	static const struct {
		const char *tag, *nearest;
	} rows[] = {
		{ "en", "en" },
		{ "pt-BR", "pt-BR" },
		{ "PT-br", "pt-BR" },
		{ "pt_BR", "pt-BR" },
		{ "pt", "pt-BR" },
		{ "pt-PT", "pt-BR" },
		{ "pt-AO", "pt-AO" },
		{ "pt-AO-x-luanda", "pt-AO" },
		{ "es", "es" },
		{ "es-419", "es" },
		{ "es-Latn-MX", "es" },
		{ "en-GB-oxendict", "en" },
		{ "zh", "zh-Hant-TW" },
		{ "zh-Hans-CN", "zh-Hant-TW" },
		{ "fr", "-" },
		{ "e", "-" },
		{ "eng", "-" },
		{ "ens", "-" },
		{ "ptbr", "-" },
		{ "x-pt", "-" },
		{ "", "-" },
		{ "-", "-" },
		{ "--", "-" },
		{ "-en", "-" },
		{ "en-", "en" },
		{ "*", "-" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const size_t found = language_nearest(str_of(rows[i].tag), available, array_len(available));

		print_message("# %s\n", rows[i].tag);
		assert_string_equal(tag_or_dash(found), rows[i].nearest);
	}
	assert_int_equal(language_nearest(STR("en"), available, 0), 0);
}

static void first_preferred_language_that_matches_is_chosen(void **state)
{
	static const struct {
		const char *preferred[3], *chosen;
	} rows[] = {
		{ { "pt", "es", "en" }, "pt-BR" },
		{ { "", "es", "en" }, "es" },
		{ { "fr", "es", "en" }, "es" },
		{ { "fr", "", "es-419" }, "es" },
		{ { "fr", "de", "ja" }, "-" },
		{ { "", "", "" }, "-" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str preferred[] = { str_of(rows[i].preferred[0]), str_of(rows[i].preferred[1]),
			str_of(rows[i].preferred[2]) };
		const size_t found = language_choose(
			preferred, array_len(preferred), available, array_len(available));

		assert_string_equal(tag_or_dash(found), rows[i].chosen);
	}
}

static void accept_language_header_is_evaluated(void **state)
{
	static const struct {
		const char *header, *best;
	} rows[] = {
		{ "pt-BR,pt;q=0.9,en-US;q=0.8,en;q=0.7", "pt-BR" },
		{ "en;q=0.7, es-MX;q=0.8", "es" },
		{ "fr-FR, fr;q=0.9, es;q=0.3, en;q=0.2", "es" },
		{ "es;q=0.5,en;q=0.5", "es" },
		{ "es;q=0.500,en;q=0.501", "en" },
		{ "es;q=0,en;q=0.001", "en" },
		{ "es;q=0", "-" },
		{ "es;q=0.000", "-" },
		{ "es;q=1.000", "es" },
		{ "es;q=1.001", "-" },
		{ "es;q=2", "-" },
		{ "es;q=", "-" },
		{ "es;q=.5", "-" },
		{ "es;q=0.5000", "-" },
		{ "es;q=0,5", "-" },
		{ "es;q=a", "-" },
		{ "es; q=0.4 , en ;q=0.3", "es" },
		{ "es;Q=0.4", "es" },
		{ "es;level=1", "-" },
		{ "*", "-" },
		{ "*;q=0.5, es;q=0.1", "es" },
		{ ",,,", "-" },
		{ ";;", "-" },
		{ "", "-" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const size_t found = language_accepted(
			str_of(rows[i].header), available, array_len(available));

		print_message("# %s\n", rows[i].header);
		assert_string_equal(tag_or_dash(found), rows[i].best);
	}
}

static void plausible_tags_are_recognised(void **state)
{
	static const struct {
		const char *tag;
		bool is_tag;
	} rows[] = {
		{ "en", true },
		{ "za", true },
		{ "zu", true },
		{ "PT-br", true },
		{ "fil", true },
		{ "zh-Hant-TW", true },
		{ "sl-rozaj-biske", true },
		{ "de-abcdefgh", true },
		{ "de-abcdefghi", false },
		{ "de-abcdefgh-abcdefgh-abcdefgh-abcdefg", false },
		{ "de-abcdefgh-abcdefgh-abcdefgh-abcde", true },
		{ "xx", false },
		{ "bz", false },
		{ "b ", false },
		{ "a", false },
		{ "english", false },
		{ "12", false },
		{ "e1", false },
		{ "pt_BR", false },
		{ "pt-", false },
		{ "-pt", false },
		{ "pt--BR", false },
		{ "pt-B.", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].tag);
		assert_int_equal(language_is_tag(str_of(rows[i].tag)), rows[i].is_tag);
	}
}

static void direction_follows_the_script_or_else_the_language(void **state)
{
	static const struct {
		const char *tag;
		bool is_rtl;
	} rows[] = {
		{ "ar", true },
		{ "AR-eg", true },
		{ "ar_EG", true },
		{ "he", true },
		{ "fa-IR", true },
		{ "ckb", true },
		{ "az-Arab", true },
		{ "az-Latn-AZ", false },
		{ "ar-Latn", false },
		{ "ur-1994", true },
		{ "en", false },
		{ "pt-BR", false },
		{ "arn", false },
		{ "a", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++)
		assert_int_equal(language_tag_is_rtl(str_of(rows[i].tag)), rows[i].is_rtl);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nearest_language_is_found),
		cmocka_unit_test(first_preferred_language_that_matches_is_chosen),
		cmocka_unit_test(accept_language_header_is_evaluated),
		cmocka_unit_test(plausible_tags_are_recognised),
		cmocka_unit_test(direction_follows_the_script_or_else_the_language),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

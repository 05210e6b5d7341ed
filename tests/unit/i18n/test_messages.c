/* Tests of the message catalogue: no text is missing, and the texts of a message use the same {names} in all
 * languages. */
#include "i18n/messages.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "text/placeholders.h"

static bool has(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static void every_text_exists_and_is_well_formed(void **state)
{
	(void)state;
	for (size_t language = 0; language < LANGUAGES; language++) {
		for (size_t message = 0; message < MESSAGE_COUNT; message++) {
			const struct str text = message_text(
				(enum language)language, (enum message_id)message);

			assert_true(str_trim(text).n > 0);
			assert_int_equal(str_trim(text).n, text.n);
			assert_true(str_is_utf8(text));
			assert_false(has(text, "<") || has(text, "&") || has(text, "://") || has(text, "\n"));
		}
	}
}

/* Returns how often a text contains the placeholder. */
static size_t count_placeholder(struct str text, struct str searched)
{
	struct str before, name;
	size_t n = 0;

	while (placeholder_next(&text, &before, &name))
		n += str_eq(name, searched);
	return n;
}

static void all_languages_use_the_same_placeholders(void **state)
{
	(void)state;
	for (size_t message = 0; message < MESSAGE_COUNT; message++) {
		const struct str english = message_text(LANGUAGE_EN, (enum message_id)message);

		for (size_t language = 0; language < LANGUAGES; language++) {
			const struct str text = message_text(
				(enum language)language, (enum message_id)message);
			struct str rest = text, other = english, before, name;

			while (placeholder_next(&rest, &before, &name))
				assert_true(count_placeholder(english, name) > 0);
			while (placeholder_next(&other, &before, &name))
				assert_true(count_placeholder(text, name) > 0);
			assert_false(has(before, "{") || has(before, "}"));
			if (language != LANGUAGE_EN)
				assert_false(str_eq(text, english));
		}
	}
}

static void first_preference_with_a_match_is_chosen(void **state)
{
	static const struct {
		const char *preferred[2], *tag;
	} rows[] = {
		{ { "pt", "es" }, "pt-BR" },
		{ { "es-419", "en" }, "es" },
		{ { "zh", "pt-PT" }, "pt-BR" },
		{ { "", "es" }, "es" },
		{ { "zh", "ja" }, "en" },
		{ { "", "" }, "en" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str preferred[] = { str_of(rows[i].preferred[0]), str_of(rows[i].preferred[1]) };

		assert_string_equal(
			language_tags[language_for(preferred, array_len(preferred))].p, rows[i].tag);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_exists_and_is_well_formed),
		cmocka_unit_test(all_languages_use_the_same_placeholders),
		cmocka_unit_test(first_preference_with_a_match_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The catalogue: nothing is missing, and the languages say the same. */
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

static void each_text_is_there(void **state)
{
	(void)state;
	for (size_t language = 0; language < LANGUAGES; language++) {
		for (size_t word = 0; word < MESSAGE_COUNT; word++) {
			const struct str text = message_text((enum language)language, (enum message_id)word);

			assert_true(str_trim(text).n > 0);
			assert_int_equal(str_trim(text).n, text.n);
			assert_true(str_is_utf8(text));
			assert_false(has(text, "<") || has(text, "&") || has(text, "://") || has(text, "\n"));
		}
	}
}

/* How often a text names this one. */
static size_t count(struct str text, struct str wanted)
{
	struct str before, name;
	size_t n = 0;

	while (placeholder_next(&text, &before, &name))
		n += str_eq(name, wanted);
	return n;
}

static void the_languages_name_the_same_things(void **state)
{
	(void)state;
	for (size_t word = 0; word < MESSAGE_COUNT; word++) {
		const struct str english = message_text(LANGUAGE_EN, (enum message_id)word);

		for (size_t language = 0; language < LANGUAGES; language++) {
			const struct str text = message_text((enum language)language, (enum message_id)word);
			struct str rest = text, other = english, before, name;

			while (placeholder_next(&rest, &before, &name))
				assert_true(count(english, name) > 0);
			while (placeholder_next(&other, &before, &name))
				assert_true(count(text, name) > 0);
			assert_false(has(before, "{") || has(before, "}"));
			if (language != LANGUAGE_EN)
				assert_false(str_eq(text, english));
		}
	}
}

static void the_language_of_the_first_wish_that_can_be_met(void **state)
{
	static const struct {
		const char *wishes[2], *tag;
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
		const struct str wishes[] = { str_of(rows[i].wishes[0]), str_of(rows[i].wishes[1]) };

		assert_string_equal(language_tags[language_for(wishes, array_len(wishes))].p, rows[i].tag);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_is_there),
		cmocka_unit_test(the_languages_name_the_same_things),
		cmocka_unit_test(the_language_of_the_first_wish_that_can_be_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

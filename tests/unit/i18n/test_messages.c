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
		for (size_t message = MESSAGE_NONE + 1; message < MESSAGE_COUNT; message++) {
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

/* Texts that are the same as in English: a word that both languages have, or a text that has to be ASCII. */
static bool may_equal_english(enum language language, enum message_id message)
{
	static const struct {
		enum language language;
		enum message_id message;
	} rows[] = {
		{ LANGUAGE_FR, MESSAGE_CHECK_SESSION },
		{ LANGUAGE_DE, MESSAGE_CHECK_STATUS },
		{ LANGUAGE_FR, MESSAGE_VERIFY_CODE_LABEL },
		{ LANGUAGE_DE, MESSAGE_VERIFY_CODE_LABEL },
		{ LANGUAGE_FR, MESSAGE_VERIFY_WALLET_SIGNATURE_LABEL },
		{ LANGUAGE_AR, MESSAGE_CHALLENGE_PURPOSE },
		{ LANGUAGE_AR, MESSAGE_CHALLENGE_NO_PAYMENT },
		{ LANGUAGE_AR, MESSAGE_CHALLENGE_CAUTION },
	};

	for (size_t i = 0; i < array_len(rows); i++)
		if (rows[i].language == language && rows[i].message == message)
			return true;
	return false;
}

static void all_languages_use_the_same_placeholders(void **state)
{
	(void)state;
	for (size_t message = MESSAGE_NONE + 1; message < MESSAGE_COUNT; message++) {
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
				assert_int_equal(str_eq(text, english),
					may_equal_english((enum language)language, (enum message_id)message));
		}
	}
}

static void texts_of_challenges_are_ascii(void **state)
{
	static const enum message_id messages[] = { MESSAGE_CHALLENGE_PURPOSE, MESSAGE_CHALLENGE_NO_PAYMENT,
		MESSAGE_CHALLENGE_CAUTION };

	(void)state;
	for (size_t language = 0; language < LANGUAGES; language++)
		for (size_t i = 0; i < array_len(messages); i++) {
			const struct str text = message_text((enum language)language, messages[i]);

			for (size_t at = 0; at < text.n; at++)
				assert_in_range(text.p[at], 0x20, 0x7e);
		}
}

/* A name written in the other direction would change places with digits that follow it without a letter
 * between. */
static void no_digits_follow_a_brand(void **state)
{
	static const char *const with_digits[] = { "time", "minutes", "digits", "code" };

	(void)state;
	for (size_t language = 0; language < LANGUAGES; language++)
		for (size_t message = 0; message < MESSAGE_COUNT; message++) {
			struct str rest = message_text((enum language)language, (enum message_id)message);
			struct str before, name;
			bool after_brand = false;

			while (placeholder_next(&rest, &before, &name)) {
				bool letters = false;

				for (size_t i = 0; i < before.n; i++)
					letters = letters || (unsigned char)(before.p[i] | 0x20) >= 'a';
				for (size_t i = 0; i < array_len(with_digits); i++)
					assert_false(after_brand && !letters &&
						     str_eq(name, str_of(with_digits[i])));
				after_brand = str_eq(name, STR("brand"));
			}
		}
}

static void only_arabic_is_written_from_right_to_left(void **state)
{
	(void)state;
	for (size_t language = 0; language < LANGUAGES; language++)
		assert_int_equal(language_is_rtl((enum language)language), language == LANGUAGE_AR);
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
		{ { "fr-CA", "es" }, "fr" },
		{ { "de-AT", "es" }, "de" },
		{ { "ar-EG", "es" }, "ar" },
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
		cmocka_unit_test(texts_of_challenges_are_ascii),
		cmocka_unit_test(no_digits_follow_a_brand),
		cmocka_unit_test(only_arabic_is_written_from_right_to_left),
		cmocka_unit_test(first_preference_with_a_match_is_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

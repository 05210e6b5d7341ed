/* What a letter says, and what it must not say. */
#include "app/letters.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/operator.h"
#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define CODE "493027"

/* Runs of six digits or more, the code itself left out. */
static size_t numbers_but(const char *text, const char *code)
{
	size_t n = 0;

	for (const char *p = text; *p;) {
		const size_t run = strspn(p, "0123456789");

		n += run >= 6 && (run != 6 || !code || memcmp(p, code, 6) != 0);
		p += run > 0 ? run : 1;
	}
	return n;
}

static struct letter written(struct kit *kit, const struct effect *effect, struct str brand, bool sandbox)
{
	const struct code_letter from = {
		.effect = effect,
		.to = STR(ANA),
		.code = STR(CODE),
		.brand = brand,
		.language = STR("en"),
		.host = STR("kyc.example.com"),
		.life = seconds(600),
		.sandbox = sandbox,
	};
	struct letter letter;

	assert_int_equal(letters_code(&from, &kit->arena, &letter), OK);
	return letter;
}

static bool has(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static const struct effect some_effect = { .id = { "01ke6svz70pwqnq2kfkaee0378" }, .created = { KIT_NOW } };

static void the_first_words_are_the_code(void **state)
{
	const struct letter letter = written(*state, &some_effect, STR("Shop"), false);

	assert_true(str_starts(letter.text, STR(CODE " is your code for Shop.")));
	assert_true(has(letter.html, ">" CODE "<"));
	assert_false(has(letter.subject, CODE));
}

static void the_subject_has_the_name_and_the_time(void **state)
{
	const struct letter letter = written(*state, &some_effect, STR("Shop"), false);

	assert_true(str_eq(letter.subject, STR("Your Shop code, 10:05 UTC")));
	assert_true(has(letter.text, "10 minutes"));
	assert_true(has(letter.text, "If this was not you"));
	assert_true(has(letter.html, "If this was not you"));
	assert_true(str_eq(letter.language, STR("en")));
	assert_true(str_eq(letter.to, STR(ANA)));
	assert_int_equal(letter.date.ms, KIT_NOW);
}

static void no_other_six_digits_stand_in_a_row(void **state)
{
	static const char *const ids[] = { "01ke6svz70pwqnq2kfkaee0378", "01234567890123456789012345",
		"99999999999999999999999999", "abc123456def000000ghj99999" };
	static const int64_t times[] = { KIT_NOW, 1, INT64_C(1767225599999), INT64_C(253402300799999) };

	for (size_t i = 0; i < array_len(ids); i++) {
		for (size_t j = 0; j < array_len(times); j++) {
			struct effect effect = { .created = { times[j] } };

			memcpy(effect.id.text, ids[i], ID_SIZE);
			const struct letter letter = written(*state, &effect, STR("Shop"), true);
			assert_int_equal(numbers_but(letter.subject.p, NULL), 0);
			assert_int_equal(numbers_but(letter.text.p, CODE), 0);
			assert_int_equal(numbers_but(letter.html.p, CODE), 0);
			assert_int_equal(numbers_but(letter.message_id.p, NULL), 0);
		}
	}
}

static void each_letter_has_its_own_message_id(void **state)
{
	struct effect a = some_effect, b = some_effect;

	b.id.text[ID_LENGTH - 1] = '9';
	const struct str one = written(*state, &a, STR("Shop"), false).message_id;
	const struct str other = written(*state, &b, STR("Shop"), false).message_id;
	assert_false(str_eq(one, other));
	assert_true(str_ends(one, STR("@kyc.example.com")));
}

static void a_name_is_escaped_in_html_and_only_there(void **state)
{
	const struct letter letter = written(*state, &some_effect, STR("A<b>&\"C'"), false);

	assert_true(has(letter.text, "for A<b>&\"C'."));
	assert_true(has(letter.subject, "A<b>&\"C'"));
	assert_true(has(letter.html, "A&lt;b&gt;&amp;&quot;C&#39;"));
	assert_false(has(letter.html, "A<b>"));
}

static void a_name_is_no_template(void **state)
{
	const struct letter letter = written(*state, &some_effect, STR("{code}{brand}"), false);

	assert_true(has(letter.subject, "Your {code}{brand} code"));
	assert_true(has(letter.text, "is your code for {code}{brand}."));
}

static void only_the_sandbox_says_that_it_is_one(void **state)
{
	for (int sandbox = 0; sandbox < 2; sandbox++) {
		const struct letter letter = written(*state, &some_effect, STR("Shop"), sandbox);

		assert_int_equal(has(letter.text, "sandbox"), sandbox);
		assert_int_equal(has(letter.html, "sandbox"), sandbox);
		assert_false(has(letter.html, "{"));
		assert_false(has(letter.text, "{"));
	}
}

static const char *letter_by(struct kit *kit, const char *tenant, const char *display_name)
{
	const struct tenant_change change = { .name = str_of(tenant),
		.display_name = display_name ? str_of(display_name) : (struct str){ NULL, 0 } };
	struct caller caller = { .actor = { ACTOR_KEY, "kitkey01", "" } };

	assert_int_equal(operator_add_tenant(&kit->world, &kit->arena, &change, &caller.tenant), OK);
	(void)kit_prepare(kit, &caller, ANA);
	assert_int_equal(kit_send(kit, &caller, ANA).verdict, SEND_QUEUED);
	assert_int_equal(kit_carry(kit), 1);
	return kit_last_letter(kit)->subject;
}

static void the_name_is_the_tenants_else_the_brand(void **state)
{
	struct kit *const kit = *state;

	kit->rules.brand = STR("House");
	assert_string_equal(letter_by(kit, "with", "Kiosk"), "Your Kiosk code, 10:05 UTC");
	assert_string_equal(letter_by(kit, "without", NULL), "Your House code, 10:05 UTC");
}

static void the_host_of_a_message_id(void **state)
{
	static const struct {
		const char *url, *host;
	} rows[] = {
		{ "http://127.0.0.1:8080", "127.0.0.1" },
		{ "https://kyc.example.com", "kyc.example.com" },
		{ "https://kyc.example.com:8443/base/", "kyc.example.com" },
		{ "https://httpkyc.example.com/", "httpkyc.example.com" },
		{ "http://[::1]:8080", "[::1]" },
		{ "", "localhost" },
	};
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };

		kit->rules.public_url = str_of(rows[i].url);
		(void)letter_by(kit, name, NULL);
		const char *const at = strchr(kit_last_letter(kit)->message_id, '@');
		assert_non_null(at);
		assert_string_equal(at + 1, rows[i].host);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_first_words_are_the_code),
		TEST(the_subject_has_the_name_and_the_time),
		TEST(no_other_six_digits_stand_in_a_row),
		TEST(each_letter_has_its_own_message_id),
		TEST(a_name_is_escaped_in_html_and_only_there),
		TEST(a_name_is_no_template),
		TEST(only_the_sandbox_says_that_it_is_one),
		TEST(the_name_is_the_tenants_else_the_brand),
		TEST(the_host_of_a_message_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

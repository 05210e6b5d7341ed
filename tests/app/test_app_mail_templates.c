/* What a letter says, and what it must not say. */
#include "app/mail/templates.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "kit/app_fixture.h"

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

static struct mail_message written_in(struct app_fixture *fx, const struct effect *effect, struct str brand,
	bool sandbox, const char *language)
{
	const struct code_mail_params from = {
		.effect = effect,
		.to = STR(ANA),
		.code = STR(CODE),
		.brand = brand,
		.language = str_of(language),
		.host = STR("kyc.example.com"),
		.life = seconds(600),
		.sandbox = sandbox,
	};
	struct mail_message message;

	assert_int_equal(mail_write_code(&from, &fx->arena, &message), OK);
	return message;
}

static struct mail_message written(
	struct app_fixture *fx, const struct effect *effect, struct str brand, bool sandbox)
{
	return written_in(fx, effect, brand, sandbox, "en");
}

static bool has(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static const struct effect some_effect = { .id = { "01ke6svz70pwqnq2kfkaee0378" },
	.created_at = { FIXTURE_NOW } };

static void the_first_words_are_the_code(void **state)
{
	const struct mail_message message = written(*state, &some_effect, STR("Shop"), false);

	assert_true(str_starts(message.text, STR(CODE " is your code for Shop.")));
	assert_true(has(message.html, ">" CODE "<"));
	assert_true(has(message.text, ": 4 9 3 0 2 7\n"));
	assert_true(has(message.html, ": 4 9 3 0 2 7<"));
	assert_false(has(message.subject, CODE));
}

static void the_subject_has_the_name_and_the_time(void **state)
{
	const struct mail_message message = written(*state, &some_effect, STR("Shop"), false);

	assert_true(str_eq(message.subject, STR("Your Shop code, 10:05 UTC")));
	assert_true(has(message.text, "10 minutes"));
	assert_true(has(message.text, "If this was not you"));
	assert_true(has(message.html, "If this was not you"));
	assert_true(str_eq(message.language, STR("en")));
	assert_true(str_eq(message.to, STR(ANA)));
	assert_int_equal(message.date.ms, FIXTURE_NOW);
}

static void no_other_six_digits_stand_in_a_row(void **state)
{
	static const char *const ids[] = { "01ke6svz70pwqnq2kfkaee0378", "01234567890123456789012345",
		"99999999999999999999999999", "abc123456def000000ghj99999" };
	static const int64_t times[] = { FIXTURE_NOW, 1, INT64_C(1767225599999), INT64_C(253402300799999) };

	for (size_t i = 0; i < array_len(ids); i++) {
		for (size_t j = 0; j < array_len(times); j++) {
			struct effect effect = { .created_at = { times[j] } };

			memcpy(effect.id.text, ids[i], ID_SIZE);
			const struct mail_message message = written(*state, &effect, STR("Shop"), true);
			assert_int_equal(numbers_but(message.subject.p, NULL), 0);
			assert_int_equal(numbers_but(message.text.p, CODE), 0);
			assert_int_equal(numbers_but(message.html.p, CODE), 0);
			assert_int_equal(numbers_but(message.message_id.p, NULL), 0);
		}
	}
}

static void each_language(void **state)
{
	static const struct {
		const char *language, *tag, *subject, *first, *not_you, *sandbox;
	} rows[] = {
		{ "en", "en", "Your Shop code, 10:05 UTC", CODE " is your code for Shop.\n",
			"If this was not you", "sandbox" },
		{ "pt-BR", "pt-BR", "Seu c\u00f3digo Shop, pedido \u00e0s 10:05 UTC",
			CODE " \u00e9 o seu c\u00f3digo Shop.\n", "Se n\u00e3o foi voc\u00ea",
			"ambiente de testes" },
		{ "es", "es", "Tu c\u00f3digo de Shop, pedido a las 10:05 UTC",
			CODE " es tu c\u00f3digo de Shop.\n", "Si no lo pediste t\u00fa",
			"entorno de pruebas" },
		{ "es-419", "es", "Tu c\u00f3digo de Shop, pedido a las 10:05 UTC", CODE " es tu", "Si no lo",
			"entorno" },
		{ "ja", "en", "Your Shop code, 10:05 UTC", CODE " is your", "If this", "sandbox" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct mail_message message = written_in(
			*state, &some_effect, STR("Shop"), true, rows[i].language);
		char page[64];

		snprintf(page, sizeof(page), "<html lang=\"%s\" dir=\"ltr\">", rows[i].tag);
		assert_string_equal(message.language.p, rows[i].tag);
		assert_string_equal(message.subject.p, rows[i].subject);
		assert_true(str_starts(message.text, str_of(rows[i].first)));
		assert_true(has(message.html, page));
		for (int html = 0; html < 2; html++) {
			const struct str text = html ? message.html : message.text;

			assert_true(has(text, rows[i].not_you) && has(text, rows[i].sandbox));
			assert_true(has(text, "10 minut") && has(text, "4 9 3 0 2 7"));
			assert_int_equal(numbers_but(text.p, CODE), 0);
			assert_false(has(text, "{"));
		}
	}
}

static void a_minute_is_one_minute(void **state)
{
	static const struct {
		duration life;
		const char *said;
	} rows[] = {
		{ { 59999 }, "one minute" },
		{ { 60000 }, "one minute" },
		{ { 60001 }, "2 minutes" },
		{ { 600000 }, "10 minutes" },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct code_mail_params from = { .effect = &some_effect,
			.to = STR(ANA),
			.code = STR(CODE),
			.brand = STR("Shop"),
			.language = STR("en"),
			.host = STR("localhost"),
			.life = rows[i].life };
		struct mail_message message;

		assert_int_equal(mail_write_code(&from, &fx->arena, &message), OK);
		assert_true(has(message.text, rows[i].said) && has(message.html, rows[i].said));
	}
}

/* The letter of a pair: who asks stands before what to do, and nothing in it is taken for the code. */
static void the_letter_of_a_pair_names_the_wallet(void **state)
{
	static const struct {
		const char *language, *begins, *asks, *not_you;
	} rows[] = {
		{ "en", CODE " is the code that joins a wallet to this address.",
			"0x1234\u20265678 asks to be joined to this address.",
			"If this was not you, do nothing" },
		{ "pt-BR", CODE " \u00e9 o c\u00f3digo que vincula uma carteira",
			"A carteira 0x1234\u20265678 pede para ser vinculada a este endere\u00e7o.",
			"Se n\u00e3o foi voc\u00ea quem pediu" },
		{ "es", CODE " es el c\u00f3digo que vincula una cartera",
			"La cartera 0x1234\u20265678 pide que se la vincule a esta direcci\u00f3n.",
			"Si no lo pediste t\u00fa" },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct code_mail_params from = { .effect = &some_effect,
			.to = STR(ANA),
			.code = STR(CODE),
			.wallet = STR("0x1234\u20265678"),
			.brand = STR("Shop 1234567"),
			.language = str_of(rows[i].language),
			.host = STR("localhost"),
			.life = seconds(600) };
		struct mail_message message;

		assert_int_equal(mail_write_code(&from, &fx->arena, &message), OK);
		assert_string_equal(message.language.p, rows[i].language);
		assert_true(str_starts(message.text, str_of(rows[i].begins)));
		assert_true(has(message.text, rows[i].asks) && has(message.html, rows[i].asks));
		assert_true(strstr(message.text.p, rows[i].asks) < strstr(message.text.p, rows[i].not_you));
		assert_true(strstr(message.text.p, rows[i].not_you) < strstr(message.text.p, "4 9 3 0 2 7"));
		assert_true(has(message.html, rows[i].not_you));
		assert_int_equal(numbers_but(message.subject.p, NULL), 0);
		assert_int_equal(numbers_but(message.text.p, CODE), 0);
		assert_int_equal(numbers_but(message.html.p, CODE), 0);
		assert_false(has(message.text, "{") || has(message.html, "{") || has(message.subject, "{"));
	}
}

/* Neither a name nor a host may hold what a phone would take for the code. */
static void long_numbers_of_others_are_defused(void **state)
{
	static const char *const brands[] = { "Shop 123456", "123456", "99999912345678",
		"\u0661\u0662\u0663\u0664\u0665\u0666" };

	for (size_t i = 0; i < array_len(brands); i++) {
		const struct mail_message message = written(*state, &some_effect, str_of(brands[i]), false);

		assert_int_equal(numbers_but(message.subject.p, NULL), 0);
		assert_int_equal(numbers_but(message.text.p, CODE), 0);
		assert_int_equal(numbers_but(message.html.p, CODE), 0);
		assert_false(has(message.text, brands[i]));
		assert_true(has(message.text, "\u202F"));
	}
	struct app_fixture *const fx = *state;
	const struct code_mail_params from = { .effect = &some_effect,
		.to = STR(ANA),
		.code = STR(CODE),
		.host = STR("shop123456.example.com") };
	struct mail_message message;

	assert_int_equal(mail_write_code(&from, &fx->arena, &message), OK);
	assert_int_equal(numbers_but(message.message_id.p, NULL), 0);
	assert_true(str_ends(message.message_id, STR("@shopBCDEFG.example.com")));
}

/* What is written from the right stays in its place; the title holds no elements. */
static void a_name_keeps_its_own_direction(void **state)
{
	const struct mail_message message = written(
		*state, &some_effect, STR("\u0634\u0631\u0643\u0629"), false);

	assert_true(has(message.html, "code for <bdi>\u0634\u0631\u0643\u0629</bdi>."));
	assert_true(has(message.html, "<title>Your \u0634\u0631\u0643\u0629 code, 10:05 UTC</title>"));
	assert_false(has(message.text, "<bdi>") || has(message.subject, "<bdi>"));
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
	const struct mail_message message = written(*state, &some_effect, STR("A<b>&\"C'"), false);

	assert_true(has(message.text, "for A<b>&\"C'."));
	assert_true(has(message.subject, "A<b>&\"C'"));
	assert_true(has(message.html, "A&lt;b&gt;&amp;&quot;C&#39;"));
	assert_false(has(message.html, "A<b>"));
}

static void a_name_is_no_template(void **state)
{
	const struct mail_message message = written(*state, &some_effect, STR("{code}{brand}"), false);

	assert_true(has(message.subject, "Your {code}{brand} code"));
	assert_true(has(message.text, "is your code for {code}{brand}."));
}

static void only_the_sandbox_says_that_it_is_one(void **state)
{
	for (int sandbox = 0; sandbox < 2; sandbox++) {
		const struct mail_message message = written(*state, &some_effect, STR("Shop"), sandbox);

		assert_int_equal(has(message.text, "sandbox"), sandbox);
		assert_int_equal(has(message.html, "sandbox"), sandbox);
		assert_false(has(message.html, "{"));
		assert_false(has(message.text, "{"));
	}
}

static const char *letter_by(struct app_fixture *fx, const char *tenant, const char *display_name)
{
	const struct tenant_change change = { .name = str_of(tenant),
		.display_name = display_name ? str_of(display_name) : (struct str){ NULL, 0 } };
	struct caller caller = { .actor = { ACTOR_KEY, "testkey1", "" } };

	assert_int_equal(operator_add_tenant(&fx->world, &fx->arena, &change, &caller.tenant), OK);
	(void)fixture_prepare(fx, &caller, ANA);
	assert_int_equal(fixture_send_otp(fx, &caller, ANA).verdict, SEND_QUEUED);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	return fixture_last_mail(fx)->subject;
}

static void the_name_is_the_tenants_else_the_brand(void **state)
{
	struct app_fixture *const fx = *state;

	fx->rules.brand = STR("House");
	assert_string_equal(letter_by(fx, "with", "Kiosk"), "Your Kiosk code, 10:05 UTC");
	assert_string_equal(letter_by(fx, "without", NULL), "Your House code, 10:05 UTC");
}

/* The person's, else the tenant's, else the setting's; each its nearest, and what is near to none is passed
 * over. */
static void the_language_is_the_nearest_of_the_first_wish(void **state)
{
	static const struct {
		const char *person, *tenant, *setting, *subject;
	} rows[] = {
		{ "pt", "es", "en", "Seu" },
		{ "", "es", "pt-BR", "Tu " },
		{ "", "", "pt-BR", "Seu" },
		{ "", "", "en", "Your" },
		{ "zh", "pt-PT", "es", "Seu" },
		{ "zh-Hant", "ja", "es", "Tu " },
		{ "zh", "ja", "fr", "Your" },
		{ "en-GB", "es", "es", "Your" },
		{ "ES_mx", "", "en", "Tu " },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[8] = { 't', (char)('a' + i) };
		const struct tenant_change change = { .name = str_of(name),
			.language = str_of(rows[i].tenant) };
		struct caller caller = { .actor = { ACTOR_KEY, "testkey1", "" } };

		fx->rules.language = str_of(rows[i].setting);
		assert_int_equal(operator_add_tenant(&fx->world, &fx->arena, &change, &caller.tenant), OK);
		(void)fixture_prepare(fx, &caller, ANA);
		struct user user = fixture_user(fx, &caller, ANA);
		assert_true(str_copy_to(str_of(rows[i].person), user.language, sizeof(user.language)));
		fixture_save(fx, RECORD_USER, &user);
		assert_int_equal(fixture_send_otp(fx, &caller, ANA).verdict, SEND_QUEUED);
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		assert_true(str_starts(str_of(fixture_last_mail(fx)->subject), str_of(rows[i].subject)));
	}
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
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };

		fx->rules.public_url = str_of(rows[i].url);
		(void)letter_by(fx, name, NULL);
		const char *const at = strchr(fixture_last_mail(fx)->message_id, '@');
		assert_non_null(at);
		assert_string_equal(at + 1, rows[i].host);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_first_words_are_the_code),
		TEST(the_subject_has_the_name_and_the_time),
		TEST(no_other_six_digits_stand_in_a_row),
		TEST(each_letter_has_its_own_message_id),
		TEST(a_name_is_escaped_in_html_and_only_there),
		TEST(a_name_is_no_template),
		TEST(only_the_sandbox_says_that_it_is_one),
		TEST(the_name_is_the_tenants_else_the_brand),
		TEST(each_language),
		TEST(a_minute_is_one_minute),
		TEST(the_letter_of_a_pair_names_the_wallet),
		TEST(long_numbers_of_others_are_defused),
		TEST(a_name_keeps_its_own_direction),
		TEST(the_language_is_the_nearest_of_the_first_wish),
		TEST(the_host_of_a_message_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

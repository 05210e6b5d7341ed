/* The text of code e-mails: wording, languages, escaping, and no other number that looks like the code. */
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

/* Returns the number of digit sequences of six or more that are not the code. Mail programs might offer such
 * a sequence to the reader as the code. */
static size_t count_numbers_except(const char *text, const char *code)
{
	size_t n = 0;

	for (const char *p = text; *p;) {
		const size_t n_digits = strspn(p, "0123456789");

		n += n_digits >= 6 && (n_digits != 6 || !code || memcmp(p, code, 6) != 0);
		p += n_digits > 0 ? n_digits : 1;
	}
	return n;
}

static struct mail_message write_mail_in(struct app_fixture *fx, const struct effect *effect,
	struct str brand, bool sandbox, const char *language)
{
	const struct mail_params from = {
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

	assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
	return message;
}

static struct mail_message write_mail(
	struct app_fixture *fx, const struct effect *effect, struct str brand, bool sandbox)
{
	return write_mail_in(fx, effect, brand, sandbox, "en");
}

static bool contains(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* The part of the HTML after <style>, whose CSS has braces. */
static struct str without_style(struct str html)
{
	const char *const end = strstr(html.p, "</style>");

	return end ? str_of(end) : html;
}

static const struct effect some_effect = { .id = { "01ke6svz70pwqnq2kfkaee0378" },
	.created_at = { FIXTURE_NOW } };

static void text_starts_with_the_code(void **state)
{
	const struct mail_message message = write_mail(*state, &some_effect, STR("Shop"), false);

	assert_true(str_starts(message.text, STR(CODE " is your code for Shop.")));
	assert_true(contains(message.html, ">" CODE "<"));
	assert_true(contains(message.text, ": 4 9 3 0 2 7\n"));
	assert_true(contains(message.html, ": 4 9 3 0 2 7<"));
	assert_false(contains(message.subject, CODE));
}

static void subject_contains_brand_and_time(void **state)
{
	const struct mail_message message = write_mail(*state, &some_effect, STR("Shop"), false);

	assert_true(str_eq(message.subject, STR("Your Shop code, 10:05 UTC")));
	assert_true(contains(message.text, "10 minutes"));
	assert_true(contains(message.text, "If you did not request this"));
	assert_true(contains(message.html, "If you did not request this"));
	assert_true(str_eq(message.language, STR("en")));
	assert_true(str_eq(message.to, STR(ANA)));
	assert_int_equal(message.date.ms, FIXTURE_NOW);
}

static void no_other_six_digits_in_sequence(void **state)
{
	static const char *const ids[] = { "01ke6svz70pwqnq2kfkaee0378", "01234567890123456789012345",
		"99999999999999999999999999", "abc123456def000000ghj99999" };
	static const int64_t times[] = { FIXTURE_NOW, 1, INT64_C(1767225599999), INT64_C(253402300799999) };

	for (size_t i = 0; i < array_len(ids); i++) {
		for (size_t j = 0; j < array_len(times); j++) {
			struct effect effect = { .created_at = { times[j] } };

			memcpy(effect.id.text, ids[i], ID_SIZE);
			const struct mail_message message = write_mail(*state, &effect, STR("Shop"), true);
			assert_int_equal(count_numbers_except(message.subject.p, NULL), 0);
			assert_int_equal(count_numbers_except(message.text.p, CODE), 0);
			assert_int_equal(count_numbers_except(message.html.p, CODE), 0);
			assert_int_equal(count_numbers_except(message.message_id.p, NULL), 0);
		}
	}
}

/* Digits that are separated by spaces would be shown in reverse order in a text from right to left. */
static void values_in_an_arabic_mail_keep_their_direction(void **state)
{
	const struct mail_message message = write_mail_in(*state, &some_effect, STR("Shop"), false, "ar");

	assert_true(contains(message.text, "\u20664 9 3 0 2 7\u2069"));
	assert_true(contains(message.html, "\u20664 9 3 0 2 7\u2069"));
	assert_true(contains(message.text, "\u206610:05 UTC\u2069"));
	assert_true(contains(message.text, "\u2068Shop\u2069"));
	assert_true(contains(message.html, "<bdi>Shop</bdi>"));
}

static void mail_is_written_in_each_language(void **state)
{
	static const struct {
		const char *language, *tag, *subject, *first_words, *not_you, *sandbox;
	} rows[] = {
		{ "en", "en", "Your Shop code, 10:05 UTC", CODE " is your code for Shop.\n",
			"If you did not request this", "sandbox" },
		{ "pt-BR", "pt-BR", "Seu c\u00f3digo Shop, pedido \u00e0s 10:05 UTC",
			CODE " \u00e9 o seu c\u00f3digo Shop.\n", "Se n\u00e3o foi voc\u00ea",
			"ambiente de testes" },
		{ "es", "es", "Su c\u00f3digo de Shop, solicitado a las 10:05 UTC",
			CODE " es su c\u00f3digo de Shop.\n", "Si no lo solicit\u00f3 usted",
			"entorno de pruebas" },
		{ "es-419", "es", "Su c\u00f3digo de Shop, solicitado a las 10:05 UTC", CODE " es su",
			"Si no lo", "entorno" },
		{ "fr-CA", "fr", "Votre code Shop, demand\u00e9 \u00e0 10:05 UTC",
			CODE " est votre code Shop.\n", "Si vous n\u2019\u00eates pas",
			"environnement de test" },
		{ "de", "de", "Ihr Shop-Code, angefordert um 10:05 UTC",
			CODE " ist Ihr Code f\u00fcr Shop.\n", "Wenn Sie dies nicht", "Testumgebung" },
		{ "ar", "ar",
			"\u0631\u0645\u0632 \u2068Shop\u2069 \u0627\u0644\u062e\u0627\u0635 \u0628\u0643\u060c \u206610:05 UTC\u2069",
			CODE " \u0647\u0648", "\u0625\u0630\u0627 \u0644\u0645", "sandbox" },
		{ "ja", "en", "Your Shop code, 10:05 UTC", CODE " is your", "If you did", "sandbox" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct mail_message message = write_mail_in(
			*state, &some_effect, STR("Shop"), true, rows[i].language);
		char page[64];

		snprintf(page, sizeof(page), "<html lang=\"%s\" dir=\"%s\">", rows[i].tag,
			strcmp(rows[i].tag, "ar") == 0 ? "rtl" : "ltr");
		assert_string_equal(message.language.p, rows[i].tag);
		assert_string_equal(message.subject.p, rows[i].subject);
		assert_true(str_starts(message.text, str_of(rows[i].first_words)));
		assert_true(contains(message.html, page));
		for (int html = 0; html < 2; html++) {
			const struct str text = html ? message.html : message.text;

			assert_true(contains(text, rows[i].not_you) && contains(text, rows[i].sandbox));
			assert_true(contains(text, " 10 Minut") || contains(text, " 10 minut") ||
				    contains(text, ": 10\u060c"));
			assert_true(contains(text, "4 9 3 0 2 7"));
			assert_int_equal(count_numbers_except(text.p, CODE), 0);
			assert_false(contains(without_style(text), "{"));
		}
	}
}

static void validity_is_rounded_up_to_minutes(void **state)
{
	static const struct {
		duration life;
		const char *expected;
	} rows[] = {
		{ { 59999 }, "one minute" },
		{ { 60000 }, "one minute" },
		{ { 60001 }, "2 minutes" },
		{ { 600000 }, "10 minutes" },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct mail_params from = { .effect = &some_effect,
			.to = STR(ANA),
			.code = STR(CODE),
			.brand = STR("Shop"),
			.language = STR("en"),
			.host = STR("localhost"),
			.life = rows[i].life };
		struct mail_message message;

		assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
		assert_true(
			contains(message.text, rows[i].expected) && contains(message.html, rows[i].expected));
	}
}

/* The e-mail with a link code begins with the code and then names the wallet. Only then it says what to do
 * and repeats the code. */
static void link_code_mail_names_the_wallet(void **state)
{
	static const struct {
		const char *language, *first_words, *request, *not_you;
	} rows[] = {
		{ "en", CODE " is the code to link a wallet to this e-mail address.",
			"Someone asked to link the wallet 0x1234\u20265678 to this e-mail address.",
			"If you did not request this, ignore this e-mail" },
		{ "pt-BR", CODE " \u00e9 o c\u00f3digo para vincular uma carteira",
			"Algu\u00e9m pediu para vincular a carteira 0x1234\u20265678 a este endere\u00e7o de e-mail.",
			"Se n\u00e3o foi voc\u00ea quem pediu" },
		{ "es", CODE " es el c\u00f3digo para vincular una cartera",
			"Alguien pidi\u00f3 vincular la cartera 0x1234\u20265678 a esta direcci\u00f3n de correo.",
			"Si no lo solicit\u00f3 usted" },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct mail_params from = { .effect = &some_effect,
			.to = STR(ANA),
			.code = STR(CODE),
			.wallet = STR("0x1234\u20265678"),
			.brand = STR("Shop 1234567"),
			.language = str_of(rows[i].language),
			.host = STR("localhost"),
			.life = seconds(600) };
		struct mail_message message;

		assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
		assert_string_equal(message.language.p, rows[i].language);
		assert_true(str_starts(message.text, str_of(rows[i].first_words)));
		assert_true(
			contains(message.text, rows[i].request) && contains(message.html, rows[i].request));
		assert_true(
			strstr(message.text.p, rows[i].request) < strstr(message.text.p, rows[i].not_you));
		assert_true(strstr(message.text.p, rows[i].not_you) < strstr(message.text.p, "4 9 3 0 2 7"));
		assert_true(contains(message.html, rows[i].not_you));
		assert_int_equal(count_numbers_except(message.subject.p, NULL), 0);
		assert_int_equal(count_numbers_except(message.text.p, CODE), 0);
		assert_int_equal(count_numbers_except(message.html.p, CODE), 0);
		assert_false(contains(message.text, "{") || contains(without_style(message.html), "{") ||
			     contains(message.subject, "{"));
	}
}

/* Digits in a brand name or host name must not be taken for the code by a phone. */
static void digits_in_names_and_hosts_are_broken_up(void **state)
{
	static const char *const brands[] = { "Shop 123456", "123456", "99999912345678",
		"\u0661\u0662\u0663\u0664\u0665\u0666" };

	for (size_t i = 0; i < array_len(brands); i++) {
		const struct mail_message message = write_mail(
			*state, &some_effect, str_of(brands[i]), false);

		assert_int_equal(count_numbers_except(message.subject.p, NULL), 0);
		assert_int_equal(count_numbers_except(message.text.p, CODE), 0);
		assert_int_equal(count_numbers_except(message.html.p, CODE), 0);
		assert_false(contains(message.text, brands[i]));
		assert_true(contains(message.text, "\u202F"));
	}
	struct app_fixture *const fx = *state;
	const struct mail_params from = { .effect = &some_effect,
		.to = STR(ANA),
		.code = STR(CODE),
		.host = STR("shop123456.example.com") };
	struct mail_message message;

	assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
	assert_int_equal(count_numbers_except(message.message_id.p, NULL), 0);
	assert_true(str_ends(message.message_id, STR("@shopBCDEFG.example.com")));
}

/* In the HTML body a right-to-left name is isolated with <bdi>. In the title it is not, because a title
 * cannot contain elements. */
static void right_to_left_name_is_isolated(void **state)
{
	const struct mail_message message = write_mail(
		*state, &some_effect, STR("\u0634\u0631\u0643\u0629"), false);

	assert_true(contains(message.html, "code for <bdi>\u0634\u0631\u0643\u0629</bdi>."));
	assert_true(contains(message.html, "<title>Your \u0634\u0631\u0643\u0629 code, 10:05 UTC</title>"));
	assert_false(contains(message.text, "<bdi>") || contains(message.subject, "<bdi>"));
}

static void each_message_has_its_own_message_id(void **state)
{
	struct effect a = some_effect, b = some_effect;

	b.id.text[ID_LENGTH - 1] = '9';
	const struct str first_id = write_mail(*state, &a, STR("Shop"), false).message_id;
	const struct str second_id = write_mail(*state, &b, STR("Shop"), false).message_id;
	assert_false(str_eq(first_id, second_id));
	assert_true(str_ends(first_id, STR("@kyc.example.com")));
}

static void name_is_escaped_in_html_only(void **state)
{
	const struct mail_message message = write_mail(*state, &some_effect, STR("A<b>&\"C'"), false);

	assert_true(contains(message.text, "for A<b>&\"C'."));
	assert_true(contains(message.subject, "A<b>&\"C'"));
	assert_true(contains(message.html, "A&lt;b&gt;&amp;&quot;C&#39;"));
	assert_false(contains(message.html, "A<b>"));
}

static void placeholders_in_a_name_are_not_replaced(void **state)
{
	const struct mail_message message = write_mail(*state, &some_effect, STR("{code}{brand}"), false);

	assert_true(contains(message.subject, "Your {code}{brand} code"));
	assert_true(contains(message.text, "is your code for {code}{brand}."));
}

static struct mail_message write_branded(
	struct app_fixture *fx, const struct branding *branding, struct str logo, const char *language)
{
	const struct mail_params from = { .effect = &some_effect,
		.to = STR(ANA),
		.code = STR(CODE),
		.brand = STR("Shop"),
		.branding = branding,
		.logo = logo,
		.language = str_of(language),
		.host = STR("kyc.example.com"),
		.life = seconds(600) };
	struct mail_message message;

	assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
	return message;
}

static void colour_of_the_tenant_is_used_in_light_and_dark_mode(void **state)
{
	static const struct {
		const char *colour, *light, *dark;
	} rows[] = {
		{ "", "background-color:rgb(26,86,184)", "background-color: rgb(138,184,255) !important" },
		{ "#0052cc", "background-color:rgb(0,82,204)", NULL },
		{ "#ffd400", NULL, "background-color: rgb(255,212,0) !important" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct branding branding = { .colour = "" };
		snprintf(branding.colour, sizeof(branding.colour), "%s", rows[i].colour);
		const struct str html = write_branded(*state, &branding, STR(""), "en").html;

		assert_int_equal(contains(html, "rgb(26,86,184)"), i == 0);
		assert_true(!rows[i].light || contains(html, rows[i].light));
		assert_true(!rows[i].dark || contains(html, rows[i].dark));
	}
	/* A colour must not look like a code. */
	for (unsigned digits = 0; digits < 1000000; digits += 12345) {
		struct branding branding;

		snprintf(branding.colour, sizeof(branding.colour), "#%06u", digits);
		const struct str html = write_branded(*state, &branding, STR(""), "en").html;
		assert_int_equal(count_numbers_except(html.p, CODE), 0);
	}
}

static void logo_is_attached_and_shown_in_its_proportions(void **state)
{
	static const struct {
		unsigned char size[8]; /* width and height, as in a PNG file */
		const char *shown;
	} rows[] = {
		{ { 0, 0, 0, 100, 0, 0, 0, 40 }, "width=\"100\" height=\"40\"" },
		{ { 0, 0, 0, 200, 0, 0, 0, 56 }, "width=\"200\" height=\"56\"" },
		{ { 0, 0, 1, 144, 0, 0, 0, 100 }, "width=\"200\" height=\"50\"" },
		{ { 0, 0, 0, 112, 0, 0, 0, 112 }, "width=\"56\" height=\"56\"" },
		{ { 0, 0, 4, 0, 0, 0, 4, 0 }, "width=\"56\" height=\"56\"" },
		{ { 0, 0, 4, 0, 0, 0, 0, 1 }, "width=\"200\" height=\"1\"" },
		{ { 0, 0, 0, 1, 0, 0, 4, 0 }, "width=\"1\" height=\"56\"" },
	};
	const struct branding branding = { .logo_digest = { { 1 } } };

	for (size_t i = 0; i < array_len(rows); i++) {
		char png[24] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";

		memcpy(png + 16, rows[i].size, 8);
		const struct mail_message message = write_branded(
			*state, &branding, (struct str){ png, sizeof(png) }, "en");
		assert_true(contains(message.html, rows[i].shown));
		assert_true(contains(message.html, "alt=\"Shop\""));
		assert_true(message.picture.bytes.p == png && message.picture.bytes.n == sizeof(png));
		/* The digits of the e-mail's id are letters. */
		assert_string_equal(message.picture.content_id.p, "logo.ABkeGsvzHApwqnqCkfkaeeADHI@kycd");
		assert_true(contains(message.html, "src=\"cid:logo.ABkeGsvzHApwqnqCkfkaeeADHI@kycd\""));
	}
	assert_int_equal(write_branded(*state, &branding, STR(""), "en").picture.bytes.n, 0);
	assert_false(contains(write_branded(*state, &branding, STR(""), "en").html, "<img"));
}

static void link_mail_has_the_link_its_expiry_and_no_code(void **state)
{
	static const char *const tags[] = { "en", "pt-BR", "es", "fr", "de", "ar" };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(tags); i++) {
		const struct mail_params from = { .effect = &some_effect,
			.to = STR(ANA),
			.url = STR("https://kyc.example.com/verify/a-b_c"),
			.expires_at = { FIXTURE_NOW + INT64_C(7) * 86400000 },
			.brand = STR("Shop"),
			.language = str_of(tags[i]),
			.host = STR("kyc.example.com"),
			.sandbox = true };
		struct mail_message message;

		assert_int_equal(mail_write(&from, &fx->arena, &message), OK);
		assert_string_equal(message.language.p, tags[i]);
		assert_true(contains(message.subject, "Shop"));
		assert_true(contains(message.text, "\nhttps://kyc.example.com/verify/a-b_c\n"));
		assert_true(contains(message.html, "href=\"https://kyc.example.com/verify/a-b_c\""));
		assert_true(contains(message.html, ">https://kyc.example.com/verify/a-b_c</a>"));
		assert_true(contains(message.text, "2026-01-12") && contains(message.html, "2026-01-12"));
		assert_true(contains(message.text, "10:05 UTC") && contains(message.html, "10:05 UTC"));
		assert_true(contains(message.text, "andbox") && contains(message.html, "andbox"));
		assert_false(contains(message.text, "{") || contains(without_style(message.html), "{") ||
			     contains(message.subject, "{"));
		assert_false(contains(message.html, "<strong"));
		assert_int_equal(count_numbers_except(message.html.p, NULL), 0);
	}
}

static void sandbox_notice_appears_in_the_sandbox_only(void **state)
{
	for (int sandbox = 0; sandbox < 2; sandbox++) {
		const struct mail_message message = write_mail(*state, &some_effect, STR("Shop"), sandbox);

		assert_int_equal(contains(message.text, "sandbox"), sandbox);
		assert_int_equal(contains(message.html, "sandbox"), sandbox);
		assert_false(contains(without_style(message.html), "{"));
		assert_false(contains(message.text, "{"));
	}
}

static const char *subject_of_mail_from(struct app_fixture *fx, const char *tenant, const char *display_name)
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

static void name_is_the_tenants_display_name_else_the_brand(void **state)
{
	struct app_fixture *const fx = *state;

	fx->rules.brand = STR("Brand");
	assert_string_equal(subject_of_mail_from(fx, "with", "Kiosk"), "Your Kiosk code, 10:05 UTC");
	assert_string_equal(subject_of_mail_from(fx, "without", NULL), "Your Brand code, 10:05 UTC");
}

/* The preferred languages are, in this order, the person's, the tenant's, and the configuration's. The first
 * one that is near to an available language determines the language of the e-mail. */
static void language_is_the_nearest_to_the_first_available_preference(void **state)
{
	static const struct {
		const char *person, *tenant, *setting, *subject;
	} rows[] = {
		{ "pt", "es", "en", "Seu" },
		{ "", "es", "pt-BR", "Su " },
		{ "", "", "pt-BR", "Seu" },
		{ "", "", "en", "Your" },
		{ "zh", "pt-PT", "es", "Seu" },
		{ "zh-Hant", "ja", "es", "Su " },
		{ "zh", "ja", "it", "Your" },
		{ "en-GB", "es", "es", "Your" },
		{ "ES_mx", "", "en", "Su " },
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

static void message_id_contains_the_host_of_the_public_url(void **state)
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
		(void)subject_of_mail_from(fx, name, NULL);
		const char *const at = strchr(fixture_last_mail(fx)->message_id, '@');
		assert_non_null(at);
		assert_string_equal(at + 1, rows[i].host);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(text_starts_with_the_code),
		TEST(subject_contains_brand_and_time),
		TEST(no_other_six_digits_in_sequence),
		TEST(each_message_has_its_own_message_id),
		TEST(name_is_escaped_in_html_only),
		TEST(placeholders_in_a_name_are_not_replaced),
		TEST(sandbox_notice_appears_in_the_sandbox_only),
		TEST(colour_of_the_tenant_is_used_in_light_and_dark_mode),
		TEST(logo_is_attached_and_shown_in_its_proportions),
		TEST(link_mail_has_the_link_its_expiry_and_no_code),
		TEST(name_is_the_tenants_display_name_else_the_brand),
		TEST(mail_is_written_in_each_language),
		TEST(values_in_an_arabic_mail_keep_their_direction),
		TEST(validity_is_rounded_up_to_minutes),
		TEST(link_code_mail_names_the_wallet),
		TEST(digits_in_names_and_hosts_are_broken_up),
		TEST(right_to_left_name_is_isolated),
		TEST(language_is_the_nearest_to_the_first_available_preference),
		TEST(message_id_contains_the_host_of_the_public_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Every answer when a wallet and an e-mail address are linked: the claim, the link code and the result. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/api_fixture.h"
#include "text/json.h"

#define ANA "ana.exemplo@example.com"
#define EVM "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
#define SEND "/security/email/send-otp"
#define VERIFY "/security/email/verify-otp"
#define PREPARE "/kyc/prepare-wallet"
#define CREATE "/kyc/create/verify_public_kyc"
#define PAIR "\"email\":\"" ANA "\",\"wallet\":\"" EVM "\""

static const char *add_tenant_with_key(struct api_fixture *fx, const char *tenant, const char *group)
{
	static struct test_key keys[4];
	static size_t n;
	struct test_key *const key = &keys[n++ % array_len(keys)];

	(void)fixture_add_tenant(&fx->app, tenant, group, NO_QUOTA);
	*key = api_create_key(fx, tenant);
	return key->text;
}

static struct reply claim(
	struct api_fixture *fx, const char *key, const struct signing_wallet *wallet, const char *email)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	char signature[WALLET_SIGNATURE_SIZE];
	struct json_writer out;
	struct buf text;
	struct str body_text;

	buf_init(&text, &fx->app.arena);
	buf_printf(&text, "{\"wallet\":\"%s\"}", wallet->wallet.text);
	assert_int_equal(buf_done(&text, &body_text), OK);
	const struct reply reply = api_post(fx, key, "/security/wallet/challenge", body_text.p);
	assert_int_equal(json_parse(reply.body, true, &body), OK);
	const struct str message = json_text(json_get(json_get(body, "data"), "message"));

	signing_wallet_sign(wallet, message, signature);
	buf_init(&text, &fx->app.arena);
	json_writer_init(&out, &text);
	json_begin_object(&out);
	json_field_text(&out, "wallet", str_of(wallet->wallet.text));
	json_field_text(&out, "message", message);
	json_field_text(&out, "signed_bytes", str_of(signature));
	json_field_text(&out, "email", str_of(email));
	json_end_object(&out);
	assert_int_equal(buf_done(&text, &body_text), OK);
	return api_post(fx, key, PREPARE, body_text.p);
}

static const char *verify_body(struct api_fixture *fx, const char *code, const char *wallet)
{
	const struct str body = arena_printf(
		&fx->app.arena, "{\"email\":\"" ANA "\",\"code\":\"%s\",\"wallet\":\"%s\"}", code, wallet);

	assert_non_null(body.p);
	return body.p;
}

/* Delivers the outbox and copies the code from the newest message. */
static void read_code(struct api_fixture *fx, char code[7])
{
	(void)fixture_deliver_outbox(&fx->app);
	memcpy(code, fixture_last_mail(&fx->app)->text, 6);
	code[6] = '\0';
}

#define PREPARED(code, word, sentence, email)                                                                \
	"{\"statusCode\":" code ",\"success\":true,\"status\":\"" word "\",\"message\":\"" sentence          \
	"\",\"data\":{\"email_verified\":" email                                                             \
	",\"wallet_verified\":true,\"kyc_approved\":false,\"kyc_status\":\"pending\"}}"

static void answers_from_the_claim_to_the_link(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_tenant_with_key(fx, "shop", NULL);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11),
				    other_wallet = signing_wallet_new(WALLET_SOLANA, 0x22);
	char code[7], wrong[7];

	assert_answer(
		api_post(fx, key, SEND, "{" PAIR "}"), 404, "user_not_found", "User not found in whitelist");
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, "123456", EVM)), 404, "user_not_found",
		"User not found in whitelist");
	assert_reply(claim(fx, key, &wallet, ANA), 201,
		PREPARED("201", "user_prepared", "User prepared for KYC via wallet", "false"));
	assert_reply(claim(fx, key, &wallet, ANA), 200,
		PREPARED("200", "user_already_prepared", "User already prepared for KYC", "false"));
	assert_answer(claim(fx, key, &other_wallet, ANA), 409, "email_wallet_conflict",
		"Email already belongs to a different wallet");
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, "123456", EVM)), 400, "otp_invalid",
		"Invalid code");
	/* The wallet in lower case. */
	assert_answer(api_post(fx, key, SEND,
			      "{\"email\":\" ANA.Exemplo@example.com\",\"wallet\":\" "
			      "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a\",\"language\":\"es-MX\"}"),
		201, "otp_sent", "Verification code sent to your email");
	read_code(fx, code);
	wrong_otp_for(code, wrong);
	assert_non_null(strstr(fixture_last_mail(&fx->app)->text, "vincular la cartera 0x19E7\u2026ff2A a"));
	assert_answer(
		api_post(fx, key, VERIFY, verify_body(fx, wrong, EVM)), 400, "otp_invalid", "Invalid code");
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, code, other_wallet.wallet.text)), 404,
		"user_not_found", "User not found in whitelist");
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, code, EVM)), 200, "email_verified",
		"Email verified successfully");
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, code, EVM)), 400, "email_already_verified",
		"Email is already verified");
	assert_answer(api_post(fx, key, SEND, "{" PAIR "}"), 400, "email_already_verified",
		"Email is already verified");
	assert_reply(claim(fx, key, &wallet, ANA), 200,
		PREPARED("200", "user_already_prepared", "User already prepared for KYC", "true"));
	assert_reply(claim(fx, key, &wallet, ""), 200,
		PREPARED("200", "user_already_prepared", "User already prepared for KYC", "true"));
	fixture_advance_clock(&fx->app, hours(2));
	assert_answer(claim(fx, key, &other_wallet, ANA), 409, "email_wallet_conflict",
		"Email already belongs to a different wallet");
	assert_int_equal(api_post(fx, key, CREATE, "{" PAIR "}").status, 201);
	assert_int_equal(api_post(fx, key, "/kyc/status", "{" PAIR "}").status, 200);
	assert_int_equal(api_get(fx, key, "/kyc/status?email=" ANA "&wallet=" EVM).status, 200);
	assert_int_equal(
		api_post(fx, key, "/kyc/status", "{\"session_id\":\"scripted-1\"," PAIR "}").status, 200);
}

static void link_code_is_locked_and_expires(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_tenant_with_key(fx, "shop", NULL);
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11);
	char code[7], wrong[7];

	assert_int_equal(claim(fx, key, &wallet, ANA).status, 201);
	assert_int_equal(api_post(fx, key, SEND, "{" PAIR "}").status, 201);
	read_code(fx, code);
	wrong_otp_for(code, wrong);
	for (int i = 0; i < 5; i++)
		assert_int_equal(api_post(fx, key, VERIFY, verify_body(fx, wrong, EVM)).status, 400);
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, code, EVM)), 400, "otp_max_attempts",
		"Max attempts reached, please request a new code");
	fixture_advance_clock(&fx->app, minutes(10));
	assert_answer(api_post(fx, key, VERIFY, verify_body(fx, code, EVM)), 400, "otp_expired",
		"Code expired, please request a new one");
	for (int i = 0; i < 3; i++)
		assert_int_equal(api_post(fx, key, SEND, "{" PAIR "}").status, 201);
	assert_cause(api_post(fx, key, SEND, "{" PAIR "}"), 429, "otp_send_limited",
		"Too many codes requested, try again later", "person");
	/* Link codes do not count towards the limit of the codes that the owner of the address requests. */
	assert_int_equal(api_post(fx, key, "/kyc/prepare", "{\"email\":\"" ANA "\"}").status, 201);
	assert_int_equal(api_post(fx, key, SEND, "{\"email\":\"" ANA "\"}").status, 201);
}

static void malformed_wallet_is_rejected(void **state)
{
	static const struct {
		const char *path, *wallet, *sentence;
	} rows[] = {
		{ SEND, "\"0x12\"", "wallet is malformed: an EVM address has 40 hex digits" },
		{ VERIFY, "\"0x12\"", "wallet is malformed: an EVM address has 40 hex digits" },
		{ SEND, "7", "wallet must be a string" },
		{ VERIFY, "[]", "wallet must be a string" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_tenant_with_key(fx, "shop", NULL);
	char body[160];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"email\":\"" ANA "\",\"code\":\"123456\",\"wallet\":%s}", rows[i].wallet);
		const struct reply reply = api_post(fx, key, rows[i].path, body);

		assert_int_equal(reply.status, 400);
		assert_true(str_starts(reply.body, STR("{\"statusCode\":400,\"success\":false,\"status\":"
						       "\"invalid_parameters\",\"message\":\"wallet ")));
		assert_non_null(
			memmem(reply.body.p, reply.body.n, rows[i].sentence, strlen(rows[i].sentence)));
	}
}

/* Two tenants of a group send link codes for two wallets to the same mailbox; the first code is confirmed. */
static void second_link_in_a_group_is_a_conflict(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const shop = add_tenant_with_key(fx, "shop", "partners"), *const bank =
										      add_tenant_with_key(fx,
											      "bank",
											      "partners");
	const struct signing_wallet wallet = signing_wallet_new(WALLET_EVM, 0x11),
				    other_wallet = signing_wallet_new(WALLET_SOLANA, 0x22);
	const struct str body = arena_printf(
		&fx->app.arena, "{\"email\":\"" ANA "\",\"wallet\":\"%s\"}", other_wallet.wallet.text);
	char first[7], second[7];

	assert_int_equal(claim(fx, shop, &wallet, ANA).status, 201);
	assert_int_equal(claim(fx, bank, &other_wallet, ANA).status, 201);
	assert_int_equal(api_post(fx, shop, SEND, "{" PAIR "}").status, 201);
	read_code(fx, first);
	assert_int_equal(api_post(fx, bank, SEND, body.p).status, 201);
	read_code(fx, second);
	assert_int_equal(api_post(fx, shop, VERIFY, verify_body(fx, first, EVM)).status, 200);
	assert_answer(api_post(fx, bank, VERIFY, verify_body(fx, second, other_wallet.wallet.text)), 409,
		"email_wallet_conflict", "Email already belongs to a different wallet");
	assert_answer(api_post(fx, bank, VERIFY, verify_body(fx, second, other_wallet.wallet.text)), 404,
		"user_not_found", "User not found in whitelist");
	assert_answer(api_post(fx, bank, "/kyc/status", "{\"email\":\"" ANA "\"}"), 404, "user_not_found",
		"User not found in whitelist");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			answers_from_the_claim_to_the_link, api_fixture_setup, api_fixture_teardown),
		cmocka_unit_test_setup_teardown(
			link_code_is_locked_and_expires, api_fixture_setup, api_fixture_teardown),
		cmocka_unit_test_setup_teardown(
			malformed_wallet_is_rejected, api_fixture_setup, api_fixture_teardown),
		cmocka_unit_test_setup_teardown(
			second_link_in_a_group_is_a_conflict, api_fixture_setup, api_fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

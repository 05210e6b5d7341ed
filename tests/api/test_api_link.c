/* The answers of a link, word for word: a claim, the code for the pair, what becomes of both. */
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

static const char *key_of(struct kit_desk *d, const char *tenant, const char *group)
{
	static struct kit_key keys[4];
	static size_t n;
	struct kit_key *const key = &keys[n++ % array_len(keys)];

	(void)kit_tenant(&d->kit, tenant, group, NO_QUOTA);
	*key = desk_key(d, tenant);
	return key->text;
}

static struct reply claim(struct kit_desk *d, const char *key, const struct kit_wallet *w, const char *email)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	char signature[KIT_SIGNED_SIZE];
	struct json_writer out;
	struct buf text;
	struct str made;

	buf_init(&text, &d->kit.arena);
	buf_printf(&text, "{\"wallet\":\"%s\"}", w->wallet.text);
	assert_int_equal(buf_done(&text, &made), OK);
	const struct reply reply = desk_post(d, key, "/security/wallet/challenge", made.p);
	assert_int_equal(json_parse(reply.body, true, &body), OK);
	const struct str message = json_text(json_get(json_get(body, "data"), "message"));

	kit_sign(w, message, signature);
	buf_init(&text, &d->kit.arena);
	json_writer_init(&out, &text);
	json_begin_object(&out);
	json_field_text(&out, "wallet", str_of(w->wallet.text));
	json_field_text(&out, "message", message);
	json_field_text(&out, "signed_bytes", str_of(signature));
	json_field_text(&out, "email", str_of(email));
	json_end_object(&out);
	assert_int_equal(buf_done(&text, &made), OK);
	return desk_post(d, key, PREPARE, made.p);
}

static const char *with_code(struct kit_desk *d, const char *code, const char *wallet)
{
	const struct str body = arena_printf(
		&d->kit.arena, "{\"email\":\"" ANA "\",\"code\":\"%s\",\"wallet\":\"%s\"}", code, wallet);

	assert_non_null(body.p);
	return body.p;
}

/* As the letter has it. */
static void newest_code(struct kit_desk *d, char code[7])
{
	(void)kit_carry(&d->kit);
	memcpy(code, kit_last_letter(&d->kit)->text, 6);
	code[6] = '\0';
}

#define PREPARED(code, word, sentence, email)                                                                \
	"{\"statusCode\":" code ",\"success\":true,\"status\":\"" word "\",\"message\":\"" sentence          \
	"\",\"data\":{\"email_verified\":" email                                                             \
	",\"wallet_verified\":true,\"kyc_approved\":false,\"kyc_status\":\"pending\"}}"

static void from_the_claim_to_one_person(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = key_of(d, "shop", NULL);
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11), other = kit_wallet(WALLET_SOLANA, 0x22);
	char code[7], wrong[7];

	expect_answer(
		desk_post(d, key, SEND, "{" PAIR "}"), 404, "user_not_found", "User not found in whitelist");
	expect_answer(desk_post(d, key, VERIFY, with_code(d, "123456", EVM)), 404, "user_not_found",
		"User not found in whitelist");
	expect_reply(claim(d, key, &w, ANA), 201,
		PREPARED("201", "user_prepared", "User prepared for KYC via wallet", "false"));
	expect_reply(claim(d, key, &w, ANA), 200,
		PREPARED("200", "user_already_prepared", "User already prepared for KYC", "false"));
	expect_answer(claim(d, key, &other, ANA), 409, "email_wallet_conflict",
		"Email already belongs to a different wallet");
	expect_answer(
		desk_post(d, key, VERIFY, with_code(d, "123456", EVM)), 400, "otp_invalid", "Invalid code");
	/* In whatever case the wallet is written. */
	expect_answer(desk_post(d, key, SEND,
			      "{\"email\":\" ANA.Exemplo@example.com\",\"wallet\":\" "
			      "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a\",\"language\":\"es-MX\"}"),
		201, "otp_sent", "Verification code sent to your email");
	newest_code(d, code);
	kit_other_code(code, wrong);
	assert_non_null(strstr(kit_last_letter(&d->kit)->text, "La cartera 0x19E7\u2026ff2A pide"));
	expect_answer(
		desk_post(d, key, VERIFY, with_code(d, wrong, EVM)), 400, "otp_invalid", "Invalid code");
	expect_answer(desk_post(d, key, VERIFY, with_code(d, code, other.wallet.text)), 404, "user_not_found",
		"User not found in whitelist");
	expect_answer(desk_post(d, key, VERIFY, with_code(d, code, EVM)), 200, "email_verified",
		"Email verified successfully");
	expect_answer(desk_post(d, key, VERIFY, with_code(d, code, EVM)), 400, "email_already_verified",
		"Email is already verified");
	expect_answer(desk_post(d, key, SEND, "{" PAIR "}"), 400, "email_already_verified",
		"Email is already verified");
	expect_reply(claim(d, key, &w, ANA), 200,
		PREPARED("200", "user_already_prepared", "User already prepared for KYC", "true"));
	expect_reply(claim(d, key, &w, ""), 200,
		PREPARED("200", "user_already_prepared", "User already prepared for KYC", "true"));
	kit_wait(&d->kit, hours(2));
	expect_answer(claim(d, key, &other, ANA), 409, "email_wallet_conflict",
		"Email already belongs to a different wallet");
	assert_int_equal(desk_post(d, key, CREATE, "{" PAIR "}").status, 201);
	assert_int_equal(desk_post(d, key, "/kyc/status", "{" PAIR "}").status, 200);
	assert_int_equal(desk_get(d, key, "/kyc/status?email=" ANA "&wallet=" EVM).status, 200);
	assert_int_equal(
		desk_post(d, key, "/kyc/status", "{\"session_id\":\"scripted-1\"," PAIR "}").status, 200);
}

static void the_code_ends_as_every_code_does(void **state)
{
	struct kit_desk *const d = *state;
	const char *const key = key_of(d, "shop", NULL);
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11);
	char code[7], wrong[7];

	assert_int_equal(claim(d, key, &w, ANA).status, 201);
	assert_int_equal(desk_post(d, key, SEND, "{" PAIR "}").status, 201);
	newest_code(d, code);
	kit_other_code(code, wrong);
	for (int i = 0; i < 5; i++)
		assert_int_equal(desk_post(d, key, VERIFY, with_code(d, wrong, EVM)).status, 400);
	expect_answer(desk_post(d, key, VERIFY, with_code(d, code, EVM)), 400, "otp_max_attempts",
		"Max attempts reached, please request a new code");
	kit_wait(&d->kit, minutes(10));
	expect_answer(desk_post(d, key, VERIFY, with_code(d, code, EVM)), 400, "otp_expired",
		"Code expired, please request a new one");
	for (int i = 0; i < 3; i++)
		assert_int_equal(desk_post(d, key, SEND, "{" PAIR "}").status, 201);
	expect_answer(desk_post(d, key, SEND, "{" PAIR "}"), 429, "otp_send_limited",
		"Too many codes requested, try again later");
	/* The owner's own are counted for themselves. */
	assert_int_equal(desk_post(d, key, "/kyc/prepare", "{\"email\":\"" ANA "\"}").status, 201);
	assert_int_equal(desk_post(d, key, SEND, "{\"email\":\"" ANA "\"}").status, 201);
}

static void a_wallet_that_is_none(void **state)
{
	static const struct {
		const char *path, *wallet, *sentence;
	} rows[] = {
		{ SEND, "\"0x12\"", "wallet is malformed: an EVM address has 40 digits" },
		{ VERIFY, "\"0x12\"", "wallet is malformed: an EVM address has 40 digits" },
		{ SEND, "7", "wallet must be a string" },
		{ VERIFY, "[]", "wallet must be a string" },
	};
	struct kit_desk *const d = *state;
	const char *const key = key_of(d, "shop", NULL);
	char body[160];

	for (size_t i = 0; i < array_len(rows); i++) {
		(void)snprintf(body, sizeof(body),
			"{\"email\":\"" ANA "\",\"code\":\"123456\",\"wallet\":%s}", rows[i].wallet);
		const struct reply reply = desk_post(d, key, rows[i].path, body);

		assert_int_equal(reply.status, 400);
		assert_true(str_starts(reply.body, STR("{\"statusCode\":400,\"success\":false,\"status\":"
						       "\"invalid_parameters\",\"message\":\"wallet ")));
		assert_non_null(
			memmem(reply.body.p, reply.body.n, rows[i].sentence, strlen(rows[i].sentence)));
	}
}

/* Two tenants of a group have the same mailbox asked for two wallets: its reader confirms the first. */
static void the_second_of_two_in_a_group_is_a_conflict(void **state)
{
	struct kit_desk *const d = *state;
	const char *const shop = key_of(d, "shop", "ring"), *const bank = key_of(d, "bank", "ring");
	const struct kit_wallet w = kit_wallet(WALLET_EVM, 0x11), other = kit_wallet(WALLET_SOLANA, 0x22);
	const struct str body = arena_printf(
		&d->kit.arena, "{\"email\":\"" ANA "\",\"wallet\":\"%s\"}", other.wallet.text);
	char first[7], second[7];

	assert_int_equal(claim(d, shop, &w, ANA).status, 201);
	assert_int_equal(claim(d, bank, &other, ANA).status, 201);
	assert_int_equal(desk_post(d, shop, SEND, "{" PAIR "}").status, 201);
	newest_code(d, first);
	assert_int_equal(desk_post(d, bank, SEND, body.p).status, 201);
	newest_code(d, second);
	assert_int_equal(desk_post(d, shop, VERIFY, with_code(d, first, EVM)).status, 200);
	expect_answer(desk_post(d, bank, VERIFY, with_code(d, second, other.wallet.text)), 409,
		"email_wallet_conflict", "Email already belongs to a different wallet");
	expect_answer(desk_post(d, bank, VERIFY, with_code(d, second, other.wallet.text)), 404,
		"user_not_found", "User not found in whitelist");
	expect_answer(desk_post(d, bank, "/kyc/status", "{\"email\":\"" ANA "\"}"), 404, "user_not_found",
		"User not found in whitelist");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_the_claim_to_one_person, desk_setup, desk_teardown),
		cmocka_unit_test_setup_teardown(the_code_ends_as_every_code_does, desk_setup, desk_teardown),
		cmocka_unit_test_setup_teardown(a_wallet_that_is_none, desk_setup, desk_teardown),
		cmocka_unit_test_setup_teardown(
			the_second_of_two_in_a_group_is_a_conflict, desk_setup, desk_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

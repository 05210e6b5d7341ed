/* Every answer of the endpoints for wallets, and invalid addresses, challenge texts and signatures. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/api_fixture.h"
#include "text/json.h"

#define CHALLENGE "/security/wallet/challenge"
#define PREPARE "/kyc/prepare-wallet"
#define CREATE "/kyc/create/verify_public_kyc"
#define EVM "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
#define SOLANA "Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew"

#define BAD(word, sentence)                                                                                  \
	"{\"statusCode\":400,\"success\":false,\"status\":\"" word "\",\"message\":\"" sentence              \
	"\",\"details\":{"
#define BAD_FIELD                                                                                            \
	"{\"statusCode\":400,\"success\":false,\"status\":\"invalid_parameters\",\"message\":\"wallet is malformed: "

static const char *add_shop_with_key(struct api_fixture *fx)
{
	static struct test_key key;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	key = api_create_key(fx, "shop");
	return key.text;
}

/* Writes a JSON object. `members` alternates names and values and ends with NULL. */
static const char *write_object(struct api_fixture *fx, const char *const *members)
{
	struct buf text;
	struct json_writer w;
	struct str out;

	buf_init(&text, &fx->app.arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	for (; members[0]; members += 2)
		if (members[1])
			json_field_text(&w, members[0], str_of(members[1]));
	json_end_object(&w);
	assert_int_equal(buf_done(&text, &out), OK);
	return out.p;
}

static const char *challenge_body(struct api_fixture *fx, const char *wallet)
{
	return write_object(fx, (const char *const[]){ "wallet", wallet, NULL });
}

static const char *prepare_body(
	struct api_fixture *fx, const char *wallet, const char *message, const char *signed_bytes)
{
	return write_object(fx, (const char *const[]){ "wallet", wallet, "message", message, "signed_bytes",
					signed_bytes, NULL });
}

/* Requests a challenge; returns `data.message`, which is in the fixture's arena. */
static const char *request_challenge(struct api_fixture *fx, const char *key, const char *wallet)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;
	const struct reply reply = api_post(fx, key, CHALLENGE, challenge_body(fx, wallet));

	assert_int_equal(reply.status, 201);
	assert_int_equal(json_parse(reply.body, true, &body), OK);
	const struct str message = arena_copy(
		&fx->app.arena, json_text(json_get(json_get(body, "data"), "message")));
	assert_non_null(message.p);
	return message.p;
}

static struct reply answer(
	struct api_fixture *fx, const char *key, const struct signing_wallet *w, const char *message)
{
	char signature[WALLET_SIGNATURE_SIZE];

	signing_wallet_sign(w, str_of(message), signature);
	return api_post(fx, key, PREPARE, prepare_body(fx, w->wallet.text, message, signature));
}

#define NO_CHALLENGE(cause, explanation)                                                                     \
	BAD("challenge_not_found", "Challenge not found, please request a new one")                          \
	"\"cause\":\"" cause "\",\"explanation\":\"" explanation "\"}}"
#define NOT_IN_FORCE                                                                                                   \
	NO_CHALLENGE("not_in_force",                                                                                   \
		"no challenge in force for this wallet has exactly this message: it was changed on the way, or used, " \
		"used up, replaced by a newer one, or another tenant's")

#define PREPARED(code, word, sentence, approved, kyc_status)                                                 \
	"{\"statusCode\":" code ",\"success\":true,\"status\":\"" word "\",\"message\":\"" sentence          \
	"\",\"data\":{\"email_verified\":false,\"wallet_verified\":true,\"kyc_approved\":" approved          \
	",\"kyc_status\":\"" kyc_status "\"}}"

static void wallet_of_each_chain_is_prepared(void **state)
{
	static const struct {
		enum wallet_chain chain;
		unsigned char seed;
		const char *entered, *wallet, *word;
	} rows[] = {
		{ WALLET_EVM, 0x11, "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a", EVM, "evm" },
		{ WALLET_SOLANA, 0x22, " " SOLANA "\\n", SOLANA, "solana" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	char body[256];

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct signing_wallet w = signing_wallet_new(rows[i].chain, rows[i].seed);
		(void)snprintf(
			body, sizeof(body), "{\"wallet\":\"%s\",\"purpose\":\"kyc\"}", rows[i].entered);
		const struct reply reply = api_post(fx, key, CHALLENGE, body);
		(void)snprintf(body, sizeof(body), "\",\"wallet\":\"%s\",\"wallet_chain\":\"%s\"}}",
			rows[i].wallet, rows[i].word);
		assert_int_equal(reply.status, 201);
		assert_true(str_starts(reply.body,
			STR("{\"statusCode\":201,\"success\":true,\"status\":\"challenge_created\",\"message\":\"Sign this "
			    "message with your wallet\",\"data\":{\"message\":\"kycd KYC verification\\nWallet: ")));
		assert_true(str_ends(reply.body, str_of(body)));

		const char *const message = request_challenge(fx, key, rows[i].wallet);
		assert_reply(answer(fx, key, &w, message), 201,
			PREPARED("201", "user_prepared", "User prepared for KYC via wallet", "false",
				"pending"));
		assert_reply(answer(fx, key, &w, message), 400, NOT_IN_FORCE);
		assert_reply(answer(fx, key, &w, request_challenge(fx, key, rows[i].wallet)), 200,
			PREPARED("200", "user_already_prepared", "User already prepared for KYC", "false",
				"pending"));
	}
}

static void create_and_status_by_wallet(void **state)
{
	static const char no_session[] =
		"{\"statusCode\":404,\"success\":false,\"status\":\"kyc_not_found\",\"message\":\"No KYC session found "
		"for this wallet\",\"details\":{\"email_verified\":false,\"wallet_verified\":true,\"last_code\":null}}";
	static const char open_status[] =
		"{\"statusCode\":200,\"success\":true,\"status\":\"kyc_status_retrieved\",\"message\":\"KYC status "
		"retrieved\",\"data\":{\"status\":\"pending\",\"approved\":false,\"session_id\":\"scripted-1\","
		"\"session_status\":\"Not Started\",\"session_url\":\"https://provider.test/session/"
		"1\",\"ip_info\":[],\"is_blocklisted\":false}}";
	static const char body[] = "{\"wallet\":\"" EVM "\"}";
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "bank");
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11),
				    other = signing_wallet_new(WALLET_SOLANA, 0x22);

	assert_answer(api_post(fx, key.text, CREATE, body), 403, "user_not_prepared",
		"Complete KYC prepare and verify your email or wallet before starting a session");
	assert_answer(api_post(fx, key.text, "/kyc/status", body), 404, "user_not_found",
		"User not found in whitelist");
	assert_int_equal(answer(fx, key.text, &w, request_challenge(fx, key.text, EVM)).status, 201);
	assert_reply(api_get(fx, key.text, "/kyc/status?wallet=" EVM), 404, no_session);
	assert_reply(api_post(fx, key.text, "/kyc/status", body), 404, no_session);
	assert_reply(api_post(fx, key.text, CREATE, body), 201,
		"{\"statusCode\":201,\"success\":true,\"status\":\"kyc_session_created\",\"message\":\"KYC session "
		"created\",\"data\":{\"success\":true,\"message\":\"didit_create_kyc_session\",\"session\":{\"session_id\":"
		"\"scripted-1\",\"session_url\":\"https://provider.test/session/1\"}}}");
	assert_reply(api_post(fx, key.text, "/kyc/status", body), 200, open_status);
	assert_reply(api_get(fx, key.text, "/kyc/status?wallet=0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"),
		200, open_status);
	assert_reply(api_post(fx, key.text, "/kyc/status",
			     "{\"session_id\":\"scripted-1\",\"wallet\":\"" EVM "\"}"),
		200, open_status);
	/* The session id in this request belongs to a session of another wallet. */
	assert_answer(api_post(fx, key.text, "/kyc/status",
			      "{\"session_id\":\"scripted-1\",\"wallet\":\"" SOLANA "\"}"),
		404, "user_not_found", "User not found in whitelist");
	assert_int_equal(answer(fx, key.text, &other, request_challenge(fx, key.text, SOLANA)).status, 201);
	assert_answer(api_post(fx, key.text, "/kyc/status",
			      "{\"session_id\":\"scripted-1\",\"wallet\":\"" SOLANA "\"}"),
		400, "params_mismatch", "email and wallet belong to different users");
	fixture_set_session_status(&fx->app, &caller, EVM, STATUS_APPROVED);
	assert_int_equal(api_post(fx, key.text, CREATE, body).status, 200);
	assert_reply(answer(fx, key.text, &w, request_challenge(fx, key.text, EVM)), 200,
		PREPARED(
			"200", "user_already_prepared", "User already prepared for KYC", "true", "approved"));
}

/* A wallet and an e-mail address that are not linked are two people, even if both are verified. */
static void email_and_wallet_that_are_not_linked_are_a_mismatch(void **state)
{
	static const char both[] = "{\"email\":\"ana.exemplo@example.com\",\"wallet\":\"" EVM "\"}";
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);

	for (int verified = 0; verified < 2; verified++) {
		assert_answer(api_post(fx, key, CREATE, both), 400, "params_mismatch",
			"email and wallet belong to different users");
		assert_answer(api_post(fx, key, "/kyc/status", both), 400, "params_mismatch",
			"email and wallet belong to different users");
		assert_answer(api_get(fx, key, "/kyc/status?email=ana.exemplo@example.com&wallet=" EVM), 400,
			"params_mismatch", "email and wallet belong to different users");
		if (verified == 0) {
			api_verify_email(fx, key, "ana.exemplo@example.com");
			assert_int_equal(answer(fx, key, &w, request_challenge(fx, key, EVM)).status, 201);
		}
	}
}

#define LENGTH "an EVM address has 40 hex digits after 0x, a Solana address is base58 of 32 bytes"
#define CHAIN "wallet is neither an EVM nor a Solana address"
#define CHARACTERS "wallet contains a character that is not allowed in an address"

struct bad_wallet {
	const char *wallet, *cause, *explanation;
};

static void assert_wallet_refused(struct api_fixture *fx, const char *key, const struct bad_wallet *bad)
{
	const struct {
		const char *path, *body, *expected_start;
	} rows[] = {
		{ CHALLENGE, challenge_body(fx, bad->wallet),
			BAD("invalid_wallet", "Wallet challenge failed") },
		{ PREPARE, prepare_body(fx, bad->wallet, "m", "s"), BAD("invalid_wallet", "Invalid wallet") },
		{ CREATE, challenge_body(fx, bad->wallet), BAD_FIELD },
		{ "/kyc/status", challenge_body(fx, bad->wallet), BAD_FIELD },
	};
	char details[160];

	(void)snprintf(details, sizeof(details), ",\"details\":{\"cause\":\"%s\",\"explanation\":\"%s\"}}",
		bad->cause, bad->explanation);
	print_message("# %s\n", bad->wallet);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = api_post(fx, key, rows[i].path, rows[i].body);

		assert_int_equal(reply.status, 400);
		assert_true(str_starts(reply.body, str_of(rows[i].expected_start)));
		assert_non_null(memmem(reply.body.p, reply.body.n, details, strlen(details)));
	}
}

/* For an invalid wallet the challenge and prepare-wallet endpoints return the message that starkfi-kyc-api.md
 * requires; the other endpoints return the message for a malformed field. */
static void invalid_wallet_is_rejected_with_a_cause(void **state)
{
	static const struct bad_wallet rows[] = {
		{ "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2", "length", LENGTH },
		{ "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2Aa", "length", LENGTH },
		{ "0x19e7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "checksum",
			"wallet has a wrong EIP-55 checksum: a character or its case is wrong" },
		{ "0x0000000000000000000000000000000000000000", "zero",
			"the zero address belongs to no wallet" },
		{ "19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "prefix", "an EVM address must begin with 0x" },
		{ "11111111111111111111111111111111", "zero", "the zero address belongs to no wallet" },
		/* base58 texts that encode 31 bytes and 33 bytes */
		{ "1111111111111111111111111111112", "length", LENGTH },
		{ "XBtQAUiiGRrZR8Y134TFuAW4wdtrt49PB7sHyXtyVK", "length", LENGTH },
		{ "111111111111111111111111111111112", "length", LENGTH },
		{ "B971ek4Pk6kAq8t8TZ88KUGWfoC2qEEk6Sc6NFF3TxiLR", "length", LENGTH },
		/* a Solana key in hexadecimal, and a Tron address */
		{ "a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f0", "chain", CHAIN },
		{ "TBXSw8fM4jpQkGc6zZjsVABFpVN7PJ5gK5", "length", LENGTH },
		{ "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "chain", CHAIN },
		{ "cosmos1hsk6jryyqjfhp5dhc55tc9jtckygx0eph6dd02", "chain", CHAIN },
		{ "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2\xe2\x80\x8b"
		  "A",
			"characters", CHARACTERS },
		{ "0x19E7E376E7C213B7E7e7e46cc70A5dD086D\xd0\x90"
		  "ff2A",
			"characters", CHARACTERS },
		{ "ana.exemplo@example.com", "characters", CHARACTERS },
		{ "0x19E7 E376E7C213B7E7e7e46cc70A5dD086DAff2A", "characters", CHARACTERS },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(rows); i++)
		assert_wallet_refused(fx, key, &rows[i]);
}

static const struct {
	const char *path, *body, *word, *sentence, *cause;
} refused_bodies[] = {
	{ CHALLENGE, "{}", "missing_params", "wallet is required", "missing" },
	{ CHALLENGE, "{\"wallet\":null}", "missing_params", "wallet is required", "missing" },
	{ CHALLENGE, "{\"wallet\":\" \"}", "missing_params", "wallet is required", "empty" },
	{ CHALLENGE, "{\"wallet\":1}", "invalid_parameters", "wallet must be a string", "type" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"wallet\":\"" EVM "\"}", "invalid_parameters",
		"wallet is given twice", "duplicate" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"purpose\":\"payment\"}", "invalid_parameters",
		"purpose must be kyc, or left out", "value" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"purpose\":\"KYC\"}", "invalid_parameters",
		"purpose must be kyc, or left out", "value" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"format\":\"SIWE\"}", "invalid_parameters",
		"format must be starkfi, siwe or siws, or left out", "value" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"format\":\"siws\"}", "invalid_parameters",
		"format siwe is for EVM wallets, siws for Solana wallets", "value" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"format\":\"siwe\",\"chain_id\":1}", "invalid_parameters",
		"format siwe and siws need the site of your pages: ask the operator to set it with `kycd "
		"tenant set NAME --site URL`",
		"value" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"chain_id\":1}", "invalid_parameters",
		"chain_id and uri are for the formats siwe and siws: add format, or leave them out",
		"value" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"chain_id\":1.5}", "invalid_parameters",
		"chain_id must be a string or an integer", "type" },
	{ CHALLENGE, "{\"wallet\":\"" EVM "\",\"purpose\":7}", "invalid_parameters",
		"purpose must be a string", "type" },
	{ PREPARE, "{}", "missing_params", "wallet, message and signed_bytes are required", "missing" },
	{ PREPARE, "{\"wallet\":\"" EVM "\",\"message\":\"m\"}", "missing_params",
		"wallet, message and signed_bytes are required", "missing" },
	{ PREPARE, "{\"wallet\":\"" EVM "\",\"message\":\"\",\"signed_bytes\":\"0x\"}", "missing_params",
		"wallet, message and signed_bytes are required", "empty" },
	{ PREPARE, "{\"wallet\":\"" EVM "\",\"message\":\"m\",\"signed_bytes\":null}", "missing_params",
		"wallet, message and signed_bytes are required", "missing" },
	{ PREPARE, "{\"wallet\":\"" EVM "\",\"message\":[],\"signed_bytes\":\"0x\"}", "invalid_parameters",
		"message must be a string", "type" },
	{ PREPARE, "{\"wallet\":\"" EVM "\",\"message\":\"m\",\"signed_bytes\":[1,2]}", "invalid_parameters",
		"signed_bytes must be a string", "type" },
	{ PREPARE, "{\"wallet\":\"" EVM "\",\"message\":\"m\",\"signed_bytes\":\"0x\",\"email\":\"ana\"}",
		"invalid_parameters", "email is malformed", "at_sign" },
};

static void missing_fields_and_wrong_types_are_named(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(refused_bodies); i++)
		assert_cause(api_post(fx, key, refused_bodies[i].path, refused_bodies[i].body), 400,
			refused_bodies[i].word, refused_bodies[i].sentence, refused_bodies[i].cause);
}

#define SIGNATURE_65                                                                                          \
	"ae470f1a4e198cba71f2ea7495a9fe2ed4ab5246dac7d50441069d5e9cac617006c23f3dfdf307bd426749ea8247bfc2c2a" \
	"5cbcee75c2a97c33bc5aacfe36dbf1c"

static const struct {
	enum wallet_chain chain;
	const char *signed_bytes, *cause;
} invalid_signatures[] = {
	{ WALLET_EVM, "zz", "coding" },
	{ WALLET_EVM,
		"0x\xe2\x80\x8b"
		"00",
		"coding" },
	{ WALLET_EVM, "0x00", "length" },
	/* signatures of contract wallets: of a Safe with two owners, and the bytes with which every EIP-6492
	 * signature ends */
	{ WALLET_EVM, "0x" SIGNATURE_65 SIGNATURE_65, "contract_wallet_unsupported" },
	{ WALLET_EVM, "0X" SIGNATURE_65 "6492649264926492649264926492649264926492649264926492649264926492\n",
		"contract_wallet_unsupported" },
	{ WALLET_EVM,
		"4mzQW8NizQWse5ccirRFNNGSxaHn5q72QFGC5Re4KjPCweEZHqXi2CoUKsNtXT4dbdJ46BZB9RCSEDy9yc2pdKVw",
		"coding" },
	/* the signature in the example of starkfi-kyc-api.md, which is for another text */
	{ WALLET_EVM,
		"0xae470f1a4e198cba71f2ea7495a9fe2ed4ab5246dac7d50441069d5e9cac617006c23f3dfdf307bd426749ea8247bfc2c2a"
		"5cbcee75c2a97c33bc5aacfe36dbf1c",
		"other" },
	{ WALLET_SOLANA, "0OIl", "coding" },
	{ WALLET_SOLANA, "1111", "length" },
	{ WALLET_SOLANA,
		"0xae470f1a4e198cba71f2ea7495a9fe2ed4ab5246dac7d50441069d5e9cac617006c23f3dfdf307bd426749ea8247bfc2c2a"
		"5cbcee75c2a97c33bc5aacfe36dbf1c",
		"coding" },
	{ WALLET_SOLANA,
		"4mzQW8NizQWse5ccirRFNNGSxaHn5q72QFGC5Re4KjPCweEZHqXi2CoUKsNtXT4dbdJ46BZB9RCSEDy9yc2pdKVw",
		"other" },
};

/* An invalid signature leaves the challenge open. */
static void invalid_signature_is_rejected_with_a_cause(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	char expected_start[256];

	for (size_t i = 0; i < array_len(invalid_signatures); i++) {
		const char *const wallet = invalid_signatures[i].chain == WALLET_EVM ? EVM : SOLANA;
		const char *const message = request_challenge(fx, key, wallet);
		const struct reply reply = api_post(fx, key, PREPARE,
			prepare_body(fx, wallet, message, invalid_signatures[i].signed_bytes));

		print_message("# %s\n", invalid_signatures[i].signed_bytes);
		(void)snprintf(expected_start, sizeof(expected_start),
			"{\"statusCode\":400,\"success\":false,\"status\":\"invalid_signature\",\"message\":\"Invalid "
			"wallet signature\",\"details\":{\"cause\":\"%s\",\"explanation\":\"",
			invalid_signatures[i].cause);
		assert_int_equal(reply.status, 400);
		assert_true(str_starts(reply.body, str_of(expected_start)));
		/* The challenge is still open. */
		const struct signing_wallet w = invalid_signatures[i].chain == WALLET_EVM
							? signing_wallet_new(WALLET_EVM, 0x11)
							: signing_wallet_new(WALLET_SOLANA, 0x22);
		assert_true(answer(fx, key, &w, message).status < 202);
	}
}

/* White space and invisible characters that are copied together with a wallet or a signature are ignored. */
static void characters_around_wallet_and_signature_are_ignored(void **state)
{
	static const struct {
		const char *before, *after;
	} rows[] = {
		{ "", "\n" },
		{ " ", "\r\n" },
		{ "\ufeff\u200b", "\u00a0" },
		{ "\u200e", "\u200f\u2060" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet wallets[] = { signing_wallet_new(WALLET_EVM, 0x11),
		signing_wallet_new(WALLET_SOLANA, 0x22) };
	char signature[WALLET_SIGNATURE_SIZE];

	for (size_t i = 0; i < array_len(rows) * array_len(wallets); i++) {
		const struct signing_wallet *const w = &wallets[i % 2];
		const char *const before = rows[i / 2].before, *const after = rows[i / 2].after;
		const char *const wallet =
			arena_printf(&fx->app.arena, "%s%s%s", before, w->wallet.text, after).p;
		const char *const message = request_challenge(fx, key, wallet);

		signing_wallet_sign(w, str_of(message), signature);
		if (w->wallet.chain == WALLET_EVM)
			signature[1] = 'X';
		const char *const signed_bytes =
			arena_printf(&fx->app.arena, "%s%s%s", before, signature, after).p;
		assert_true(
			api_post(fx, key, PREPARE, prepare_body(fx, wallet, message, signed_bytes)).status <
			202);
		const struct reply status = api_post(fx, key, "/kyc/status", challenge_body(fx, wallet));
		assert_non_null(memmem(status.body.p, status.body.n, "\"wallet_verified\":true", 22));
	}
}

/* The values are nearly as long as a request body may be. */
static void very_long_values_are_rejected(void **state)
{
	enum { TEXT_LENGTH = 60000 };
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	char *const text = arena_array(&fx->app.arena, char, TEXT_LENGTH + 1);

	assert_non_null(text);
	for (int hex = 0; hex < 2; hex++) {
		const char *const wallet = hex ? EVM : SOLANA;

		memset(text, hex ? 'a' : '2', TEXT_LENGTH);
		const struct reply reply = api_post(
			fx, key, PREPARE, prepare_body(fx, wallet, request_challenge(fx, key, wallet), text));
		assert_int_equal(reply.status, 400);
		assert_non_null(memmem(reply.body.p, reply.body.n, "invalid_signature", 17));
		assert_reply(
			api_post(fx, key, PREPARE, prepare_body(fx, wallet, text, "0x")), 400, NOT_IN_FORCE);
		assert_int_equal(api_post(fx, key, CHALLENGE, challenge_body(fx, text)).status, 400);
	}
}

static void challenge_expires_at_its_millisecond(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet wallets[] = { signing_wallet_new(WALLET_EVM, 0x11),
		signing_wallet_new(WALLET_SOLANA, 0x22) };

	for (size_t i = 0; i < array_len(wallets); i++) {
		const struct signing_wallet *const w = &wallets[i];
		const char *message = request_challenge(fx, key, w->wallet.text);

		fixture_advance_clock(&fx->app, milliseconds(599999));
		assert_int_equal(answer(fx, key, w, message).status, 201);
		for (int64_t late_ms = 0; late_ms < 2; late_ms++) {
			message = request_challenge(fx, key, w->wallet.text);
			fixture_advance_clock(&fx->app, milliseconds(600000 + late_ms));
			assert_answer(answer(fx, key, w, message), 400, "challenge_expired",
				"Challenge expired, please request a new one");
		}
	}
}

static const char *replace_in(struct api_fixture *fx, const char *text, const char *what, const char *with)
{
	const char *const at = strstr(text, what);

	assert_non_null(at);
	const struct str out = arena_printf(
		&fx->app.arena, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what));
	assert_non_null(out.p);
	return out.p;
}

/* The wallet signs the changed text. The challenge remains open. */
static void changed_challenge_text_is_rejected(void **state)
{
	static const struct {
		const char *name, *what, *with;
	} rows[] = {
		{ "an additional space", "Purpose: kyc", "Purpose:  kyc" },
		{ "a space at the end of a line", "Purpose: kyc", "Purpose: kyc " },
		{ "a tab", "Purpose: kyc", "Purpose:\tkyc" },
		{ "a missing empty line", "\n\nDomain", "\nDomain" },
		{ "a no-break space", "Purpose: kyc", "Purpose:\xc2\xa0kyc" },
		{ "a zero-width space", "Purpose: kyc", "Purpose: kyc\xe2\x80\x8b" },
		{ "a byte order mark", "kycd KYC", "\xef\xbb\xbfkycd KYC" },
		{ "a look-alike letter of another script", "Purpose: kyc",
			"Purpose: k\xd1\x83"
			"c" },
		{ "another purpose", "Purpose: kyc", "Purpose: payment" },
		{ "another tenant", "Requested by: shop", "Requested by: bank" },
		{ "another case in the address", "Wallet: 0x19E7", "Wallet: 0x19e7" },
		{ "another nonce", "Nonce: ", "Nonce: 0" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const message = request_challenge(fx, key, EVM);

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].name);
		assert_reply(answer(fx, key, &w, replace_in(fx, message, rows[i].what, rows[i].with)), 400,
			NOT_IN_FORCE);
	}
	assert_reply(answer(fx, key, &w, replace_in(fx, message, "\n", "\r\n")), 400,
		NO_CHALLENGE("line_ends",
			"message has carriage returns; its lines end in line feeds alone, as they came"));
	assert_int_equal(answer(fx, key, &w, message).status, 201);
}

static void challenge_of_another_tenant_is_rejected(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_SOLANA, 0x22);
	const char *const shop_challenge = request_challenge(fx, key, SOLANA);

	(void)fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct test_key bank = api_create_key(fx, "bank");
	const char *const bank_challenge = request_challenge(fx, bank.text, SOLANA);
	assert_reply(answer(fx, key, &w, bank_challenge), 400, NOT_IN_FORCE);
	assert_reply(answer(fx, bank.text, &w, shop_challenge), 400, NOT_IN_FORCE);
	assert_int_equal(answer(fx, key, &w, shop_challenge).status, 201);
	assert_int_equal(answer(fx, bank.text, &w, bank_challenge).status, 201);
}

/* Signatures of another wallet are refused. After ten of them the challenge cannot be answered any more. */
static void challenge_cannot_be_answered_again(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (int chain = WALLET_EVM; chain <= WALLET_SOLANA; chain++) {
		const struct signing_wallet w = signing_wallet_new((enum wallet_chain)chain, 0x33);
		const struct signing_wallet other = signing_wallet_new((enum wallet_chain)chain, 0x34);
		const char *const wallet = w.wallet.text;
		char wrong[WALLET_SIGNATURE_SIZE];

		for (int tries = 9; tries <= 10; tries++) {
			const char *const message = request_challenge(fx, key, wallet);

			signing_wallet_sign(&other, str_of(message), wrong);
			for (int i = 0; i < tries; i++)
				assert_reply(
					api_post(fx, key, PREPARE, prepare_body(fx, wallet, message, wrong)),
					400,
					BAD("invalid_signature",
						"Invalid wallet signature") "\"cause\":\"other\",\"explanation\":\"the signature is from another wallet, or "
									    "of another message\"}}");
			if (tries < 10)
				assert_int_equal(answer(fx, key, &w, message).status, 201);
			/* The challenge was answered or has no tries left, so no signature is accepted any
			 * more. */
			assert_reply(answer(fx, key, &w, message), 400, NOT_IN_FORCE);
			assert_reply(api_post(fx, key, PREPARE, prepare_body(fx, wallet, message, wrong)),
				400, NOT_IN_FORCE);
		}
	}
}

/* An e-mail address in prepare-wallet is only claimed. For the person who has verified that address nothing
 * changes. */
static void email_in_prepare_wallet_is_not_verified(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const message = request_challenge(fx, key, EVM);
	char signature[WALLET_SIGNATURE_SIZE];

	api_verify_email(fx, key, "ana.exemplo@example.com");
	assert_int_equal(api_post(fx, key, CREATE, "{\"email\":\"ana.exemplo@example.com\"}").status, 201);
	signing_wallet_sign(&w, str_of(message), signature);
	assert_reply(api_post(fx, key, PREPARE,
			     write_object(fx, (const char *const[]){ "wallet", EVM, "message", message,
						      "signed_bytes", signature, "email",
						      "ana.exemplo@example.com", "language", "pt", NULL })),
		201,
		PREPARED("201", "user_prepared", "User prepared for KYC via wallet", "false", "pending"));
	assert_int_equal(api_get(fx, key, "/kyc/status?wallet=" EVM).status, 404);
	assert_int_equal(api_get(fx, key, "/kyc/status?email=ana.exemplo@example.com").status, 200);
}

static void internal_failures_and_store_failures(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct signing_wallet w = signing_wallet_new(WALLET_EVM, 0x11);
	const char *const message = request_challenge(fx, key, EVM);

	/* The random generator works for the request id and fails afterwards. */
	atomic_store(&fx->app.random.calls_before_failure, 1);
	assert_answer(api_post(fx, key, CHALLENGE, challenge_body(fx, EVM)), 500, "server_error",
		"Server failed, try again later");
	atomic_store(&fx->app.random.calls_before_failure, 1);
	assert_answer(answer(fx, key, &w, message), 500, "server_failed", "Server failed on KYC prepare");
	atomic_store(&fx->app.random.calls_before_failure, SIZE_MAX);
	atomic_store(&fx->app.store.fault, STORE_FAULT_BEFORE_WORK);
	assert_answer(api_post(fx, key, CHALLENGE, challenge_body(fx, EVM)), 503, "unavailable",
		"Service unavailable, try again later");
	assert_answer(
		answer(fx, key, &w, message), 503, "unavailable", "Service unavailable, try again later");
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_int_equal(answer(fx, key, &w, message).status, 201);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(wallet_of_each_chain_is_prepared),
		TEST(create_and_status_by_wallet),
		TEST(email_and_wallet_that_are_not_linked_are_a_mismatch),
		TEST(invalid_wallet_is_rejected_with_a_cause),
		TEST(missing_fields_and_wrong_types_are_named),
		TEST(invalid_signature_is_rejected_with_a_cause),
		TEST(characters_around_wallet_and_signature_are_ignored),
		TEST(very_long_values_are_rejected),
		TEST(challenge_expires_at_its_millisecond),
		TEST(changed_challenge_text_is_rejected),
		TEST(challenge_of_another_tenant_is_rejected),
		TEST(challenge_cannot_be_answered_again),
		TEST(email_in_prepare_wallet_is_not_verified),
		TEST(internal_failures_and_store_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

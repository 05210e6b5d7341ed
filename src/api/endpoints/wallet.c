#include "api/endpoints/routes.h"

#include "api/core/fields.h"
#include "api/endpoints/identifiers.h"
#include "api/endpoints/include.h"
#include "app/enrolment/challenge.h"
#include "app/enrolment/prepare_wallet.h"
#include "base/attr.h"
#include "crypto/offchain.h"
#include "crypto/wallet_verdict.h"
#include "text/base58.h"

/* Values of `details.cause` in ANSWER_CHALLENGE_NOT_FOUND. */
#define CAUSE_LINE_ENDS "line_ends"
#define CAUSE_NOT_IN_FORCE "not_in_force"

/* Responds with the reason in `details`, because the API reference specifies the envelope's message. */
static struct reply respond_with_cause(
	struct call *call, enum answer answer, struct str cause, struct str explanation)
{
	return respond_cause(call->arena, answer, (struct str){ NULL, 0 }, cause, explanation);
}

/* Parses a wallet. If it is malformed, returns false and sets `reply` to the answer `refusal` with the
 * reason. */
static bool read_wallet(
	struct call *call, struct str text, enum answer refusal, struct wallet *out, struct reply *reply)
{
	const enum wallet_form form = wallet_read(text, out);

	if (form == WALLET_FORM_VALID)
		return true;
	*reply = respond_with_cause(call, refusal, wallet_form_name(form), wallet_form_message(form));
	return false;
}

/* clang-format off */
static const char *wallet_form_values(size_t i)
{
	if (i > WALLET_FORM_ZERO)
		return NULL;
	return i == WALLET_FORM_VALID ? "" : wallet_form_name((enum wallet_form)i).p;
}
static const struct schema_member bad_wallet_members[] = {
	CAUSE_MEMBERS("checksum", "What is wrong with the wallet.", wallet_form_values,
		"wallet has a wrong EIP-55 checksum: a character or its case is wrong"),
};
static const struct json_schema bad_wallet_schema = SCHEMA(bad_wallet_members);
/* clang-format on */

struct challenge_body {
	struct str wallet, purpose, format, chain_id, uri;
};

static struct reply respond_challenge(struct call *call, const struct wallet *wallet, struct str message)
{
	struct json_body data;

	json_body_begin(&data, call);
	json_field_text(&data.w, "message", message);
	json_field_text(&data.w, "wallet", str_of(wallet->text));
	json_field_text(&data.w, "wallet_chain", wallet_chain_name(wallet->chain));
	return respond_json_data(call, ANSWER_CHALLENGE_CREATED, &data);
}

/* `message` says which value a field must have. */
static struct reply respond_invalid(struct call *call, struct str message)
{
	return respond_cause(
		call->arena, ANSWER_INVALID_PARAMETERS, message, input_cause_name(CAUSE_VALUE), message);
}

static struct reply handle_challenge(struct call *call, struct store *store)
{
	const struct challenge_body *const body = call->body;
	struct wallet wallet;
	struct str message;
	struct reply reply;
	const struct challenge_params params = { .wallet = &wallet,
		.format = body->format.p ? challenge_format_find(body->format) : CHALLENGE_STARKFI,
		.chain_id = body->chain_id,
		.uri = body->uri };

	(void)store; /* the use case opens its own transaction */
	if (!read_wallet(call, body->wallet, ANSWER_INVALID_WALLET_CHALLENGE, &wallet, &reply))
		return reply;
	if (body->purpose.p && !str_eq(body->purpose, STR(CHALLENGE_PURPOSE)))
		return respond_invalid(call, STR("purpose must be " CHALLENGE_PURPOSE ", or left out"));
	if (params.format == CHALLENGE_FORMATS)
		return respond_invalid(call, STR("format must be starkfi, siwe or siws, or left out"));
	const enum challenge_fault fault = challenge_params_check(&call->caller.tenant, &params);
	if (fault != CHALLENGE_FAULT_NONE)
		return respond_invalid(call, challenge_fault_message(fault));
	const enum err e = app_challenge(call->world, call->arena, &call->caller, &params, &message);
	return e == OK ? respond_challenge(call, &wallet, message)
		       : respond_failure(call->arena, e, call->route->failure);
}

/* clang-format off */
#define MESSAGE_EXAMPLE "kycd KYC verification\nWallet: 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\n..."
#define LIMITS_PURPOSE 1, 32
#define DOC_PURPOSE "kyc", "What the challenge is for. The only value is `kyc`."
#define LIMITS_FORMAT 1, 32
#define DOC_FORMAT "siwe", "Format of the message: `starkfi` (default), `siwe` (Sign-In with Ethereum, ERC-4361) or `siws` (Sign-In with Solana). Wallets recognise the last two and warn if another site than yours asks for the signature. They need the site of your pages, which the operator sets."
#define LIMITS_CHAIN_ID 1, 32
#define DOC_CHAIN_ID "1", "`siwe`: number of the chain, decimal or as `eth_chainId` returns it; 1 if left out. `siws`: `mainnet`, `testnet`, `devnet` or `localnet`, with or without `solana:`; the message has none if left out."
#define LIMITS_URI 1, SITE_URI_MAX
#define DOC_URI "https://shop.example.com/kyc", "`siwe` and `siws`: the page that asks for the signature, on your site; the site itself if left out."
static const struct field challenge_fields[] = {
	FIELD_DOC(struct challenge_body, wallet,   FIELD_EXACT,  FIELD_REQUIRED, LIMITS_ANY,      DOC_WALLET),
	FIELD_DOC(struct challenge_body, purpose,  FIELD_TEXT,   FIELD_OPTIONAL, LIMITS_PURPOSE,  DOC_PURPOSE),
	FIELD_DOC(struct challenge_body, format,   FIELD_TEXT,   FIELD_OPTIONAL, LIMITS_FORMAT,   DOC_FORMAT),
	FIELD_DOC(struct challenge_body, chain_id, FIELD_SCALAR, FIELD_OPTIONAL, LIMITS_CHAIN_ID, DOC_CHAIN_ID),
	FIELD_DOC(struct challenge_body, uri,      FIELD_TEXT,   FIELD_OPTIONAL, LIMITS_URI,      DOC_URI),
};
static const struct form challenge_form = FORM(challenge_fields, struct challenge_body, "wallet is required");

static const char *chain_values(size_t i)
{
	return i > WALLET_SOLANA - WALLET_EVM ? NULL
					      : wallet_chain_name((enum wallet_chain)(WALLET_EVM + i)).p;
}
static const struct schema_member challenge_members[] = {
	{ "message",      MEMBER_TEXT, MESSAGE_EXAMPLE, "The text to sign, byte for byte.", false, NULL, NULL },
	{ "wallet",       MEMBER_TEXT, "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "The wallet in its normal form (EIP-55 or base58).", false, NULL, NULL },
	{ "wallet_chain", MEMBER_TEXT, "evm", "Which kind of wallet it is.", false, chain_values, NULL },
};
static const struct json_schema challenge_schema = SCHEMA(challenge_members);
/* clang-format on */

const struct route challenge_route = {
	.entry = { METHOD_POST, "/security/wallet/challenge" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_challenge),
	.form = &challenge_form,
	.failure = ANSWER_FAILED_SECURITY,
	.doc =
		&(const struct operation_doc){
			.operation = "createWalletChallenge",
			.group = "Address",
			.summary = "Create a message for a wallet to sign",
			.description =
				"Have the wallet sign `message` exactly as it is, and send message and signature "
				"to `/kyc/prepare-wallet`. Each call creates a new message and makes the previous "
				"one invalid. A message can be used once.",
			RESPONSES({ .answer = ANSWER_CHALLENGE_CREATED, .data = &challenge_schema },
				{ .answer = ANSWER_INVALID_WALLET_CHALLENGE, .details = &bad_wallet_schema }),
		},
};

/* `message` is not trimmed, because the signature covers its exact bytes. `wallet` and `signed_bytes` are
 * trimmed when they are decoded. */
struct prepare_wallet_body {
	struct str wallet, message, signed_bytes, email, language, application_domain, reference, include;
};

/* Decodes the application domain of an off-chain message. An absent domain gives an empty slice. Returns
 * false if it is malformed. */
static bool read_application(struct str text, unsigned char bytes[OFFCHAIN_KEY], struct str *out)
{
	size_t n = 0;

	if (text.n > 0 && (!base58_read(text, bytes, OFFCHAIN_KEY, &n) || n != OFFCHAIN_KEY))
		return false;
	*out = (struct str){ (const char *)bytes, n };
	return true;
}

static struct reply respond_prepared(
	struct call *call, const struct include *include, const struct prepare_result *prepared)
{
	struct json_body data;

	json_body_begin(&data, call);
	json_field_bool(&data.w, "email_verified", prepared->verified.email);
	json_field_bool(&data.w, "wallet_verified", prepared->verified.wallet);
	json_field_bool(&data.w, "kyc_approved", prepared->kyc_approved);
	json_field_text(&data.w, "kyc_status", str_of(prepared->kyc_status));
	write_included(&data.w, include, (struct included){ &prepared->ids, &prepared->next_step });
	return respond_json_data(call,
		prepared->already_prepared ? ANSWER_WALLET_ALREADY_PREPARED : ANSWER_WALLET_PREPARED, &data);
}

/* The response is the same whatever the reason is, so that a caller learns nothing about the challenges of
 * other tenants. The only exception is a message whose line ends were changed, an error that integrators
 * would not find otherwise. */
static struct reply respond_no_challenge(struct call *call, struct str message)
{
	if (str_has(message, '\r'))
		return respond_with_cause(call, ANSWER_CHALLENGE_NOT_FOUND, STR(CAUSE_LINE_ENDS),
			STR("message has carriage returns; its lines end in line feeds alone, as they came"));
	return respond_with_cause(call, ANSWER_CHALLENGE_NOT_FOUND, STR(CAUSE_NOT_IN_FORCE),
		STR("no challenge in force for this wallet has exactly this message: it was changed on the way, or "
		    "used, used up, replaced by a newer one, or another tenant's"));
}

static const char *const checked_outcomes[] = {
	[CHALLENGE_ACCEPTED] = "accepted",
	[CHALLENGE_WRONG] = "wrong",
	[CHALLENGE_EXPIRED] = "expired",
	[CHALLENGE_NONE] = "not_in_force",
};

void wallet_label(void)
{
	for (size_t i = 0; i < array_len(checked_outcomes); i++)
		if (checked_outcomes[i] != NULL)
			metric_label(METRIC_CHALLENGE_CHECKS, 0, i, checked_outcomes[i]);
}

static struct reply handle_prepare_wallet(struct call *call, struct store *store)
{
	const struct prepare_wallet_body *const body = call->body;
	struct wallet wallet;
	struct prepare_wallet_params params = { .wallet = &wallet,
		.message = body->message,
		.signature = body->signed_bytes,
		.language = body->language,
		.email = body->email,
		.reference = body->reference };
	unsigned char application[OFFCHAIN_KEY];
	struct prepare_wallet_result done;
	struct include include;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_include(call, body->include, &include, &reply) ||
		!read_reference(call, body->reference, &include, &reply))
		return reply;
	params.with_next_step = include_has_step(&include);
	params.with_ids = include_has_ids(&include);
	if (!read_wallet(call, body->wallet, ANSWER_INVALID_WALLET, &wallet, &reply))
		return reply;
	if (!read_application(body->application_domain, application, &params.application))
		return respond_invalid(call, STR("application_domain must be base58 of 32 bytes"));
	const enum err e = app_prepare_wallet(call->world, call->arena, &call->caller, &params, &done);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	call->count = (struct request_count){ true, METRIC_CHALLENGE_CHECKS, (size_t)done.verdict, 0 };
	switch (done.verdict) {
	case CHALLENGE_ACCEPTED:
		return done.conflict ? respond(call->arena, ANSWER_EMAIL_WALLET_CONFLICT)
				     : respond_prepared(call, &include, &done.prepared);
	case CHALLENGE_WRONG:
		return respond_with_cause(call, ANSWER_INVALID_WALLET_SIGNATURE,
			wallet_sig_name(done.signature), wallet_sig_message(done.signature));
	case CHALLENGE_EXPIRED:
		return respond(call->arena, ANSWER_CHALLENGE_EXPIRED);
	case CHALLENGE_OPEN:
	case CHALLENGE_NONE:
		break;
	}
	return respond_no_challenge(call, body->message);
}

/* clang-format off */
#define DOC_MESSAGE MESSAGE_EXAMPLE, "The message of the challenge, exactly as it was returned."
#define DOC_SIGNED_BYTES \
	"0xae470f1a4e198cba71f2ea7495a9fe2ed4ab5246dac7d50441069d5e9cac617006c23f3dfdf307bd426749ea8247bfc2c2a5cbcee75c2a97c33bc5aacfe36dbf1c", \
	"The signature: hex for EVM (`personal_sign`), base58 for Solana (`signMessage`): 64 bytes, or an envelope with the off-chain message that was signed."
#define LIMITS_APPLICATION 1, 128
#define DOC_APPLICATION \
	"Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew", \
	"Solana only: base58 of the application domain, if the wallet signed an off-chain message of version 0 that has one and `signed_bytes` is not an envelope."
static const struct field prepare_wallet_fields[] = {
	FIELD_DOC(struct prepare_wallet_body, wallet,       FIELD_EXACT,    FIELD_REQUIRED, LIMITS_ANY,      DOC_WALLET),
	FIELD_DOC(struct prepare_wallet_body, message,      FIELD_EXACT,    FIELD_REQUIRED, LIMITS_ANY,      DOC_MESSAGE),
	FIELD_DOC(struct prepare_wallet_body, signed_bytes, FIELD_EXACT,    FIELD_REQUIRED, LIMITS_ANY,      DOC_SIGNED_BYTES),
	FIELD_DOC(struct prepare_wallet_body, email,        FIELD_EMAIL,    FIELD_OPTIONAL, LIMITS_EMAIL,    DOC_EMAIL),
	FIELD_DOC(struct prepare_wallet_body, language,     FIELD_LANGUAGE, FIELD_OPTIONAL, LIMITS_LANGUAGE, DOC_LANGUAGE),
	FIELD_DOC(struct prepare_wallet_body, application_domain, FIELD_TEXT, FIELD_OPTIONAL, LIMITS_APPLICATION, DOC_APPLICATION),
	FIELD_DOC(struct prepare_wallet_body, reference,    FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_REFERENCE, DOC_REFERENCE),
	FIELD_DOC(struct prepare_wallet_body, include,      FIELD_TEXT,     FIELD_OPTIONAL, LIMITS_INCLUDE,  DOC_INCLUDE),
};
static const struct form prepare_wallet_form =
	FORM(prepare_wallet_fields, struct prepare_wallet_body, "wallet, message and signed_bytes are required");

static const struct schema_member wallet_prepared_members[] = {
	{ "email_verified",  MEMBER_BOOL, "false",   "The e-mail address is verified. One that was sent with the wallet is not, until its code is verified.", false, NULL, NULL },
	{ "wallet_verified", MEMBER_BOOL, "true",    "The wallet is verified for your tenant.", false, NULL, NULL },
	{ "kyc_approved",    MEMBER_BOOL, "false",   "The person is approved.", false, NULL, NULL },
	{ "kyc_status",      MEMBER_TEXT, "pending", DOC_KYC_STATUS, false, kyc_status_values, NULL },
};
static const struct json_schema wallet_prepared_schema = SCHEMA_WITH(wallet_prepared_members, &included_schema);

static const char *no_challenge_values(size_t i)
{
	static const char *const values[] = { CAUSE_LINE_ENDS, CAUSE_NOT_IN_FORCE };

	return i < array_len(values) ? values[i] : NULL;
}
static const struct schema_member no_challenge_members[] = {
	CAUSE_MEMBERS(CAUSE_LINE_ENDS, "What is wrong with the message.", no_challenge_values,
		"message has carriage returns; its lines end in line feeds alone, as they came"),
};
static const struct json_schema no_challenge_schema = SCHEMA(no_challenge_members);

static const char *signature_values(size_t i)
{
	if (i > WALLET_SIG_OTHER)
		return NULL;
	return i == WALLET_SIG_VALID ? "" : wallet_sig_name((enum wallet_sig)i).p;
}
static const struct schema_member bad_signature_members[] = {
	CAUSE_MEMBERS("other", "What is wrong with the signature.", signature_values,
		"the signature is from another wallet, or of another message"),
};
static const struct json_schema bad_signature_schema = SCHEMA(bad_signature_members);
/* clang-format on */

const struct route prepare_wallet_route = {
	.entry = { METHOD_POST, "/kyc/prepare-wallet" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_prepare_wallet),
	.form = &prepare_wallet_form,
	.failure = ANSWER_FAILED_PREPARE,
	.doc =
		&(const struct operation_doc){
			.operation = "prepareKycByWallet",
			.group = "Address",
			.summary = "Register and verify a wallet",
			.description =
				"A valid signature registers the wallet and verifies it at once. After "
				"`invalid_signature` the challenge stays open, for ten attempts in total; after "
				"`challenge_not_found` or `challenge_expired`, create a new one. `details.cause` "
				"says what is wrong. With `email`, the wallet requests to be linked to that "
				"address: nothing is shared between the two until a code that was sent for both "
				"is verified. `email_wallet_conflict`: the address is linked to another wallet, or "
				"another wallet requested it within the last hour; nothing was changed, and the "
				"challenge stays open.",
			RESPONSES({ .answer = ANSWER_WALLET_PREPARED, .data = &wallet_prepared_schema },
				{ .answer = ANSWER_WALLET_ALREADY_PREPARED, .data = &wallet_prepared_schema },
				{ .answer = ANSWER_INVALID_WALLET, .details = &bad_wallet_schema },
				{ .answer = ANSWER_CHALLENGE_NOT_FOUND, .details = &no_challenge_schema },
				{ .answer = ANSWER_CHALLENGE_EXPIRED },
				{ .answer = ANSWER_INVALID_WALLET_SIGNATURE,
					.details = &bad_signature_schema },
				{ .answer = ANSWER_EMAIL_WALLET_CONFLICT }),
		},
};

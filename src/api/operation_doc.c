#include "api/operation_doc.h"

#include "base/attr.h"
#include "domain/flow.h"

#define JSON "application/json"
#define ANSWERS_OF(list) .answers = (list), .n_answers = array_len(list)
#define PARAMS_OF(list) .params = (list), .n_params = array_len(list)

const struct operation_group operation_groups[] = {
	{ "Address", "Register an address and have the person prove that it is theirs." },
	{ "Verification", "The identity check, and how it stands." },
	{ "Account", "What your key may do." },
	{ "Provider",
		"Where the identity provider and the person's browser come in. Not for your own calls." },
	{ "Service", "Is it there, and what does it speak?" },
};
const size_t n_operation_groups = array_len(operation_groups);

static const enum answer prepare_answers[] = { ANSWER_USER_PREPARED, ANSWER_USER_ALREADY_PREPARED };
const struct operation_doc prepare_card = {
	.operation = "prepareKyc",
	.group = "Address",
	.summary = "Register an e-mail for KYC",
	.description = "Comes first, and is safe to repeat: 200 then says how far this person is. "
		       "With `email_verified` the code can be skipped, with `kyc_approved` everything.",
	ANSWERS_OF(prepare_answers),
};

static const enum answer send_answers[] = { ANSWER_OTP_SENT, ANSWER_EMAIL_ALREADY_VERIFIED,
	ANSWER_USER_NOT_FOUND, ANSWER_OTP_SEND_LIMITED };
const struct operation_doc send_card = {
	.operation = "sendEmailOtp",
	.group = "Address",
	.summary = "Send a code to the e-mail",
	.description =
		"Each call makes a new code, and the one before is worth nothing. "
		"`otp_send_limited` leaves the code in force as it is. With `wallet`, one that has claimed the "
		"e-mail by `/kyc/prepare-wallet`, the code is for the two of them: the letter names the wallet, "
		"goes out also when the e-mail is verified already, and confirms that both are one person's. "
		"Without an open claim of this pair: `user_not_found`.",
	ANSWERS_OF(send_answers),
};

static const enum answer verify_answers[] = { ANSWER_EMAIL_VERIFIED, ANSWER_OTP_INVALID, ANSWER_OTP_EXPIRED,
	ANSWER_OTP_MAX_ATTEMPTS, ANSWER_EMAIL_ALREADY_VERIFIED, ANSWER_USER_NOT_FOUND,
	ANSWER_EMAIL_WALLET_CONFLICT };
const struct operation_doc verify_card = {
	.operation = "verifyEmailOtp",
	.group = "Address",
	.summary = "Confirm the code from the letter",
	.description =
		"After `otp_expired` and `otp_max_attempts`, send a new code. With `wallet`, only a code that was sent "
		"for this pair: it joins the two, and verifies the e-mail with it.",
	ANSWERS_OF(verify_answers),
};

static const enum answer challenge_answers[] = { ANSWER_CHALLENGE_CREATED, ANSWER_INVALID_WALLET_CHALLENGE };
const struct operation_doc challenge_card = {
	.operation = "createWalletChallenge",
	.group = "Address",
	.summary = "A message for the owner of a wallet to sign",
	.description =
		"Have the wallet sign `message` exactly as it is, and send it back unchanged to `/kyc/prepare-wallet`. "
		"Each call makes a new one, and the one before is worth nothing. It works once.",
	ANSWERS_OF(challenge_answers),
};

static const enum answer prepare_wallet_answers[] = { ANSWER_WALLET_PREPARED, ANSWER_WALLET_ALREADY_PREPARED,
	ANSWER_INVALID_WALLET, ANSWER_CHALLENGE_NOT_FOUND, ANSWER_CHALLENGE_EXPIRED,
	ANSWER_INVALID_WALLET_SIGNATURE, ANSWER_EMAIL_WALLET_CONFLICT };
const struct operation_doc prepare_wallet_card = {
	.operation = "prepareKycByWallet",
	.group = "Address",
	.summary = "Register a wallet for KYC, and prove it",
	.description =
		"With the signature the wallet is registered and proven at once. After `invalid_signature` the challenge "
		"stays open, for ten tries in all; after `challenge_not_found` and `challenge_expired`, ask for a new "
		"one. `details.cause` says what is wrong with a wallet, a message or a signature. An `email` is a claim: nothing of "
		"the two is shared until a code that was sent for the pair is verified. `email_wallet_conflict`: it is "
		"joined to another wallet, or another one claimed it within the last hour; nothing was changed, and "
		"the challenge is still open.",
	ANSWERS_OF(prepare_wallet_answers),
};

static const struct param_doc create_params[] = {
	{ IN_PATH, "kyc_type", true, "verify_public_kyc", flow_name_at, "the verification flow" },
};
static const enum answer create_answers[] = { ANSWER_SESSION_CREATED, ANSWER_ALREADY_APPROVED,
	ANSWER_PARAMS_MISMATCH, ANSWER_IDENTITY_NOT_VERIFIED, ANSWER_USER_NOT_PREPARED,
	ANSWER_KYC_NOT_APPROVED, ANSWER_QUOTA_EXCEEDED };
const struct operation_doc create_card = {
	.operation = "createKycSession",
	.group = "Verification",
	.summary = "Create a verification session, or resume the open one",
	.description =
		"Send the person to `session_url`. While a session is open every call answers with that one; an "
		"approved person needs none, and gets 200. A 500 may name what the provider did in `details.cause`.",
	ANSWERS_OF(create_answers),
	PARAMS_OF(create_params),
};

static const enum answer status_query_answers[] = { ANSWER_STATUS_RETRIEVED, ANSWER_PARAMS_MISMATCH,
	ANSWER_USER_NOT_FOUND, ANSWER_KYC_NOT_FOUND, ANSWER_KYC_NOT_FOUND_WALLET };
const struct operation_doc status_query_card = {
	.operation = "getKycStatus",
	.group = "Verification",
	.summary = "Where a person stands, by query",
	.description =
		"Percent-encode the address: `+` is `%2B`. An address in a URL ends up in logs: prefer the POST.",
	ANSWERS_OF(status_query_answers),
};

static const enum answer status_answers[] = { ANSWER_STATUS_RETRIEVED, ANSWER_PARAMS_MISMATCH,
	ANSWER_USER_NOT_FOUND, ANSWER_KYC_NOT_FOUND, ANSWER_KYC_NOT_FOUND_WALLET,
	ANSWER_KYC_NOT_FOUND_SESSION };
const struct operation_doc status_card = {
	.operation = "queryKycStatus",
	.group = "Verification",
	.summary = "Where a person stands",
	.description =
		"Poll it within your rate, or ask when the person is back. Trust nothing but this answer: "
		"a browser that returns proves nothing.",
	ANSWERS_OF(status_answers),
};

static const enum answer products_answers[] = { ANSWER_PRODUCTS_RETRIEVED };
const struct operation_doc products_card = {
	.operation = "listProducts",
	.group = "Account",
	.summary = "Which products your key may use",
	.description = "The KYC routes need `kyc`.",
	ANSWERS_OF(products_answers),
};

static const struct plain_response plain_received = { 200, "received", JSON, &shape_received,
	"The event is taken." };
static const struct param_doc event_params[] = {
	{ IN_HEADER, "X-Signature", true, "6f1b0c9a5d2e4f7a8b3c6d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c",
		NULL, "HMAC-SHA256 of the raw body under the webhook secret, in hex" },
	{ IN_HEADER, "X-Timestamp", true, "1767607200", NULL,
		"seconds since 1970; older or newer than 300 s is refused" },
};
static const enum answer event_answers[] = { ANSWER_INVALID_SIGNATURE, ANSWER_SESSION_NOT_FOUND };
const struct operation_doc event_card = {
	.operation = "takeDiditEvent",
	.group = "Provider",
	.summary = "An event of the provider",
	.description =
		"Didit calls this one. 404 for a session too young to be known here: the provider tries again.",
	ANSWERS_OF(event_answers),
	.plain = { &plain_received },
	PARAMS_OF(event_params),
	.example_body =
		"{\"session_id\":\"7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\",\"status\":\"Approved\","
		"\"created_at\":1767606000,\"timestamp\":1767607200,\"vendor_data\":\"0193f2a4c5d67b89\"}",
};

static const struct plain_response plain_thanks = { 200, "thanks", "text/html", NULL,
	"A small page that thanks the person, where the tenant has no return URL." };
static const struct plain_response plain_onward = { 303, "onward", NULL, NULL,
	"On to the tenant's return URL, with `session_id` added." };
static const struct param_doc return_params[] = {
	{ IN_QUERY, "verificationSessionId", false, "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", NULL,
		"as the provider adds it; unknown or absent: the same page" },
};
const struct operation_doc return_card = {
	.operation = "returnFromProvider",
	.group = "Provider",
	.summary = "Where the provider sends the person afterwards",
	.description =
		"The person's browser comes here. The decision is read before it goes on; no status is handed over "
		"with it.",
	.plain = { &plain_thanks, &plain_onward },
	PARAMS_OF(return_params),
};

static const struct plain_response plain_live = { 200, "live", JSON, &shape_live, "The process answers." };
const struct operation_doc live_card = {
	.operation = "healthLive",
	.group = "Service",
	.summary = "Is the process alive?",
	.description = "For a supervisor.",
	.plain = { &plain_live },
};

static const struct plain_response plain_ready = { 200, "ready", JSON, &shape_ready,
	"The store takes writes." };
const struct operation_doc ready_card = {
	.operation = "healthReady",
	.group = "Service",
	.summary = "Can it serve?",
	.description = "For a load balancer: the store takes writes and its schema is current, else 503.",
	.plain = { &plain_ready },
};

static const struct plain_response plain_openapi = { 200, "description", JSON, NULL,
	"An OpenAPI 3.1 document." };
const struct operation_doc openapi_card = {
	.operation = "getDescription",
	.group = "Service",
	.summary = "This description",
	.description = "Printed from the tables that the server itself goes by; also by `kycd openapi`.",
	.plain = { &plain_openapi },
};

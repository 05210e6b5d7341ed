#include "api/endpoints/routes.h"

#include "api/core/fields.h"
#include "api/endpoints/identifiers.h"
#include "api/endpoints/include.h"
#include "api/endpoints/send_limit.h"
#include "app/enrolment/link_otp.h"
#include "app/enrolment/prepare.h"
#include "base/attr.h"
#include "base/metrics.h"

struct prepare_body {
	struct str email, language, reference, include;
};

/* The response to the first call for an address: it has `data` only if the caller wants something in it. */
static struct reply respond_first_prepared(
	struct call *call, const struct include *include, const struct prepare_result *prepared)
{
	struct json_body data;

	if (!include_has_any(include))
		return respond(call->arena, ANSWER_USER_PREPARED);
	json_body_begin(&data, call);
	write_included(&data.w, include, (struct included){ &prepared->ids, &prepared->next_step });
	return respond_json_data(call, ANSWER_USER_PREPARED, &data);
}

static struct reply handle_prepare(struct call *call, struct store *store)
{
	const struct prepare_body *const body = call->body;
	struct prepare_params params = { .identifier = identifier_email(body->email),
		.language = body->language,
		.reference = body->reference };
	struct prepare_result prepared;
	struct include include;
	struct json_body data;
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_include(call, body->include, &include, &reply) ||
		!read_reference(call, body->reference, &include, &reply))
		return reply;
	params.with_next_step = include_has_step(&include);
	params.with_ids = include_has_ids(&include);
	const enum err e = app_prepare_email(call->world, call->arena, &call->caller, &params, &prepared);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (!prepared.already_prepared)
		return respond_first_prepared(call, &include, &prepared);
	json_body_begin(&data, call);
	json_field_bool(&data.w, "email_verified", prepared.verified.email);
	json_field_bool(&data.w, "kyc_approved", prepared.kyc_approved);
	json_field_text(&data.w, "kyc_status", str_of(prepared.kyc_status));
	write_included(&data.w, &include, (struct included){ &prepared.ids, &prepared.next_step });
	return respond_json_data(call, ANSWER_USER_ALREADY_PREPARED, &data);
}

/* clang-format off */
static const struct field prepare_fields[] = {
	FIELD_DOC(struct prepare_body, email,     FIELD_EMAIL,      FIELD_REQUIRED, LIMITS_EMAIL,     DOC_EMAIL),
	FIELD_DOC(struct prepare_body, language,  FIELD_LANGUAGE,   FIELD_OPTIONAL, LIMITS_LANGUAGE,  DOC_LANGUAGE),
	FIELD_DOC(struct prepare_body, reference, FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_REFERENCE, DOC_REFERENCE),
	FIELD_DOC(struct prepare_body, include,   FIELD_TEXT,       FIELD_OPTIONAL, LIMITS_INCLUDE,   DOC_INCLUDE),
};
static const struct form prepare_form = FORM(prepare_fields, struct prepare_body, "email is required");

static const struct schema_member prepared_members[] = {
	{ "email_verified", MEMBER_BOOL, "true",    "The e-mail address is verified for your tenant.", false, NULL, NULL },
	{ "kyc_approved",   MEMBER_BOOL, "false",   "The person is approved.", false, NULL, NULL },
	{ "kyc_status",     MEMBER_TEXT, "pending", DOC_KYC_STATUS, false, kyc_status_values, NULL },
};
static const struct json_schema prepared_schema = SCHEMA_WITH(prepared_members, &included_schema);
/* clang-format on */

const struct route prepare_route = {
	.entry = { METHOD_POST, "/kyc/prepare" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_prepare),
	.form = &prepare_form,
	.failure = ANSWER_FAILED_PREPARE,
	.doc =
		&(const struct operation_doc){
			.operation = "prepareKyc",
			.group = "Address",
			.summary = "Register an e-mail address",
			.description =
				"The first call for a person. It may be repeated: 200 then returns what is already "
				"done. Skip the code when `email_verified` is true, and everything when "
				"`kyc_approved` is true.",
			RESPONSES({ .answer = ANSWER_USER_PREPARED,
					  .data = &only_included_schema,
					  .data_optional = true },
				{ .answer = ANSWER_USER_ALREADY_PREPARED, .data = &prepared_schema }),
		},
};

/* If the request has a `wallet`, the code links the wallet and the e-mail (app/enrolment/link_otp.h). */
struct send_otp_body {
	struct str email, wallet, language;
};

static const enum answer answer_to_send[] = {
	[SEND_QUEUED] = ANSWER_OTP_SENT,
	[SEND_UNKNOWN_USER] = ANSWER_USER_NOT_FOUND,
	[SEND_ALREADY_VERIFIED] = ANSWER_EMAIL_ALREADY_VERIFIED,
	[SEND_MAIL_DOWN] = ANSWER_FAILED_SECURITY,
	[SEND_LIMITED] = ANSWER_OTP_SEND_LIMITED,
};

static enum err send_otp(struct call *call, const struct wallet *wallet, struct send_result *sent)
{
	const struct send_otp_body *const body = call->body;
	const struct send_otp_params alone = { body->email, body->language };
	const struct link_otp_params pair = { wallet, body->email, body->language };

	return body->wallet.n > 0 ? app_send_link_otp(call->world, call->arena, &call->caller, &pair, sent)
				  : app_send_email_otp(call->world, call->arena, &call->caller, &alone, sent);
}

static struct reply handle_send_otp(struct call *call, struct store *store)
{
	const struct send_otp_body *const body = call->body;
	struct wallet wallet;
	struct reply reply;
	struct send_result sent;

	(void)store; /* the use case opens its own transaction */
	if (body->wallet.n > 0 && !read_wallet_param(call, body->wallet, &wallet, &reply))
		return reply;
	const enum err e = send_otp(call, &wallet, &sent);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (sent.verdict == SEND_LIMITED)
		return respond_send_limited(call, sent.limited_by_ip, sent.wait);
	return respond(call->arena, answer_to_send[sent.verdict]);
}

/* clang-format off */
static const struct field send_otp_fields[] = {
	FIELD_DOC(struct send_otp_body, email,    FIELD_EMAIL,    FIELD_REQUIRED, LIMITS_EMAIL,    DOC_EMAIL),
	FIELD_DOC(struct send_otp_body, wallet,   FIELD_TEXT,     FIELD_OPTIONAL, LIMITS_WALLET,   DOC_WALLET),
	FIELD_DOC(struct send_otp_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, LIMITS_LANGUAGE, DOC_LANGUAGE),
};
static const struct form send_otp_form = FORM(send_otp_fields, struct send_otp_body, "email is required");
/* clang-format on */

const struct route send_otp_route = {
	.entry = { METHOD_POST, "/security/email/send-otp" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_send_otp),
	.form = &send_otp_form,
	.failure = ANSWER_FAILED_SECURITY,
	.doc =
		&(const struct operation_doc){
			.operation = "sendEmailOtp",
			.group = "Address",
			.summary = "Send a code to the e-mail address",
			.description =
				"Each call sends a new code and makes the previous one invalid. "
				"`otp_send_limited` leaves the current code valid; wait for `Retry-After`. With "
				"`wallet` (one that was registered with this e-mail by `/kyc/prepare-wallet`) the "
				"e-mail names the wallet, and its code links the two to one person. It is then "
				"sent also if the e-mail is already verified. `user_not_found`: there is no open "
				"request to link this wallet and this e-mail.",
			RESPONSES({ .answer = ANSWER_OTP_SENT }, { .answer = ANSWER_EMAIL_ALREADY_VERIFIED },
				{ .answer = ANSWER_USER_NOT_FOUND }, RESPONSE_SEND_LIMITED),
		},
};

struct verify_otp_body {
	struct str email, code, wallet;
};

static const enum answer answer_to_verify[] = {
	[VERIFY_ACCEPTED] = ANSWER_EMAIL_VERIFIED,
	[VERIFY_UNKNOWN_USER] = ANSWER_USER_NOT_FOUND,
	[VERIFY_ALREADY] = ANSWER_EMAIL_ALREADY_VERIFIED,
	[VERIFY_EXPIRED] = ANSWER_OTP_EXPIRED,
	[VERIFY_LOCKED] = ANSWER_OTP_MAX_ATTEMPTS,
	[VERIFY_WRONG] = ANSWER_OTP_INVALID,
	[VERIFY_CONFLICT] = ANSWER_EMAIL_WALLET_CONFLICT,
};

static enum err verify_otp(
	struct call *call, struct tx *tx, const struct wallet *wallet, enum verify_verdict *verdict)
{
	const struct verify_otp_body *const body = call->body;
	const struct link_otp_params pair = { wallet, body->email, { NULL, 0 } };

	return body->wallet.n > 0
		       ? app_verify_link_otp(call->world, tx, &call->caller, &pair, body->code, verdict)
		       : app_verify_email_otp(
				 call->world, tx, &call->caller, body->email, body->code, verdict);
}

/* What a check of a code is counted as; NULL: no code was checked. */
static const char *const checked_outcomes[] = {
	[VERIFY_ACCEPTED] = "accepted",
	[VERIFY_EXPIRED] = "expired",
	[VERIFY_LOCKED] = "locked",
	[VERIFY_WRONG] = "wrong",
};
enum { KIND_EMAIL, KIND_LINK };

void email_label(void)
{
	metric_label(METRIC_CODE_CHECKS, 0, KIND_EMAIL, "code");
	metric_label(METRIC_CODE_CHECKS, 0, KIND_LINK, "link_code");
	for (size_t i = 0; i < array_len(checked_outcomes); i++)
		if (checked_outcomes[i] != NULL)
			metric_label(METRIC_CODE_CHECKS, 1, i, checked_outcomes[i]);
}

static struct reply handle_verify_otp(struct call *call, struct tx *tx)
{
	const struct verify_otp_body *const body = call->body;
	enum verify_verdict verdict;
	struct wallet wallet;
	struct reply reply;

	if (body->wallet.n > 0 && !read_wallet_param(call, body->wallet, &wallet, &reply))
		return reply;
	const enum err e = verify_otp(call, tx, &wallet, &verdict);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	/* A right code whose link is refused counts as accepted. */
	const enum verify_verdict checked = verdict == VERIFY_CONFLICT ? VERIFY_ACCEPTED : verdict;
	call->count = (struct request_count){ checked_outcomes[checked] != NULL, METRIC_CODE_CHECKS,
		body->wallet.n > 0 ? KIND_LINK : KIND_EMAIL, (size_t)checked };
	return respond(call->arena, answer_to_verify[verdict]);
}

/* clang-format off */
#define LIMITS_CODE 1, 64
#define DOC_CODE "493027", "The code as the person typed it. Spaces and hyphens are ignored."
static const struct field verify_otp_fields[] = {
	FIELD_DOC(struct verify_otp_body, email,  FIELD_EMAIL,  FIELD_REQUIRED, LIMITS_EMAIL,  DOC_EMAIL),
	FIELD_DOC(struct verify_otp_body, code,   FIELD_DIGITS, FIELD_REQUIRED, LIMITS_CODE,   DOC_CODE),
	FIELD_DOC(struct verify_otp_body, wallet, FIELD_TEXT,   FIELD_OPTIONAL, LIMITS_WALLET, DOC_WALLET),
};
static const struct form verify_otp_form =
	FORM(verify_otp_fields, struct verify_otp_body, "email and code are required");
/* clang-format on */

const struct route verify_otp_route = {
	.entry = { METHOD_POST, "/security/email/verify-otp" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WRITE(handle_verify_otp),
	.form = &verify_otp_form,
	.failure = ANSWER_FAILED_SECURITY,
	.doc =
		&(const struct operation_doc){
			.operation = "verifyEmailOtp",
			.group = "Address",
			.summary = "Verify the code from the e-mail",
			.description =
				"After `otp_expired` or `otp_max_attempts`, send a new code. With `wallet`, only a "
				"code that was sent for this wallet and this e-mail is accepted; it verifies the "
				"e-mail and links the two to one person.",
			RESPONSES({ .answer = ANSWER_EMAIL_VERIFIED }, { .answer = ANSWER_OTP_INVALID },
				{ .answer = ANSWER_OTP_EXPIRED }, { .answer = ANSWER_OTP_MAX_ATTEMPTS },
				{ .answer = ANSWER_EMAIL_ALREADY_VERIFIED },
				{ .answer = ANSWER_USER_NOT_FOUND },
				{ .answer = ANSWER_EMAIL_WALLET_CONFLICT }),
		},
};

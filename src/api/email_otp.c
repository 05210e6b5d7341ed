#include "api/email_otp.h"

#include "api/bodies.h"
#include "api/identifiers.h"
#include "app/enrolment/link_otp.h"

static const enum answer answer_to_send[] = {
	[SEND_QUEUED] = ANSWER_OTP_SENT,
	[SEND_UNKNOWN_USER] = ANSWER_USER_NOT_FOUND,
	[SEND_ALREADY_VERIFIED] = ANSWER_EMAIL_ALREADY_VERIFIED,
	[SEND_MAIL_DOWN] = ANSWER_FAILED_SECURITY,
	[SEND_LIMITED] = ANSWER_OTP_SEND_LIMITED,
};

/* With a wallet the code is for the pair. */
static enum err ask_for_code(struct call *call, const struct wallet *wallet, struct send_result *sent)
{
	const struct send_body *const body = call->body;
	const struct send_otp_params alone = { body->email, body->language };
	const struct link_otp_params pair = { wallet, body->email, body->language };

	return body->wallet.n > 0 ? app_send_link_otp(call->world, call->arena, &call->caller, &pair, sent)
				  : app_send_email_otp(call->world, call->arena, &call->caller, &alone, sent);
}

struct reply handle_send_otp(struct call *call, struct store *store)
{
	const struct send_body *const body = call->body;
	struct wallet wallet;
	struct reply reply;
	struct send_result sent;

	(void)store; /* the use case opens its own transaction */
	if (body->wallet.n > 0 && !read_wallet_param(call, body->wallet, &wallet, &reply))
		return reply;
	const enum err e = ask_for_code(call, &wallet, &sent);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (sent.verdict == SEND_LIMITED)
		return respond_retry_after(call->arena, answer_to_send[sent.verdict], sent.wait);
	return respond(call->arena, answer_to_send[sent.verdict]);
}

static const enum answer answer_to_verify[] = {
	[VERIFY_ACCEPTED] = ANSWER_EMAIL_VERIFIED,
	[VERIFY_UNKNOWN_USER] = ANSWER_USER_NOT_FOUND,
	[VERIFY_ALREADY] = ANSWER_EMAIL_ALREADY_VERIFIED,
	[VERIFY_EXPIRED] = ANSWER_OTP_EXPIRED,
	[VERIFY_LOCKED] = ANSWER_OTP_MAX_ATTEMPTS,
	[VERIFY_WRONG] = ANSWER_OTP_INVALID,
	[VERIFY_CONFLICT] = ANSWER_EMAIL_WALLET_CONFLICT,
};

static enum err judge_code(
	struct call *call, struct tx *tx, const struct wallet *wallet, enum verify_verdict *verdict)
{
	const struct code_body *const body = call->body;
	const struct link_otp_params pair = { wallet, body->email, { NULL, 0 } };

	return body->wallet.n > 0
		       ? app_verify_link_otp(call->world, tx, &call->caller, &pair, body->code, verdict)
		       : app_verify_email_otp(
				 call->world, tx, &call->caller, body->email, body->code, verdict);
}

struct reply handle_verify_otp(struct call *call, struct tx *tx)
{
	const struct code_body *const body = call->body;
	enum verify_verdict verdict;
	struct wallet wallet;
	struct reply reply;

	if (body->wallet.n > 0 && !read_wallet_param(call, body->wallet, &wallet, &reply))
		return reply;
	const enum err e = judge_code(call, tx, &wallet, &verdict);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	return respond(call->arena, answer_to_verify[verdict]);
}

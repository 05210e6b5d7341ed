#include "api/email.h"

#include "api/bodies.h"
#include "app/email_otp.h"

static const enum answer answer_to_send[] = {
	[SEND_QUEUED] = ANSWER_OTP_SENT,
	[SEND_UNKNOWN_USER] = ANSWER_USER_NOT_FOUND,
	[SEND_ALREADY_VERIFIED] = ANSWER_EMAIL_ALREADY_VERIFIED,
	[SEND_HOPELESS] = ANSWER_FAILED_SECURITY,
	[SEND_LIMITED] = ANSWER_OTP_SEND_LIMITED,
};

struct reply send_email_otp(struct call *call, struct store *store)
{
	const struct email_body *const body = call->body;
	const struct send_order order = { body->email, body->language };
	struct sent sent;

	(void)store; /* the use case opens its own transaction */
	const enum err e = app_send_email_otp(call->world, call->arena, &call->caller, &order, &sent);
	if (e != OK)
		return say_failure(call->arena, e, call->route->failure);
	if (sent.verdict == SEND_LIMITED)
		return say_wait(call->arena, answer_to_send[sent.verdict], sent.wait);
	return say(call->arena, answer_to_send[sent.verdict]);
}

static const enum answer answer_to_verify[] = {
	[VERIFY_ACCEPTED] = ANSWER_EMAIL_VERIFIED,
	[VERIFY_UNKNOWN_USER] = ANSWER_USER_NOT_FOUND,
	[VERIFY_ALREADY] = ANSWER_EMAIL_ALREADY_VERIFIED,
	[VERIFY_EXPIRED] = ANSWER_OTP_EXPIRED,
	[VERIFY_LOCKED] = ANSWER_OTP_MAX_ATTEMPTS,
	[VERIFY_WRONG] = ANSWER_OTP_INVALID,
};

struct reply verify_email_otp(struct call *call, struct tx *tx)
{
	const struct code_body *const body = call->body;
	enum verify_verdict verdict;

	const enum err e = app_verify_email_otp(
		call->world, tx, &call->caller, body->email, body->code, &verdict);
	if (e != OK)
		return say_failure(call->arena, e, call->route->failure);
	return say(call->arena, answer_to_verify[verdict]);
}

#include "api/wallet.h"

#include "api/bodies.h"
#include "api/response_schema.h"
#include "app/enrolment/challenge.h"
#include "app/enrolment/prepare_wallet.h"
#include "base/buf.h"
#include "text/json.h"

/* The sentence of the envelope is the reference's; what is wrong stands in `details`. */
static struct reply say_wrong(struct call *call, enum answer answer, struct str cause, struct str sentence)
{
	struct buf text;
	struct json_writer w;
	struct str details;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "cause", cause);
	json_field_text(&w, "explanation", sentence);
	json_end_object(&w);
	const enum err e = buf_done(&text, &details);
	return e == OK ? respond_details(call->arena, answer, details)
		       : respond_failure(call->arena, e, call->route->failure);
}

/* False: `reply` says what is wrong with it. */
static bool read_wallet(
	struct call *call, struct str text, enum answer refusal, struct wallet *out, struct reply *reply)
{
	const enum wallet_form form = wallet_read(text, out);

	if (form == WALLET_FORM_VALID)
		return true;
	*reply = say_wrong(call, refusal, wallet_form_name(form), wallet_form_message(form));
	return false;
}

static struct reply say_challenge(struct call *call, const struct wallet *wallet, struct str message)
{
	struct buf text;
	struct json_writer w;
	struct str data;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "message", message);
	json_field_text(&w, "wallet", str_of(wallet->text));
	json_field_text(&w, "wallet_chain", wallet_chain_name(wallet->chain));
	json_end_object(&w);
	const enum err e = buf_done(&text, &data);
	return e == OK ? respond_data(call->arena, ANSWER_CHALLENGE_CREATED, data)
		       : respond_failure(call->arena, e, call->route->failure);
}

struct reply handle_challenge(struct call *call, struct store *store)
{
	const struct challenge_body *const body = call->body;
	struct wallet wallet;
	struct str message;
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_wallet(call, body->wallet, ANSWER_INVALID_WALLET_CHALLENGE, &wallet, &reply))
		return reply;
	if (body->purpose.p && !str_eq(body->purpose, STR(CHALLENGE_PURPOSE)))
		return respond_message(call->arena, ANSWER_INVALID_PARAMETERS,
			STR("purpose must be " CHALLENGE_PURPOSE ", or left out"));
	const enum err e = app_challenge(
		call->world, call->arena, &call->caller, str_of(wallet.text), &message);
	return e == OK ? say_challenge(call, &wallet, message)
		       : respond_failure(call->arena, e, call->route->failure);
}

static struct reply say_prepared(struct call *call, const struct prepare_result *prepared)
{
	struct buf text;
	struct json_writer w;
	struct str data;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_bool(&w, "email_verified", prepared->verified.email);
	json_field_bool(&w, "wallet_verified", prepared->verified.wallet);
	json_field_bool(&w, "kyc_approved", prepared->kyc_approved);
	json_field_text(&w, "kyc_status", str_of(prepared->kyc_status));
	json_end_object(&w);
	const enum err e = buf_done(&text, &data);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	return respond_data(call->arena,
		prepared->already_prepared ? ANSWER_WALLET_ALREADY_PREPARED : ANSWER_WALLET_PREPARED, data);
}

/* Nothing tells which: of what others asked for, and of what was, nobody learns anything. But who changes
 * line ends on the way would ask for new ones for ever. */
static struct reply say_no_challenge(struct call *call, struct str message)
{
	if (str_has(message, '\r'))
		return say_wrong(call, ANSWER_CHALLENGE_NOT_FOUND, STR(CAUSE_LINE_ENDS),
			STR("message has carriage returns; its lines end in line feeds alone, as they came"));
	return say_wrong(call, ANSWER_CHALLENGE_NOT_FOUND, STR(CAUSE_NOT_IN_FORCE),
		STR("no challenge in force for this wallet has exactly this message: it was changed on the way, or "
		    "used, used up, replaced by a newer one, or another tenant's"));
}

struct reply handle_prepare_wallet(struct call *call, struct store *store)
{
	const struct wallet_body *const body = call->body;
	struct wallet wallet;
	const struct prepare_wallet_params params = { &wallet, body->message, body->signed_bytes,
		body->language, body->email };
	struct prepare_wallet_result done;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_wallet(call, body->wallet, ANSWER_INVALID_WALLET, &wallet, &reply))
		return reply;
	const enum err e = app_prepare_wallet(call->world, call->arena, &call->caller, &params, &done);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	switch (done.verdict) {
	case CHALLENGE_ACCEPTED:
		return done.conflict ? respond(call->arena, ANSWER_EMAIL_WALLET_CONFLICT)
				     : say_prepared(call, &done.prepared);
	case CHALLENGE_WRONG:
		return say_wrong(call, ANSWER_INVALID_WALLET_SIGNATURE, wallet_sig_name(done.signature),
			wallet_sig_message(done.signature));
	case CHALLENGE_EXPIRED:
		return respond(call->arena, ANSWER_CHALLENGE_EXPIRED);
	case CHALLENGE_OPEN:
	case CHALLENGE_NONE:
		break;
	}
	return say_no_challenge(call, body->message);
}

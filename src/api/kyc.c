#include "api/kyc.h"

#include "api/bodies.h"
#include "api/identifiers.h"
#include "app/enrolment/prepare.h"
#include "app/session/create.h"
#include "app/session/status.h"
#include "base/buf.h"
#include "base/log.h"
#include "text/json.h"

static struct reply with(struct call *call, enum answer answer, struct buf *text)
{
	struct str data;

	const enum err e = buf_done(text, &data);
	return e == OK ? respond_data(call->arena, answer, data)
		       : respond_failure(call->arena, e, call->route->failure);
}

struct reply handle_prepare(struct call *call, struct store *store)
{
	const struct email_body *const body = call->body;
	const struct prepare_params params = { identifier_email(body->email), body->language, false, NULL };
	struct prepare_result prepared;
	struct buf text;
	struct json_writer w;

	(void)store; /* the use case opens its own transaction */
	const enum err e = app_prepare_email(call->world, call->arena, &call->caller, &params, &prepared);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (!prepared.already_prepared)
		return respond(call->arena, ANSWER_USER_PREPARED);
	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_bool(&w, "email_verified", prepared.verified.email);
	json_field_bool(&w, "kyc_approved", prepared.kyc_approved);
	json_field_text(&w, "kyc_status", str_of(prepared.kyc_status));
	json_end_object(&w);
	return with(call, ANSWER_USER_ALREADY_PREPARED, &text);
}

bool kyc_type_is_known(const struct call *call)
{
	return flow_find(call->params[0]) != NULL;
}

static const enum answer answer_to_create[] = {
	[CREATED] = ANSWER_SESSION_CREATED,
	[CREATED_APPROVED] = ANSWER_ALREADY_APPROVED,
	[CREATED_NOT_PREPARED] = ANSWER_USER_NOT_PREPARED,
	[CREATED_UNVERIFIED] = ANSWER_IDENTITY_NOT_VERIFIED,
	[CREATED_MISMATCH] = ANSWER_PARAMS_MISMATCH,
	[CREATED_OVER_QUOTA] = ANSWER_QUOTA_EXCEEDED,
	[CREATED_REFUSED] = ANSWER_KYC_NOT_APPROVED,
	[CREATED_FAILED] = ANSWER_FAILED_CREATE,
	[CREATED_TIMEOUT] = ANSWER_UNAVAILABLE,
	[CREATED_PAUSED] = ANSWER_UNAVAILABLE,
};

static struct reply say_session(struct call *call, const struct create_result *created)
{
	const bool approved = created->outcome == CREATED_APPROVED;
	struct buf text;
	struct json_writer w;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_bool(&w, "success", true);
	json_field_text(
		&w, "message", approved ? STR("user_already_approved") : STR("didit_create_kyc_session"));
	json_key(&w, "session");
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(created->ref.text));
	if (approved)
		json_field_null(&w, "session_url");
	else
		json_field_text(&w, "session_url", created->url);
	json_end_object(&w);
	json_end_object(&w);
	return with(call, answer_to_create[created->outcome], &text);
}

static struct reply say_cause(struct call *call, enum provider_cause cause)
{
	const struct str details = arena_printf(
		call->arena, "{\"cause\":\"%s\"}", provider_cause_name(cause));

	/* It failed without the provider's doing. */
	if (cause == PROVIDER_OK)
		return respond(call->arena, ANSWER_FAILED_CREATE);
	log_event(LOG_ERROR, "create_failed", LOG_WORD("request_id", call->caller.actor.request_id),
		LOG_WORD("cause", provider_cause_name(cause)));
	if (!details.p)
		return respond(call->arena, ANSWER_FAILED_CREATE);
	return respond_details(call->arena, ANSWER_FAILED_CREATE, details);
}

struct reply handle_create(struct call *call, struct store *store)
{
	const struct address_body *const body = call->body;
	struct create_params params = {
		.caller = &call->caller, .flow = flow_find(call->params[0]), .language = body->language
	};
	struct create_result created;
	struct identifier_pair identifiers;
	struct reply reply;

	(void)store; /* the use case opens its own transactions on the world's */
	if (!read_identifiers(call, body->email, body->wallet, &identifiers, &reply))
		return reply;
	params.identifier = identifiers.first;
	params.second = identifiers.second;
	const enum err e = app_create_session(
		call->world, call->api->single_flights, call->arena, &params, &created);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (created.outcome == CREATED || created.outcome == CREATED_APPROVED)
		return say_session(call, &created);
	if (created.outcome == CREATED_FAILED)
		return say_cause(call, created.cause);
	if (created.outcome == CREATED_TIMEOUT)
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(1));
	if (created.outcome == CREATED_PAUSED)
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, created.wait);
	return respond(call->arena, answer_to_create[created.outcome]);
}

static const enum answer no_session_of[] = {
	[ADDRESS_EMAIL] = ANSWER_KYC_NOT_FOUND,
	[ADDRESS_WALLET] = ANSWER_KYC_NOT_FOUND_WALLET,
};

static struct reply say_no_session(
	struct call *call, const struct identifier *who, const struct person_status *status)
{
	struct buf text;
	struct json_writer w;
	struct str details;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_bool(&w, "email_verified", status->verified.email);
	json_field_bool(&w, "wallet_verified", status->verified.wallet);
	if (status->last_code)
		json_field_text(&w, "last_code", str_of(status->last_code));
	else
		json_field_null(&w, "last_code");
	json_end_object(&w);
	const enum err e = buf_done(&text, &details);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	return respond_details(call->arena, no_session_of[who->kind], details);
}

static struct reply say_status(struct call *call, const struct person_status *status)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, call->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "status", str_of(status->word));
	json_field_bool(&w, "approved", status->approved);
	json_field_text(&w, "session_id", str_of(status->ref.text));
	json_field_text(&w, "session_status", str_of(status->session_status));
	if (status->url.p)
		json_field_text(&w, "session_url", status->url);
	else
		json_field_null(&w, "session_url");
	json_key(&w, "ip_info");
	json_put_raw(&w, status->ip_info);
	json_field_bool(&w, "is_blocklisted", status->blocklisted);
	json_end_object(&w);
	return with(call, ANSWER_STATUS_RETRIEVED, &text);
}

static enum err ask(struct call *call, struct tx *tx, const struct identifier_pair *identifiers,
	struct person_status *out)
{
	const struct status_body *const body = call->body;

	if (body->session_id.n > 0)
		return app_session_status(call->world, tx, &call->caller, body->session_id,
			identifiers->first.normal.n > 0 ? identifiers : NULL, out);
	return app_address_status(call->world, tx, &call->caller, identifiers, out);
}

struct reply handle_status(struct call *call, struct tx *tx)
{
	const struct status_body *const body = call->body;
	struct person_status status;
	struct identifier_pair identifiers;
	struct reply reply;

	if (!read_identifiers(call, body->email, body->wallet, &identifiers, &reply))
		return reply;
	const enum err e = ask(call, tx, &identifiers, &status);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	switch (status.result) {
	case STATUS_RESULT_FOUND:
		if (status.is_stale)
			(void)poll_queue_add(
				call->api->poll_queue, str_of(status.ref.text), world_ticks(call->world));
		return say_status(call, &status);
	case STATUS_RESULT_NO_SESSION:
		return say_no_session(call, &identifiers.first, &status);
	case STATUS_RESULT_UNKNOWN_USER:
		return respond(call->arena, ANSWER_USER_NOT_FOUND);
	case STATUS_RESULT_MISMATCH:
		return respond(call->arena, ANSWER_PARAMS_MISMATCH);
	case STATUS_RESULT_UNKNOWN_SESSION:
		break;
	}
	return respond(call->arena, ANSWER_KYC_NOT_FOUND_SESSION);
}

struct reply handle_products(struct call *call)
{
	return respond_data(call->arena, ANSWER_PRODUCTS_RETRIEVED,
		STR("{\"products\":{\"kyc\":true,\"crypto\":false,\"pix\":false,\"credit_card\":false}}"));
}

#include "api/endpoints/routes.h"

#include "api/core/dispatch.h"
#include "api/core/fields.h"
#include "api/endpoints/create_refusal.h"
#include "api/endpoints/identifiers.h"
#include "app/session/create.h"
#include "app/session/failure_log.h"
#include "base/attr.h"
#include "base/log.h"
#include "domain/flow.h"

#define SESSION_ID "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b"
#define SESSION_URL "https://verify.didit.me/session/Ab3dEf6hIj9k"

struct create_body {
	struct str email, wallet, language;
};

static bool kyc_type_is_known(const struct call *call)
{
	return flow_find(call->params[0]) != NULL;
}

static const enum answer answer_to_create[] = {
	[CREATE_OUTCOME_CREATED] = ANSWER_SESSION_CREATED,
	[CREATE_OUTCOME_APPROVED] = ANSWER_ALREADY_APPROVED,
	[CREATE_OUTCOME_NOT_PREPARED] = ANSWER_USER_NOT_PREPARED,
	[CREATE_OUTCOME_UNVERIFIED] = ANSWER_IDENTITY_NOT_VERIFIED,
	[CREATE_OUTCOME_MISMATCH] = ANSWER_PARAMS_MISMATCH,
	[CREATE_OUTCOME_OVER_QUOTA] = ANSWER_QUOTA_EXCEEDED,
	[CREATE_OUTCOME_REFUSED] = ANSWER_KYC_NOT_APPROVED,
	[CREATE_OUTCOME_FAILED] = ANSWER_FAILED_CREATE,
	[CREATE_OUTCOME_TIMEOUT] = ANSWER_UNAVAILABLE,
	[CREATE_OUTCOME_PAUSED] = ANSWER_UNAVAILABLE,
};

static struct reply respond_session(struct call *call, const struct create_result *created)
{
	const bool approved = created->outcome == CREATE_OUTCOME_APPROVED;
	struct json_body data;

	json_body_begin(&data, call);
	json_field_bool(&data.w, "success", true);
	json_field_text(&data.w, "message",
		approved ? STR("user_already_approved") : STR("didit_create_kyc_session"));
	json_key(&data.w, "session");
	json_begin_object(&data.w);
	json_field_text(&data.w, "session_id", str_of(created->ref.text));
	if (approved)
		json_field_null(&data.w, "session_url");
	else
		json_field_text(&data.w, "session_url", created->url);
	json_end_object(&data.w);
	return respond_json_data(call, answer_to_create[created->outcome], &data);
}

/* Responds that a session could not be created. failure->cause is PROVIDER_OK if the error is in kycd, not at
 * the provider. */
static struct reply respond_create_failed(struct call *call, const struct provider_failure *failure)
{
	struct log_field fields[1 + FAILURE_LOG_FIELDS] = { LOG_WORD(
		"request_id", call->caller.actor.request_id) };
	struct json_body details;

	if (failure->cause == PROVIDER_OK)
		return respond(call->arena, ANSWER_FAILED_CREATE);
	log_write(LOG_ERROR, "create_failed", fields, 1 + failure_log_fields(failure, fields + 1));
	json_body_begin(&details, call);
	json_field_text(&details.w, "cause", str_of(provider_cause_name(failure->cause)));
	return respond_json_details(call, ANSWER_FAILED_CREATE, &details);
}

static struct reply handle_create(struct call *call, struct store *store)
{
	const struct create_body *const body = call->body;
	struct create_params params = {
		.caller = &call->caller, .flow = flow_find(call->params[0]), .language = body->language
	};
	struct create_result created;
	struct identifier_pair identifiers;
	struct reply reply;

	(void)store; /* the use case opens its own transactions */
	if (!read_identifiers(call, body->email, body->wallet, &identifiers, &reply))
		return reply;
	params.identifier = identifiers.first;
	params.second = identifiers.second;
	const enum err e = app_create_session(
		call->world, call->api->single_flights, call->arena, &params, &created);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	if (created.outcome == CREATE_OUTCOME_CREATED || created.outcome == CREATE_OUTCOME_APPROVED)
		return respond_session(call, &created);
	if (created.outcome == CREATE_OUTCOME_REFUSED)
		return respond_create_refused(call, &created);
	if (created.outcome == CREATE_OUTCOME_FAILED)
		return respond_create_failed(call, &created.failure);
	if (created.outcome == CREATE_OUTCOME_TIMEOUT)
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(1));
	if (created.outcome == CREATE_OUTCOME_PAUSED)
		return respond_retry_after(call->arena, ANSWER_UNAVAILABLE, created.wait);
	return respond(call->arena, answer_to_create[created.outcome]);
}

/* The values of `cause` in the response to a failed create. The other values of enum provider_cause never
 * appear there: PROVIDER_OK is not a failure, a paused provider leads to a 503 without `cause`,
 * PROVIDER_INVALID_RESPONSE and PROVIDER_UNUSABLE have the same name as another cause, and the rest concern
 * existing sessions. */
static const char *create_cause_values(size_t i)
{
	static const bool reported[PROVIDER_CAUSES] = {
		[PROVIDER_UNREACHABLE] = true,
		[PROVIDER_REFUSED] = true,
		[PROVIDER_CREDITS] = true,
		[PROVIDER_LIMIT] = true,
	};

	if (i >= PROVIDER_CAUSES)
		return i == PROVIDER_CAUSES ? INTEGRITY_CAUSE : NULL;
	return reported[i] ? provider_cause_name((enum provider_cause)i) : "";
}

/* clang-format off */
static const struct field create_fields[] = {
	FIELD_DOC(struct create_body, email,    FIELD_EMAIL,    FIELD_OPTIONAL, LIMITS_EMAIL,    DOC_EMAIL),
	FIELD_DOC(struct create_body, wallet,   FIELD_TEXT,     FIELD_OPTIONAL, LIMITS_WALLET,   DOC_WALLET),
	FIELD_DOC(struct create_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, LIMITS_LANGUAGE, DOC_LANGUAGE),
};
static const struct form create_form = FORM_ONE_OF(create_fields, struct create_body, 2, "email or wallet is required");

static const struct schema_member link_members[] = {
	{ "session_id",  MEMBER_TEXT, SESSION_ID,  "The session; stays the same until it ends.", false, NULL, NULL },
	{ "session_url", MEMBER_URL,  SESSION_URL, "Send the person here. Whoever has the URL can complete the check: do not log it.", false, NULL, NULL },
};
static const struct json_schema link_schema = SCHEMA(link_members);
static const struct schema_member started_members[] = {
	{ "success", MEMBER_TRUE,       "true",                     NULL, false, NULL, NULL },
	{ "message", MEMBER_CONST_TEXT, "didit_create_kyc_session", NULL, false, NULL, NULL },
	{ "session", MEMBER_OBJECT,     NULL,                       NULL, false, NULL, &link_schema },
};
static const struct json_schema started_schema = SCHEMA(started_members);

static const struct schema_member used_link_members[] = {
	{ "session_id",  MEMBER_TEXT, SESSION_ID, "The approved session.", false, NULL, NULL },
	{ "session_url", MEMBER_NULL, NULL,       "Always null: there is nothing left to do.", false, NULL, NULL },
};
static const struct json_schema used_link_schema = SCHEMA(used_link_members);
static const struct schema_member approved_members[] = {
	{ "success", MEMBER_TRUE,       "true",                  NULL, false, NULL, NULL },
	{ "message", MEMBER_CONST_TEXT, "user_already_approved", NULL, false, NULL, NULL },
	{ "session", MEMBER_OBJECT,     NULL,                    NULL, false, NULL, &used_link_schema },
};
static const struct json_schema approved_schema = SCHEMA(approved_members);

static const struct schema_member cause_members[] = {
	{ "cause", MEMBER_TEXT, "provider_unreachable", "Why the provider created no session.", false, create_cause_values, NULL },
};
static const struct json_schema cause_schema = SCHEMA(cause_members);
/* clang-format on */

const struct route create_route = {
	.entry = { METHOD_POST, "/kyc/create/:kyc_type" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_create),
	.form = &create_form,
	.path_is_known = kyc_type_is_known,
	.failure = ANSWER_FAILED_CREATE,
	.doc =
		&(const struct operation_doc){
			.operation = "createKycSession",
			.group = "Verification",
			.summary = "Create a verification session, or return the open one",
			.description =
				"Send the person to `session_url`. While a session is open, every call returns "
				"the same one. An approved person needs no session: the answer is 200. A 500 may "
				"say in `details.cause` why the provider failed; calling again is safe.",
			RESPONSES({ .answer = ANSWER_SESSION_CREATED, .data = &started_schema },
				{ .answer = ANSWER_ALREADY_APPROVED, .data = &approved_schema },
				{ .answer = ANSWER_PARAMS_MISMATCH },
				{ .answer = ANSWER_IDENTITY_NOT_VERIFIED },
				{ .answer = ANSWER_USER_NOT_PREPARED },
				{ .answer = ANSWER_KYC_NOT_APPROVED, .details = &create_refusal_schema },
				{ .answer = ANSWER_QUOTA_EXCEEDED },
				{ .answer = ANSWER_FAILED_CREATE,
					.details = &cause_schema,
					.details_optional = true }),
			PARAMS({ IN_PATH, "kyc_type", true, "verify_public_kyc", flow_name_at,
				"The verification flow." }),
		},
};

/* The routes of verification links (spec/pages-and-console.md 1 and 5). Their pages are in src/web/verify. */
#include "api/core/fields.h"
#include "api/endpoints/identifiers.h"
#include "api/endpoints/include.h"
#include "api/endpoints/routes.h"
#include "api/endpoints/send_limit.h"
#include "app/verification/manage.h"
#include "app/verification/result.h"
#include "base/attr.h"
#include "domain/event.h"
#include "text/input_cause.h"

struct create_body {
	struct str email, wallet, reference, language, return_url;
	struct form_integer expires_in, send;
};

struct result_body {
	struct str result;
};

static struct reply respond_invalid(struct call *call, struct str message)
{
	return respond_cause(call->arena, ANSWER_INVALID_PARAMETERS, message, input_cause_name(CAUSE_VALUE),
		input_cause_explanation(CAUSE_VALUE));
}

/* Reads the e-mail or the wallet that the link suggests. If the body has both, or is to be sent without an
 * e-mail, returns false and sets `reply` to a 400. */
static bool read_suggestion(
	struct call *call, const struct create_body *body, struct identifier *out, struct reply *reply)
{
	struct identifier_pair pair;

	if (body->email.n > 0 && body->wallet.n > 0)
		*reply = respond_invalid(call, STR("email and wallet cannot be given together"));
	else if (body->send.value && body->email.n == 0)
		*reply = respond_invalid(call, STR("send needs the email that the link is sent to"));
	else if (read_identifiers(call, body->email, body->wallet, &pair, reply)) {
		*out = pair.first;
		return true;
	}
	return false;
}

static void write_link_id(struct json_writer *w, const struct verification_link_id *id)
{
	char shown[SHOWN_ID_SIZE];

	shown_id_write(VERIFICATION_LINK_ID_PREFIX, id->text, shown);
	json_field_text(w, "id", str_of(shown));
}

static void write_time(struct json_writer *w, const char *name, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	json_field_text(w, name, str_of(text));
}

static struct reply respond_created(struct call *call, const struct verification_create_result *result)
{
	struct json_body body;

	json_body_begin(&body, call);
	write_link_id(&body.w, &result->id);
	json_field_text(&body.w, "url", result->url);
	write_time(&body.w, "expires_at", result->expires_at);
	return respond_json_data(call, ANSWER_VERIFICATION_LINK_CREATED, &body);
}

static struct reply respond_create_result(struct call *call, const struct verification_create_result *result)
{
	switch (result->verdict) {
	case VERIFICATION_LINK_CREATED:
		return respond_created(call, result);
	case VERIFICATION_LINK_LIMITED:
		return respond_send_limited(call, result->limited_by_ip, result->wait);
	case VERIFICATION_LINK_URL_REFUSED:
		return respond_invalid(
			call, arena_printf(call->arena, "return_url must be %s", result->url_fault));
	case VERIFICATION_LINK_MAIL_DOWN:
		break;
	}
	return respond_failure(call->arena, ERR_BUSY, call->route->failure);
}

static struct reply handle_create(struct call *call, struct store *store)
{
	const struct create_body *const body = call->body;
	const duration life = body->expires_in.is_given ? seconds(body->expires_in.value)
							: VERIFICATION_LINK_LIFE;
	struct verification_link_params params = { .reference = body->reference,
		.language = body->language,
		.return_url = body->return_url,
		.life = life,
		.send = body->send.value != 0 };
	struct verification_create_result result;
	struct include include = { .reasons = false };
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_suggestion(call, body, &params.suggestion, &reply) ||
		!read_reference(call, body->reference, &include, &reply))
		return reply;
	const enum err e = verification_link_create(
		call->world, call->arena, &call->caller, &params, &result);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	return respond_create_result(call, &result);
}

/* clang-format off */
#define LINK_EXAMPLE "vl_01kb7m2a5v8wq3x4y5z6a7b8c9"
#define LIMITS_LIFE VERIFICATION_LINK_LIFE_MIN_SECONDS, VERIFICATION_LINK_LIFE_MAX_SECONDS
#define LIMITS_FLAG 0, 0
#define DOC_LINK_EMAIL "ana.exemplo@example.com", "A suggestion: the page shows it shortened, and the person may prove another address. Not together with `wallet`."
#define DOC_LINK_WALLET "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "A suggestion, as `email`."
#define DOC_LINK_REFERENCE "customer-4711", "Your own id of the person: 1 to 128 printable characters. It applies to the person who proves an address."
#define DOC_LINK_LANGUAGE "pt-BR", "Language of the pages and of the e-mail, as a BCP 47 tag; the nearest one is used. Without it, the browser's."
#define DOC_LINK_RETURN_URL "https://shop.example.com/kyc-done", "The page to which the person can go back, with `link_id` and `result` added to its query. At most 512 bytes."
#define DOC_LINK_EXPIRES_IN "86400", "For how many seconds the link can be used: 60 to 2592000 (30 days); 604800 (7 days) if left out."
#define DOC_LINK_SEND "true", "Send the link to `email`, within the limits of codes. Having the link proves nothing: its page sends a code."

static const struct field create_fields[] = {
	FIELD_DOC(struct create_body, email, FIELD_EMAIL, FIELD_OPTIONAL, LIMITS_EMAIL, DOC_LINK_EMAIL),
	FIELD_DOC(struct create_body, wallet, FIELD_TEXT, FIELD_OPTIONAL, LIMITS_WALLET, DOC_LINK_WALLET),
	FIELD_DOC(struct create_body, reference, FIELD_CHARACTERS, FIELD_OPTIONAL, LIMITS_REFERENCE, DOC_LINK_REFERENCE),
	FIELD_DOC(struct create_body, language, FIELD_LANGUAGE, FIELD_OPTIONAL, LIMITS_LANGUAGE, DOC_LINK_LANGUAGE),
	FIELD_DOC(struct create_body, return_url, FIELD_EXACT, FIELD_OPTIONAL, LIMITS_ANY, DOC_LINK_RETURN_URL),
	FIELD_DOC(struct create_body, expires_in, FIELD_INTEGER, FIELD_OPTIONAL, LIMITS_LIFE, DOC_LINK_EXPIRES_IN),
	FIELD_DOC(struct create_body, send, FIELD_FLAG, FIELD_OPTIONAL, LIMITS_FLAG, DOC_LINK_SEND),
};
static const struct form create_form = FORM(create_fields, struct create_body, "");

static const struct schema_member created_members[] = {
	{ "id",         MEMBER_TEXT, LINK_EXAMPLE, "The link's id. It opens nothing.", false, NULL, NULL },
	{ "url",        MEMBER_URL,  "https://kyc.example.com/verify/q0Yc1tEw2yJ3kVxGf8hTn5uZb7LrPd9Ms4AoIiQeXKg", "The link. Whoever has it can go through the check, so give it to your person only, and do not log it. It is shown only here.", false, NULL, NULL },
	{ "expires_at", MEMBER_TEXT, "2026-12-08T12:00:00.000Z", "When the link expires.", false, NULL, NULL },
};
static const struct json_schema created_schema = SCHEMA(created_members);

static const struct schema_member link_members[] = {
	{ "id",         MEMBER_TEXT, LINK_EXAMPLE, NULL, false, NULL, NULL },
	{ "state",      MEMBER_TEXT, "completed", "`open`; `completed`: the person is approved, or has a final status and may not try again; `expired`; `revoked`: you deleted the link, or the person was erased.", false, verification_link_state_name, NULL },
	{ "user_id",    MEMBER_TEXT, EXAMPLE_USER_ID, "The person who proved an address, as in events; null before that.", true, NULL, NULL },
	{ "status",     MEMBER_TEXT, "approved", "The person's KYC status, as `GET /kyc/status` tells it; null before an address was verified.", true, kyc_status_values, NULL },
	{ "created_at", MEMBER_TEXT, "2026-12-01T12:00:00.000Z", NULL, false, NULL, NULL },
	{ "expires_at", MEMBER_TEXT, "2026-12-08T12:00:00.000Z", NULL, false, NULL, NULL },
};
static const struct json_schema link_schema = SCHEMA(link_members);
/* clang-format on */

const struct route verification_link_create_route = {
	.entry = { METHOD_POST, "/v1/verification-links" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_create),
	.form = &create_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "createVerificationLink",
			.group = "Links",
			.summary = "Create a link for the whole check",
			.description =
				"Give the `url` to your person: kycd's pages ask for the address, have it verified, hand over to "
				"the provider and show the result. The link serves one person: the first proof of an address "
				"decides who. Events and `GET /v1/verification-links/{link_id}` report what becomes of it.",
			RESPONSES({ .answer = ANSWER_VERIFICATION_LINK_CREATED, .data = &created_schema },
				RESPONSE_SEND_LIMITED),
		},
};

static bool read_link_id(struct call *call, struct verification_link_id *out, struct reply *reply)
{
	if (shown_id_read(VERIFICATION_LINK_ID_PREFIX, call->params[0], out->text))
		return true;
	*reply = respond(call->arena, ANSWER_VERIFICATION_LINK_NOT_FOUND);
	return false;
}

static struct reply respond_link_failure(struct call *call, enum err e)
{
	return e == ERR_NOT_FOUND ? respond(call->arena, ANSWER_VERIFICATION_LINK_NOT_FOUND)
				  : respond_failure(call->arena, e, call->route->failure);
}

static struct reply respond_link(struct call *call, const struct verification_link_status *link)
{
	struct json_body body;

	json_body_begin(&body, call);
	write_link_id(&body.w, &link->id);
	json_field_text(&body.w, "state", str_of(verification_link_state_name(link->state)));
	if (link->kyc_status) {
		write_user_id(&body.w, "user_id", &link->user_id);
		json_field_text(&body.w, "status", str_of(link->kyc_status));
	} else {
		json_field_null(&body.w, "user_id");
		json_field_null(&body.w, "status");
	}
	write_time(&body.w, "created_at", link->created_at);
	write_time(&body.w, "expires_at", link->expires_at);
	return respond_json_data(call, ANSWER_VERIFICATION_LINK_RETRIEVED, &body);
}

static struct reply handle_get(struct call *call, struct tx *tx)
{
	struct verification_link_status link;
	struct verification_link_id id;
	struct reply reply;

	if (!read_link_id(call, &id, &reply))
		return reply;
	const enum err e = verification_link_get(call->world, tx, &call->caller, &id, &link);
	return e == OK ? respond_link(call, &link) : respond_link_failure(call, e);
}

#define LINK_PARAM                                                                                           \
	{                                                                                                    \
		IN_PATH, "link_id", true, LINK_EXAMPLE, NULL, "The `id` of the verification link."           \
	}

const struct route verification_link_get_route = {
	.entry = { METHOD_GET, "/v1/verification-links/:link_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_READ,
	HANDLE_READ(handle_get),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getVerificationLink",
			.group = "Links",
			.summary = "Get the state of a link",
			.description = "A link can be read until 30 days after it expired.",
			PARAMS(LINK_PARAM),
			RESPONSES({ .answer = ANSWER_VERIFICATION_LINK_RETRIEVED, .data = &link_schema },
				{ .answer = ANSWER_VERIFICATION_LINK_NOT_FOUND }),
		},
};

static struct reply handle_delete(struct call *call, struct tx *tx)
{
	struct verification_link_id id;
	struct reply reply;

	if (!read_link_id(call, &id, &reply))
		return reply;
	const enum err e = verification_link_revoke(call->world, tx, &call->caller, &id);
	return e == OK ? respond(call->arena, ANSWER_VERIFICATION_LINK_DELETED)
		       : respond_link_failure(call, e);
}

const struct route verification_link_delete_route = {
	.entry = { METHOD_DELETE, "/v1/verification-links/:link_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WRITE(handle_delete),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "deleteVerificationLink",
			.group = "Links",
			.summary = "Revoke a link",
			.description =
				"The link's page then says that it can no longer be used. The person and their sessions "
				"stay. May be repeated.",
			PARAMS(LINK_PARAM),
			RESPONSES({ .answer = ANSWER_VERIFICATION_LINK_DELETED },
				{ .answer = ANSWER_VERIFICATION_LINK_NOT_FOUND }),
		},
};

static struct reply handle_result(struct call *call, struct store *store)
{
	const struct result_body *const body = call->body;
	struct verification_redemption redemption;
	struct verification_link_id id;
	struct reply reply;

	(void)store; /* the use case opens its own transaction */
	if (!read_link_id(call, &id, &reply))
		return reply;
	const enum err e = verification_link_redeem_result(
		call->world, call->arena, &call->caller, &id, body->result, &redemption);
	if (e != OK)
		return respond_link_failure(call, e);
	return redemption.is_redeemed ? respond_link(call, &redemption.link)
				      : respond(call->arena, ANSWER_RESULT_NOT_FOUND);
}

/* clang-format off */
static const struct field result_fields[] = {
	{ "result", FIELD_TEXT, FIELD_REQUIRED, offsetof(struct result_body, result), LIMITS_ANY, "V3x1kq0Yc1tEw2yJ3kVxGf8hTn5uZb7LrPd9Ms4AoIi",
	  "The parameter `result` with which the person came back to your `return_url`." },
};
static const struct form result_form = FORM(result_fields, struct result_body, "result is required");
/* clang-format on */

const struct route verification_link_result_route = {
	.entry = { METHOD_POST, "/v1/verification-links/:link_id/result" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_WRITE,
	HANDLE_WAITING(handle_result),
	.form = &result_form,
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "redeemVerificationLinkResult",
			.group = "Links",
			.summary = "Redeem the result of a link",
			.description =
				"The browser comes back to your `return_url` with `link_id` and `result`. A result can be "
				"redeemed once, within ten minutes: the browser then is one that had the link open. Nothing else "
				"that a browser sends proves anything.",
			PARAMS(LINK_PARAM),
			RESPONSES({ .answer = ANSWER_VERIFICATION_LINK_RETRIEVED, .data = &link_schema },
				{ .answer = ANSWER_VERIFICATION_LINK_NOT_FOUND },
				{ .answer = ANSWER_RESULT_NOT_FOUND }),
		},
};

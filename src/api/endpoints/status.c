#include "api/endpoints/routes.h"

#include "api/core/dispatch.h"
#include "api/core/fields.h"
#include "api/endpoints/identifiers.h"
#include "api/endpoints/include.h"
#include "app/core/long_poll.h"
#include "app/session/status.h"
#include "base/attr.h"
#include "domain/effect.h"
#include "domain/verification.h"

#define SESSION_ID "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b"
#define SESSION_URL "https://verify.didit.me/session/Ab3dEf6hIj9k"

/* The body of POST /kyc/status and the query of GET /kyc/status. The query has no session_id. */
struct status_body {
	struct str email, wallet, known_status, include, session_id;
	struct form_integer wait; /* in seconds */
};

struct status_read {
	struct call *call;
	struct identifier_pair identifiers;
	struct person_status status;
	struct include include;
	struct person_ids ids; /* loaded if `include` needs it */
	struct next_step step; /* likewise */
};

static const enum answer answer_without_session[] = {
	[ADDRESS_EMAIL] = ANSWER_KYC_NOT_FOUND,
	[ADDRESS_WALLET] = ANSWER_KYC_NOT_FOUND_WALLET,
};

static struct reply respond_no_session(struct call *call, const struct status_read *read)
{
	const struct person_status *const status = &read->status;
	struct json_body details;

	json_body_begin(&details, call);
	json_field_bool(&details.w, "email_verified", status->verified.email);
	json_field_bool(&details.w, "wallet_verified", status->verified.wallet);
	if (status->last_code)
		json_field_text(&details.w, "last_code", str_of(status->last_code));
	else
		json_field_null(&details.w, "last_code");
	write_included(&details.w, &read->include, (struct included){ &read->ids, &read->step });
	return respond_json_details(call, answer_without_session[read->identifiers.first.kind], &details);
}

static struct reply respond_status(struct call *call, const struct status_read *read)
{
	const struct person_status *const status = &read->status;
	struct json_body data;

	json_body_begin(&data, call);
	json_field_text(&data.w, "status", str_of(status->status_name));
	json_field_bool(&data.w, "approved", status->approved);
	json_field_text(&data.w, "session_id", str_of(status->ref.text));
	json_field_text(&data.w, "session_status", str_of(status->session_status));
	if (status->url.p)
		json_field_text(&data.w, "session_url", status->url);
	else
		json_field_null(&data.w, "session_url");
	json_key(&data.w, "ip_info");
	json_put_raw(&data.w, status->ip_info);
	json_field_bool(&data.w, "is_blocklisted", status->blocklisted);
	write_included(&data.w, &read->include, (struct included){ &read->ids, &read->step });
	return respond_json_data(call, ANSWER_STATUS_RETRIEVED, &data);
}

static struct reply respond_status_result(struct call *call, const struct status_read *read)
{
	switch (read->status.result) {
	case STATUS_RESULT_FOUND:
		return respond_status(call, read);
	case STATUS_RESULT_NO_SESSION:
		return respond_no_session(call, read);
	case STATUS_RESULT_UNKNOWN_USER:
		return respond(call->arena, ANSWER_USER_NOT_FOUND);
	case STATUS_RESULT_MISMATCH:
		return respond(call->arena, ANSWER_PARAMS_MISMATCH);
	case STATUS_RESULT_UNKNOWN_SESSION:
		break;
	}
	return respond(call->arena, ANSWER_KYC_NOT_FOUND_SESSION);
}

static enum err read_person_status(struct tx *tx, struct status_read *read)
{
	struct call *const call = read->call;
	const struct status_body *const body = call->body;

	if (body->session_id.n > 0)
		return app_session_status(call->world, tx, &call->caller, body->session_id,
			read->identifiers.first.normal.n > 0 ? &read->identifiers : NULL, &read->status);
	return app_address_status(call->world, tx, &call->caller, &read->identifiers, &read->status);
}

static enum err read_status(struct tx *tx, void *arg)
{
	struct status_read *const read = arg;
	const enum status_result *const result = &read->status.result;

	TRY(read_person_status(tx, read));
	if (*result != STATUS_RESULT_FOUND && *result != STATUS_RESULT_NO_SESSION)
		return OK;
	if (include_has_ids(&read->include))
		TRY(person_ids_load(read->call->world, tx, &read->status.source.linked,
			&read->status.enrolment, &read->ids));
	if (!include_has_step(&read->include))
		return OK;
	return next_step_load(read->call->world, tx, &read->status.source, &read->step);
}

/* Reads the status, and asks for a read of the session at the provider if its status is old. */
static enum err read_status_once(struct status_read *read)
{
	struct call *const call = read->call;

	TRY(store_transact(call->world->store, TX_READ, call->arena, read_status, read));
	if (read->status.result == STATUS_RESULT_FOUND && read->status.is_stale)
		(void)poll_queue_add(
			call->api->poll_queue, str_of(read->status.ref.text), world_ticks(call->world));
	return OK;
}

/* Reads the status until it differs from `known`, is no success, or the time is over. The time is counted in
 * intervals, so that a clock that is set cannot extend it. `mark` is where the memory of the last read
 * begins, which the next read reuses. */
static enum err wait_for_status(
	struct status_read *read, struct arena_mark mark, struct str known, int64_t wait_seconds)
{
	struct long_polls *const polls = read->call->api->long_polls;
	const int64_t intervals = seconds(wait_seconds).ms / LONG_POLL_INTERVAL.ms;
	enum err e = OK;

	if (!long_poll_begin(polls))
		return OK;
	for (int64_t i = 0; i < intervals && e == OK && read->status.result == STATUS_RESULT_FOUND &&
			    str_eq(str_of(read->status.status_name), known);
		i++) {
		if (!long_poll_sleep(polls, LONG_POLL_INTERVAL))
			break;
		arena_rewind(read->call->arena, mark);
		e = read_status_once(read);
	}
	long_poll_end(polls);
	return e;
}

static bool is_kyc_status(struct str word)
{
	const char *value = kyc_status_values(0);

	for (size_t i = 1; value != NULL; value = kyc_status_values(i++))
		if (value[0] != '\0' && str_eq(word, str_of(value)))
			return true;
	return false;
}

static struct reply handle_status(struct call *call, struct store *store)
{
	const struct status_body *const body = call->body;
	struct status_read read = { .call = call };
	struct reply reply;

	(void)store; /* read_status_once uses the one of the world */
	if (!read_identifiers(call, body->email, body->wallet, &read.identifiers, &reply))
		return reply;
	if (!read_include(call, body->include, &read.include, &reply))
		return reply;
	if (body->known_status.n > 0 && !is_kyc_status(body->known_status))
		return respond_cause(call->arena, ANSWER_INVALID_PARAMETERS,
			STR("known_status is no KYC status"), input_cause_name(CAUSE_VALUE),
			input_cause_explanation(CAUSE_VALUE));
	const struct arena_mark mark = arena_mark(call->arena);
	enum err e = read_status_once(&read);
	if (e == OK && body->wait.value > 0)
		e = wait_for_status(&read, mark,
			body->known_status.n > 0 ? body->known_status : str_of(read.status.status_name),
			body->wait.value);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	return respond_status_result(call, &read);
}

static const char *last_code_values(size_t i)
{
	return i > EFFECT_DROPPED - EFFECT_QUEUED ? NULL
						  : effect_state_name((enum effect_state)(EFFECT_QUEUED + i));
}

/* clang-format off */
static const struct field status_fields[] = {
	FIELD_DOC(struct status_body, email,        FIELD_EMAIL,   FIELD_OPTIONAL, LIMITS_EMAIL,      DOC_EMAIL),
	FIELD_DOC(struct status_body, wallet,       FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_WALLET,     DOC_WALLET),
	FIELD_DOC(struct status_body, session_id,   FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_SESSION_ID, DOC_SESSION_ID),
	FIELD_DOC(struct status_body, wait,         FIELD_INTEGER, FIELD_OPTIONAL, LIMITS_WAIT,       DOC_WAIT),
	FIELD_DOC(struct status_body, known_status, FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_WORD,       DOC_KNOWN_STATUS),
	FIELD_DOC(struct status_body, include,      FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_INCLUDE,    DOC_INCLUDE),
};
static const struct field status_query_fields[] = {
	FIELD_DOC(struct status_body, email,        FIELD_EMAIL,   FIELD_OPTIONAL, LIMITS_EMAIL,      DOC_EMAIL),
	FIELD_DOC(struct status_body, wallet,       FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_WALLET,     DOC_WALLET),
	FIELD_DOC(struct status_body, wait,         FIELD_INTEGER, FIELD_OPTIONAL, LIMITS_WAIT,       DOC_WAIT),
	FIELD_DOC(struct status_body, known_status, FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_WORD,       DOC_KNOWN_STATUS),
	FIELD_DOC(struct status_body, include,      FIELD_TEXT,    FIELD_OPTIONAL, LIMITS_INCLUDE,    DOC_INCLUDE),
};
static const struct form status_form = FORM_ONE_OF(status_fields, struct status_body, 3, "email or wallet is required");
/* GET /kyc/status accepts only email and wallet. Its error message differs from that of POST (interface.md
 * 3). */
static const struct form status_query_form = { status_query_fields, array_len(status_query_fields), sizeof(struct status_body), "email is required", true, 2, "session_id" };

static const struct schema_member ip_members[] = {
	{ "ip_address",     MEMBER_TEXT, "203.0.113.24", NULL, true, NULL, NULL },
	{ "ip_country",     MEMBER_TEXT, "Portugal",     NULL, true, NULL, NULL },
	{ "ip_state",       MEMBER_TEXT, "Lisbon",       NULL, true, NULL, NULL },
	{ "ip_city",        MEMBER_TEXT, "Lisbon",       NULL, true, NULL, NULL },
	{ "platform",       MEMBER_TEXT, "mobile",       NULL, true, NULL, NULL },
	{ "device_brand",   MEMBER_TEXT, "Samsung",      NULL, true, NULL, NULL },
	{ "device_model",   MEMBER_TEXT, "Galaxy S23",   NULL, true, NULL, NULL },
	{ "is_vpn_or_tor",  MEMBER_BOOL, "false",        NULL, true, NULL, NULL },
	{ "is_data_center", MEMBER_BOOL, "false",        NULL, true, NULL, NULL },
};
static const struct json_schema ip_schema = SCHEMA(ip_members);
static const struct schema_member status_members[] = {
	{ "status",         MEMBER_TEXT, "pending",     "The person's status. Branch on this.", false, kyc_status_values, NULL },
	{ "approved",       MEMBER_BOOL, "false",       "The person is approved: `status` is `approved`.", false, NULL, NULL },
	{ "session_id",     MEMBER_TEXT, SESSION_ID,    "The session that decides the status.", false, NULL, NULL },
	{ "session_status", MEMBER_TEXT, "In Progress", "The status of the session in the provider's words.", false, session_status_values, NULL },
	{ "session_url",    MEMBER_URL,  SESSION_URL,   "While the session is open; null afterwards.", true, NULL, NULL },
	{ "ip_info",        MEMBER_LIST, NULL,          "One item per IP address that the provider analysed; empty before, and for a session that another tenant created.", false, NULL, &ip_schema },
	{ "is_blocklisted", MEMBER_BOOL, "false",       "The document or the face is on a blocklist.", false, NULL, NULL },
};
static const struct json_schema status_schema = SCHEMA_WITH(status_members, &included_schema);

static const struct schema_member no_session_members[] = {
	{ "email_verified",  MEMBER_BOOL, "false",  "The e-mail address is verified for your tenant.", false, NULL, NULL },
	{ "wallet_verified", MEMBER_BOOL, "false",  "The wallet is verified for your tenant.", false, NULL, NULL },
	{ "last_code",       MEMBER_TEXT, "queued", "Delivery of the last e-mail with a code; null if none was sent.", true, last_code_values, NULL },
};
static const struct json_schema no_session_schema = SCHEMA_WITH(no_session_members, &included_schema);
/* clang-format on */

#define STATUS_RESPONSES                                                                                     \
	{ .answer = ANSWER_STATUS_RETRIEVED, .data = &status_schema }, { .answer = ANSWER_PARAMS_MISMATCH }, \
		{ .answer = ANSWER_USER_NOT_FOUND },                                                         \
		{ .answer = ANSWER_KYC_NOT_FOUND, .details = &no_session_schema },                           \
	{                                                                                                    \
		.answer = ANSWER_KYC_NOT_FOUND_WALLET, .details = &no_session_schema                         \
	}

const struct route status_query_route = {
	.entry = { METHOD_GET, "/kyc/status" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_READ,
	HANDLE_WAITING(handle_status),
	.form = &status_query_form,
	.failure = ANSWER_FAILED_STATUS,
	.doc =
		&(const struct operation_doc){
			.operation = "getKycStatus",
			.group = "Verification",
			.summary = "Get a person's status (query)",
			.description =
				"Percent-encode the address: `+` is `%2B`. URLs are often logged, and this one "
				"contains an address: prefer `POST /kyc/status`. `wait` works as there.",
			RESPONSES(STATUS_RESPONSES),
		},
};

const struct route status_route = {
	.entry = { METHOD_POST, "/kyc/status" },
	.reads_only = true,
	.guard = GUARD_TENANT,
	.scope = SCOPE_KYC_READ,
	HANDLE_WAITING(handle_status),
	.form = &status_form,
	.failure = ANSWER_FAILED_STATUS,
	.doc =
		&(const struct operation_doc){
			.operation = "queryKycStatus",
			.group = "Verification",
			.summary = "Get a person's status",
			.description =
				"Call it when the person returns. With `wait`, the call is answered as soon as the "
				"status changes. Trust only this answer: the return of a browser proves nothing.",
			RESPONSES(STATUS_RESPONSES, { .answer = ANSWER_KYC_NOT_FOUND_SESSION }),
		},
};

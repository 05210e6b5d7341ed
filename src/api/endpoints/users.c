#include "api/endpoints/users.h"

#include "api/endpoints/identifiers.h"
#include "api/endpoints/include.h"
#include "api/endpoints/routes.h"
#include "app/person/people.h"
#include "base/attr.h"
#include "domain/event.h"
#include "domain/verification.h"

bool read_user_id(const struct call *call, struct public_user_id *out)
{
	return shown_id_read(PUBLIC_USER_ID_PREFIX, call->params[0], out->text);
}

bool refuse_value(struct call *call, struct str message, struct reply *reply)
{
	*reply = respond_cause(call->arena, ANSWER_INVALID_PARAMETERS, message, input_cause_name(CAUSE_VALUE),
		input_cause_explanation(CAUSE_VALUE));
	return false;
}

void write_time(struct json_writer *w, const char *key, moment t)
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	json_field_text(w, key, str_of(text));
}

void write_page_end(struct json_writer *w, const char *next_after, bool has_more)
{
	if (next_after)
		json_field_text(w, "next_after", str_of(next_after));
	else
		json_field_null(w, "next_after");
	json_field_bool(w, "has_more", has_more);
}

void write_person(struct json_writer *w, const struct person_summary *person)
{
	write_user_id(w, "user_id", &person->ids.user_id);
	write_reference(w, person->ids.reference);
	json_field_text(w, "status", str_of(overall_status_name(person->status)));
	json_field_bool(w, "approved", person->status == OVERALL_APPROVED);
	json_field_bool(w, "email_verified", person->verified.email);
	json_field_bool(w, "wallet_verified", person->verified.wallet);
	write_reasons(w, person->next_step.reasons);
	json_field_text(w, "next_action", str_of(next_action_name(person->next_step.action)));
	write_time(w, "created_at", person->created_at);
	write_time(w, "updated_at", person->updated_at);
}

static void write_sessions(struct json_writer *w, const struct person_details *details)
{
	json_key(w, "sessions");
	json_begin_array(w);
	for (size_t i = 0; i < details->n; i++) {
		const struct person_session *const s = &details->sessions[i];

		json_begin_object(w);
		json_field_text(w, "session_id", str_of(s->session.provider_ref.text));
		json_field_text(w, "status", str_of(session_status_api_name(s->session.status)));
		json_field_text(w, "session_status", str_of(session_status_provider_name(s->session.status)));
		write_reasons(w, s->reasons);
		write_time(w, "created_at", s->session.created_at);
		write_time(w, "updated_at", s->session.last_update_at);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_address(struct json_writer *w, const char *key, struct str address)
{
	if (address.n > 0)
		json_field_text(w, key, address);
	else
		json_field_null(w, key);
}

static void write_details(struct buf *text, const struct person_details *details, bool with_addresses)
{
	struct json_writer w;

	json_writer_init(&w, text);
	json_begin_object(&w);
	write_person(&w, &details->summary);
	write_sessions(&w, details);
	if (with_addresses) {
		write_address(&w, "email", details->email);
		write_address(&w, "wallet", details->wallet);
	}
	json_end_object(&w);
}

static struct reply get_user(struct call *call, const struct person_request *request, struct arena *a)
{
	struct person_details details = { .n = 0 };
	struct buf text;
	struct str json;

	enum err e = person_details_load(call->world, a, request, &details);
	if (e == ERR_NOT_FOUND)
		return respond(call->arena, ANSWER_USER_ID_NOT_FOUND);
	if (e != OK)
		return respond_failure(call->arena, e, call->route->failure);
	buf_init(&text, a);
	write_details(&text, &details, request->with_addresses);
	e = buf_done(&text, &json);
	return e == OK ? respond_data(call->arena, ANSWER_USER_RETRIEVED, json)
		       : respond_failure(call->arena, e, call->route->failure);
}

static struct reply handle_get_user(struct call *call, struct store *store)
{
	struct person_request request = { .tenant = &call->caller.tenant,
		.with_addresses = scope_set_has(call->caller.scopes, SCOPE_USERS_ADDRESS) };
	struct reply reply;
	struct arena a;

	(void)store; /* the use case opens its own transaction */
	if (!read_user_id(call, &request.id))
		return respond(call->arena, ANSWER_USER_ID_NOT_FOUND);
	arena_init(&a, PEOPLE_MEMORY);
	reply = get_user(call, &request, &a);
	arena_wipe(&a);
	arena_finish(&a);
	return reply;
}

/* clang-format off */
static const struct schema_member session_members[] = {
	{ "session_id",     MEMBER_TEXT,  "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b", NULL, false, NULL, NULL },
	{ "status",         MEMBER_TEXT,  "declined", "The status of the session in the words of a person's status.", false, kyc_status_values, NULL },
	{ "session_status", MEMBER_TEXT,  "Declined", "The status of the session in the provider's words.", false, session_status_values, NULL },
	{ "reasons",        MEMBER_WORDS, "document_expired", "Why the session was declined, is in review or ended without a result.", false, reason_name_at, NULL },
	{ "created_at",     MEMBER_TEXT,  "2026-01-31T10:01:00.000Z", NULL, false, NULL, NULL },
	{ "updated_at",     MEMBER_TEXT,  "2026-01-31T10:04:00.000Z", "When kycd last heard of the session from the provider.", false, NULL, NULL },
};
static const struct json_schema session_schema = SCHEMA(session_members);
static const struct schema_member address_members[] = {
	{ "email",  MEMBER_TEXT, "ana.exemplo@example.com", "Only with the scope `users:address`: an e-mail address of the person that is verified for your tenant, or that you registered; null without one.", true, NULL, NULL },
	{ "wallet", MEMBER_TEXT, "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A", "Only with the scope `users:address`: the wallet likewise; null without one.", true, NULL, NULL },
};
static const struct json_schema address_schema = SCHEMA(address_members);
static const struct schema_member details_members[] = {
	PERSON_MEMBERS,
	{ "sessions", MEMBER_LIST, NULL, "The sessions of the person, newest first, at most 100. Empty until an address is verified for your tenant.", false, NULL, &session_schema },
};
static const struct json_schema details_schema = SCHEMA_WITH(details_members, &address_schema);
/* clang-format on */

const struct route get_user_route = {
	.entry = { METHOD_GET, "/v1/users/:user_id" },
	.guard = GUARD_TENANT,
	.scope = SCOPE_USERS_READ,
	HANDLE_WAITING(handle_get_user),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getUser",
			.group = "People",
			.summary = "Get a person with their sessions",
			.description =
				"If the person was merged into another one by a link, the answer is about that "
				"person and has their `user_id`. With the scope `users:address` the answer has "
				"`email` and `wallet` too.",
			RESPONSES({ .answer = ANSWER_USER_RETRIEVED, .data = &details_schema },
				{ .answer = ANSWER_USER_ID_NOT_FOUND }),
			PARAMS({ IN_PATH, "user_id", true, EXAMPLE_USER_ID, NULL, "The person." }),
		},
};

#include "sandbox/api/didit_v3.h"

#include "base/attr.h"
#include "sandbox/api/session_events.h"
#include "sandbox/api/transitions.h"
#include "sandbox/api/workflows_api.h"
#include "sandbox/decision/fake_person.h"
#include "sandbox/decision/sections.h"
#include "sandbox/request/validators.h"
#include "sandbox/state/ids.h"
#include "text/json_canonical.h"

/* Didit increases this number with each change of a workflow. The sandbox's workflows never change. */
#define WORKFLOW_VERSION 1

/* clang-format off */
static const struct field_check create_checks[] = {
	{ "workflow_id",      fits_uuid,            "Must be a valid UUID." },
	{ "vendor_data",      fits_text,            "Not a text of at most 255 characters." },
	{ "callback",         fits_url,             "Enter a valid URL." },
	{ "callback_method",  fits_callback_method, "Not a valid choice." },
	{ "metadata",         fits_json,            "Ensure this field has no more than 4096 bytes and 16 levels." },
	{ "language",         fits_language,        "Not a valid choice." },
	{ "contact_details",  fits_object,          "Invalid data. Expected a dictionary of at most 4096 bytes." },
	{ "expected_details", fits_object,          "Invalid data. Expected a dictionary of at most 4096 bytes." },
	{ "portrait_image",   fits_image,           "Not base64 of at most 2 MB." },
	{ "sandbox_scenario", fits_scenario,        "Not a valid choice." },
};
static const struct field_check contact_checks[] = {
	{ "email",                    fits_email,    "Enter a valid email address." },
	{ "phone",                    fits_phone,    "Enter a valid phone number (E.164)." },
	{ "send_notification_emails", fits_bool,     "Must be a valid boolean." },
	{ "email_lang",               fits_language, "Not a valid choice." },
};
static const struct field_check expected_checks[] = {
	{ "first_name",              fits_text,           "Not a valid string." },
	{ "last_name",               fits_text,           "Not a valid string." },
	{ "date_of_birth",           fits_date,           "Date has wrong format. Use YYYY-MM-DD." },
	{ "gender",                  fits_gender,         "Not a valid choice." },
	{ "nationality",             fits_country,        "Not an ISO 3166-1 alpha-3 code." },
	{ "id_country",              fits_country,        "Not an ISO 3166-1 alpha-3 code." },
	{ "poa_country",             fits_country,        "Not an ISO 3166-1 alpha-3 code." },
	{ "country",                 fits_country,        "Not an ISO 3166-1 alpha-3 code." },
	{ "address",                 fits_text,           "Not a valid string." },
	{ "identification_number",   fits_text,           "Not a valid string." },
	{ "ip_address",              fits_ip,             "Enter a valid IP address." },
	{ "expected_document_types", fits_document_types, "Not a list of P, ID, DL, RP, HIC, TC, SSC." },
	{ "company_name",            fits_text,           "Not a valid string." },
	{ "registry_country",        fits_text,           "Not a valid string." },
	{ "registration_number",     fits_text,           "Not a valid string." },
};
/* clang-format on */

/* Returns the value of a text member of the body. `p` is NULL if the member is missing or is not a text. */
static struct str body_text(const struct json_value *body, const char *field)
{
	const struct json_value *const value = json_get(body, field);

	return json_kind_of(value) == JSON_KIND_TEXT ? json_text(value) : (struct str){ NULL, 0 };
}

/* Returns the value of a member of the body as JSON text. `p` is NULL if the member is missing or null, or if
 * the arena is full. */
static struct str body_json(struct arena *a, const struct json_value *body, const char *field)
{
	const struct json_value *const value = json_get(body, field);
	struct str json = { NULL, 0 };
	struct json_writer w;
	struct buf buf;

	if (json_kind_of(value) == JSON_KIND_ABSENT || json_kind_of(value) == JSON_KIND_NULL)
		return json;
	buf_init(&buf, a);
	json_writer_init(&w, &buf);
	json_put_value(&w, value);
	return buf_done(&buf, &json) == OK ? json : (struct str){ NULL, 0 };
}

static bool validate_create_body(struct request_ctx *ctx, const struct json_value *body)
{
	const enum json_kind workflow = json_kind_of(json_get(body, "workflow_id"));

	if (workflow == JSON_KIND_ABSENT || workflow == JSON_KIND_NULL) {
		respond_field_error(ctx, "workflow_id",
			workflow == JSON_KIND_NULL ? "This field may not be null."
						   : "This field is required.");
		return false;
	}
	return validate_fields(ctx, body, NULL, create_checks, array_len(create_checks)) &&
	       validate_fields(ctx, json_get(body, "contact_details"), "contact_details", contact_checks,
		       array_len(contact_checks)) &&
	       validate_fields(ctx, json_get(body, "expected_details"), "expected_details", expected_checks,
		       array_len(expected_checks));
}

/* Copies the workflow id, which is a valid UUID, in lower case. */
static void set_workflow_id(struct sandbox_session *draft, struct str id)
{
	for (size_t i = 0; i < id.n && i < UUID_SIZE - 1; i++) {
		const char c = id.p[i];

		draft->workflow_id[i] = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
	}
}

static bool v3_read_create(
	struct request_ctx *ctx, const struct json_value *body, struct sandbox_session *draft)
{
	if (!validate_create_body(ctx, body))
		return false;
	set_workflow_id(draft, body_text(body, "workflow_id"));
	draft->parts = workflow_parts(ctx->sandbox, str_of(draft->workflow_id));
	draft->vendor_data = body_text(body, "vendor_data");
	draft->callback = body_text(body, "callback");
	draft->language = body_text(body, "language");
	draft->metadata = body_json(ctx->arena, body, "metadata");
	draft->contact_details = body_json(ctx->arena, body, "contact_details");
	draft->expected_details = body_json(ctx->arena, body, "expected_details");
	draft->requested_scenario = scenario_find(body_text(body, "sandbox_scenario"));
	return true;
}

/* Writes the member with this JSON. An empty object becomes null: PHP reads and writes {} as [], so that a
 * receiver in PHP would compute another X-Signature-V2. */
static void put_json_or_null(struct json_writer *w, const char *key, struct str json)
{
	json_key(w, key);
	json_put_raw(w, json.p && !str_eq(json, STR("{}")) ? json : STR("null"));
}

/* Writes the members that a decision and the response to a create request have in common. */
static void put_session_members(struct json_writer *w, const struct sandbox_session *session, bool v3)
{
	json_field_text(w, "session_id", str_of(session->id));
	json_field_int(w, "session_number", session->number);
	if (v3)
		json_field_text(w, "session_kind", STR("user"));
	put_status(w, "status", session->status);
	put_text_or_null(w, "workflow_id",
		session->workflow_id[0] ? str_of(session->workflow_id) : (struct str){ NULL, 0 });
	if (v3)
		json_field_int(w, "workflow_version", WORKFLOW_VERSION);
	put_text_or_null(w, "vendor_data", session->vendor_data);
	put_json_or_null(w, "metadata", session->metadata);
	put_text_or_null(w, "callback", session->callback);
}

static void put_created(struct json_writer *w, const struct sandbox_ctx *sandbox,
	const struct sandbox_session *session, bool v3)
{
	json_begin_object(w);
	put_session_members(w, session, v3);
	json_field_text(w, "session_token", str_of(session->token));
	put_link(w, "url", sandbox->base_url, session);
	json_end_object(w);
}

/* Writes the members that only v3 has. The made-up documents have a chip that can be read, so that
 * nfc_skip_reason is always null. */
static void put_v3_members(struct json_writer *w, const struct sandbox_session *session)
{
	json_field_null(w, "nfc_skip_reason");
	put_text_or_null(w, "sandbox_scenario",
		session->requested_scenario ? session->requested_scenario->slug : (struct str){ NULL, 0 });
	put_moment(w, "expires_at", moment_add(session->link_since, SESSION_LINK_LIFETIME));
}

static void put_decision(struct json_writer *w, const struct sandbox_ctx *sandbox,
	const struct sandbox_session *session, bool v3, bool with_events)
{
	json_begin_object(w);
	put_session_members(w, session, v3);
	put_link(w, "session_url", sandbox->base_url, session);
	json_field_text(w, "environment", STR("sandbox"));
	json_key(w, "features");
	if (with_events)
		sections_write_nodes(w, session);
	else
		sections_write_features(w, session);
	put_json_or_null(w, "expected_details", session->expected_details);
	put_json_or_null(w, "contact_details", session->contact_details);
	sections_write(w, session, v3 ? SECTIONS_AS_ARRAYS : SECTIONS_AS_OBJECTS);
	if (v3)
		put_v3_members(w, session);
	if (with_events)
		session_events_write(w, session);
	put_reviews(w, session);
	put_moment(w, "created_at", session->created);
	json_end_object(w);
}

/* Writes the member resubmit_info, which lists the nodes that the person must repeat and the reviewer's
 * comment (didit-api.md 7.3). */
static void put_resubmit_members(struct json_writer *w, const struct sandbox_session *session)
{
	const struct sandbox_review *last = session->reviews;

	while (last && last->next)
		last = last->next;
	json_key(w, "resubmit_info");
	json_begin_object(w);
	json_key(w, "nodes_to_resubmit");
	json_begin_array(w);
	for (int section = 0; section < SECTIONS; section++) {
		if (!(session->redo & PART(section)))
			continue;
		json_begin_object(w);
		json_field_text(w, "node_id", section_node((enum section)section));
		json_field_text(w, "feature", section_feature((enum section)section));
		json_end_object(w);
	}
	json_end_array(w);
	json_key(w, "reasons");
	if (session->redo && last && last->comment.n) {
		json_begin_object(w);
		for (int section = 0; section < SECTIONS; section++)
			if (session->redo & PART(section))
				json_field_text(w, section_node((enum section)section).p, last->comment);
		json_end_object(w);
	} else {
		json_put_null(w); /* never {}, see put_json_or_null */
	}
	json_end_object(w);
}

static void put_event(struct json_writer *w, const struct sandbox_ctx *sandbox,
	const struct event_payload *payload, bool v3)
{
	const struct sandbox_session *const session = payload->session;

	json_begin_object(w);
	json_field_text(w, "event_id", str_of(payload->event_id));
	json_field_text(w, "webhook_type", event_kind_text(payload->kind));
	json_field_int(w, "timestamp", payload->now.ms / 1000);
	json_field_int(w, "created_at", session->created.ms / 1000);
	json_field_text(w, "application_id", STR(SANDBOX_APPLICATION));
	json_field_text(w, "environment", STR("sandbox"));
	json_field_text(w, "session_id", str_of(session->id));
	put_status(w, "status", session->status);
	put_text_or_null(w, "workflow_id",
		session->workflow_id[0] ? str_of(session->workflow_id) : (struct str){ NULL, 0 });
	json_field_int(w, "workflow_version", WORKFLOW_VERSION);
	put_text_or_null(w, "vendor_data", session->vendor_data);
	put_json_or_null(w, "metadata", session->metadata);
	put_text_or_null(
		w, "sandbox_scenario", session->scenario ? session->scenario->slug : (struct str){ NULL, 0 });
	if (session->status == DIDIT_RESUBMITTED)
		put_resubmit_members(w, session);
	if (event_has_decision(session->status)) {
		json_key(w, "decision");
		put_decision(w, sandbox, session, v3, false);
	}
	json_end_object(w);
}

/* Builds the text that X-Signature-Simple signs (didit-api.md 8). */
static enum err must_use simple_signature_message(struct arena *a, struct str body, struct str *out)
{
	const struct json_value *event cleanup_with(json_cleanup) = NULL;
	int64_t timestamp = 0;

	TRY(json_parse(body, true, &event));
	if (!json_int(json_get(event, "timestamp"), &timestamp))
		return ERR_INTERNAL;
	*out = arena_printf(a, "%lld:%.*s:%.*s:%.*s", (long long)timestamp,
		STR_ARG(json_text(json_get(event, "session_id"))),
		STR_ARG(json_text(json_get(event, "status"))),
		STR_ARG(json_text(json_get(event, "webhook_type"))));
	return out->p ? OK : ERR_INTERNAL;
}

/* Adds the three signatures (didit-api.md 8). X-Signature-V2 signs canonical JSON. This differs from the body
 * only in floats without a fraction and in escapes, because the body is already sorted. */
static enum err v3_sign(struct arena *a, struct str secret, struct webhook_event *event)
{
	struct str canonical, simple;

	TRY(simple_signature_message(a, event->body, &simple));
	TRY(json_canonicalise(a, event->body, &canonical));
	TRY(event_sign(a, event, "X-Signature", secret, event->body));
	TRY(event_sign(a, event, "X-Signature-V2", secret, canonical));
	return event_sign(a, event, "X-Signature-Simple", secret, simple);
}

static void write_decision_with_events(
	struct json_writer *w, const struct sandbox_ctx *sandbox, const struct sandbox_session *session)
{
	put_decision(w, sandbox, session, true, true);
}

/* Defines didit_v2 and didit_v3, which use the same functions with a different value of `v3`. */
#define VERSION_OF(vN, is_v3)                                                                                \
	static void write_created_##vN(struct json_writer *w, const struct sandbox_ctx *sandbox,             \
		const struct sandbox_session *session)                                                       \
	{                                                                                                    \
		put_created(w, sandbox, session, is_v3);                                                     \
	}                                                                                                    \
	static void write_decision_##vN(struct json_writer *w, const struct sandbox_ctx *sandbox,            \
		const struct sandbox_session *session)                                                       \
	{                                                                                                    \
		put_decision(w, sandbox, session, is_v3, false);                                             \
	}                                                                                                    \
	static void write_event_##vN(struct json_writer *w, const struct sandbox_ctx *sandbox,               \
		const struct event_payload *payload)                                                         \
	{                                                                                                    \
		put_event(w, sandbox, payload, is_v3);                                                       \
	}                                                                                                    \
	const struct sandbox_api_version didit_##vN = {                                                      \
		.id = (is_v3) ? SANDBOX_V3 : SANDBOX_V2,                                                     \
		.name = STR_INIT(#vN),                                                                       \
		.errors = ERRORS_PLAIN,                                                                      \
		.reuses = (is_v3),                                                                           \
		.read_create = v3_read_create,                                                               \
		.write_created = write_created_##vN,                                                         \
		.write_decision = write_decision_##vN,                                                       \
		.write_decision_with_events = (is_v3) ? write_decision_with_events : NULL,                   \
		.write_event = write_event_##vN,                                                             \
		.sign = v3_sign,                                                                             \
	};

VERSION_OF(v2, false)
VERSION_OF(v3, true)

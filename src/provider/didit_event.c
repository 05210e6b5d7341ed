#include "provider/didit_event.h"

#include "crypto/digest.h"
#include "provider/didit_decision.h"
#include "provider/provider_ref.h"
#include "provider/signature.h"
#include "text/json_canonical.h"
#include "text/json_lenient.h"
#include "text/json_tree.h"

/* Unix seconds of 9999-12-31T23:59:59Z, the latest time that base/moment.h supports. */
#define UNIX_MAX ((int64_t)253402300799)
/* Memory limit in bytes for the JSON tree and the canonical form of a body that is not authenticated yet. It
 * is enough for about 8,000 values in 64 KiB; the provider's bodies have far fewer. */
#define UNVERIFIED_MEMORY_MAX ((size_t)1024 * 1024)

/* Reads a time in Unix seconds. Returns 0 (unset) if the value is not a valid time. */
static moment read_seconds(const struct json_value *value)
{
	int64_t s;

	if (!json_int(value, &s) || s < 0 || s > UNIX_MAX)
		return (moment){ 0 };
	return (moment){ s * 1000 };
}

static struct str event_text(const struct json_value *event, const char *key)
{
	return json_text(json_get(event, key));
}

/* Returns a value in the form that X-Signature-Simple signs: an integer as its digits, a text unchanged,
 * anything else empty. If the key is repeated, its last value is used. */
static struct str simple_value(const struct json_node *event, const char *key)
{
	struct str value = STR("");

	for (const struct json_node *parsed = event->first; parsed; parsed = parsed->next)
		if (str_eq(parsed->key, str_of(key)))
			value = parsed->kind == NODE_INTEGER || parsed->kind == NODE_TEXT ? parsed->value
											  : STR("");
	return value;
}

/* Returns the id that X-Signature-Simple signs: the session's id, or else the first of the other ids that the
 * event contains (didit-api.md 8). */
static struct str simple_session_id(const struct json_node *event)
{
	static const char *const keys[] = { "session_id", "business_session_id", "transaction_id",
		"vendor_user_id", "vendor_business_id" };
	struct str id = STR("");

	for (size_t i = 0; i < array_len(keys) && id.n == 0; i++)
		id = simple_value(event, keys[i]);
	return id;
}

static struct str simple_text(const struct json_node *event, struct arena *a)
{
	const struct str timestamp = simple_value(event, "timestamp");
	const struct str id = simple_session_id(event);
	const struct str status = simple_value(event, "status");
	const struct str kind = simple_value(event, "webhook_type");

	return arena_printf(
		a, "%.*s:%.*s:%.*s:%.*s", STR_ARG(timestamp), STR_ARG(id), STR_ARG(status), STR_ARG(kind));
}

/* Builds the signed texts from the body. A text that cannot be built stays NULL, so that its header is not
 * checked. */
static struct signed_texts signed_texts_of(const struct provider_webhook *webhook, struct arena *own)
{
	struct signed_texts texts = { .raw = { NULL, 0 } };
	struct json_node top;

	if (webhook->n_signatures_v2 + webhook->n_signatures_simple == 0 ||
		json_tree_read(own, webhook->body, &top) != OK)
		return texts;
	if (webhook->n_signatures_simple > 0 && top.first->kind == NODE_OBJECT)
		texts.simple = simple_text(top.first, own);
	if (webhook->n_signatures_v2 > 0 && json_canonicalise_tree(own, &top, &texts.canonical) == OK)
		texts.stamped = arena_printf(
			own, "%.*s:%.*s", STR_ARG(webhook->timestamp), STR_ARG(texts.canonical));
	return texts;
}

/* Verifies X-Signature first, because that needs no parsing of the body. The body is parsed for
 * X-Signature-V2 and X-Signature-Simple only if X-Signature is not valid. */
static enum signature_scope verify_signatures(const struct didit_version *version,
	struct provider_webhook_secrets *secrets, const struct provider_webhook *webhook)
{
	const struct signed_texts bytes = { .raw = webhook->body };
	struct arena own;

	if (version->has_event_ids && signature_is_repeated(webhook))
		return SIGNED_NOTHING;
	const enum signature_scope scope = provider_webhook_secrets_verify(secrets, webhook, &bytes);
	if (scope == SIGNED_BODY || !version->has_event_ids)
		return scope;
	arena_init(&own, UNVERIFIED_MEMORY_MAX);
	const struct signed_texts texts = signed_texts_of(webhook, &own);
	const enum signature_scope reparsed_scope = provider_webhook_secrets_verify(secrets, webhook, &texts);
	arena_finish(&own);
	return reparsed_scope;
}

/* Returns true if the event is about a business session. kycd creates and tracks only sessions of persons. */
static bool is_business_event(const struct json_value *event)
{
	return str_eq_nocase(event_text(event, "session_kind"), STR("business")) ||
	       (event_text(event, "session_id").n == 0 && event_text(event, "business_session_id").n > 0);
}

static enum provider_event_topic read_topic(
	const struct json_value *event, const struct provider_event *parsed, bool marked_test)
{
	static const struct str followed[] = {
		[TOPIC_STATUS] = STR_INIT("status.updated"),
		[TOPIC_DATA] = STR_INIT("data.updated"),
	};

	/* Only events without an event_id can be tests. The test header is not signed, so without this rule
	 * an attacker could add it to a real event, which has an id, to have it ignored. */
	if (event_text(event, "event_id").n == 0 &&
		(marked_test || json_bool(json_get(json_get(event, "metadata"), "test_webhook"))))
		return TOPIC_TEST;
	for (size_t i = 0; i < array_len(followed) && !is_business_event(event); i++)
		if (str_eq_nocase(parsed->kind, followed[i]))
			return (enum provider_event_topic)i;
	return TOPIC_NOT_TRACKED;
}

/* Reads the decision. A decision that does not fit into `a` is ignored, as if the event had none. */
static void read_decision(const struct json_value *event, struct arena *a, struct provider_event *parsed)
{
	const struct json_value *const decision = json_get(event, "decision");

	parsed->has_decision = json_kind_of(decision) == JSON_KIND_OBJECT &&
			       decision_read(decision, a, &parsed->decision) == OK;
}

static enum err read_fields(const struct didit_version *version, const struct json_value *event,
	struct arena *a, struct provider_event *parsed)
{
	const struct str kind = event_text(event, "webhook_type"), id = event_text(event, "event_id");

	parsed->status_text = arena_copy(a, event_text(event, "status"));
	/* events of v1 have no type, because v1 has only status events */
	parsed->kind = kind.n > 0 ? arena_copy(a, kind) : STR("status.updated");
	if (!parsed->status_text.p || !parsed->kind.p)
		return ERR_INPUT;
	parsed->status_known = session_status_parse(parsed->status_text, &parsed->status);
	parsed->sent_at = read_seconds(json_get(event, "timestamp"));
	parsed->session_created = read_seconds(json_get(event, "created_at"));
	/* X-Signature-Simple does not cover event_id. With a forged id, kycd could drop the real event as a
	 * repetition, so the id is used only if the whole body is authenticated. */
	if (parsed->is_authenticated && version->has_event_ids && id.n > 0)
		sha256(id, parsed->event_key.bytes);
	if (parsed->is_authenticated)
		read_decision(event, a, parsed);
	return OK;
}

/* Returns true if the event has the fields that its topic requires. */
static bool is_complete(const struct provider_event *parsed, bool has_ref)
{
	switch (parsed->topic) {
	case TOPIC_STATUS:
		return has_ref && parsed->status_text.n > 0;
	case TOPIC_DATA:
		return has_ref;
	case TOPIC_NOT_TRACKED:
	case TOPIC_TEST:
		break;
	}
	return true;
}

static enum provider_event_parse_result read_event(const struct didit_version *version,
	const struct provider_webhook *webhook, struct arena *a, struct provider_event *parsed)
{
	const struct json_value *event cleanup_with(json_cleanup) = NULL;

	if (json_parse_lenient(webhook->body, !version->has_event_ids, &event) != OK ||
		json_kind_of(event) != JSON_KIND_OBJECT)
		return EVENT_PARSE_MALFORMED;
	const bool has_ref = provider_ref_read(event_text(event, "session_id"), &parsed->ref);
	parsed->raw = webhook->body;
	sha256(parsed->raw, parsed->body_digest.bytes);
	/* Default for v1 and for events without an id: events with equal bytes are the same event
	 * (didit-api.md 8). */
	parsed->event_key = parsed->body_digest;
	if (read_fields(version, event, a, parsed) != OK)
		return EVENT_PARSE_MALFORMED;
	parsed->topic = read_topic(event, parsed, version->has_event_ids && webhook->marked_test);
	return is_complete(parsed, has_ref) ? EVENT_PARSE_OK : EVENT_PARSE_MALFORMED;
}

enum provider_event_parse_result provider_event_parse(const struct didit_version *version,
	struct provider_webhook_secrets *secrets, const struct provider_webhook *webhook, moment now,
	struct arena *a, struct provider_event *event)
{
	struct provider_event parsed = { .topic = TOPIC_STATUS };

	if (!signature_is_fresh(webhook, now))
		return EVENT_PARSE_BAD_SIGNATURE;
	const enum signature_scope scope = verify_signatures(version, secrets, webhook);
	if (scope == SIGNED_NOTHING)
		return EVENT_PARSE_BAD_SIGNATURE;
	parsed.is_authenticated = scope == SIGNED_BODY;
	const enum provider_event_parse_result verdict = read_event(version, webhook, a, &parsed);
	if (verdict == EVENT_PARSE_OK)
		*event = parsed;
	return verdict;
}

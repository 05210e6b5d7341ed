#include "provider/didit_event.h"

#include "crypto/digest.h"
#include "provider/didit_decision.h"
#include "provider/provider_ref.h"
#include "provider/signature.h"
#include "text/json_canonical.h"
#include "text/json_lenient.h"
#include "text/json_tree.h"

/* The last second of the calendar (base/moment.h): 9999-12-31T23:59:59Z. */
#define UNIX_MAX ((int64_t)253402300799)
/* What a body may cost before we know whose it is: its parts and its canonical form. Some 8,000 values in 64
 * KiB; the provider's own have far fewer. */
#define STRANGERS_MEMORY ((size_t)1024 * 1024)

/* Unix seconds; 0 ("never") for what is none. */
static moment read_seconds(const struct json_value *value)
{
	int64_t s;

	if (!json_int(value, &s) || s < 0 || s > UNIX_MAX)
		return (moment){ 0 };
	return (moment){ s * 1000 };
}

static struct str text_of(const struct json_value *event, const char *key)
{
	return json_text(json_get(event, key));
}

/* Of a key that stands twice the last counts. As the signature has it: a number in digits, a text as it is,
 * anything else as nothing. */
static struct str simple_word(const struct json_node *event, const char *key)
{
	struct str word = STR("");

	for (const struct json_node *n = event->first; n; n = n->next)
		if (str_eq(n->key, str_of(key)))
			word = n->kind == NODE_INTEGER || n->kind == NODE_TEXT ? n->value : STR("");
	return word;
}

/* didit-api.md 8: what stands for the session where there is none. */
static struct str simple_id(const struct json_node *event)
{
	static const char *const keys[] = { "session_id", "business_session_id", "transaction_id",
		"vendor_user_id", "vendor_business_id" };
	struct str id = STR("");

	for (size_t i = 0; i < array_len(keys) && id.n == 0; i++)
		id = simple_word(event, keys[i]);
	return id;
}

static struct str simple_text(const struct json_node *event, struct arena *a)
{
	const struct str timestamp = simple_word(event, "timestamp");
	const struct str id = simple_id(event);
	const struct str status = simple_word(event, "status");
	const struct str kind = simple_word(event, "webhook_type");

	return arena_printf(
		a, "%.*s:%.*s:%.*s:%.*s", STR_ARG(timestamp), STR_ARG(id), STR_ARG(status), STR_ARG(kind));
}

/* What cannot be made of this body is not looked at. */
static struct signed_texts texts_of(const struct provider_webhook *webhook, struct arena *own)
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

/* The bytes first: whose they are is known without a look at what they say. */
static enum signature_scope judge(const struct didit_version *version,
	struct provider_webhook_secrets *secrets, const struct provider_webhook *webhook)
{
	const struct signed_texts bytes = { .raw = webhook->body };
	struct arena own;

	if (version->has_event_ids && signature_is_repeated(webhook))
		return SIGNED_NOTHING;
	const enum signature_scope scope = provider_webhook_secrets_verify(secrets, webhook, &bytes);
	if (scope == SIGNED_BODY || !version->has_event_ids)
		return scope;
	arena_init(&own, STRANGERS_MEMORY);
	const struct signed_texts texts = texts_of(webhook, &own);
	const enum signature_scope otherwise = provider_webhook_secrets_verify(secrets, webhook, &texts);
	arena_finish(&own);
	return otherwise;
}

/* We make no sessions of businesses, and follow none. */
static bool is_of_business(const struct json_value *event)
{
	return str_eq(text_of(event, "session_kind"), STR("business")) ||
	       (text_of(event, "session_id").n == 0 && text_of(event, "business_session_id").n > 0);
}

static enum provider_event_topic read_news(
	const struct json_value *event, const struct provider_event *n, bool marked_test)
{
	static const struct str followed[] = {
		[TOPIC_STATUS] = STR_INIT("status.updated"),
		[TOPIC_DATA] = STR_INIT("data.updated"),
	};

	/* Real events have an id: no header that somebody adds on the way makes a test of them. */
	if (text_of(event, "event_id").n == 0 &&
		(marked_test || json_bool(json_get(json_get(event, "metadata"), "test_webhook"))))
		return TOPIC_TEST;
	for (size_t i = 0; i < array_len(followed) && !is_of_business(event); i++)
		if (str_eq(n->kind, followed[i]))
			return (enum provider_event_topic)i;
	return TOPIC_NOT_TRACKED;
}

/* A decision that does not fit is left out, as if it had not come along. */
static void read_decision(const struct json_value *event, struct arena *a, struct provider_event *n)
{
	const struct json_value *const decision = json_get(event, "decision");

	n->has_decision = json_kind_of(decision) == JSON_KIND_OBJECT &&
			  decision_read(decision, a, &n->decision) == OK;
}

static enum err fill(const struct didit_version *version, const struct json_value *event, struct arena *a,
	struct provider_event *n)
{
	const struct str kind = text_of(event, "webhook_type"), id = text_of(event, "event_id");

	n->status_text = arena_copy(a, text_of(event, "status"));
	/* v1 has one kind of event, and no name for it */
	n->kind = kind.n > 0 ? arena_copy(a, kind) : STR("status.updated");
	if (!n->status_text.p || !n->kind.p)
		return ERR_INPUT;
	n->status_known = session_status_parse(n->status_text, &n->status);
	n->sent_at = read_seconds(json_get(event, "timestamp"));
	n->session_created = read_seconds(json_get(event, "created_at"));
	/* Where only Simple vouches the id may be that of another event: it would keep the true one out. */
	if (n->is_authenticated && version->has_event_ids && id.n > 0)
		sha256(id, n->event_key.bytes);
	if (n->is_authenticated)
		read_decision(event, a, n);
	return OK;
}

/* What is followed must name its session, and say where it stands. */
static bool is_whole(const struct provider_event *n, bool has_ref)
{
	switch (n->topic) {
	case TOPIC_STATUS:
		return has_ref && n->status_text.n > 0;
	case TOPIC_DATA:
		return has_ref;
	case TOPIC_NOT_TRACKED:
	case TOPIC_TEST:
		break;
	}
	return true;
}

static enum provider_event_parse_result read_event(const struct didit_version *version,
	const struct provider_webhook *webhook, struct arena *a, struct provider_event *n)
{
	const struct json_value *event cleanup_with(json_cleanup) = NULL;

	if (json_parse_lenient(webhook->body, !version->has_event_ids, &event) != OK ||
		json_kind_of(event) != JSON_KIND_OBJECT)
		return EVENT_PARSE_MALFORMED;
	const bool has_ref = provider_ref_read(text_of(event, "session_id"), &n->ref);
	n->raw = webhook->body;
	sha256(n->raw, n->body_digest.bytes);
	n->event_key = n->body_digest; /* v1, and what has no id: the same bytes are the same event
					  (didit-api.md 8) */
	if (fill(version, event, a, n) != OK)
		return EVENT_PARSE_MALFORMED;
	n->topic = read_news(event, n, version->has_event_ids && webhook->marked_test);
	return is_whole(n, has_ref) ? EVENT_PARSE_OK : EVENT_PARSE_MALFORMED;
}

enum provider_event_parse_result provider_event_parse(const struct didit_version *version,
	struct provider_webhook_secrets *secrets, const struct provider_webhook *webhook, moment now,
	struct arena *a, struct provider_event *event)
{
	struct provider_event n = { .topic = TOPIC_STATUS };

	if (!signature_is_fresh(webhook, now))
		return EVENT_PARSE_BAD_SIGNATURE;
	const enum signature_scope scope = judge(version, secrets, webhook);
	if (scope == SIGNED_NOTHING)
		return EVENT_PARSE_BAD_SIGNATURE;
	n.is_authenticated = scope == SIGNED_BODY;
	const enum provider_event_parse_result verdict = read_event(version, webhook, a, &n);
	if (verdict == EVENT_PARSE_OK)
		*event = n;
	return verdict;
}

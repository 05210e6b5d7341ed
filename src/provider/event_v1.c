#include "provider/event_v1.h"

#include <string.h>

#include "crypto/digest.h"
#include "provider/decision.h"
#include "text/encode.h"
#include "text/json.h"

/* The last second of the calendar (base/moment.h): 9999-12-31T23:59:59Z. */
#define UNIX_MAX ((int64_t)253402300799)

bool provider_ref_read(struct str text, struct provider_ref *out)
{
	bool named = false;

	for (size_t i = 0; i < text.n; i++) {
		const char c = text.p[i];
		const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
				    (c >= '0' && c <= '9');

		if (!letter && c != '.' && c != '_' && c != '-')
			return false;
		named = named || c != '.';
	}
	/* "." and ".." would be steps of a path */
	return named && str_copy_to(text, out->text, sizeof(out->text));
}

static bool is_fresh(struct str timestamp, moment now)
{
	int64_t sent;

	if (timestamp.n == 0 || !str_number(timestamp, UNIX_MAX, &sent))
		return false;
	return now.ms - sent * 1000 <= EVENT_AGE_MAX_MS && sent * 1000 - now.ms <= EVENT_AGE_MAX_MS;
}

static bool read_signature(struct str hex, unsigned char out[DIGEST_BYTES])
{
	for (size_t i = 0; i < hex.n; i++)
		if (hex.p[i] >= 'A' && hex.p[i] <= 'F')
			return false;
	return hex_read(hex, out, DIGEST_BYTES);
}

bool event_v1_is_genuine(
	const struct event_parts *parts, const struct str *secrets, size_t n_secrets, moment now)
{
	unsigned char given[DIGEST_BYTES], right[DIGEST_BYTES];
	bool same = false;

	if (parts->n_signatures != 1 || parts->n_timestamps != 1 || !is_fresh(parts->timestamp, now) ||
		!read_signature(parts->signature, given))
		return false;
	/* Every secret is tried, also behind one that fits. */
	for (size_t i = 0; i < n_secrets; i++) {
		hmac_sha256(secrets[i], parts->body, right);
		same |= equal_constant_time(given, right, DIGEST_BYTES) && secrets[i].n > 0;
	}
	wipe(right, sizeof(right));
	return same;
}

/* Unix seconds; 0 ("never") for what is none. */
static moment read_seconds(const struct js *value)
{
	int64_t s;

	if (!js_int(value, &s) || s < 0 || s > UNIX_MAX)
		return (moment){ 0 };
	return (moment){ s * 1000 };
}

static enum err fill(const struct js *event, struct arena *a, struct notice *n)
{
	const struct js *decision = js_get(event, "decision");
	const struct str kind = js_text(js_get(event, "webhook_type"));

	n->status_text = arena_copy(a, js_text(js_get(event, "status")));
	/* v1 has one kind of event, and no name for it */
	n->kind = arena_copy(a, kind.n > 0 ? kind : STR("status.updated"));
	if (n->status_text.p == NULL || n->kind.p == NULL)
		return ERR_INPUT;
	n->status_known = status_read(n->status_text, &n->status);
	n->sent = read_seconds(js_get(event, "timestamp"));
	n->session_created = read_seconds(js_get(event, "created_at"));
	n->has_decision = js_kind(decision) == JS_OBJECT;
	return n->has_decision ? decision_read(decision, a, &n->decision) : OK;
}

enum event_verdict event_v1_read(struct str body, struct arena *a, struct notice *notice)
{
	const struct js *event cleanup(js_cleanup) = NULL;
	struct notice n = { .status_known = false };

	if (js_open(body, true, &event) != OK || js_kind(event) != JS_OBJECT ||
		!provider_ref_read(js_text(js_get(event, "session_id")), &n.ref) ||
		js_text(js_get(event, "status")).n == 0 || fill(event, a, &n) != OK)
		return EVENT_MALFORMED;
	/* v1 gives its events no id: the same bytes are the same event (didit-api.md 8). */
	sha256(body, n.body.bytes);
	n.key = n.body;
	n.believed = true;
	*notice = n;
	return EVENT_READ;
}

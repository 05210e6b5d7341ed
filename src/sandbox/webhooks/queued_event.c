#include "sandbox/webhooks/queued_event.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "text/json.h"

/* The names of all signature headers. The headers of an event point to these static texts. */
static const char *const signature_headers[] = { "X-Signature", "X-Signature-V2", "X-Signature-Simple" };

/* Copies `text` to `*at` and advances `*at` past the copy. */
static struct str event_copy_text(char **at, struct str text)
{
	const struct str copy = { *at, text.n };

	if (text.n)
		memcpy(*at, text.p, text.n);
	*at += text.n;
	return copy;
}

struct queued_event *queued_event_copy(const struct webhook_event *event)
{
	size_t n = event->session.n + event->destination.n + event->url.n + event->body.n;

	for (size_t i = 0; i < event->n_signatures; i++)
		n += event->signatures[i].value.n;

	struct queued_event *const entry = calloc(1, sizeof(*entry) + n);

	if (!entry)
		return NULL;

	char *at = entry->texts;

	entry->event = *event;
	entry->event.session = event_copy_text(&at, event->session);
	entry->event.destination = event_copy_text(&at, event->destination);
	entry->event.url = event_copy_text(&at, event->url);
	entry->event.body = event_copy_text(&at, event->body);
	for (size_t i = 0; i < event->n_signatures; i++)
		entry->event.signatures[i].value = event_copy_text(&at, event->signatures[i].value);
	entry->changed = true;
	return entry;
}

enum err queued_event_encode(struct arena *a, const struct queued_event *entry, struct str *out)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "session", entry->event.session);
	json_field_text(&w, "destination", entry->event.destination);
	json_field_text(&w, "url", entry->event.url);
	json_field_text(&w, "body", entry->event.body);
	json_field_int(&w, "attempts", entry->attempts);
	json_field_int(&w, "retry_at", entry->retry_at.ms);
	json_key(&w, "signatures");
	json_begin_object(&w);
	for (size_t i = 0; i < entry->event.n_signatures; i++)
		json_field_text(&w, entry->event.signatures[i].header, entry->event.signatures[i].value);
	json_end_object(&w);
	json_end_object(&w);
	return buf_done(&text, out);
}

enum err queued_event_decode(struct str bytes, struct queued_event **out)
{
	const struct json_value *stored cleanup_with(json_cleanup) = NULL;
	struct webhook_event event = { 0 };
	int64_t attempts = 0, retry_at = 0;

	TRY(json_parse(bytes, true, &stored));
	event.session = json_text(json_get(stored, "session"));
	/* This member is missing in events that older versions of kycd stored. */
	event.destination = json_text(json_get(stored, "destination"));
	event.url = json_text(json_get(stored, "url"));
	event.body = json_text(json_get(stored, "body"));
	for (size_t i = 0; i < array_len(signature_headers); i++) {
		const struct str value = json_text(
			json_get(json_get(stored, "signatures"), signature_headers[i]));

		if (value.n)
			event.signatures[event.n_signatures++] =
				(struct event_signature){ signature_headers[i], value };
	}
	if (!event.session.n || !event.url.n || !event.body.n || !event.n_signatures ||
		!json_int(json_get(stored, "attempts"), &attempts) ||
		!json_int(json_get(stored, "retry_at"), &retry_at) || attempts < 0 || attempts > INT16_MAX ||
		retry_at < 0)
		return ERR_INPUT;

	struct queued_event *const entry = queued_event_copy(&event);

	if (!entry)
		return ERR_INTERNAL;
	entry->attempts = (int)attempts;
	entry->retry_at = (moment){ retry_at };
	entry->changed = false;
	entry->is_stored = true;
	*out = entry;
	return OK;
}

/* One webhook event to be sent, the configuration of the queue that sends it (sandbox/webhooks/event_queue),
 * and the signing of events. */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/kv_store.h"
#include "port/world.h"

#define EVENT_SIGNATURES_MAX 3

struct webhook_event {
	/* Id of the session. First attempts for the same session and URL are sent in the order of
	 * event_queue_add. */
	struct str session;
	struct str destination; /* id of the webhook destination */
	struct str url, body;
	struct event_signature {
		const char *header; /* static text */
		struct str value;
	} signatures[EVENT_SIGNATURES_MAX];
	size_t n_signatures;
};

struct event_queue_conf {
	struct clock *clock;
	size_t max; /* most events in the queue; beyond, the oldest one is dropped */
	/* Delivers the event. Returns the HTTP status, or 0 if there was no response. Must limit its own
	 * duration. */
	int (*post)(void *arg, const struct webhook_event *event);
	/* Called about once a second on the queue's thread; may add events. NULL: no call. */
	void (*each_second)(void *arg);
	void *arg;
	struct kv_store *kv; /* stores queued events so that they survive a restart; NULL: memory only */
};

/* Adds a signature header to the event: the hex HMAC-SHA256 of `message`. `header` is static text. */
enum err event_sign(struct arena *a, struct webhook_event *event, const char *header, struct str secret,
	struct str message) must_use;

/* A webhook event to be sent, its signatures, and the configuration of the queue that sends it
 * (sandbox/webhooks/event_queue). */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/kv_store.h"
#include "port/world.h"

#define EVENT_SIGNATURES_MAX 3

struct webhook_event {
	/* Id of the session. First attempts with the same session and URL are made in the order of
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
	/* Maximum number of events in the queue. At the limit the oldest event is dropped. */
	size_t max;
	/* Delivers the event. Returns the HTTP status, or 0 if there was no response. The function must limit
	 * its own duration. */
	int (*post)(void *arg, const struct webhook_event *event);
	/* Called about once a second on the queue's thread. The function may add events. May be NULL. */
	void (*each_second)(void *arg);
	void *arg;
	struct kv_store *kv; /* keeps queued events across restarts; NULL: they are only in memory */
};

/* Adds a signature header to the event. Its value is the hex HMAC-SHA256 of `message`. `header` is a static
 * text. */
enum err event_sign(struct arena *a, struct webhook_event *event, const char *header, struct str secret,
	struct str message) must_use;

/* One webhook event on its way out, and what the queue of them is given at its start
 * (sandbox/webhooks/event_queue).
 */
#pragma once

#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/kv_store.h"
#include "port/world.h"

#define EVENT_SIGNATURES_MAX 3

struct webhook_event {
	struct str session;	/* its id: events of one session and URL never overtake each other */
	struct str destination; /* its id */
	struct str url, body;
	struct event_signature {
		const char *header; /* static text */
		struct str value;
	} signatures[EVENT_SIGNATURES_MAX];
	size_t n_signatures;
};

struct event_queue_conf {
	struct clock *clock;
	size_t max;
	/* Delivers; gives the HTTP status, 0 when no answer came. Bounded in time by itself. */
	int (*post)(void *arg, const struct webhook_event *event);
	/* About once a second on the thread; may add events. May be NULL. */
	void (*each_second)(void *arg);
	void *arg;
	struct kv_store *kv; /* where events wait that outlast the program; NULL: none do */
};

/* Adds a header with the HMAC-SHA256 of the message; `header` is static text. */
enum err event_sign(struct arena *a, struct webhook_event *event, const char *header, struct str secret,
	struct str message) must_use;

/* Events as integrators read them, in the feed and in deliveries (spec/events.md 1): one JSON object. The
 * members of `data` that are not in columns are stored sealed and are opened here. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "domain/event.h"
#include "port/store.h"
#include "port/world.h"
#include "text/json.h"

/* Who reads the event, and what they read besides what is stored. */
struct event_reader {
	struct str tenant_name;
	bool with_address;     /* adds the person's addresses as `email` and `wallet` */
	bool with_session_url; /* adds `session_url` to session.created */
	bool is_test;	       /* adds `"test": true`: the event is a sample */
};

/* The content of an event, opened. All texts are in the transaction's arena. */
struct event_content {
	struct str members; /* a JSON object: `reference` if there is one, then the members of the type */
	/* For with_address and with_session_url; empty: there is none. */
	struct str email, wallet, session_url;
};

/* Loads what event_json_put() needs. An event whose person was erased has no content. */
enum err event_content_load(const struct world *world, struct tx *tx, const struct event *event,
	const struct event_reader *reader, struct event_content *out) must_use;
/* Writes the event as a JSON object. Uses no store, so that it also writes samples. */
enum err event_json_put(const struct event *event, const struct event_reader *reader,
	const struct event_content *content, struct json_writer *w) must_use;
/* Loads the content and writes the event in compact form, into the transaction's arena. */
enum err event_json_write(const struct world *world, struct tx *tx, const struct event *event,
	const struct event_reader *reader, struct str *out) must_use;

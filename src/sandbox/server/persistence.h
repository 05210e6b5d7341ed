/* Writes down what a call changed, in one commit with the events that came of it, and reads all of it at the
 * start: sessions, destinations with their secrets, access tokens, the running number; events go their own
 * way (sandbox/webhooks/event_queue). What was asked how often and the troubles on demand are not kept. */
#pragma once

#include "base/err.h"
#include "port/kv_store.h"
#include "sandbox/state/state.h"
#include "sandbox/webhooks/event_queue.h"

/* All zeros but the shelf: nothing was written yet. */
struct persistence {
	struct kv_store *kv; /* NULL: nothing outlasts the program */
	int64_t numbers;
	uint64_t tokens;
	unsigned destinations;
};

/* Before anything else happens to them. ERR_INPUT: not of our making. */
enum err persistence_load(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue) must_use;
/* On failure the next call writes it. */
enum err persistence_save(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue) must_use;

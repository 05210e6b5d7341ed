/* Stores the state of the sandbox in a kv store, and loads it when the sandbox is opened: sessions,
 * destinations with their secrets, workflows, access tokens and the last session number. Each save writes
 * only what has changed, in one commit together with the queued events (sandbox/webhooks/event_queue). Rate
 * limits, faults and the delivery log are not stored. Not thread-safe: the caller locks. */
#pragma once

#include "base/err.h"
#include "port/kv_store.h"
#include "sandbox/state/state.h"
#include "sandbox/state/workflows.h"
#include "sandbox/webhooks/event_queue.h"

/* The contents of the store as of the latest save or load. The caller sets `kv` and `workflows` and zeroes
 * all other members. */
struct persistence {
	struct kv_store *kv;	      /* NULL: nothing is stored */
	struct workflows *workflows;  /* loaded and saved together with the state */
	int64_t last_number;	      /* state_last_number */
	uint64_t tokens_issued;	      /* state_tokens_issued */
	unsigned destination_changes; /* struct destinations, `changes` */
	unsigned workflow_changes;    /* struct workflows, `changes` */
};

/* Loads the stored state into a new state and a new queue. Must be called before any other use of them.
 * Returns ERR_INPUT if persistence_save did not write the stored bytes. */
enum err persistence_load(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue) must_use;
/* Stores all changes since the latest save. After a failure, the next call writes them again. */
enum err persistence_save(
	struct persistence *persistence, struct state *state, struct event_queue *event_queue) must_use;

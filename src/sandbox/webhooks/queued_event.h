/* Internals of the event queue, shared by event_queue.c and event_queue_store.c, and the stored form of a
 * queued event, from which it is restored after a restart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/lock.h"
#include "base/moment.h"
#include "sandbox/state/faults.h"
#include "sandbox/webhooks/event.h"

struct queued_event {
	struct queued_event *next;
	struct webhook_event event;
	enum fault fault;
	uint64_t serial;    /* order in which events were added; also the key in the kv store */
	const void *holder; /* identifies the thread that must release the event; NULL: not held */
	int64_t due;	    /* ticks when it may be sent; for a held event: when the hold ends by itself */
	moment retry_at;    /* time of the next retry, by the clock's `now`; unset: `due` applies */
	int attempts;
	bool after_next; /* FAULT_OUT_OF_ORDER: may be sent as soon as another event was sent */
	bool changed;	 /* differs from its stored copy */
	bool is_stored;	 /* the kv store may have a copy */
	bool is_removed; /* its URL was removed while it was being sent: it is not sent again */
	uint64_t commit; /* while in `deleting`: the commit that deletes its stored copy */
	char texts[];
};

struct event_queue {
	struct event_queue_conf conf;
	struct lock lock;
	struct cond wake;
	struct thread thread;
	bool stopping;
	uint64_t last_serial;
	uint64_t changes; /* counts wake-ups, so that the thread does not miss one while it is busy */
	size_t n;	  /* events in `unsent` and `delayed` */
	struct queued_event *unsent;  /* not attempted yet, in the order in which they were added */
	struct queued_event *delayed; /* waiting for their time: retries and late events */
	struct queued_event *sending; /* in none of these lists; NULL: no delivery is in progress */
	/* Finished events whose stored copy the next commit deletes, or a commit in progress. */
	struct queued_event *to_delete, *deleting;
	uint64_t commits;    /* number of the latest commit; two threads may each have one in progress */
	int64_t next_second; /* ticks of the next call of conf.each_second */
};

/* Returns a copy of the event, which the caller frees, or NULL if memory is short. */
struct queued_event *queued_event_copy(const struct webhook_event *event) must_use;
enum err queued_event_encode(struct arena *a, const struct queued_event *entry, struct str *out) must_use;
/* The caller frees `*out`. ERR_INPUT: queued_event_encode did not write these bytes. */
enum err queued_event_decode(struct str bytes, struct queued_event **out) must_use;

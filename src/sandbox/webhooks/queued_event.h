/* Internals of the event queue that event_queue.c and event_queue_store.c share, and the conversion of a
 * queued event to the form in which it is stored. */
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
	uint64_t serial;    /* number in the order of adding; also the key in the kv store */
	const void *holder; /* identifies the thread that must release the event; NULL if not held */
	/* Ticks when the event may be sent. A held event may be sent at these ticks even if it has not been
	 * released. */
	int64_t due;
	/* Time of the next retry, by the clock's `now`. If it is not set, `due` applies instead. */
	moment retry_at;
	int attempts;
	/* For FAULT_OUT_OF_ORDER: the event may be sent as soon as another event has been sent. */
	bool after_next;
	bool changed;	/* differs from its stored copy */
	bool is_stored; /* the kv store may contain a copy */
	/* The event's URL was removed while the event was being sent, so it is not sent again. */
	bool is_removed;
	uint64_t commit; /* for events in `deleting`: the commit that deletes the stored copy */
	char texts[];
};

struct event_queue {
	struct event_queue_conf conf;
	struct lock lock;
	struct cond wake;
	struct thread thread;
	bool stopping;
	uint64_t last_serial;
	/* Number of wake-ups. The queue's thread compares it with an earlier value, to notice a wake-up while
	 * it was busy. */
	uint64_t changes;
	size_t n;		      /* events in `unsent` and `delayed` */
	struct queued_event *unsent;  /* events without an attempt, in the order in which they were added */
	struct queued_event *delayed; /* late events and retries, which wait for their time */
	struct queued_event *sending; /* the event being sent, which is in none of the lists; or NULL */
	/* Finished events whose stored copies are deleted: `to_delete` by the next commit, `deleting` by a
	 * commit in progress. */
	struct queued_event *to_delete, *deleting;
	/* Number of the latest commit. Two threads may each have a commit in progress. */
	uint64_t commits;
	int64_t next_second; /* ticks when conf.each_second is called next */
};

/* Returns a copy of the event, which the caller frees. Returns NULL if memory is exhausted. */
struct queued_event *queued_event_copy(const struct webhook_event *event) must_use;
enum err queued_event_encode(struct arena *a, const struct queued_event *entry, struct str *out) must_use;
/* Decodes a stored event, which the caller frees. Returns ERR_INPUT if queued_event_encode did not write
 * these bytes. */
enum err queued_event_decode(struct str bytes, struct queued_event **out) must_use;

/* The queue of events from inside: for its two rooms, events and events_kept. And the form of one event on a
 * shelf, what is left of it after a restart. */
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
	uint64_t serial;
	const void *holder; /* NULL: not held */
	int64_t due;	    /* ticks; of a held one: when it is let go all the same */
	moment retry_at;    /* on the program's clock, which can be moved; never: by ticks */
	int attempts;
	bool after_next; /* FAULT_OUT_OF_ORDER: goes as soon as another one went */
	bool changed;	 /* since it was written to the shelf */
	bool is_stored;	 /* may be there */
	char texts[];
};

struct event_queue {
	struct event_queue_conf conf;
	struct lock lock;
	struct cond wake;
	struct thread thread;
	bool stopping;
	uint64_t serials, changes;
	size_t n;
	struct queued_event *first;   /* not tried yet, in order */
	struct queued_event *waiting; /* for their time */
	/* Of those that are done: still on the shelf, and in the commit that is under way. */
	struct queued_event *gone, *going;
	int64_t next_second;
};

/* A copy of the event; NULL: no memory. To be freed. */
struct queued_event *queued_event_copy(const struct webhook_event *event) must_use;
enum err queued_event_encode(struct arena *a, const struct queued_event *entry, struct str *out) must_use;
/* ERR_INPUT: not of our making. To be freed. */
enum err queued_event_decode(struct str bytes, struct queued_event **out) must_use;

/* The queue of events from inside: for its two rooms, events and events_kept. And the form of one event on a
 * shelf, what is left of it after a restart. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/lock.h"
#include "base/moment.h"
#include "sandbox/event.h"
#include "sandbox/faults.h"

struct entry {
	struct entry *next;
	struct event event;
	enum fault fault;
	uint64_t serial;
	const void *holder; /* NULL: not held */
	int64_t due;	    /* ticks; of a held one: when it is let go all the same */
	moment retry_at;    /* on the program's clock, which can be moved; never: by ticks */
	int attempts;
	bool after_next; /* FAULT_OUT_OF_ORDER: goes as soon as another one went */
	bool changed;	 /* since it was written to the shelf */
	bool on_shelf;	 /* may be there */
	char texts[];
};

struct events {
	struct events_conf conf;
	struct lock lock;
	struct cond wake;
	struct thread thread;
	bool stopping;
	uint64_t serials, changes;
	size_t n;
	struct entry *first;   /* not tried yet, in order */
	struct entry *waiting; /* for their time */
	/* Of those that are done: still on the shelf, and in the commit that is under way. */
	struct entry *gone, *going;
	int64_t next_second;
};

/* A copy of the event; NULL: no memory. To be freed. */
struct entry *queued_copy(const struct event *event) must_use;
enum err queued_write(struct arena *a, const struct entry *entry, struct str *out) must_use;
/* ERR_INPUT: not of our making. To be freed. */
enum err queued_read(struct str bytes, struct entry **out) must_use;

/* Counting: adds events to the daily counts of their tenant (domain/daily_count). It is part of the
 * transaction that gives an event its position, so that each event is counted once whatever happens, and only
 * such transactions change the counts, one at a time. */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "domain/daily_count.h"
#include "domain/event.h"
#include "port/store.h"

/* The changes of a batch of events. The caller provides the memory, with room for one element per event. */
struct count_batch {
	struct count_changes *changes;
	size_t n;
};

/* Adds an event to the batch, if it has not been counted. */
void count_batch_add(struct count_batch *batch, const struct event *event);
/* Saves the batch. */
enum err count_batch_save(struct tx *tx, const struct count_batch *batch) must_use;

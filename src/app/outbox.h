/* Carries effects out: leases a row, hands the letter over, marks the row. A crash between the two hands a
 * letter over again, never loses one. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Names the labels of the letters' metric. Once, at the start. */
void outbox_label(void);
/* One letter that is due: `worked` is false when there was none. */
enum err outbox_work(const struct world *world, struct arena *a, bool *worked) must_use;
/* At a start on a database that only one process serves: leases of dead processes are void. */
enum err outbox_take_over(const struct world *world, struct arena *a) must_use;
/* All that waits for its next try is due now. */
enum err outbox_hasten(const struct world *world, struct arena *a) must_use;
/* Removes rows that were finished more than 30 days ago, a bounded number per call. */
enum err outbox_clean(const struct world *world, struct arena *a) must_use;
/* Sets the gauge of the oldest unsent letter. */
enum err outbox_measure(const struct world *world, struct arena *a) must_use;

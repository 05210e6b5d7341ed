/* The background thread that delivers events to webhook endpoints (app/webhook/dispatch). A commit that added
 * deliveries wakes it. It also checks all endpoints once a second. */
#pragma once

#include "base/err.h"
#include "base/moment.h"
#include "port/webhook_sender.h"
#include "port/world.h"

struct dispatcher;

/* The dispatcher uses the sender until it is stopped; the caller closes the sender afterwards. */
enum err dispatcher_start(
	const struct world *world, struct webhook_sender *sender, struct dispatcher **out) must_use;
/* Makes the thread look for new deliveries. Thread-safe, does not block. */
void dispatcher_notify(struct dispatcher *dispatcher);
/* From now on no attempts are begun. Those in progress may take until `limit` has passed; then they are ended
 * and their leases are freed. Does not wait. Accepts NULL. */
void dispatcher_begin_stop(struct dispatcher *dispatcher, duration limit);
/* Waits until the thread has ended after dispatcher_begin_stop(). Accepts NULL. */
void dispatcher_stop(struct dispatcher *dispatcher);

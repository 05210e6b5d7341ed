/* Log of webhook delivery attempts (didit-api.md 7.1, 7.2), with one entry for each attempt. Keeps the last
 * DELIVERIES_KEPT attempts of all destinations together, in memory only. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "sandbox/state/destinations.h"
#include "sandbox/webhooks/event.h"

#define DELIVERIES_KEPT 200

struct delivery {
	char id[UUID_SIZE];
	moment at;
	int status;			 /* HTTP status of the response; 0 if there was none */
	int64_t response_ms;		 /* duration of the attempt in milliseconds */
	struct str destination, session; /* their ids */
	struct str url, body;
};

struct deliveries;

enum err deliveries_open(struct deliveries **out) must_use;
/* Accepts NULL. */
void deliveries_close(struct deliveries *deliveries);
/* Adds a copy of the delivery with a new id. If there are already DELIVERIES_KEPT deliveries, removes the
 * oldest. */
void deliveries_add(struct deliveries *deliveries, const struct delivery *delivery);
/* Calls `found` for each delivery of one destination, newest first, and returns their number. The lock is
 * held during the calls, so `found` must not call functions of this module. */
int64_t deliveries_each(struct deliveries *deliveries, struct str destination,
	void (*found)(void *arg, const struct delivery *delivery), void *arg);

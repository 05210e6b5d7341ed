/* Chooses deliveries for the next attempts and leases them (spec/events.md 2, "Order, fairness").
 *
 * First attempts are made in the order of events, for each person one at a time. Retries are made when they
 * are due; they do not delay first attempts. The deliveries of one endpoint are leased while its row is
 * locked, so that instances choose one after the other. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/effect.h"
#include "domain/id.h"
#include "port/store.h"
#include "port/webhook_sender.h"
#include "port/world.h"

/* Endpoints that one transaction looks at and leases for. */
#define LEASE_ENDPOINTS_MAX 16

/* An endpoint that may have work. */
struct lease_candidate {
	struct endpoint_id id;
	size_t in_flight; /* attempts of this instance */
};

struct leased_deliveries {
	size_t n;
	struct effect rows[WEBHOOK_TRANSFERS_MAX]; /* without their texts */
};

/* Returns in `n` how many deliveries could be leased for the endpoint now, at most `room`. `oldest` is when
 * its first delivery without an attempt was created (0: there is none). */
enum err delivery_lease_count(const struct world *world, struct tx *tx,
	const struct lease_candidate *candidate, size_t room, size_t *n, moment *oldest) must_use;
/* Leases deliveries of the candidates, at most `room` in all (at most WEBHOOK_TRANSFERS_MAX). */
enum err delivery_lease(const struct world *world, struct arena *a, const struct lease_candidate *candidates,
	size_t n, size_t room, struct leased_deliveries *out) must_use;

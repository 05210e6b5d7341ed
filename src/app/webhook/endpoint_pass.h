/* A pass over all webhook endpoints that have open deliveries, to find those for which an attempt can be made
 * now. The pass proceeds in steps; each step begins after the endpoint at which the last one ended, so that
 * endpoints have turns when not all deliveries can be made at the same time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/webhook/delivery_lease.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "domain/id.h"
#include "port/world.h"

struct endpoint_pass {
	bool is_running;
	bool has_wrapped;      /* the pass has come to the last endpoint and continues with the first one */
	struct endpoint_id at; /* the endpoint that was looked at last */
	struct endpoint_id start; /* where the pass began */
	moment oldest;		  /* of the deliveries without an attempt that the pass has seen; 0: none */
};

/* How many attempts of this instance an endpoint has. */
typedef size_t endpoint_in_flight(void *arg, const struct endpoint_id *id);

struct pass_conf {
	const struct world *world;
	endpoint_in_flight *in_flight;
	void *arg;
	size_t room; /* deliveries that can be leased */
};

struct pass_step {
	struct lease_candidate candidates[LEASE_ENDPOINTS_MAX];
	size_t n;
};

/* Begins a pass at the present position; a pass that is running begins anew. */
void endpoint_pass_begin(struct endpoint_pass *pass);
/* Continues the pass until `out` is full, the room is used up, or some endpoints were looked at. Uses a read
 * transaction. */
enum err endpoint_pass_step(struct endpoint_pass *pass, const struct pass_conf *conf, struct arena *a,
	struct pass_step *out) must_use;

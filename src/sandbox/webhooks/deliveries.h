/* What was handed over to webhook destinations lately, each attempt by itself (didit-api.md 7.1, 7.2): the
 * last DELIVERIES_KEPT, until the program ends. Safe from any thread. */
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
	int status;	     /* of the answer; 0: there was none */
	int64_t response_ms; /* after how many milliseconds */
	struct str destination, session, url, body;
};

struct deliveries;

enum err deliveries_open(struct deliveries **out) must_use;
/* Accepts NULL. */
void deliveries_close(struct deliveries *deliveries);
/* Copies; beyond the bound the oldest one goes. Its id is given here. */
void deliveries_add(struct deliveries *deliveries, const struct delivery *delivery);
/* Those of one destination, the newest first, while nobody notes another one. Gives how many there are. */
int64_t deliveries_each(struct deliveries *deliveries, struct str destination,
	void (*found)(void *arg, const struct delivery *delivery), void *arg);

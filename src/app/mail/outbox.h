/* Delivers the outbox: leases a row (an effect), hands its e-mail to the mail server, and marks the row. If
 * the process crashes before the row is marked, the e-mail may be sent a second time, but it is never lost:
 * half a minute after the last renewal of the lease, another worker takes the row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/branding.h"
#include "domain/effect.h"
#include "port/world.h"

/* One delivery by one worker. The texts are in the arena that was passed to outbox_lease. */
struct outbox_delivery {
	const struct world *world;
	bool found;	      /* true if a row was due */
	bool useful;	      /* the code in the e-mail is still valid, so the e-mail is to be sent */
	struct effect effect; /* the row, leased by this process */
	moment leased_at;     /* moment of the lease, by the store's clock */
	struct str plain;     /* the unsealed payload */
	struct str brand, language;
	struct branding branding; /* of the tenant */
	struct str logo;	  /* the PNG file; empty: none */
	enum effect_state state;  /* the state that the row is marked with */
	char request_id[65];	  /* the id of the request that queued the e-mail; empty if it is not known */
	unsigned char jitter;
};

/* Sets the label names of the outbox metric. Called once, at the start. */
void outbox_label(void);
/* Leases the row that has been due for the longest time and is not leased. `found` is false if there is no
 * such row. */
enum err outbox_lease(const struct world *world, struct arena *a, struct outbox_delivery *delivery) must_use;
/* Hands the e-mail to the mail server and marks its row. Blocks while the mail server answers. */
enum err outbox_deliver(struct outbox_delivery *delivery, struct arena *a) must_use;
/* Marks the row again after outbox_deliver failed to mark it. The e-mail was already handed to the mail
 * server. */
enum err outbox_mark(struct outbox_delivery *delivery, struct arena *a) must_use;
/* Returns whether the e-mail would be sent a second time if its row stayed unmarked. That is so until its
 * code expires. */
bool outbox_must_mark(const struct outbox_delivery *delivery);
/* Leases one row and delivers it. `worked` is false if no row was due. */
enum err outbox_work(const struct world *world, struct arena *a, bool *worked) must_use;
/* Renews the leases of deliveries in progress. Called every LEASE_RENEW_INTERVAL; otherwise other workers
 * would take the rows. */
enum err outbox_renew(
	const struct world *world, struct arena *a, const struct effect *held, size_t n) must_use;

/* Delivers the outbox: leases a row (an effect), hands its e-mail to the mail server, marks the row. A crash
 * between the last two steps sends the e-mail a second time, but never loses it: once the lease was not
 * renewed for half a minute, another worker takes the row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/effect.h"
#include "port/world.h"

/* One delivery by one worker. Texts are in the arena that was given to outbox_lease. */
struct outbox_delivery {
	const struct world *world;
	bool found;	      /* a row was due */
	bool useful;	      /* its code is still valid: the e-mail is to be sent */
	struct effect effect; /* leased by this process */
	moment leased_at;     /* by the store's clock */
	struct str plain;     /* the unsealed payload */
	struct str brand, language;
	enum effect_state state; /* what the row is marked with */
	const char *reason;	 /* from the mailer, for logs */
	unsigned char jitter;
};

/* Sets the label names of the outbox metric. To be called once, at the start. */
void outbox_label(void);
/* Leases the oldest row that is due and not leased; `found` is false if there is none. */
enum err outbox_lease(const struct world *world, struct arena *a, struct outbox_delivery *delivery) must_use;
/* Hands the e-mail to the mail server and marks its row. Blocks while the mail server answers. */
enum err outbox_deliver(struct outbox_delivery *delivery, struct arena *a) must_use;
/* Marks the row again after outbox_deliver failed to: the e-mail was already handed over. */
enum err outbox_mark(struct outbox_delivery *delivery, struct arena *a) must_use;
/* Whether the e-mail would be sent a second time if its row stayed unmarked: true until its code expires. */
bool outbox_must_mark(const struct outbox_delivery *delivery);
/* Leases one row and delivers it. `worked` is false if no row was due. */
enum err outbox_work(const struct world *world, struct arena *a, bool *worked) must_use;
/* Renews the leases of deliveries in progress. To be called every LEASE_RENEW_INTERVAL; otherwise other
 * workers take the rows. */
enum err outbox_renew(
	const struct world *world, struct arena *a, const struct effect *held, size_t n) must_use;

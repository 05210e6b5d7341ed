/* Carries effects out: leases a row, hands the letter over, marks the row. A crash between the two hands a
 * letter over again, never loses one: whoever is first takes it over when the lease was not renewed for half
 * a minute. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/effect.h"
#include "port/world.h"

/* What one worker holds in its hands; texts live in the arena it was taken with. */
struct outbox_delivery {
	const struct world *world;
	bool found, useful;
	struct effect effect; /* with our lease */
	moment clock;	      /* the store's, when it was looked for */
	struct str plain;     /* the unsealed row */
	struct str brand, language;
	enum effect_state state;
	const char *reason;
	unsigned char jitter;
};

/* Names the labels of the letters' metric. Once, at the start. */
void outbox_label(void);
/* Leases the oldest one that is due and that nobody has; `found` is false when there is none. */
enum err outbox_lease(const struct world *world, struct arena *a, struct outbox_delivery *delivery) must_use;
/* Hands it over, and marks its row. Waits for the mail server. */
enum err outbox_deliver(struct outbox_delivery *delivery, struct arena *a) must_use;
/* When the store failed under the mark: once more. The letter is handed over already. */
enum err outbox_mark(struct outbox_delivery *delivery, struct arena *a) must_use;
/* Whether the letter would be sent again if its row were not marked: until nobody has a use for it. */
bool outbox_must_mark(const struct outbox_delivery *delivery);
/* Takes and carries. `worked` is false when there was none. */
enum err outbox_work(const struct world *world, struct arena *a, bool *worked) must_use;
/* These are still being carried: every LEASE_RENEW_INTERVAL, or others take them over. */
enum err outbox_renew(
	const struct world *world, struct arena *a, const struct effect *held, size_t n) must_use;

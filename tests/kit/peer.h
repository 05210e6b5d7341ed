/* Two instances of the program beside each other: the kit's world, and another one with a clock, a mailer and
 * flights of its own on the same store, whose clock is a third one. The provider is one. */
#pragma once

#include "kit/world.h"

struct peer {
	struct kit_clock clock;
	struct kit_mailer mailer;
	struct single_flights *single_flights;
	struct world world;
};

struct pair {
	struct kit kit; /* first: kit_setup's state is one, too */
	struct peer other;
	struct kit_clock store_clock;
};

void pair_open(struct pair *pair);
void pair_close(struct pair *pair);
/* For cmocka: `*state` is a struct pair. */
int pair_setup(void **state);
int pair_teardown(void **state);
/* All three clocks go on. */
void pair_wait(struct pair *pair, duration s);

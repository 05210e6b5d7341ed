/* The fixture for tests of two program instances on one store. The first instance is a struct app_fixture;
 * the second has its own clock, mailer and single-flight table. Both share the memory store, which has a
 * third clock, and the provider. */
#pragma once

#include "kit/app_fixture.h"

struct second_instance {
	struct fake_clock clock;
	struct fake_mailer mailer;
	struct single_flights *single_flights;
	struct world world;
};

struct instance_pair {
	struct app_fixture first; /* must stay the first member: `*state` is also a struct app_fixture */
	struct second_instance second;
	struct fake_clock store_clock;
};

void instance_pair_open(struct instance_pair *pair);
void instance_pair_close(struct instance_pair *pair);
/* Set-up and tear-down functions for cmocka: `*state` is a struct instance_pair. */
int instance_pair_setup(void **state);
int instance_pair_teardown(void **state);
/* Advances the clocks of both instances and of the store. */
void instance_pair_advance_clocks(struct instance_pair *pair, duration by);

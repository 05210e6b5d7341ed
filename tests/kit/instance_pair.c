#include "kit/instance_pair.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "kit/fakes.h"
#include "kit/memory_store.h"

void instance_pair_open(struct instance_pair *pair)
{
	fixture_open(&pair->first);
	pair->first.store.base.shared = true;
	fake_clock_init(&pair->store_clock);
	memory_store_set_clock(pair->first.store.inner, &pair->store_clock.base);
	fake_clock_init(&pair->second.clock);
	fake_mailer_init(&pair->second.mailer, &pair->second.clock.base);
	assert_int_equal(single_flights_open(&pair->second.single_flights), OK);
	pair->second.world = pair->first.world;
	pair->second.world.clock = &pair->second.clock.base;
	pair->second.world.mailer = &pair->second.mailer.base;
	pair->second.world.instance = (struct instance_id){ "01secondinstance0000000000" };
}

void instance_pair_close(struct instance_pair *pair)
{
	single_flights_close(pair->second.single_flights);
	pair->second.mailer.base.ops->close(&pair->second.mailer.base);
	fixture_close(&pair->first);
}

int instance_pair_setup(void **state)
{
	struct instance_pair *const pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	instance_pair_open(pair);
	*state = pair;
	return 0;
}

int instance_pair_teardown(void **state)
{
	instance_pair_close(*state);
	free(*state);
	return 0;
}

void instance_pair_advance_clocks(struct instance_pair *pair, duration by)
{
	fixture_advance_clock(&pair->first, by);
	atomic_fetch_add(&pair->second.clock.now, by.ms);
	atomic_fetch_add(&pair->second.clock.ticks, by.ms);
	atomic_fetch_add(&pair->store_clock.now, by.ms);
}

#include "kit/peer.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "kit/fakes.h"
#include "kit/memory_store.h"

void pair_open(struct pair *pair)
{
	kit_open(&pair->kit);
	pair->kit.store.base.shared = true;
	fake_clock(&pair->store_clock);
	memory_store_set_clock(pair->kit.store.inner, &pair->store_clock.base);
	fake_clock(&pair->other.clock);
	fake_mailer(&pair->other.mailer, &pair->other.clock.base);
	assert_int_equal(single_flights_open(&pair->other.single_flights), OK);
	pair->other.world = pair->kit.world;
	pair->other.world.clock = &pair->other.clock.base;
	pair->other.world.mailer = &pair->other.mailer.base;
	pair->other.world.instance = (struct instance_id){ "01otherinstance00000000000" };
}

void pair_close(struct pair *pair)
{
	single_flights_close(pair->other.single_flights);
	pair->other.mailer.base.ops->close(&pair->other.mailer.base);
	kit_close(&pair->kit);
}

int pair_setup(void **state)
{
	struct pair *const pair = calloc(1, sizeof(*pair));

	assert_non_null(pair);
	pair_open(pair);
	*state = pair;
	return 0;
}

int pair_teardown(void **state)
{
	pair_close(*state);
	free(*state);
	return 0;
}

void pair_wait(struct pair *pair, duration s)
{
	kit_wait(&pair->kit, s);
	atomic_fetch_add(&pair->other.clock.now, s.ms);
	atomic_fetch_add(&pair->other.clock.ticks, s.ms);
	atomic_fetch_add(&pair->store_clock.now, s.ms);
}

#include "port/world.h"

/* Returns the time for expiry. Reads the wall clock before the ticks: if the thread is interrupted in
 * between, the result is too early by that delay, and the next call corrects it. In the opposite order, the
 * delay would remain forever. */
moment world_expiry_now(const struct world *world)
{
	_Atomic int64_t *const largest = &world->clock->expiry_offset;
	const moment now = world_now(world);
	const int64_t ticks = world_ticks(world), offset = now.ms - ticks;
	int64_t seen = atomic_load(largest);
	bool stored = false;

	while (offset > seen && !stored)
		stored = atomic_compare_exchange_weak(largest, &seen, offset);
	return (moment){ ticks + (offset > seen ? offset : seen) };
}

enum err world_id(const struct world *world, char out[ID_SIZE])
{
	unsigned char random[ID_RANDOM_BYTES];

	TRY(world_random(world, random, sizeof(random)));
	id_make(world_now(world), random, out);
	return OK;
}

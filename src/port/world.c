#include "port/world.h"

enum err world_id(const struct world *world, char out[ID_SIZE])
{
	unsigned char random[ID_RANDOM_BYTES];

	TRY(world_random(world, random, sizeof(random)));
	id_make(world_now(world), random, out);
	return OK;
}

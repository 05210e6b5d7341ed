#include "port/world.h"

enum err world_id(const struct world *world, char out[ID_SIZE])
{
	unsigned char luck[ID_RANDOM_BYTES];

	TRY(world_random(world, luck, sizeof(luck)));
	id_make(world_now(world), luck, out);
	return OK;
}

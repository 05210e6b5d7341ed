/* The database's own random keys: made once, kept wrapped by the master key. The database remembers which
 * master key that was; another one is refused by name. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/keys.h"
#include "port/store.h"
#include "port/world.h"

/* The eight characters by which people tell master keys apart; nothing of the key can be told from them. */
#define MASTER_ID_SIZE 9
void keyring_master_id(const struct secret_key *master, char out[MASTER_ID_SIZE]);

/* Unwraps the keys, or makes them in a database that has none. ERR_CONFLICT: they are wrapped by another
 * master key, whose id is then in `other`. `world` needs clock, random and store only. */
enum err keyring_open(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE]) must_use;

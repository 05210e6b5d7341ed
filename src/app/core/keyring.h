/* The database's own random keys (crypto/keys.h): created once per database and stored wrapped by the master
 * key. Each row records the id of the master key, so that starting with another master key is detected. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/keys.h"
#include "port/store.h"
#include "port/world.h"

/* Writes the id of a master key: eight hexadecimal characters, shown to operators to distinguish keys. The id
 * reveals nothing about the key. MASTER_ID_SIZE includes the final 0. */
#define MASTER_ID_SIZE 9
void keyring_master_id(const struct secret_key *master, char out[MASTER_ID_SIZE]);

/* Unwraps the keys of the database, or creates them if it has none, and gives the store the key of the rows'
 * MACs. If the database is older than MACs, writes those of all rows first. Returns ERR_CONFLICT if the keys
 * are wrapped by another master key, and puts the id of that master key into `other`; ERR_INPUT if a key
 * cannot be unwrapped. Uses only clock, random and store of `world`. */
enum err keyring_open(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE]) must_use;
/* Does the same, but changes nothing: ERR_NOT_FOUND if the database has no keys. The store gets no key if its
 * rows have no MACs yet. */
enum err keyring_read(const struct world *world, struct arena *a, const struct secret_key *master,
	struct keys *keys, char other[MASTER_ID_SIZE]) must_use;

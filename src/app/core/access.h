/* Finds the tenant that a call belongs to. It is the tenant of the call's API key, or the tenant `default`
 * for a call without a key. Does not check the key itself: the caller (api/core/guard) checks whether it
 * matches, has expired or was revoked. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "port/world.h"

#define DEFAULT_TENANT "default"

struct access {
	struct api_key key; /* has an empty id when the call had no API key */
	struct tenant tenant;
};

/* Loads the API key with this id, and its tenant. Also returns expired and revoked keys.
 * Returns ERR_NOT_FOUND if there is no such key. */
enum err access_by_key_id(
	const struct world *world, struct arena *a, const struct key_id *id, struct access *out) must_use;
/* Loads the tenant `default`, which calls without a key belong to. Returns ERR_NOT_FOUND if there is none. */
enum err access_without_key(const struct world *world, struct arena *a, struct access *out) must_use;
/* Computes the keyed hash of the complete text of an API key, as stored in api_key.digest. */
void access_digest(const struct world *world, struct str text, struct digest *out);

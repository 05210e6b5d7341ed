/* Which tenant a key belongs to. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "port/world.h"

#define DEFAULT_TENANT "default"

struct access {
	struct api_key key; /* empty id: no key, the tenant `default` */
	struct tenant tenant;
};

/* The key of that id with its tenant, whatever its state; ERR_NOT_FOUND. */
enum err access_by_key_id(
	const struct world *world, struct arena *a, const struct key_id *id, struct access *out) must_use;
/* The tenant of calls without a key; ERR_NOT_FOUND. */
enum err access_without_key(const struct world *world, struct arena *a, struct access *out) must_use;
/* Keyed hash of a key's whole text. */
void access_digest(const struct world *world, struct str text, struct digest *out);

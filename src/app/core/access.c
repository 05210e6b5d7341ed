#include "app/core/access.h"

#include "crypto/keys.h"
#include "port/store.h"

static enum err load_key_and_tenant(struct tx *tx, void *arg)
{
	struct access *const access = arg;

	TRY(store_load_api_key(tx, &access->key));
	access->tenant.id = access->key.tenant_id;
	return store_load_tenant(tx, &access->tenant);
}

static enum err load_default_tenant(struct tx *tx, void *arg)
{
	struct access *const access = arg;
	struct tenant probe = { .name = DEFAULT_TENANT };
	size_t n;

	TRY(store_find(tx, QUERY_TENANT_BY_NAME, &probe, page_of(0, 1), &access->tenant, &n));
	return n > 0 ? OK : ERR_NOT_FOUND;
}

enum err access_by_key_id(
	const struct world *world, struct arena *a, const struct key_id *id, struct access *out)
{
	struct access access = { .key = { .id = *id } };

	TRY(store_transact(world->store, TX_READ, a, load_key_and_tenant, &access));
	*out = access;
	return OK;
}

enum err access_without_key(const struct world *world, struct arena *a, struct access *out)
{
	struct access access = { 0 };

	TRY(store_transact(world->store, TX_READ, a, load_default_tenant, &access));
	*out = access;
	return OK;
}

void access_digest(const struct world *world, struct str text, struct digest *out)
{
	keyed_digest(&world->keys->access, &text, 1, out->bytes);
}

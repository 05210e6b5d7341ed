#include "app/core/ip_limit.h"

#include "crypto/keys.h"
#include "domain/ip_limit.h"
#include "text/ip.h"

#define BATCH 256

/* Computes the keyed hash of the caller's IP address. An IPv6 address counts as its /64 network. The hashed
 * bytes are a raw IP address, which is never the normal form of an e-mail or wallet. So this hash cannot
 * equal a blind index, although both use the same key. */
static void ip_hash_of(const struct world *world, const struct caller *caller, struct digest *out)
{
	const struct ip subscriber = ip_subscriber(&caller->end_user);
	const struct str parts[] = { STR("visitor"), str_of(caller->tenant.group_name),
		{ (const char *)subscriber.bytes, sizeof(subscriber.bytes) } };

	keyed_digest(&world->keys->index, parts, array_len(parts), out->bytes);
}

enum err ip_limit_take(
	const struct world *world, struct tx *tx, const struct caller *caller, bool *taken, duration *wait)
{
	const struct rules *const rules = world->rules;
	struct ip_limit limit = { .expires_at = { 0 } };

	*taken = true;
	if (!caller->has_end_user)
		return OK;
	ip_hash_of(world, caller, &limit.ip_hash);
	const enum err e = store_load_ip_limit(tx, &limit);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*taken = ip_limit_take_send(
		&limit, &rules->send_bucket, rules->sends_per_day, world_expiry_now(world), wait);
	return *taken ? store_save_ip_limit(tx, &limit) : OK;
}

struct ip_limit_cleanup {
	const struct world *world;
	struct ip_limit rows[BATCH];
	size_t n;
};

static enum err find_expired_limits(struct tx *tx, void *arg)
{
	struct ip_limit_cleanup *const cleanup = arg;
	const struct ip_limit probe = { .expires_at = world_expiry_now(cleanup->world) };

	return store_find(tx, QUERY_IP_LIMITS_EXPIRED, &probe, page_of(0, BATCH), cleanup->rows, &cleanup->n);
}

static enum err remove_expired_limits(struct tx *tx, void *arg)
{
	struct ip_limit_cleanup *const cleanup = arg;

	TRY(find_expired_limits(tx, cleanup));
	for (size_t i = 0; i < cleanup->n; i++)
		TRY(store_remove_ip_limit(tx, &cleanup->rows[i]));
	return OK;
}

/* Searches for rows in a read transaction first. If there is nothing to remove, SQLite's only writer is not
 * occupied. */
enum err ip_limit_clean(const struct world *world, struct arena *a)
{
	struct ip_limit_cleanup *const cleanup = arena_new(a, struct ip_limit_cleanup);

	if (!cleanup)
		return ERR_INTERNAL;
	cleanup->world = world;
	TRY(store_transact(world->store, TX_READ, a, find_expired_limits, cleanup));
	return cleanup->n > 0 ? store_transact(world->store, TX_WRITE, a, remove_expired_limits, cleanup)
			      : OK;
}

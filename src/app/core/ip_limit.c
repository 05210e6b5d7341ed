#include "app/core/ip_limit.h"

#include "crypto/keys.h"
#include "domain/ip_limit.h"
#include "text/ip.h"

#define BATCH 256

/* An IPv6 address counts as its /64. Raw bytes are no e-mail or wallet in its normal form, so that no blind
 * index of an address under the same key is ever the same. */
static void key_of(const struct world *world, const struct caller *caller, struct digest *out)
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
	key_of(world, caller, &limit.ip_hash);
	const enum err e = store_load_ip_limit(tx, &limit);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*taken = ip_limit_take_send(
		&limit, &rules->send_bucket, rules->sends_per_day, world_now(world), wait);
	return *taken ? store_save_ip_limit(tx, &limit) : OK;
}

struct sweep {
	const struct world *world;
	struct ip_limit rows[BATCH];
	size_t n;
};

static enum err find(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;
	const struct ip_limit probe = { .expires_at = world_now(sweep->world) };

	return store_find(tx, QUERY_IP_LIMITS_EXPIRED, &probe, page_of(0, BATCH), sweep->rows, &sweep->n);
}

static enum err remove_old(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;

	TRY(find(tx, sweep));
	for (size_t i = 0; i < sweep->n; i++)
		TRY(store_remove_ip_limit(tx, &sweep->rows[i]));
	return OK;
}

/* Who only looks does not need the one writer. */
enum err ip_limit_clean(const struct world *world, struct arena *a)
{
	struct sweep *const sweep = arena_new(a, struct sweep);

	if (!sweep)
		return ERR_INTERNAL;
	sweep->world = world;
	TRY(store_transact(world->store, TX_READ, a, find, sweep));
	return sweep->n > 0 ? store_transact(world->store, TX_WRITE, a, remove_old, sweep) : OK;
}

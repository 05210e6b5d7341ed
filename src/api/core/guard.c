#include "api/core/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/core/key_usage.h"
#include "app/core/access.h"
#include "base/lock.h"
#include "base/log.h"
#include "base/log_limit.h"
#include "crypto/api_key.h"
#include "crypto/digest.h"
#include "domain/limit.h"
#include "port/store.h"
#include "text/ip.h"

/* How long a loaded key stays in the cache. interface.md 1 promises that a revoked key or a changed quota
 * takes effect within one second. */
#define CACHE_AGE_MAX milliseconds(900)
/* How long a request waits while another thread reserves requests for the same key. */
#define RESERVE_TIMEOUT seconds(2)
/* The cache holds up to SETS * WAYS keys. A key's hash selects one of the sets, and the key may use any of
 * the set's WAYS entries. In a full set, the least recently used entry is replaced. */
#define SETS 512
#define WAYS 8

struct cache_entry {
	bool in_use;
	struct key_id id; /* empty: requests without a key */
	struct access access;
	int64_t loaded_at, used_at; /* ticks */
	moment recorded;	    /* the minute that was last passed to key_usage_add */
	struct log_limit refusal_log;
	struct key_rate rate;
};

struct guard {
	const struct world *world;
	struct key_usage *usage;
	struct lock lock;
	struct cond reservation_ended; /* signalled when a reservation has ended, for any key */
	struct cache_entry entries[SETS][WAYS];
};

enum err guard_open(const struct world *world, struct guard **out)
{
	/* calloc returns such a large block as zeroed pages, which use no memory until they are written. */
	struct guard *const guard = calloc(1, sizeof(*guard));

	if (!guard)
		return ERR_INTERNAL;
	if (key_usage_open(&guard->usage) != OK) {
		free(guard);
		return ERR_INTERNAL;
	}
	guard->world = world;
	lock_init(&guard->lock);
	cond_init(&guard->reservation_ended);
	*out = guard;
	return OK;
}

void guard_close(struct guard *guard)
{
	if (!guard)
		return;
	cond_finish(&guard->reservation_ended);
	lock_finish(&guard->lock);
	key_usage_close(guard->usage);
	free(guard);
}

static struct cache_entry *cache_set(struct guard *guard, const struct key_id *id)
{
	/* FNV-1a is sufficient: ids are random, so callers cannot provoke collisions. */
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < sizeof(id->text) && id->text[i]; i++)
		hash = (hash ^ (unsigned char)id->text[i]) * 16777619u;
	return guard->entries[hash % SETS];
}

/* The caller holds the lock. Returns NULL if the key is not in the cache. */
static struct cache_entry *cache_find(struct guard *guard, const struct key_id *id)
{
	struct cache_entry *const set = cache_set(guard, id);

	for (size_t i = 0; i < WAYS; i++)
		if (set[i].in_use && strcmp(set[i].id.text, id->text) == 0)
			return &set[i];
	return NULL;
}

/* The caller holds the lock. Returns a free entry for the key. If its set is full, clears the least recently
 * used entry and returns that. */
static struct cache_entry *cache_evict(struct guard *guard, const struct key_id *id)
{
	struct cache_entry *const set = cache_set(guard, id);
	struct cache_entry *oldest = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (!set[i].in_use)
			return &set[i];
		if (set[i].used_at < oldest->used_at)
			oldest = &set[i];
	}
	memset(oldest, 0, sizeof(*oldest));
	return oldest;
}

/* Copies the cached data of the key to `out`. Returns false if the key is not in the cache or was loaded too
 * long ago. */
static bool cache_load(struct guard *guard, const struct key_id *id, struct access *out)
{
	const int64_t now = world_ticks(guard->world);

	lock_acquire(&guard->lock);
	const struct cache_entry *const entry = cache_find(guard, id);
	const bool fresh = entry && now - entry->loaded_at < CACHE_AGE_MAX.ms;
	if (fresh)
		*out = entry->access;
	lock_release(&guard->lock);
	return fresh;
}

/* `loaded_at` is the time before the store was read, so that a slow read does not make the entry look
 * newer. */
static void cache_store(
	struct guard *guard, const struct key_id *id, const struct access *access, int64_t loaded_at)
{
	lock_acquire(&guard->lock);
	struct cache_entry *entry = cache_find(guard, id);
	if (!entry) {
		entry = cache_evict(guard, id);
		entry->in_use = true;
		entry->id = *id;
	}
	entry->access = *access;
	entry->loaded_at = loaded_at;
	entry->used_at = loaded_at;
	lock_release(&guard->lock);
}

static enum err load_access(struct guard *guard, const struct key_id *id, struct arena *a, struct access *out)
{
	const int64_t start = world_ticks(guard->world);

	if (cache_load(guard, id, out))
		return OK;
	if (id->text[0])
		TRY(access_by_key_id(guard->world, a, id, out));
	else
		TRY(access_without_key(guard->world, a, out));
	cache_store(guard, id, out, start);
	return OK;
}

/* The caller holds the lock, which is released while the store is called. Afterwards the key's entry may have
 * been removed. */
static enum err reserve_requests(struct guard *guard, const struct key_id *id, struct arena *a, int64_t limit)
{
	const int64_t now = world_ticks(guard->world);
	char name[RATE_NAME_SIZE];
	struct rate_reservation reservation = { .name = name, .limit = limit };

	(void)snprintf(name, sizeof(name), "key %s", id->text);
	lock_release(&guard->lock);
	const enum err e = rate_reserve(guard->world, a, &reservation);
	lock_acquire(&guard->lock);
	struct cache_entry *const entry = cache_find(guard, id);
	if (entry)
		key_rate_set_reserved(&entry->rate, &reservation, now);
	cond_broadcast(&guard->reservation_ended);
	return e;
}

/* Checks the limits if several instances serve the store. The caller holds the lock. One thread reserves
 * requests, and the other threads with the same key wait until it has finished. */
static enum err check_shared_limit(struct guard *guard, const struct key_id *id, struct arena *a,
	struct guard_result *out, enum limit_result *result)
{
	const int64_t until = world_ticks(guard->world) + RESERVE_TIMEOUT.ms;

	for (;;) {
		const int64_t now = world_ticks(guard->world);
		struct cache_entry *const entry = cache_find(guard, id);

		*result = entry ? key_rate_use_reserved(&entry->rate, &out->limits, now, &out->wait)
				: LIMIT_PASSED;
		if (*result != LIMIT_NOT_RESERVED)
			return OK;
		if (now >= until)
			return ERR_BUSY;
		if (entry->rate.reserving) {
			(void)cond_wait_for(
				&guard->reservation_ended, &guard->lock, milliseconds(until - now));
			continue;
		}
		entry->rate.reserving = true;
		TRY(reserve_requests(guard, id, a, out->limits.per_minute));
	}
}

/* The caller holds the lock. The key's row tells what this or another instance has written already. */
static void record_use(struct guard *guard, struct cache_entry *entry)
{
	const moment minute = key_usage_minute(world_now(guard->world));

	if (!entry->id.text[0] || !moment_is_before(entry->recorded, minute) ||
		!moment_is_before(entry->access.key.last_used_at, minute))
		return;
	if (key_usage_add(guard->usage, &entry->id, minute))
		entry->recorded = minute;
}

static enum err check_limits(struct guard *guard, const struct key_id *id, struct arena *a,
	struct guard_result *out, enum limit_result *result)
{
	const int64_t now = world_ticks(guard->world);
	enum err e = OK;

	*result = LIMIT_PASSED;
	lock_acquire(&guard->lock);
	struct cache_entry *const entry = cache_find(guard, id);
	if (entry) { /* NULL if the entry was replaced after it was loaded; the request is then not counted */
		entry->used_at = now;
		record_use(guard, entry);
		if (guard->world->store->shared)
			e = check_shared_limit(guard, id, a, out, result);
		else
			*result = key_rate_count(&entry->rate, &out->limits, now, &out->wait);
	}
	lock_release(&guard->lock);
	return e;
}

/* Why a genuine key is refused, and what the operator can do about it. */
struct key_refusal {
	const char *reason, *action;
};

static const struct key_refusal key_refusals[] = {
	[KEY_EXPIRED] = { "expired", "give the caller a new key: kycd key create" },
	[KEY_REVOKED] = { "revoked", "give the caller a new key: kycd key create" },
};
static const struct key_refusal tenant_refusal = { "tenant_disabled",
	"tell the caller, or enable the tenant: kycd tenant set NAME --disabled off" };
static const struct key_refusal address_refusal = { "address",
	"tell the caller, or permit the network: kycd key set ID --allow-from CIDR" };

/* Somebody's server uses a key that is refused. */
static void log_refused_key(struct guard *guard, const struct key_id *id, const struct key_refusal *refusal)
{
	int times = 0;

	lock_acquire(&guard->lock);
	struct cache_entry *const entry = cache_find(guard, id);
	if (entry)
		times = log_limit_count(&entry->refusal_log, world_ticks(guard->world));
	lock_release(&guard->lock);
	if (times > 0)
		log_event(LOG_WARN, "key_refused", LOG_NUMBER("times", times), LOG_WORD("key_id", id->text),
			LOG_WORD("reason", refusal->reason), LOG_TEXT("action", refusal->action));
}

/* On GUARD_UNAUTHORIZED, `id` is set only if the key is genuine. */
static enum guard_verdict check_known_key(
	struct guard *guard, struct str text, struct key_id *id, const struct access *access)
{
	const enum key_verdict verdict = key_check(&access->key, world_expiry_now(guard->world));
	struct digest presented;

	access_digest(guard->world, text, &presented);
	if (!equal_constant_time(presented.bytes, access->key.digest.bytes, sizeof(presented.bytes))) {
		id->text[0] = '\0';
		return GUARD_UNAUTHORIZED;
	}
	if (verdict == KEY_VALID && !tenant_is_disabled(&access->tenant))
		return GUARD_PASSED;
	log_refused_key(guard, id, verdict == KEY_VALID ? &tenant_refusal : &key_refusals[verdict]);
	return GUARD_UNAUTHORIZED;
}

/* Returns whether the key may be used from the client's address. A list that cannot be read allows none. */
static bool is_allowed_from(const struct api_key *key, struct str peer)
{
	struct ip_nets nets;
	struct ip ip;

	return key->allow_from[0] == '\0' || (ip_nets_read(str_of(key->allow_from), &nets) &&
						     ip_read(peer, &ip) && ip_nets_have(&nets, &ip));
}

static enum guard_verdict authenticate(struct guard *guard, const struct request *request, struct arena *a,
	struct key_id *id, struct access *access)
{
	const struct str text = request_header(request, STR("x-api-key"));
	struct key_id given = { { 0 } };

	*id = given;
	if (!text.p && !guard->world->rules->keys_optional)
		return GUARD_UNAUTHORIZED;
	/* A key with a wrong checksum is refused before the store is read. */
	if (text.p &&
		(request_header_count(request, STR("x-api-key")) != 1 || !api_key_read(text, given.text)))
		return GUARD_UNAUTHORIZED;
	const enum err e = load_access(guard, &given, a, access);
	if (e == ERR_INTEGRITY)
		return GUARD_FORGED;
	if (e != OK)
		return e == ERR_NOT_FOUND ? GUARD_UNAUTHORIZED : GUARD_UNAVAILABLE;
	*id = given;
	if (!text.p)
		return tenant_is_disabled(&access->tenant) ? GUARD_UNAUTHORIZED : GUARD_PASSED;
	const enum guard_verdict verdict = check_known_key(guard, text, id, access);
	if (verdict != GUARD_PASSED || is_allowed_from(&access->key, request->peer))
		return verdict;
	log_refused_key(guard, id, &address_refusal);
	return GUARD_ADDRESS_REFUSED;
}

void guard_check(
	struct guard *guard, const struct request *request, struct arena *a, struct guard_result *out)
{
	const struct rules *const rules = guard->world->rules;
	struct access access = { 0 };
	enum limit_result result;
	struct key_id id;

	out->verdict = authenticate(guard, request, a, &id, &access);
	if (out->verdict == GUARD_UNAUTHORIZED || out->verdict == GUARD_ADDRESS_REFUSED)
		memcpy(out->caller.actor.id, id.text, sizeof(id.text));
	if (out->verdict != GUARD_PASSED)
		return;
	out->limits.per_minute = access.key.rate_per_minute ? access.key.rate_per_minute
							    : rules->rate_per_minute;
	out->limits.per_second = access.key.rate_per_second ? access.key.rate_per_second
							    : rules->rate_per_second;
	if (check_limits(guard, &id, a, out, &result) != OK)
		out->verdict = GUARD_UNAVAILABLE;
	else if (result == LIMIT_REACHED)
		out->verdict = GUARD_LIMITED;
	if (out->verdict != GUARD_PASSED)
		return;
	out->caller.tenant = access.tenant;
	out->caller.scopes = id.text[0]			     ? access.key.scopes
			     : rules->all_scopes_without_key ? SCOPES_ALL
							     : SCOPES_DEFAULT;
	out->caller.actor = (struct actor){ .kind = ACTOR_KEY };
	memcpy(out->caller.actor.id, id.text, sizeof(id.text));
}

void guard_write_usage(struct guard *guard)
{
	key_usage_write(guard->usage, guard->world);
}

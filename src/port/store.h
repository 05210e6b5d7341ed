/* The store: transactions, and loads and saves per thing. Use cases get a `tx` and may not wait; who may wait
 * gets the store and opens short transactions. Rows loaded live in the transaction's arena. Two calls at the
 * same time see each other's work whole or not at all; a write that returned OK is on the disk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/audit.h"
#include "domain/challenge.h"
#include "domain/claim.h"
#include "domain/effect.h"
#include "domain/heartbeat.h"
#include "domain/ip_limit.h"
#include "domain/lease.h"
#include "domain/otp.h"
#include "domain/provider_event.h"
#include "domain/provider_token.h"
#include "domain/quota.h"
#include "domain/rate.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "port/keyring.h"
#include "port/load_plan.h"
#include "port/record.h"

/* Which rows of an answer: from `skip` on, at most `limit`. */
struct page {
	size_t skip, limit;
};

static inline struct page page_of(size_t skip, size_t limit)
{
	return (struct page){ skip, limit };
}

struct tx {
	const struct tx_ops *ops;
	struct arena *arena; /* of the call: loaded bytes live here */
	bool writing;
	unsigned char audit_seq; /* noted in the trail, as far as a byte counts (app/core/audit) */
	bool has_effects;	 /* set by store_enqueue_effect: the store rings the bell after the commit */
	bool committed;		 /* set by a store that has committed already (store_insert_new_user) */
};

/* The rows of somebody new. */
struct new_user_rows {
	const struct address *address;
	const struct user *user;
	const struct enrolment *enrolment;
	const struct audit_entry *audit_entry;
};

struct tx_ops {
	/* The key columns of `row` are filled in; loads the rest. ERR_NOT_FOUND. */
	enum err (*load)(struct tx *tx, enum record_kind kind, void *row);
	/* Inserts or replaces; ERR_CONFLICT, and nothing spoiled, when another row has its unique value. */
	enum err (*save)(struct tx *tx, enum record_kind kind, const void *row);
	/* Inserts; ERR_CONFLICT, and nothing else spoiled, when the key (or another unique column) is there.
	 */
	enum err (*add)(struct tx *tx, enum record_kind kind, const void *row);
	/* Removes; fine when it was not there. */
	enum err (*remove)(struct tx *tx, enum record_kind kind, const void *row);
	/* That page of the answer, into an array of the record's struct. */
	enum err (*find)(struct tx *tx, enum query_kind query, const void *probe, struct page page,
		void *rows, size_t *found);
	/* What the store's own clock says: for leases, which other programs go by as well. Never set by
	 * --dev, and not the transaction's beginning. */
	enum err (*clock)(struct tx *tx, moment *now);
	/* What will be loaded next, from that probe on: it changes nothing but how often one waits for it.
	 * NULL where nobody waits. */
	enum err (*prefetch)(struct tx *tx, enum load_plan_kind plan, const void *probe);
	/* NULL: row by row does (store_add_new_user_rows). */
	enum err (*insert_new_user)(struct tx *tx, const struct new_user_rows *rows);
};

/* Patient: where there is one writer for all, it steps aside for the others (for some milliseconds at most):
 * for what anybody can ask for a lot of, so that a flood of it does not slow down the rest. */
enum tx_kind { TX_READ, TX_WRITE, TX_WRITE_LOW_PRIORITY };

/* Runs inside a transaction, perhaps on a thread of the store while the caller sleeps; must not wait for
 * anything. When it returns a failure, all that it wrote is undone. It may be run again after its writes were
 * undone (somebody else's failure took them along): what it keeps in `arg` is what it found, never what the
 * next run would count or change once more. */
typedef enum err tx_work(struct tx *tx, void *arg);

struct store {
	const struct store_ops *ops;
	bool shared; /* other programs may be serving the same store at the same time */
};

struct store_ops {
	/* Returns when the outcome is durable: work's failure, or ERR_BUSY (queue full, waited too long),
	 * ERR_STORAGE. */
	enum err (*transact)(
		struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg);
	/* Called after each commit that noted effects, on the store's thread; must be quick. One listener. */
	void (*on_commit)(struct store *store, void (*ring)(void *arg), void *arg);
	/* The store takes writes (what /health/ready asks). */
	enum err (*ready)(struct store *store);
	void (*close)(struct store *store);
};

static inline enum err must_use store_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	return store->ops->transact(store, kind, arena, work, arg);
}

/* load, save, add and remove for one thing: store_load_user(tx, &user) … */
#define STORE_RECORD(thing, type, kind)                                                                      \
	static inline enum err must_use store_load_##thing(struct tx *tx, type *row)                         \
	{                                                                                                    \
		return tx->ops->load(tx, kind, row);                                                         \
	}                                                                                                    \
	static inline enum err must_use store_save_##thing(struct tx *tx, const type *row)                   \
	{                                                                                                    \
		return tx->ops->save(tx, kind, row);                                                         \
	}                                                                                                    \
	static inline enum err must_use store_add_##thing(struct tx *tx, const type *row)                    \
	{                                                                                                    \
		return tx->ops->add(tx, kind, row);                                                          \
	}                                                                                                    \
	static inline enum err must_use store_remove_##thing(struct tx *tx, const type *row)                 \
	{                                                                                                    \
		return tx->ops->remove(tx, kind, row);                                                       \
	}

STORE_RECORD(keyring, struct keyring, RECORD_KEYRING)
STORE_RECORD(tenant, struct tenant, RECORD_TENANT)
STORE_RECORD(api_key, struct api_key, RECORD_API_KEY)
STORE_RECORD(user, struct user, RECORD_USER)
STORE_RECORD(address, struct address, RECORD_ADDRESS)
STORE_RECORD(enrolment, struct enrolment, RECORD_ENROLMENT)
STORE_RECORD(otp, struct otp, RECORD_OTP)
STORE_RECORD(session, struct session, RECORD_SESSION)
STORE_RECORD(quota, struct quota, RECORD_QUOTA)
STORE_RECORD(effect, struct effect, RECORD_EFFECT)
STORE_RECORD(provider_event, struct provider_event_entry, RECORD_PROVIDER_EVENT)
STORE_RECORD(audit_entry, struct audit_entry, RECORD_AUDIT_ENTRY)
STORE_RECORD(ip_limit, struct ip_limit, RECORD_IP_LIMIT)
STORE_RECORD(provider_event_body, struct provider_event_body, RECORD_PROVIDER_EVENT_BODY)
STORE_RECORD(heartbeat, struct heartbeat, RECORD_HEARTBEAT)
STORE_RECORD(lease, struct lease, RECORD_LEASE)
STORE_RECORD(challenge, struct challenge, RECORD_CHALLENGE)
STORE_RECORD(rate, struct rate, RECORD_RATE)
STORE_RECORD(token, struct provider_token, RECORD_TOKEN)
STORE_RECORD(claim, struct claim, RECORD_CLAIM)

/* ERR_CONFLICT, and nothing has changed: somebody has the address. */
static inline enum err must_use store_add_new_user_rows(struct tx *tx, const struct new_user_rows *rows)
{
	enum err e;

	TRY(store_add_address(tx, rows->address));
	e = store_add_user(tx, rows->user);
	if (e == OK)
		e = store_add_enrolment(tx, rows->enrolment);
	if (e == OK)
		e = store_add_audit_entry(tx, rows->audit_entry);
	/* All but the address have ids of their own. */
	return e == ERR_CONFLICT ? ERR_STORAGE : e;
}

/* The same as the first thing in a transaction, and the last if it succeeds: where a store is a round trip
 * away it is all of the transaction, and stands when it returns. Who runs again and finds this very user
 * there was not heard of when he added it. */
static inline enum err must_use store_insert_new_user(struct tx *tx, const struct new_user_rows *rows)
{
	return tx->ops->insert_new_user != NULL ? tx->ops->insert_new_user(tx, rows)
						: store_add_new_user_rows(tx, rows);
}

/* `rows` is an array of the query's record struct with room for `limit`. */
static inline enum err must_use store_find(
	struct tx *tx, enum query_kind query, const void *probe, struct page page, void *rows, size_t *found)
{
	return tx->ops->find(tx, query, probe, page, rows, found);
}

static inline enum err must_use store_clock(struct tx *tx, moment *now)
{
	return tx->ops->clock(tx, now);
}

/* Only the last one counts. A failure is the transaction's. */
static inline enum err must_use store_prefetch(struct tx *tx, enum load_plan_kind plan, const void *probe)
{
	return tx->ops->prefetch != NULL ? tx->ops->prefetch(tx, plan, probe) : OK;
}

/* Adds the row of an effect; the workers hear of it after the commit. */
static inline enum err must_use store_enqueue_effect(struct tx *tx, const struct effect *effect)
{
	tx->has_effects = true;
	return store_add_effect(tx, effect);
}

/* The store: transactions, and loads and saves per thing. Use cases get a `tx` and may not wait; who may wait
 * gets the store and opens short transactions. Rows loaded live in the transaction's arena. Two calls at the
 * same time see each other's work whole or not at all; a write that returned OK is on the disk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/challenge.h"
#include "domain/claim.h"
#include "domain/effect.h"
#include "domain/event.h"
#include "domain/lease.h"
#include "domain/otp.h"
#include "domain/quota.h"
#include "domain/rate.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "domain/token.h"
#include "domain/trail.h"
#include "domain/user.h"
#include "domain/visitor.h"
#include "domain/watch.h"
#include "port/course.h"
#include "port/keyring.h"
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
	unsigned char deeds; /* noted in the trail, as far as a byte counts (app/trail) */
	bool has_effects;    /* set by store_note_effect: the store rings the bell after the commit */
	bool stands;	     /* set by a store that has committed already (store_welcome) */
};

/* The rows of somebody new. */
struct arrival {
	const struct address *address;
	const struct user *user;
	const struct enrolment *enrolment;
	const struct trail *trail;
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
	enum err (*expect)(struct tx *tx, enum course_kind course, const void *probe);
	/* NULL: row by row does (store_add_arrival). */
	enum err (*welcome)(struct tx *tx, const struct arrival *arrival);
};

/* Patient: where there is one writer for all, it steps aside for the others (for some milliseconds at most):
 * for what anybody can ask for a lot of, so that a flood of it does not slow down the rest. */
enum tx_kind { TX_READ, TX_WRITE, TX_WRITE_PATIENT };

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
	void (*on_effects)(struct store *store, void (*ring)(void *arg), void *arg);
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
STORE_RECORD(event, struct event, RECORD_EVENT)
STORE_RECORD(trail, struct trail, RECORD_TRAIL)
STORE_RECORD(visitor, struct visitor, RECORD_VISITOR)
STORE_RECORD(event_body, struct event_body, RECORD_EVENT_BODY)
STORE_RECORD(watch, struct watch, RECORD_WATCH)
STORE_RECORD(lease, struct lease, RECORD_LEASE)
STORE_RECORD(challenge, struct challenge, RECORD_CHALLENGE)
STORE_RECORD(rate, struct rate, RECORD_RATE)
STORE_RECORD(token, struct shared_token, RECORD_TOKEN)
STORE_RECORD(claim, struct claim, RECORD_CLAIM)

/* ERR_CONFLICT, and nothing has changed: somebody has the address. */
static inline enum err must_use store_add_arrival(struct tx *tx, const struct arrival *arrival)
{
	enum err e;

	TRY(store_add_address(tx, arrival->address));
	e = store_add_user(tx, arrival->user);
	if (e == OK)
		e = store_add_enrolment(tx, arrival->enrolment);
	if (e == OK)
		e = store_add_trail(tx, arrival->trail);
	/* All but the address have ids of their own. */
	return e == ERR_CONFLICT ? ERR_STORAGE : e;
}

/* The same as the first thing in a transaction, and the last if it succeeds: where a store is a round trip
 * away it is all of the transaction, and stands when it returns. Who runs again and finds this very user
 * there was not heard of when he added it. */
static inline enum err must_use store_welcome(struct tx *tx, const struct arrival *arrival)
{
	return tx->ops->welcome != NULL ? tx->ops->welcome(tx, arrival) : store_add_arrival(tx, arrival);
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
static inline enum err must_use store_expect(struct tx *tx, enum course_kind course, const void *probe)
{
	return tx->ops->expect != NULL ? tx->ops->expect(tx, course, probe) : OK;
}

/* Adds the row of an effect; the workers hear of it after the commit. */
static inline enum err must_use store_note_effect(struct tx *tx, const struct effect *effect)
{
	tx->has_effects = true;
	return store_add_effect(tx, effect);
}

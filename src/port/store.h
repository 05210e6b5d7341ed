/* Interface of the store: transactions, and typed functions that load and save rows. A use case that gets a
 * `tx` must not wait for anything else; a use case that may wait gets the store and opens short transactions
 * itself. Loaded bytes are allocated in the transaction's arena. Transactions are atomic and isolated from
 * each other, and durable when store_transact() returns OK. Thread-safe. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/audit.h"
#include "domain/branding.h"
#include "domain/challenge.h"
#include "domain/claim.h"
#include "domain/counter.h"
#include "domain/daily_count.h"
#include "domain/effect.h"
#include "domain/event.h"
#include "domain/heartbeat.h"
#include "domain/idempotency.h"
#include "domain/instance.h"
#include "domain/ip_limit.h"
#include "domain/lease.h"
#include "domain/operator_account.h"
#include "domain/operator_note.h"
#include "domain/otp.h"
#include "domain/provider_event.h"
#include "domain/provider_token.h"
#include "domain/quota.h"
#include "domain/rate.h"
#include "domain/review.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "domain/user.h"
#include "domain/verification_link.h"
#include "domain/webhook_endpoint.h"
#include "port/keyring.h"
#include "port/load_plan.h"
#include "port/query.h"
#include "port/record.h"

/* A part of a query's result: at most `limit` rows after the first `skip` rows. */
struct page {
	size_t skip, limit;
};

static inline struct page page_of(size_t skip, size_t limit)
{
	return (struct page){ skip, limit };
}

/* What the MAC of a stored row says. */
enum row_state {
	ROW_AUTHENTIC,	 /* written by kycd, or the record has no MAC */
	ROW_WITHOUT_MAC, /* written before rows had MACs, or by something else */
	ROW_FORGED,	 /* changed by something else */
};

/* A part of a table in the order of its key. */
struct walk {
	enum record_kind of;
	const void *after; /* only rows with a greater key; NULL: from the first */
	size_t limit;
};

/* Kinds of rows that background threads process. A set of them is the sum of their values. */
enum added_kind {
	ADDED_MAIL = 1,
	ADDED_DELIVERY = 2, /* of an event to a webhook endpoint */
	ADDED_EVENT = 4,
};

struct tx {
	const struct tx_ops *ops;
	struct arena *arena; /* the caller's; loaded bytes are allocated here */
	bool writing;
	unsigned char audit_seq; /* audit entries written so far, modulo 256 (app/core/audit) */
	unsigned added; /* set of enum added_kind, from store_enqueue_effect and store_add_new_event; if it is
			   not empty, the on_commit callback is called with it after the commit */
	bool committed; /* set by a store that has already committed (store_insert_new_user) */
};

/* The rows of a new user. */
struct new_user_rows {
	const struct address *address;
	const struct user *user;
	const struct enrolment *enrolment;
	const struct audit_entry *audit_entry;
	const struct event *event;
};

struct tx_ops {
	/* Loads a row. The caller sets the key columns of `row`; the function sets the other columns.
	 * ERR_NOT_FOUND: there is no row with this key. ERR_INTEGRITY: its MAC is wrong. */
	enum err (*load)(struct tx *tx, enum record_kind kind, void *row);
	/* Inserts or replaces a row. ERR_CONFLICT: another row has the same unique value; the transaction can
	 * continue. */
	enum err (*save)(struct tx *tx, enum record_kind kind, const void *row);
	/* Inserts a row. ERR_CONFLICT: a row with the same key or the same unique value exists; the
	 * transaction can continue. */
	enum err (*add)(struct tx *tx, enum record_kind kind, const void *row);
	/* Removes the row, if there is one. */
	enum err (*remove)(struct tx *tx, enum record_kind kind, const void *row);
	/* Writes one page of the query's result into `rows`, an array of the record's struct. ERR_INTEGRITY:
	 * the MAC of a row is wrong; not for the queries of query_steps_over. */
	enum err (*find)(struct tx *tx, enum query_kind query, const void *probe, struct page page,
		void *rows, size_t *found);
	/* Reads rows of a table as they are stored, also those whose MAC is wrong or missing, into `rows`, an
	 * array of the record's struct; `states` has an element for each. For checks and upgrades of the
	 * whole database. */
	enum err (*walk)(
		struct tx *tx, const struct walk *walk, void *rows, enum row_state *states, size_t *found);
	/* Reads the store's own clock, for leases that several instances share. The result is the present
	 * time, not the start of the transaction, and development mode cannot move it. */
	enum err (*clock)(struct tx *tx, moment *now);
	/* Reads the size of the whole database in bytes. */
	enum err (*size)(struct tx *tx, int64_t *bytes);
	/* A hint: announces that the rows of a load plan will be loaded next, starting from that probe. It
	 * saves round trips and does not change results. NULL for a store without round trips. */
	enum err (*prefetch)(struct tx *tx, enum load_plan_kind plan, const void *probe);
	/* If NULL, store_add_new_user_rows() is used instead. */
	enum err (*insert_new_user)(struct tx *tx, const struct new_user_rows *rows);
};

/* With TX_WRITE_LOW_PRIORITY, a store with a single writer lets other writes go first, which delays the
 * transaction by at most some milliseconds. It is for requests that anyone can send in large numbers, so that
 * a flood of them does not slow down the other requests. */
enum tx_kind { TX_READ, TX_WRITE, TX_WRITE_LOW_PRIORITY };

/* The work of a transaction. It may run on a thread of the store while the caller is blocked, and must not
 * wait for anything. If it returns a failure, everything that it wrote is undone. It may also be undone and
 * run again for other reasons, for example when another transaction of the same group commit failed. So it
 * must assign its results in `arg`, and not add to values that a previous run left there. */
typedef enum err tx_work(struct tx *tx, void *arg);

struct store {
	const struct store_ops *ops;
	bool shared; /* other instances may use the same database at the same time */
	/* Write transactions run one after the other, also those of other processes: what a transaction reads
	 * in the store stays true until it has committed. */
	bool single_writer;
};

/* Called after a commit. `added` is what the committed transactions have added, a set of enum added_kind. */
typedef void commit_callback(void *arg, unsigned added);

struct store_ops {
	/* Runs `work` in a transaction and returns when the outcome is durable. Returns the failure of
	 * `work`, ERR_BUSY (the queue is full, or the wait was too long) or ERR_STORAGE. */
	enum err (*transact)(
		struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg);
	/* Sets the function that is called after each commit that added something to process, on the thread
	 * that committed. The function must return quickly. A store has only one such function. */
	void (*on_commit)(struct store *store, commit_callback *notify, void *arg);
	/* Returns OK when the store accepts writes; for /health/ready. */
	enum err (*ready)(struct store *store);
	/* Sets the key of the rows' MACs, 32 bytes. Until then, a store neither writes nor checks MACs. Must
	 * be called before other threads use the store. NULL for a store without MACs. */
	void (*set_row_key)(struct store *store, const unsigned char key[32]);
	void (*close)(struct store *store);
};

static inline enum err must_use store_transact(
	struct store *store, enum tx_kind kind, struct arena *arena, tx_work *work, void *arg)
{
	return store->ops->transact(store, kind, arena, work, arg);
}

/* Defines store_load_user(tx, &user), store_save_user, store_add_user and store_remove_user, and the same
 * functions for each other record. See struct tx_ops. */
#define STORE_RECORD(name, type, kind)                                                                       \
	static inline enum err must_use store_load_##name(struct tx *tx, type *row)                          \
	{                                                                                                    \
		return tx->ops->load(tx, kind, row);                                                         \
	}                                                                                                    \
	static inline enum err must_use store_save_##name(struct tx *tx, const type *row)                    \
	{                                                                                                    \
		return tx->ops->save(tx, kind, row);                                                         \
	}                                                                                                    \
	static inline enum err must_use store_add_##name(struct tx *tx, const type *row)                     \
	{                                                                                                    \
		return tx->ops->add(tx, kind, row);                                                          \
	}                                                                                                    \
	static inline enum err must_use store_remove_##name(struct tx *tx, const type *row)                  \
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
STORE_RECORD(idempotency_entry, struct idempotency_entry, RECORD_IDEMPOTENCY_ENTRY)
STORE_RECORD(counter, struct counter, RECORD_COUNTER)
STORE_RECORD(event, struct event, RECORD_EVENT)
STORE_RECORD(webhook_endpoint, struct webhook_endpoint, RECORD_WEBHOOK_ENDPOINT)
STORE_RECORD(branding, struct branding, RECORD_BRANDING)
STORE_RECORD(logo, struct logo, RECORD_LOGO)
STORE_RECORD(consent_text, struct consent_text, RECORD_CONSENT_TEXT)
STORE_RECORD(verification_link, struct verification_link, RECORD_VERIFICATION_LINK)
STORE_RECORD(verification_result, struct verification_result, RECORD_VERIFICATION_RESULT)
STORE_RECORD(operator_account, struct operator_account, RECORD_OPERATOR_ACCOUNT)
STORE_RECORD(passkey, struct passkey, RECORD_PASSKEY)
STORE_RECORD(passkey_challenge, struct passkey_challenge, RECORD_PASSKEY_CHALLENGE)
STORE_RECORD(console_session, struct console_session, RECORD_CONSOLE_SESSION)
STORE_RECORD(daily_count, struct daily_count, RECORD_DAILY_COUNT)
STORE_RECORD(decision_count, struct decision_count, RECORD_DECISION_COUNT)
STORE_RECORD(review, struct review, RECORD_REVIEW)
STORE_RECORD(operator_note, struct operator_note, RECORD_OPERATOR_NOTE)
STORE_RECORD(instance, struct server_instance, RECORD_INSTANCE)

/* Adds an event. If it has no position, the thread that numbers events is notified after the commit. */
static inline enum err must_use store_add_new_event(struct tx *tx, const struct event *event)
{
	tx->added |= event->position == 0 ? ADDED_EVENT : 0;
	return store_add_event(tx, event);
}

/* Adds the rows of a new user. ERR_CONFLICT: the address already exists; then nothing has changed. */
static inline enum err must_use store_add_new_user_rows(struct tx *tx, const struct new_user_rows *rows)
{
	enum err e;

	TRY(store_add_address(tx, rows->address));
	e = store_add_user(tx, rows->user);
	if (e == OK)
		e = store_add_enrolment(tx, rows->enrolment);
	if (e == OK)
		e = store_add_audit_entry(tx, rows->audit_entry);
	if (e == OK)
		e = store_add_event(tx, rows->event);
	/* The other rows have random ids, so if one of them conflicts, the database is damaged. */
	return e == ERR_CONFLICT ? ERR_STORAGE : e;
}

/* Like store_add_new_user_rows(), but it must be the first operation of its transaction and, if it succeeds,
 * the last. PostgreSQL runs it as a complete transaction in one round trip and sets tx->committed. If the
 * connection drops before the result arrives, the work runs again and may find the user that it added itself;
 * the work must treat that as success. A store with a single writer has no such rules. */
static inline enum err must_use store_insert_new_user(struct tx *tx, const struct new_user_rows *rows)
{
	tx->added |= rows->event->position == 0 ? ADDED_EVENT : 0;
	return tx->ops->insert_new_user != NULL ? tx->ops->insert_new_user(tx, rows)
						: store_add_new_user_rows(tx, rows);
}

/* Runs a query. `rows` is an array of the query's record struct with room for page.limit elements; `probe` is
 * such a struct too. */
static inline enum err must_use store_find(
	struct tx *tx, enum query_kind query, const void *probe, struct page page, void *rows, size_t *found)
{
	return tx->ops->find(tx, query, probe, page, rows, found);
}

/* Saves a row of any kind. */
static inline enum err must_use store_save_row(struct tx *tx, enum record_kind kind, const void *row)
{
	return tx->ops->save(tx, kind, row);
}

static inline enum err must_use store_walk(
	struct tx *tx, const struct walk *walk, void *rows, enum row_state *states, size_t *found)
{
	return tx->ops->walk(tx, walk, rows, states, found);
}

static inline void store_set_row_key(struct store *store, const unsigned char key[32])
{
	if (store->ops->set_row_key != NULL)
		store->ops->set_row_key(store, key);
}

static inline enum err must_use store_clock(struct tx *tx, moment *now)
{
	return tx->ops->clock(tx, now);
}

static inline enum err must_use store_size(struct tx *tx, int64_t *bytes)
{
	return tx->ops->size(tx, bytes);
}

/* See prefetch in struct tx_ops. A later hint replaces an earlier one. A failure means that the transaction
 * has failed. */
static inline enum err must_use store_prefetch(struct tx *tx, enum load_plan_kind plan, const void *probe)
{
	return tx->ops->prefetch != NULL ? tx->ops->prefetch(tx, plan, probe) : OK;
}

/* Adds an effect to the outbox; the threads that carry it out are notified after the commit. */
static inline enum err must_use store_enqueue_effect(struct tx *tx, const struct effect *effect)
{
	tx->added |= effect->kind == EFFECT_WEBHOOK ? ADDED_DELIVERY : ADDED_MAIL;
	return store_add_effect(tx, effect);
}

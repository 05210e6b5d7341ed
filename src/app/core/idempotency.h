/* Stores the first answers to calls with an Idempotency-Key (domain/idempotency.h). The entry is added before
 * the endpoint runs and completed after it, in transactions of their own. If kycd crashes in between, a
 * repeated call runs the endpoint again once the instance is known to be dead. Answers are sealed, because
 * they may have links to sessions; of key and body only keyed hashes are stored. */
#pragma once

#include "app/core/caller.h"
#include "base/arena.h"
#include "base/err.h"
#include "domain/idempotency.h"
#include "port/store.h"
#include "port/world.h"

/* What identifies a call. */
struct idempotency_call {
	const struct caller *caller; /* actor.id is the id of the API key */
	struct str route;	     /* pattern of the path, for example "/kyc/prepare" */
	struct str params[2];	     /* the values of the path's parameters; empty if there are none */
	struct str key;		     /* the header's value */
	struct str body;	     /* the bytes of the body */
};

struct idempotency_result {
	enum idempotency_verdict verdict;
	/* For IDEMPOTENCY_REPLAY. The body is in the arena. */
	int status;
	struct str body;
	/* For IDEMPOTENCY_FIRST, the entry that idempotency_finish() completes. */
	struct idempotency_entry entry;
};

/* Looks for the entry of the call. If there is none that counts, adds one that is running. */
enum err idempotency_begin(const struct world *world, struct arena *a, const struct idempotency_call *call,
	struct idempotency_result *out) must_use;
/* Keeps the answer, or removes the entry if the answer is not to be kept. If another call has replaced the
 * entry since, changes nothing. */
enum err idempotency_finish(const struct world *world, struct arena *a, const struct idempotency_entry *entry,
	int status, struct str body) must_use;
/* Removes expired entries, at most 256 per call. */
enum err idempotency_clean(const struct world *world, struct arena *a) must_use;

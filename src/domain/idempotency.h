/* Repeated calls with the same Idempotency-Key (spec/events.md 4): the first answer is kept for a day and is
 * returned again. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

#define IDEMPOTENCY_RETENTION hours(24)
/* Largest body of an answer that is kept. Every answer of the API is smaller. */
#define IDEMPOTENCY_REPLY_MAX ((size_t)32 * 1024)

struct idempotency_entry {
	struct digest entry_key;   /* keyed hash of API key, route and Idempotency-Key */
	struct digest body_digest; /* keyed hash of the bytes of the call's body */
	int64_t status;		   /* HTTP status of the first answer; 0 while the first call is running */
	struct str sealed_reply;   /* body of the first answer; empty while the first call is running */
	moment expires_at;
	struct instance_id instance_id; /* the instance that runs the first call */
	/* By the store's clock. A call takes less time than the lease lasts, so if it is still running at
	 * this moment, its instance is dead. */
	moment lease_expires_at;
};

enum idempotency_verdict {
	IDEMPOTENCY_FIRST,	 /* there is no entry, or it does not count any more: run the call */
	IDEMPOTENCY_REPLAY,	 /* answer with the first answer */
	IDEMPOTENCY_KEY_REUSED,	 /* the key was used with another body */
	IDEMPOTENCY_IN_PROGRESS, /* the first call is still running */
};

struct idempotency_facts {
	const struct digest *body; /* of the present call */
	moment expiry_now;	   /* world_expiry_now() */
	moment store_now;	   /* the store's clock */
	/* Only this process uses the store, so that another instance's call cannot be running any more. */
	bool is_only_instance;
	const struct instance_id *instance; /* this instance */
};

/* Decides about a call whose key has the stored entry `entry`. The first call counts as running until its
 * lease expires. */
enum idempotency_verdict idempotency_check(
	const struct idempotency_entry *entry, const struct idempotency_facts *facts);
/* Returns whether an answer with this HTTP status is kept. After a 429 or an error of kycd, a repeated call
 * runs again. */
bool idempotency_keeps(int status);

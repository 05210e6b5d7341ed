/* Marks the rows of attempts that have ended, and their endpoints: last success, failures, pauses, and
 * whether kycd stops delivering (domain/webhook_retry). */
#pragma once

#include <stddef.h>

#include "app/webhook/attempt.h"
#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Attempts that one transaction marks. */
#define MARK_BATCH 32

/* What became of a row that was marked. The words are values of the metric. */
enum mark_outcome {
	MARK_DELIVERED,
	MARK_RETRY,   /* the attempt failed; there will be another one */
	MARK_FAILED,  /* the attempt failed, and it was the last one */
	MARK_DROPPED, /* nothing was sent */
	MARK_LOST,    /* the row is done, or another instance has leased it; nothing was changed */
	MARK_OUTCOME_COUNT
};

/* An endpoint to which kycd stopped delivering. */
struct disabled_endpoint {
	struct endpoint_id id;
	char host[WEBHOOK_HOST_SIZE];
	const char *reason; /* the word of the event webhook_endpoint.disabled */
};

struct marks {
	enum mark_outcome outcomes[MARK_BATCH]; /* of the attempts, in their order */
	struct disabled_endpoint disabled[MARK_BATCH];
	size_t n_disabled;
};

/* Sets the label names of the metric. Called once, at the start. */
void delivery_mark_label(void);
/* Marks `n` attempts (at most MARK_BATCH) in one transaction. After a failure nothing is marked. */
enum err delivery_mark(const struct world *world, struct arena *a, struct attempt *const *attempts, size_t n,
	struct marks *out) must_use;
/* Renews the leases of `n` attempts (at most WEBHOOK_TRANSFERS_MAX). */
enum err delivery_renew(
	const struct world *world, struct arena *a, struct attempt *const *attempts, size_t n) must_use;
/* Frees the leases of attempts that were ended without a result, so that they are made again at once. */
enum err delivery_release(
	const struct world *world, struct arena *a, struct attempt *const *attempts, size_t n) must_use;

/* The open deliveries of a webhook endpoint: how many there are, and what becomes of them when the endpoint
 * is disabled or deleted. A backlog can be long, so it is changed in transactions of limited size. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/id.h"
#include "port/store.h"
#include "port/world.h"

/* A longer backlog is not counted to its end. */
#define BACKLOG_COUNT_MAX 10000

/* Counts the open deliveries. The result is at most BACKLOG_COUNT_MAX. */
enum err backlog_count(struct tx *tx, const struct endpoint_id *endpoint, int64_t *out) must_use;
/* Ends the open deliveries of an endpoint that is disabled as failed. Of an endpoint that is deleted, removes
 * all deliveries and then the endpoint itself. Changes at most BACKLOG_CLEAR_MAX deliveries; the clean-up
 * does the rest. What is left is never sent, because only deliveries of enabled endpoints are. Does nothing
 * to an endpoint that is enabled. */
#define BACKLOG_CLEAR_MAX 2048
enum err backlog_clear(
	const struct world *world, struct arena *a, const struct endpoint_id *endpoint) must_use;
/* Does the same for all endpoints; called by the clean-up. */
enum err backlog_clean(const struct world *world, struct arena *a) must_use;

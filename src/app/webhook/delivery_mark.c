#include "app/webhook/delivery_mark.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/webhook/endpoint_disable.h"
#include "app/webhook/endpoint_seal.h"
#include "base/attr.h"
#include "base/metrics.h"
#include "domain/lease.h"
#include "domain/webhook_delivery.h"
#include "domain/webhook_retry.h"

/* The endpoint's row is written at most this often because of successes alone. */
#define SUCCESS_INTERVAL seconds(1)

void delivery_mark_label(void)
{
	static const char *const names[] = { "delivered", "retry", "failed", "dropped", "lost" };

	static_assert(array_len(names) == MARK_OUTCOME_COUNT, "each outcome has a name");
	for (size_t i = 0; i < MARK_OUTCOME_COUNT; i++)
		metric_label(METRIC_WEBHOOK_ATTEMPTS, 0, i, names[i]);
}

/* The endpoint of the attempts that are being marked. */
struct marked_endpoint {
	struct webhook_endpoint row;
	bool is_known, is_changed;
};

struct mark_job {
	const struct world *world;
	struct attempt *const *attempts;
	size_t n;
	moment now;
	struct marked_endpoint endpoint;
	struct marks *out;
};

/* Loads the row again. `leased` is false if the row is done, or the lease expired and another instance took
 * it. */
static enum err load_if_leased(struct tx *tx, const struct attempt *attempt, struct effect *row, bool *leased)
{
	*row = (struct effect){ .id = attempt->effect.id };

	const enum err e = store_load_effect(tx, row);
	*leased = e == OK && effect_is_leased_by(row, &attempt->effect.lease_owner, attempt->effect.tries);
	return e == ERR_NOT_FOUND ? OK : e;
}

static bool has_succeeded(const struct attempt *attempt)
{
	return attempt->error == WEBHOOK_ERROR_NONE && webhook_is_success(attempt->http_status);
}

static void mark_success(struct mark_job *job, struct effect *row)
{
	struct marked_endpoint *const endpoint = &job->endpoint;

	effect_finish(row, EFFECT_ACCEPTED, job->now);
	if (moment_is_unset(endpoint->row.failing_since) &&
		moment_diff(endpoint->row.last_success_at, job->now).ms < SUCCESS_INTERVAL.ms)
		return;
	endpoint->row.failing_since = (moment){ 0 };
	endpoint->row.last_success_at = job->now;
	endpoint->is_changed = true;
}

static enum err disable_endpoint(
	struct tx *tx, struct mark_job *job, const struct attempt *attempt, enum webhook_health health)
{
	struct disabled_endpoint *const out = &job->out->disabled[job->out->n_disabled++];

	out->id = job->endpoint.row.id;
	memcpy(out->host, attempt->host, sizeof(out->host));
	return endpoint_disable(job->world, tx, &job->endpoint.row, health, &out->reason);
}

/* A failure of kycd itself says nothing about the endpoint. */
static enum err mark_failed_endpoint(struct tx *tx, struct mark_job *job, const struct attempt *attempt)
{
	struct webhook_endpoint *const row = &job->endpoint.row;
	enum webhook_health health;

	if (attempt->error == WEBHOOK_ERROR_INTERNAL)
		return OK;
	row->failing_since = webhook_failing_from(row->failing_since, job->now);
	row->paused_until = webhook_pause(row->paused_until, job->now, attempt->retry_after);
	job->endpoint.is_changed = true;
	health = webhook_health_after_failure(attempt->http_status, row->failing_since, job->now);
	if (health == WEBHOOK_HEALTH_USABLE)
		return OK;
	return disable_endpoint(tx, job, attempt, health);
}

static enum err mark_failure(struct tx *tx, struct mark_job *job, const struct attempt *attempt,
	struct effect *row, enum mark_outcome *out)
{
	struct webhook_retry retry;

	if (job->endpoint.is_known && webhook_endpoint_is_enabled(&job->endpoint.row))
		TRY(mark_failed_endpoint(tx, job, attempt));
	retry = webhook_retry_after_failure(
		row->tries, attempt->jitter, job->now, job->endpoint.row.paused_until);
	*out = retry.failed || !webhook_endpoint_is_enabled(&job->endpoint.row) ? MARK_FAILED : MARK_RETRY;
	if (*out == MARK_FAILED) {
		effect_finish(row, EFFECT_REFUSED, job->now);
		return OK;
	}
	row->state = EFFECT_DEFERRED;
	row->due_at = retry.due_at;
	row->lease_owner = (struct instance_id){ "" };
	row->lease_expires_at = (moment){ 0 };
	return OK;
}

static enum err write_result(
	const struct mark_job *job, struct tx *tx, const struct attempt *attempt, struct effect *row)
{
	row->http_status = attempt->http_status;
	row->duration_ms = attempt->took.ms;
	(void)!str_copy_to(str_of(webhook_error_name(attempt->error)), row->error, sizeof(row->error));
	return webhook_excerpt_seal(job->world, tx->arena, row, attempt_excerpt(attempt));
}

static enum err mark_attempt(
	struct tx *tx, struct mark_job *job, const struct attempt *attempt, enum mark_outcome *out)
{
	struct effect row;
	bool leased;

	*out = MARK_LOST;
	TRY(load_if_leased(tx, attempt, &row, &leased));
	if (!leased)
		return OK;
	if (attempt->is_dropped) {
		*out = MARK_DROPPED;
		effect_finish(&row, EFFECT_DROPPED, job->now);
		return store_save_effect(tx, &row);
	}
	TRY(write_result(job, tx, attempt, &row));
	if (has_succeeded(attempt)) {
		*out = MARK_DELIVERED;
		mark_success(job, &row);
	} else {
		TRY(mark_failure(tx, job, attempt, &row, out));
	}
	return store_save_effect(tx, &row);
}

static enum err save_endpoint(struct tx *tx, struct mark_job *job)
{
	const bool changed = job->endpoint.is_known && job->endpoint.is_changed;

	job->endpoint.is_changed = false;
	return changed ? store_save_webhook_endpoint(tx, &job->endpoint.row) : OK;
}

/* Loads, and thereby locks, the endpoint of the attempt, unless the attempt before had the same one. */
static enum err open_endpoint(struct tx *tx, struct mark_job *job, const struct attempt *attempt)
{
	struct marked_endpoint *const endpoint = &job->endpoint;

	if (strcmp(endpoint->row.id.text, attempt->effect.endpoint_id.text) == 0)
		return OK;
	TRY(save_endpoint(tx, job));
	*endpoint = (struct marked_endpoint){ .row.id = attempt->effect.endpoint_id };
	const enum err e = store_load_webhook_endpoint(tx, &endpoint->row);
	endpoint->is_known = e == OK;
	return e == ERR_NOT_FOUND ? OK : e;
}

/* Sorts the indexes of the attempts by endpoint. */
static void sort_by_endpoint(struct attempt *const *attempts, size_t n, size_t indexes[MARK_BATCH])
{
	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && strcmp(attempts[indexes[at - 1]]->effect.endpoint_id.text,
					 attempts[i]->effect.endpoint_id.text) > 0;
			at--)
			indexes[at] = indexes[at - 1];
		indexes[at] = i;
	}
}

static enum err mark_in_tx(struct tx *tx, void *arg)
{
	struct mark_job *const job = arg;
	size_t indexes[MARK_BATCH] = { 0 };

	job->endpoint = (struct marked_endpoint){ .is_known = false };
	job->out->n_disabled = 0;
	sort_by_endpoint(job->attempts, job->n, indexes);
	for (size_t i = 0; i < job->n; i++) {
		const struct attempt *const attempt = job->attempts[indexes[i]];

		TRY(open_endpoint(tx, job, attempt));
		TRY(mark_attempt(tx, job, attempt, &job->out->outcomes[indexes[i]]));
	}
	return save_endpoint(tx, job);
}

enum err delivery_mark(const struct world *world, struct arena *a, struct attempt *const *attempts, size_t n,
	struct marks *out)
{
	struct mark_job job = {
		.world = world, .attempts = attempts, .n = n, .now = world_now(world), .out = out
	};

	assert(n <= MARK_BATCH);
	return n > 0 ? store_transact(world->store, TX_WRITE, a, mark_in_tx, &job) : OK;
}

struct lease_change {
	struct attempt *const *attempts;
	size_t n;
	bool release;
};

static enum err change_leases(struct tx *tx, void *arg)
{
	const struct lease_change *const change = arg;
	struct effect row;
	moment now;
	bool leased;

	TRY(store_clock(tx, &now));
	for (size_t i = 0; i < change->n; i++) {
		const struct arena_mark before = arena_mark(tx->arena);

		TRY(load_if_leased(tx, change->attempts[i], &row, &leased));
		if (!leased)
			continue;
		effect_renew(&row, now, LEASE_DURATION);
		if (change->release) {
			row.lease_expires_at = (moment){ 0 };
			row.lease_owner = (struct instance_id){ "" };
		}
		TRY(store_save_effect(tx, &row));
		arena_rewind(tx->arena, before);
	}
	return OK;
}

enum err delivery_renew(const struct world *world, struct arena *a, struct attempt *const *attempts, size_t n)
{
	struct lease_change change = { attempts, n, false };

	return n > 0 ? store_transact(world->store, TX_WRITE, a, change_leases, &change) : OK;
}

enum err delivery_release(
	const struct world *world, struct arena *a, struct attempt *const *attempts, size_t n)
{
	struct lease_change change = { attempts, n, true };

	return n > 0 ? store_transact(world->store, TX_WRITE, a, change_leases, &change) : OK;
}

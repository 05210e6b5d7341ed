#include "app/webhook/resend.h"

#include <stdio.h>
#include <string.h>

#include "app/webhook/resend_search.h"

/* Events of one transaction. All of them and their deliveries with excerpts of 4 KiB fit into an arena. */
#define BATCH 32

struct resend_job {
	const struct world *world;
	const struct webhook_client *client;
	const struct endpoint_id *id;
	const struct event_id *event_id;
	const struct resend_filter *filter;
	const struct resend_candidate *rows; /* of one transaction */
	size_t n;
	/* Set by each transaction. */
	struct webhook_refusal refusal;
	int64_t queued;
};

static enum err load_endpoint(struct resend_job *job, struct tx *tx, struct webhook_endpoint *endpoint)
{
	return resend_load_endpoint(tx, job->client, job->id, endpoint, &job->refusal);
}

/* Queues the delivery of an event that the endpoint receives. */
static enum err queue_event(const struct resend_job *job, struct tx *tx,
	const struct webhook_endpoint *endpoint, const struct event *event, bool *queued)
{
	const moment now = world_now(job->world);
	struct effect delivery;
	bool exists;

	TRY(resend_find_delivery(tx, &endpoint->id, event->position, &delivery, &exists));
	*queued = !job->filter || resend_takes_delivery(job->filter, &delivery, exists);
	if (!*queued)
		return OK;
	if (!exists) {
		delivery_init(&endpoint->id, event, now, &delivery);
		TRY(world_id(job->world, delivery.id.text));
		return store_enqueue_effect(tx, &delivery);
	}
	tx->added |= ADDED_DELIVERY;
	return delivery_queue_again(&delivery, now) ? store_save_effect(tx, &delivery) : OK;
}

static enum err append_audit(
	const struct resend_job *job, struct tx *tx, const struct webhook_endpoint *endpoint, int64_t queued)
{
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)queued);
	return webhook_endpoint_audit(job->world, tx, job->client, endpoint, AUDIT_EVENTS_RESENT, number);
}

static enum err resend_event_in_tx(struct tx *tx, void *arg)
{
	struct resend_job *const job = arg;
	struct webhook_endpoint endpoint;
	struct event event = { .id = *job->event_id };
	bool queued = false;

	job->queued = 0;
	TRY(load_endpoint(job, tx, &endpoint));
	if (job->refusal.verdict != WEBHOOK_DONE)
		return OK;
	const enum err e = store_load_event(tx, &event);
	if (e == ERR_NOT_FOUND || (e == OK && strcmp(event.tenant_id.text, endpoint.tenant_id.text) != 0)) {
		job->refusal.verdict = WEBHOOK_EVENT_NOT_FOUND;
		return OK;
	}
	TRY(e);
	if (resend_event_matches(&endpoint, &event))
		TRY(queue_event(job, tx, &endpoint, &event, &queued));
	job->queued = queued ? 1 : 0;
	return append_audit(job, tx, &endpoint, job->queued);
}

enum err webhook_resend_event(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, const struct event_id *event_id, struct resend_result *out)
{
	struct resend_job job = { .world = world, .client = client, .id = id, .event_id = event_id };

	TRY(store_transact(world->store, TX_WRITE, a, resend_event_in_tx, &job));
	*out = (struct resend_result){ .refusal = job.refusal, .queued = job.queued };
	return OK;
}

static enum err queue_candidate(const struct resend_job *job, struct tx *tx,
	const struct webhook_endpoint *endpoint, int64_t position, bool *queued)
{
	const struct event probe = { .tenant_id = endpoint->tenant_id, .position = position - 1 };
	struct event event;
	size_t n;

	*queued = false;
	TRY(store_find(tx, QUERY_EVENTS_OF_TENANT, &probe, page_of(0, 1), &event, &n));
	/* The event, or what the endpoint receives, may have changed since the search. */
	if (n == 0 || event.position != position || !resend_event_matches(endpoint, &event))
		return OK;
	return queue_event(job, tx, endpoint, &event, queued);
}

static enum err resend_batch(struct tx *tx, void *arg)
{
	struct resend_job *const job = arg;
	struct webhook_endpoint endpoint;
	bool queued;

	job->queued = 0;
	TRY(load_endpoint(job, tx, &endpoint));
	if (job->refusal.verdict != WEBHOOK_DONE)
		return OK;
	for (size_t i = 0; i < job->n; i++) {
		TRY(queue_candidate(job, tx, &endpoint, job->rows[i].position, &queued));
		job->queued += queued ? 1 : 0;
	}
	return job->queued > 0 ? append_audit(job, tx, &endpoint, job->queued) : OK;
}

static enum err resend_found(
	struct resend_job *job, struct arena *a, const struct resend_found *found, struct resend_result *out)
{
	const struct arena_mark before = arena_mark(a);

	job->refusal = found->refusal;
	for (size_t i = 0; i < found->n && job->refusal.verdict == WEBHOOK_DONE; i += BATCH) {
		const size_t left = found->n - i;

		job->rows = &found->rows[i];
		job->n = left < BATCH ? left : BATCH;
		TRY(store_transact(job->world->store, TX_WRITE_LOW_PRIORITY, a, resend_batch, job));
		arena_rewind(a, before);
		out->queued += job->queued;
	}
	out->refusal = job->refusal;
	out->has_more = found->has_more;
	out->next_since = found->next_since;
	return OK;
}

enum err webhook_resend_since(const struct world *world, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter, struct resend_result *out)
{
	struct resend_job job = { .world = world, .client = client, .id = id, .filter = filter };
	struct resend_found found;
	struct arena a;

	*out = (struct resend_result){ .queued = 0 };
	arena_init(&a, RESEND_SEARCH_ARENA);
	enum err e = resend_search(world, &a, client, id, filter, &found);
	if (e == OK)
		e = resend_found(&job, &a, &found, out);
	arena_finish(&a);
	return e;
}

#include "app/webhook/test_delivery.h"

#include <string.h>

#include "app/webhook/delivery_request.h"
#include "app/webhook/sample_event.h"
#include "base/buf.h"
#include "domain/webhook_retry.h"
#include "port/webhook_sender.h"

struct test_job {
	const struct world *world;
	const struct webhook_client *client;
	const struct endpoint_id *id;
	enum event_type type;
	struct instance_id
		owner; /* of the lease: this call, so that calls of one instance exclude each other */
	enum test_delivery_verdict verdict;
	struct delivery_request request;
};

/* The lease's name is the endpoint's id. */
static struct lease lease_of(const struct test_job *job)
{
	struct lease lease = { .name = "" };

	memcpy(lease.name, job->id->text, sizeof(lease.name));
	return lease;
}

static enum err load_lease(struct tx *tx, struct lease *lease)
{
	const enum err e = store_load_lease(tx, lease);

	return e == ERR_NOT_FOUND ? OK : e;
}

static enum err write_sample(struct test_job *job, struct tx *tx, const struct webhook_endpoint *endpoint,
	struct event *event, struct str *out)
{
	struct tenant tenant = { .id = endpoint->tenant_id };
	struct event_content content;
	struct json_writer w;
	struct buf text;

	TRY(store_load_tenant(tx, &tenant));
	sample_event_fill(job->type, event, &content);
	const struct event_reader reader = { .tenant_name = str_of(tenant.name),
		.with_address = endpoint->include_address,
		.with_session_url = endpoint->include_session_url,
		.is_test = true };
	buf_init(&text, tx->arena);
	json_writer_init(&w, &text);
	TRY(event_json_put(event, &reader, &content, &w));
	return buf_done(&text, out);
}

static enum err begin_test(struct tx *tx, void *arg)
{
	struct test_job *const job = arg;
	struct event event = { .created_at = world_now(job->world) };
	struct webhook_endpoint endpoint;
	struct lease lease = lease_of(job);
	struct str body;
	moment now;

	job->verdict = TEST_DELIVERY_NO_ENDPOINT;
	const enum err e = webhook_endpoint_load(tx, job->client, job->id, &endpoint);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	TRY(store_clock(tx, &now));
	TRY(load_lease(tx, &lease));
	job->verdict = lease_acquire(&lease, &job->owner, now) ? TEST_DELIVERY_DONE
							       : TEST_DELIVERY_IN_PROGRESS;
	if (job->verdict != TEST_DELIVERY_DONE)
		return OK;
	TRY(store_save_lease(tx, &lease));
	TRY(webhook_endpoint_audit(job->world, tx, job->client, &endpoint, AUDIT_WEBHOOK_ENDPOINT_TESTED,
		event_type_name(job->type)));
	TRY(world_id(job->world, event.id.text));
	TRY(write_sample(job, tx, &endpoint, &event, &body));
	return delivery_request_sign(job->world, tx->arena, &endpoint, event.id.text, body, &job->request);
}

static enum err end_test(struct tx *tx, void *arg)
{
	const struct test_job *const job = arg;
	struct lease lease = lease_of(job);

	TRY(load_lease(tx, &lease));
	return lease_release(&lease, &job->owner) ? store_remove_lease(tx, &lease) : OK;
}

/* Waits for the answer. The sender ends each request after WEBHOOK_LIMIT. */
static enum err send_request(const struct test_job *job, struct arena *a, struct test_delivery_result *out)
{
	const int64_t end = world_ticks(job->world) + WEBHOOK_LIMIT.ms + 1000;
	const struct webhook_transfer transfer = delivery_transfer(&job->request, NULL);
	struct webhook_transfer_result result = { .error = WEBHOOK_ERROR_INTERNAL };
	struct webhook_sender *sender;
	size_t n = 0;

	TRY(job->world->webhooks->open(job->world->webhooks, &sender));
	enum err e = sender->ops->start(sender, &transfer);
	for (int64_t left; e == OK && n == 0 && (left = end - world_ticks(job->world)) > 0;)
		n = sender->ops->poll(sender, milliseconds(left), a, &result, 1);
	sender->ops->close(sender);
	TRY(e);
	out->delivered = result.error == WEBHOOK_ERROR_NONE && webhook_is_success(result.http_status);
	out->http_status = result.http_status;
	out->error = webhook_error_name(result.error);
	out->took = result.took;
	out->excerpt = result.excerpt;
	return OK;
}

enum err test_delivery_send(const struct world *world, struct arena *a, const struct webhook_client *client,
	const struct endpoint_id *id, struct str type, struct test_delivery_result *out)
{
	struct test_job job = { .world = world, .client = client, .id = id, .type = SAMPLE_EVENT_TYPE };

	*out = (struct test_delivery_result){ .verdict = TEST_DELIVERY_TYPE_UNKNOWN };
	if (type.n > 0 && !sample_event_type_read(type, &job.type))
		return OK;
	TRY(world_id(world, job.owner.text));
	TRY(store_transact(world->store, TX_WRITE, a, begin_test, &job));
	out->verdict = job.verdict;
	if (job.verdict != TEST_DELIVERY_DONE)
		return OK;
	const enum err sent = send_request(&job, a, out);
	/* If this fails, the lease expires by itself. */
	const enum err ended = store_transact(world->store, TX_WRITE, a, end_test, &job);
	return sent == OK ? ended : sent;
}

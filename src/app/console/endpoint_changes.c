#include "app/console/endpoint_changes.h"

#include "app/admin/operator.h"
#include "app/webhook/resend.h"

enum err console_endpoint_create(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_input *input,
	struct webhook_result *out, enum console_verdict *verdict)
{
	struct webhook_client client = console_webhook_client(caller);
	struct tenant row;

	TRY(operator_find_tenant(world, a, input->tenant, &row));
	*verdict = console_permit(world, caller, CONSOLE_CREATE_SECRET, &row.id);
	client.tenant_id = row.id;
	if (*verdict != CONSOLE_PERMITTED && *verdict != CONSOLE_STEP_UP_NEEDED)
		return OK;
	/* A refused value does not use up the step-up. */
	out->refusal = webhook_endpoint_check(world, &client, &input->change);
	if (out->refusal.verdict != WEBHOOK_DONE || *verdict == CONSOLE_STEP_UP_NEEDED)
		return OK;
	TRY(console_take_step_up(world, a, caller, verdict));
	return *verdict == CONSOLE_PERMITTED ? webhook_endpoint_create(world, a, &client, &input->change, out)
					     : OK;
}

enum err console_endpoint_change(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_endpoint_input *input,
	struct webhook_result *out, enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);
	struct console_endpoint_view view;

	TRY(console_endpoint_permit(world, a, caller,
		&(struct endpoint_permit){ &input->id, CONSOLE_MANAGE_WEBHOOKS }, &view, verdict));
	return *verdict == CONSOLE_PERMITTED
		       ? webhook_endpoint_update(world, a, &client, &input->id, &input->change, out)
		       : OK;
}

enum err console_endpoint_remove(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_id *id, enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);
	struct console_endpoint_view view;
	struct webhook_result result;

	TRY(console_endpoint_permit(
		world, a, caller, &(struct endpoint_permit){ id, CONSOLE_MANAGE_WEBHOOKS }, &view, verdict));
	return *verdict == CONSOLE_PERMITTED ? webhook_endpoint_delete(world, a, &client, id, &result) : OK;
}

enum err console_endpoint_rotate(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_id *id, struct webhook_result *out,
	enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);
	struct console_endpoint_view view;

	TRY(console_endpoint_permit(
		world, a, caller, &(struct endpoint_permit){ id, CONSOLE_CREATE_SECRET }, &view, verdict));
	if (*verdict == CONSOLE_PERMITTED)
		TRY(console_take_step_up(world, a, caller, verdict));
	return *verdict == CONSOLE_PERMITTED ? webhook_endpoint_rotate_secret(world, a, &client, id,
						       seconds(WEBHOOK_OVERLAP_DEFAULT_SECONDS), out)
					     : OK;
}

/* Calls of resend in one act. Each looks at a limited number of events. */
#define CALLS_MAX 10

struct oldest_job {
	const struct endpoint_id *id;
	bool exists;
	moment since; /* the timestamp of the oldest event whose delivery failed */
};

/* Considers the oldest delivery in one of the two states that count as failed. */
static enum err look_at_state(struct tx *tx, struct oldest_job *job, enum effect_state state)
{
	const struct effect probe = { .endpoint_id = *job->id, .state = state };
	struct effect row;
	size_t n;

	TRY(store_find(tx, QUERY_DELIVERIES_BY_STATE, &probe, page_of(0, 1), &row, &n));
	if (n == 0)
		return OK;
	struct event event = { .id = row.event_id };
	const enum err e = store_load_event(tx, &event);

	/* An event that is no longer stored is not sent again, but others may be. */
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	const moment at = e == OK ? event.created_at : moment_sub(row.created_at, hours(1));

	if (!job->exists || moment_is_before(at, job->since))
		job->since = at;
	job->exists = true;
	return OK;
}

static enum err find_oldest(struct tx *tx, void *arg)
{
	struct oldest_job *const job = arg;
	enum effect_state states[2];

	job->exists = false;
	delivery_effect_states(DELIVERY_FAILED, states);
	TRY(look_at_state(tx, job, states[0]));
	return look_at_state(tx, job, states[1]);
}

static enum err resend_since(const struct world *world, const struct webhook_client *client,
	const struct endpoint_id *id, moment since, struct console_resend_result *out)
{
	struct resend_result result = { .has_more = true, .next_since = since };

	for (int i = 0; i < CALLS_MAX && result.has_more && out->queued < CONSOLE_RESEND_MAX; i++) {
		const struct resend_filter filter = { .since = result.next_since,
			.max = CONSOLE_RESEND_MAX - (size_t)out->queued,
			.has_state = true,
			.state = DELIVERY_FAILED };

		TRY(webhook_resend_since(world, client, id, &filter, &result));
		out->refusal = result.refusal;
		out->queued += result.queued;
		if (result.refusal.verdict != WEBHOOK_DONE)
			return OK;
	}
	out->has_more = result.has_more;
	return OK;
}

enum err console_endpoint_resend_failed(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct endpoint_id *id, struct console_resend_result *out,
	enum console_verdict *verdict)
{
	const struct webhook_client client = console_webhook_client(caller);
	struct oldest_job oldest = { .id = id };
	struct console_endpoint_view view;

	*out = (struct console_resend_result){ .queued = 0 };
	TRY(console_endpoint_permit(
		world, a, caller, &(struct endpoint_permit){ id, CONSOLE_MANAGE_WEBHOOKS }, &view, verdict));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	if (!webhook_endpoint_is_enabled(&view.endpoint.row)) {
		out->refusal.verdict = WEBHOOK_IS_DISABLED;
		return OK;
	}
	TRY(store_transact(world->store, TX_READ, a, find_oldest, &oldest));
	return oldest.exists ? resend_since(world, &client, id, oldest.since, out) : OK;
}

#include "app/event/quota_event.h"

#include "app/event/person_event.h"
#include "base/attr.h"

static const int thresholds[] = { 80, 100 }; /* percent, ascending */

static enum err add_threshold_event(const struct world *world, struct tx *tx, const struct tenant *tenant,
	const struct quota *quota, size_t threshold)
{
	struct event_draft draft;

	TRY(event_draft_begin_for_tenant(world, tx, &tenant->id, EVENT_QUOTA_THRESHOLD_REACHED, &draft));
	json_field_int(&draft.w, "used", quota->used);
	json_field_int(&draft.w, "limit", tenant->monthly_quota);
	json_field_int(&draft.w, "percent", thresholds[threshold]);
	/* A step that passes both thresholds reports the lower one first: events of a tenant are in the order
	 * of their sequences. */
	draft.event.sequence += (int64_t)threshold;
	return event_draft_add(world, tx, NULL, &draft);
}

enum err quota_events(
	const struct world *world, struct tx *tx, const struct tenant_id *tenant_id, int64_t month)
{
	struct tenant tenant = { .id = *tenant_id };
	struct quota quota = { .tenant_id = *tenant_id, .month = month };
	int64_t reported;

	TRY(store_load_tenant(tx, &tenant));
	if (tenant.monthly_quota == NO_QUOTA)
		return OK;
	const enum err e = store_load_quota(tx, &quota);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (quota.notified_limit != tenant.monthly_quota)
		quota.notified_percent = 0;
	reported = quota.notified_percent;
	for (size_t i = 0; i < array_len(thresholds); i++) {
		if (thresholds[i] <= reported ||
			!quota_has_reached(&quota, tenant.monthly_quota, thresholds[i]))
			continue;
		TRY(add_threshold_event(world, tx, &tenant, &quota, i));
		quota.notified_limit = tenant.monthly_quota;
		quota.notified_percent = thresholds[i];
	}
	return quota.notified_percent > reported ? store_save_quota(tx, &quota) : OK;
}

#include "app/webhook/endpoint_disable.h"

#include <assert.h>

#include "app/event/person_event.h"
#include "app/webhook/endpoint.h"

enum err endpoint_disable(const struct world *world, struct tx *tx, struct webhook_endpoint *endpoint,
	enum webhook_health health, const char **reason)
{
	static const struct actor worker = { .kind = ACTOR_WORKER };
	const struct webhook_client client = { .actor = &worker };
	const bool is_gone = health == WEBHOOK_HEALTH_GONE;
	char shown[SHOWN_ID_SIZE];
	struct event_draft draft;

	assert(health != WEBHOOK_HEALTH_USABLE && webhook_endpoint_is_enabled(endpoint));
	endpoint->state = is_gone ? WEBHOOK_GONE : WEBHOOK_FAILING;
	*reason = is_gone ? "gone" : "failing";
	/* Saved before the event is added, which is delivered only to the endpoints that are enabled. */
	TRY(store_save_webhook_endpoint(tx, endpoint));
	shown_id_write(ENDPOINT_ID_PREFIX, endpoint->id.text, shown);
	TRY(webhook_endpoint_audit(world, tx, &client, endpoint, AUDIT_WEBHOOK_ENDPOINT_DISABLED, *reason));
	TRY(event_draft_begin_for_tenant(
		world, tx, &endpoint->tenant_id, EVENT_WEBHOOK_ENDPOINT_DISABLED, &draft));
	json_field_text(&draft.w, "endpoint_id", str_of(shown));
	json_field_text(&draft.w, "reason", str_of(*reason));
	return event_draft_add(world, tx, NULL, &draft);
}

/* Processes a webhook event of the provider that provider/ has authenticated and parsed: applies the event to
 * its session, records it in the journal of events, and counts it. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/provider_event.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

struct actor;

enum provider_event_verdict {
	PROVIDER_EVENT_RECORDED,  /* the event was recorded, whether or not it changed anything */
	PROVIDER_EVENT_DUPLICATE, /* the event was recorded before */
	/* Not recorded: the session is unknown, but `create` may still be storing it. The provider must send
	 * the event again. */
	PROVIDER_EVENT_RETRY_LATER,
	/* Not recorded: the session must be polled (app_poll_session), and then the event must be applied
	 * again. */
	PROVIDER_EVENT_MUST_POLL,
};

struct provider_event_result {
	enum provider_event_verdict verdict;
	enum provider_event_outcome outcome; /* the outcome, if the event was recorded */
	/* For EVENT_OUTCOME_APPLIED: the tenant of the session, and its new status. */
	struct tenant_id tenant_id;
	enum session_status status;
};

/* Applies and records the event in the caller's transaction. `polled` states whether the session was polled
 * after the event was received. */
enum err provider_event_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct provider_event *event, bool polled, struct provider_event_result *out) must_use;

/* Applies and records the event, polls the session if that is needed (for `limit` at most), and counts the
 * event. Blocks, so it must not be called inside a transaction. After a failure the provider must send the
 * event again. `*verdict` is then PROVIDER_EVENT_MUST_POLL if and only if the poll failed (ERR_UPSTREAM or
 * ERR_BUSY: the provider gave no answer). */
enum err provider_event_process(const struct world *world, const struct actor *actor,
	const struct provider_event *event, duration limit, enum provider_event_verdict *verdict) must_use;

/* Removes event bodies older than KYCD_KEEP_EVENTS, at most 256 per call. If no bodies are to be kept,
 * removes all of them. */
enum err provider_event_clean(const struct world *world) must_use;
/* Sets the label names of the events metric. Called once, at the start. */
void provider_event_label(void);

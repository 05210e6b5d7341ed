/* An event of the provider, checked and read by the provider's room: taken over, journaled, counted. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/provider_event.h"
#include "port/provider.h"
#include "port/store.h"
#include "port/world.h"

struct actor;

enum provider_event_verdict {
	PROVIDER_EVENT_RECORDED,    /* journaled, whatever it changed */
	PROVIDER_EVENT_DUPLICATE,   /* it was journaled before */
	PROVIDER_EVENT_RETRY_LATER, /* no such session, and our own create may still be on its way: let it
				 come again */
	PROVIDER_EVENT_MUST_POLL,   /* not journaled: the provider must be asked (app_poll_session), then it
				     * comes again
				     */
};

struct provider_event_result {
	enum provider_event_verdict verdict;
	enum provider_event_outcome outcome; /* of what is journaled */
};

/* Within a transaction; `asked`: the provider was, since the event came. */
enum err provider_event_apply(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct provider_event *event, bool asked, struct provider_event_result *out) must_use;

/* The whole of it: takes the event, asks the provider where that is needed (for `limit` at most) and counts.
 * Waits: never inside a transaction. A failure: the event shall come again; `*verdict` is
 * PROVIDER_EVENT_MUST_POLL when it was the asking that failed (ERR_UPSTREAM, ERR_BUSY: the provider did not
 * tell), and never else. */
enum err provider_event_process(const struct world *world, const struct actor *actor,
	const struct provider_event *event, duration limit, enum provider_event_verdict *verdict) must_use;

/* Removes bodies that were kept for long enough, a bounded number per call; all of them when none is to be
 * kept. */
enum err provider_event_clean(const struct world *world) must_use;
/* Names the labels of the events' metric. Once, at the start. */
void provider_event_label(void);

/* Provider events: webhook events received from the provider. Each is recorded with its time and outcome. */
#pragma once

#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/verification.h"

enum provider_event_outcome {
	EVENT_OUTCOME_APPLIED = 1,
	EVENT_OUTCOME_UNCHANGED,
	EVENT_OUTCOME_STALE,
	EVENT_OUTCOME_NEEDS_POLL, /* the event does not decide the status, so the session is polled */
	EVENT_OUTCOME_UNKNOWN_STATUS,
	EVENT_OUTCOME_ERASED,	       /* the person was erased; nothing changes */
	EVENT_OUTCOME_UNKNOWN_SESSION, /* the event's session is neither in this database nor being created */
	EVENT_OUTCOME_NOT_TRACKED,     /* the event is about a topic that kycd does not process */
	EVENT_OUTCOME_TEST,	       /* a test event sent from the provider's console */
	EVENT_OUTCOME_POLLED,	       /* the event has no authenticated status, so the session was polled */
	EVENT_OUTCOME_COUNT
};

struct provider_event_entry {
	struct digest event_key;   /* for v1, SHA-256 of the body; for later versions, SHA-256 of event_id */
	struct digest body_digest; /* SHA-256 of the raw body */
	struct session_id session_id; /* kycd's id of the session; empty: none */
	char kind[33];		      /* "status.updated"; cut to what fits */
	char status[33];	      /* as the provider wrote it; truncated if it does not fit */
	moment sent_at;		      /* by the provider's clock */
	moment received_at;
	enum provider_event_outcome outcome;
};

/* The body of an event. The first three fields repeat those of the event's entry. The body is deleted after
 * the time in KYCD_KEEP_EVENTS; the entry stays. */
struct provider_event_body {
	struct digest event_key;
	struct session_id session_id;
	moment received_at;
	struct str sealed_body; /* the body as received, sealed */
};

/* Returns the name of an outcome for rows, logs and metrics, for example "applied". */
const char *provider_event_outcome_name(enum provider_event_outcome o);

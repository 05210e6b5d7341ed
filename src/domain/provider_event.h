/* The journal of the provider's events: what came, when, and what became of it. */
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
	EVENT_OUTCOME_NEEDS_POLL, /* the provider was or will be asked */
	EVENT_OUTCOME_UNKNOWN_STATUS,
	EVENT_OUTCOME_ERASED,	       /* of a person who was erased: changes nothing */
	EVENT_OUTCOME_UNKNOWN_SESSION, /* not of ours, and none that is just being made */
	EVENT_OUTCOME_NOT_TRACKED,     /* about something else than sessions of people */
	EVENT_OUTCOME_TEST,	       /* from the provider's console */
	EVENT_OUTCOME_POLLED,	       /* it brought no word to go by: the provider was asked for its own */
	EVENT_OUTCOME_COUNT
};

struct provider_event_entry {
	struct digest event_key;      /* v1: SHA-256 of the body; later versions: of event_id */
	struct digest body_digest;    /* SHA-256 of the raw body */
	struct session_id session_id; /* ours; empty: of none */
	char kind[33];		      /* "status.updated" */
	char status[33];	      /* as it was written, cut */
	moment sent_at;		      /* provider's time */
	moment received_at;
	enum provider_event_outcome outcome;
};

/* The body of an event, for KYCD_KEEP_EVENTS; the row goes, the event stays. */
struct provider_event_body {
	struct digest event_key;      /* the event's */
	struct session_id session_id; /* the event's */
	moment received_at;	      /* the event's */
	struct str sealed_body;	      /* as it came */
};

/* For rows, logs and metrics: "applied", … "not_followed". */
const char *provider_event_outcome_name(enum provider_event_outcome o);

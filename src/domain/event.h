/* The journal of the provider's events: what came, when, and what became of it. */
#pragma once

#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/verification.h"

enum event_outcome {
	EVENT_APPLIED = 1,
	EVENT_SAME,
	EVENT_STALE,
	EVENT_DOUBTFUL, /* the provider was or will be asked */
	EVENT_UNKNOWN_STATUS,
	EVENT_ERASED,	       /* of a person who was erased: changes nothing */
	EVENT_UNKNOWN_SESSION, /* not of ours, and none that is just being made */
	EVENT_NOT_FOLLOWED,    /* about something else than sessions of people */
	EVENT_TEST,	       /* from the provider's console */
	EVENT_ASKED,	       /* it brought no word to go by: the provider was asked for its own */
	EVENT_OUTCOMES
};

struct event {
	struct digest key;	   /* v1: SHA-256 of the body; later versions: of event_id */
	struct digest body;	   /* SHA-256 of the raw body */
	struct session_id session; /* ours; empty: of none */
	char kind[33];		   /* "status.updated" */
	char status[33];	   /* as it was written, cut */
	moment sent;		   /* provider's time */
	moment received;
	enum event_outcome outcome;
};

/* The body of an event, for KYCD_KEEP_EVENTS; the row goes, the event stays. */
struct event_body {
	struct digest key;	   /* the event's */
	struct session_id session; /* the event's */
	moment received;	   /* the event's */
	struct str sealed;	   /* as it came */
};

/* For rows, logs and metrics: "applied", … "not_followed". */
const char *event_outcome_word(enum event_outcome o);

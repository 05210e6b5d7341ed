/* The journal of the provider's events: what came, when, and what became of it. */
#pragma once

#include <stdint.h>

#include "base/moment.h"
#include "domain/id.h"
#include "domain/verification.h"

enum event_outcome {
	EVENT_APPLIED = 1,
	EVENT_SAME,
	EVENT_STALE,
	EVENT_DOUBTFUL, /* the provider was or will be asked */
	EVENT_UNKNOWN_STATUS,
	EVENT_ERASED, /* of a person who was erased: changes nothing */
};

struct event {
	struct digest key;  /* v1: SHA-256 of the body; later versions: of event_id */
	struct digest body; /* SHA-256 of the raw body */
	struct session_id session;
	char kind[33];	 /* "status.updated" */
	char status[33]; /* as it was written, cut */
	moment sent;	 /* provider's time */
	moment received;
	enum event_outcome outcome;
};

/* For rows, logs and metrics: applied, same, stale, doubtful, unknown_status, erased. */
const char *event_outcome_word(enum event_outcome o);

/* Which events are queued again, and how many in one call. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/moment.h"
#include "domain/webhook_delivery.h"

/* Events that one call queues, and events of the period that it looks at. It takes all events of the period's
 * first millisecond even if there are more. */
#define RESEND_MAX 10000
#define RESEND_LOOK_MAX 50000

struct resend_filter {
	moment since; /* the event's timestamp, inclusive */
	bool has_until;
	moment until;	      /* exclusive */
	size_t max, look_max; /* limits of the call; 0: RESEND_MAX and RESEND_LOOK_MAX */
	bool has_state;
	enum delivery_state state; /* only deliveries in this state */
};

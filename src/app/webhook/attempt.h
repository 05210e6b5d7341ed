/* One attempt to deliver an event to a webhook endpoint, from its lease until its row is marked. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/webhook/delivery_request.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/effect.h"
#include "port/webhook_sender.h"

struct attempt {
	bool is_used;	      /* the row is leased by this instance for this attempt */
	bool has_ended;	      /* the members below `host` are set, and the row is to be marked */
	struct effect effect; /* the row as it was leased; its texts are not set */
	int64_t renewed_at;   /* ticks of the last renewal of the lease */
	char host[WEBHOOK_HOST_SIZE];
	bool is_dropped; /* nothing was sent, because the event or its person is gone */
	int http_status;
	enum webhook_error error;
	duration took, retry_after;
	unsigned char jitter;
	size_t excerpt_length;
	char excerpt[WEBHOOK_EXCERPT_MAX];
};

static inline struct str attempt_excerpt(const struct attempt *attempt)
{
	return (struct str){ attempt->excerpt, attempt->excerpt_length };
}

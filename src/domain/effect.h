/* Effects: side effects that the rules require, such as sending an e-mail. An effect is stored as a row of
 * the outbox, in the same transaction as the change that causes it, and carried out later by a worker. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

enum effect_kind {
	EFFECT_MAIL_CODE = 1,
	EFFECT_MAIL_LINK_CODE, /* a code that links a wallet with the e-mail address */
	EFFECT_WEBHOOK,	       /* the delivery of an event to a webhook endpoint */
	/* A verification link, at the request of the tenant. The effect has the id of the link. */
	EFFECT_MAIL_VERIFICATION_LINK,
};

/* State of an e-mail or a delivery. The names of the states are the values of `last_code.state` in the API
 * (interface.md 3). */
enum effect_state {
	EFFECT_QUEUED = 1,
	EFFECT_DEFERRED, /* a try failed; there will be another one */
	EFFECT_ACCEPTED, /* the mail server accepted the e-mail */
	EFFECT_REFUSED,	 /* the mail server refused the recipient or the e-mail permanently */
	EFFECT_DROPPED,	 /* no longer needed: the code expired, was replaced or was used */
};

struct effect {
	struct effect_id id;
	enum effect_kind kind;
	struct tenant_id tenant_id;
	struct user_id user_id;
	enum effect_state state;
	bool done; /* accepted, refused or dropped */
	/* What the worker needs to carry the effect out, sealed with the person's key. Empty when done. */
	struct str sealed_payload;
	moment created_at;
	moment due_at;		 /* earliest moment of the next try */
	moment expires_at;	 /* from this moment on the effect is useless */
	moment lease_expires_at; /* by the store's clock; 0: the effect is not leased */
	struct instance_id lease_owner;
	int64_t tries;
	moment finished_at;
	/* Only for EFFECT_WEBHOOK; empty for e-mails. */
	struct endpoint_id endpoint_id;
	struct event_id event_id;
	int64_t event_position; /* first attempts are made in this order */
	/* The last attempt: the HTTP status (0: no response), the reason of a failure (a fixed word), the
	 * duration, and the beginning of the response's body, sealed. */
	int64_t http_status;
	char error[33];
	int64_t duration_ms;
	struct str sealed_excerpt;
};

const char *effect_state_name(enum effect_state s);
/* Returns the delay before try number `tries` + 1. It is `first`, doubled with each try. `jitter` is a random
 * byte that changes the delay by up to ±25 %. The result is at most one hour. */
duration effect_delay(duration first, int64_t tries, unsigned char jitter);
/* Leases the effect to an instance. Counts the try at once, so that a try counts even if the instance crashes
 * during it. The caller saves the row. */
void effect_lease(struct effect *e, const struct instance_id *instance, moment now, duration lease);
/* Returns whether the instance still holds the lease that it took for try number `tries`. */
bool effect_is_leased_by(const struct effect *e, const struct instance_id *instance, int64_t tries);
/* Extends the lease of an instance that is still carrying the effect out. */
void effect_renew(struct effect *e, moment now, duration lease);
/* Ends the effect in a final state: accepted, refused or dropped. The sealed payload is removed from the row.
 */
void effect_finish(struct effect *e, enum effect_state state, moment now);
/* Schedules the next try after `delay`. If that would be at expires_at or later, the next try is after half
 * of the remaining time; with less than two seconds left, the effect is dropped. */
void effect_defer(struct effect *e, moment now, duration delay);
/* Makes a waiting effect due at once, for example when the mail server works again. Returns false and changes
 * nothing when the effect is done, leased or already due. */
bool effect_make_due(struct effect *e, moment now);

/* What the rules ask the world to do: a row in the same transaction, carried out later by a worker. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

enum effect_kind {
	EFFECT_MAIL_CODE = 1,
	EFFECT_MAIL_LINK_CODE, /* a code that joins a wallet to the address */
};

/* What became of a letter: `last_code` in interface.md 3 uses these words. */
enum effect_state {
	EFFECT_QUEUED = 1,
	EFFECT_DEFERRED, /* tried, will be tried again */
	EFFECT_ACCEPTED,
	EFFECT_REFUSED, /* the recipient or the letter was refused for good */
	EFFECT_DROPPED, /* of no use any more: expired, replaced, used, or too old */
};

struct effect {
	struct effect_id id;
	enum effect_kind kind;
	struct tenant_id tenant_id;
	struct user_id user_id;
	enum effect_state state;
	bool done; /* accepted, refused or dropped */
	struct str
		sealed_payload; /* what is needed to do it, under the person's key; wiped (empty) when done */
	moment created_at;
	moment due_at; /* next try, not before */
	moment expires_at;
	moment lease_expires_at; /* by the store's clock; 0: nobody has it */
	struct instance_id lease_owner;
	int64_t tries;
	moment finished_at;
};

const char *effect_state_name(enum effect_state s);
/* The delay before try number `tries` + 1: first, doubling, with jitter (0..255 → ±25 %), at most one hour,
 * jitter included. */
duration effect_delay(duration first, int64_t tries, unsigned char jitter);
/* Takes it for `lease` and counts the try: one that dies in the middle counts as well. The caller saves. */
void effect_lease(struct effect *e, const struct instance_id *who, moment now, duration lease);
/* Is it still that one's, since that try? */
bool effect_is_leased_by(const struct effect *e, const struct instance_id *who, int64_t tries);
/* Who has it is still at it. */
void effect_renew(struct effect *e, moment now, duration lease);
/* Accepted, refused or dropped: what was sealed is gone from the row. */
void effect_finish(struct effect *e, enum effect_state state, moment now);
/* Not sent this time: again after `delay`; when that is at `useful_until` or later, after half of the time
 * until then; in the last two seconds dropped. */
void effect_defer(struct effect *e, moment now, duration delay);
/* What was in the way is gone: due at once, unless somebody has it. False when nothing changed. */
bool effect_make_due(struct effect *e, moment now);

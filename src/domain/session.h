/* A check at the provider: facts of one session, and whether a person may have another one (interface.md 3).
 * Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/verification.h"

struct session {
	struct session_id id;
	struct user_id user_id;
	struct tenant_id tenant_id;	  /* who asked for it: whose quota */
	char flow[33];			  /* "verify_public_kyc" */
	char provider_version[4];	  /* "v1" */
	char features[65];		  /* as ordered; empty: the provider's default */
	struct provider_ref provider_ref; /* empty while STATUS_CREATING */
	enum session_status status;
	struct str sealed_url;	    /* sealed; a link is a key */
	struct str sealed_decision; /* sealed JSON of what we keep; empty before any */
	bool blocklisted;
	moment created_at;	  /* our clock */
	moment provider_event_at; /* provider's time of the last event taken; 0: none yet */
	moment last_update_at;	  /* our clock: last event or reading */
	moment last_poll_at;	  /* our clock: last reading; 0: never */
	moment return_poll_at;	  /* our clock: when a person's return last asked for a reading */
	/* Our clock: when it is looked at if nothing is heard of it. Of a note, by the store's clock: when
	 * its instance is taken to be dead. */
	moment next_poll_at;
	struct instance_id instance_id; /* who is creating it */
	int64_t quota_month;		/* where its unit came from */
	/* 1: counts against KYCD_TRIES; see session_follows_decline */
	int64_t after_declines;
};

enum create_verdict {
	CREATE_NEW,
	CREATE_RESUME,
	CREATE_APPROVED_ALREADY,
	CREATE_WAIT,	  /* somebody is asking the provider at this moment */
	CREATE_ABANDONED, /* a note of a dead instance: give the unit back, then look again */
	CREATE_REFUSED	  /* blocklisted, or tries used up: 403 kyc_not_approved */
};

struct create_facts {
	const struct session *current; /* newest approved, else newest; NULL: none */
	bool blocklisted;	       /* any session since `allowed` */
	int64_t tries;	     /* sessions made after a decline within the rule's period and since `allowed` */
	bool pending_is_own; /* current was noted by this running instance */
};

struct tries_rule {
	int64_t tries; /* KYCD_TRIES 5/30d */
	duration period;
};

/* `now` is the store's clock: a note that is due at exactly then is a dead one's. In this order: a dead
 * note is repaired, whoever the person is, so that its quota unit comes back; a blocklisted person without an
 * open or approved session is refused; then `current` decides. Used up tries refuse whoever's next session
 * would be another one. */
enum create_verdict create_check(const struct create_facts *facts, const struct tries_rule *rule, moment now);

/* Would a session made now, with this one standing before it, be one made after a decline? A link left to run
 * out in between does not hide the decline; an approval in between ends the count. */
bool session_follows_decline(const struct session *before);
/* Does it count against KYCD_TRIES? A note does not: the provider has made nothing yet. */
bool session_is_try(const struct session *s);

/* When the provider is asked about it if nothing is heard. Open ones: after `after`, or a tenth of the age
 * that it then has, if that is more. Final ones: a day after the last news. */
moment session_next_poll_at(const struct session *s, duration after);

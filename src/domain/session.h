/* Verification sessions: one session is one check of a person at the provider. This module also decides
 * whether a person may get a new session (interface.md 3). Pure. */
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
	struct tenant_id tenant_id; /* the tenant that requested the session and whose quota it uses */
	char flow[33];		    /* "verify_public_kyc" */
	char provider_version[4];   /* "v1" */
	char features[65]; /* what the session checks, see `features` in struct rules; empty: the provider's
			      default */
	struct provider_ref provider_ref; /* empty while STATUS_CREATING */
	enum session_status status;
	struct str sealed_url;	    /* sealed, because anyone who has the link can use the session */
	struct str sealed_decision; /* sealed JSON of the parts of the decision that kycd keeps; empty without
				       a decision */
	bool blocklisted;
	/* All moments are by kycd's clock, except where stated. */
	moment created_at;
	moment provider_event_at; /* time of the last event applied, by the provider's clock; 0: none */
	moment last_update_at;	  /* last event or poll */
	moment last_poll_at;	  /* 0: never polled */
	moment return_poll_at;	  /* when a poll was last requested because the person came back from the
				     provider's page */
	/* When the session is polled if no event arrives before. For a pending session (STATUS_CREATING), a
	 * moment of the store's clock: from then on the instance that creates the session is assumed to have
	 * crashed. */
	moment next_poll_at;
	struct instance_id instance_id; /* the instance that creates the session */
	int64_t quota_month;		/* the month whose quota unit the session uses */
	int64_t after_declines; /* 1: the session counts against KYCD_TRIES; see session_follows_decline() */
};

enum create_verdict {
	CREATE_NEW,
	CREATE_RESUME,
	CREATE_APPROVED_ALREADY,
	CREATE_WAIT,	  /* the session is being created by another request or instance */
	CREATE_ABANDONED, /* a crashed instance left the session pending: release the quota unit, then check
			     again */
	CREATE_REFUSED	  /* the person is blocklisted or has no tries left: 403 kyc_not_approved */
};

struct create_facts {
	const struct session *current; /* the newest approved session; if none is approved, the newest
					  session; NULL: there is none */
	bool blocklisted;	       /* a session created since tries_reset_at was blocklisted */
	int64_t tries;	     /* number of sessions created after a decline, within the rule's period and since
				tries_reset_at */
	bool pending_is_own; /* `current` is pending and was created by this running instance */
};

struct tries_rule {
	int64_t tries; /* KYCD_TRIES, for example 5/30d: 5 tries in a period of 30 days */
	duration period;
};

/* Decides what `create` does. `now` is by the store's clock; a pending session is abandoned from exactly its
 * next_poll_at on. The checks are made in this order. First, an abandoned pending session is reported for
 * every person, so that its quota unit is released. Then a blocklisted person without an open or approved
 * session is refused. Then the status of `current` decides. A person without tries left is refused when the
 * new session would count as a try. */
enum create_verdict create_check(const struct create_facts *facts, const struct tries_rule *rule, moment now);

/* Returns whether a session created after `before` counts as created after a decline. It does when `before`
 * was declined, and also when `before` itself followed a decline and expired or was abandoned, so that
 * letting a session expire does not hide the decline. */
bool session_follows_decline(const struct session *before);
/* Returns whether the session counts against KYCD_TRIES. A pending session does not, because it does not
 * exist at the provider yet. */
bool session_is_try(const struct session *s);

/* Returns the moment at which the session is polled if no event arrives. An open session is polled
 * `min_delay` after its last update or, if that is later, when a tenth of its age has passed without an
 * update. A final session is polled one day after its last update. */
moment session_next_poll_at(const struct session *s, duration min_delay);

/* The settings that the rules need, as types. main/config/config fills the struct, which is never changed
 * afterwards; a reload builds a new struct (main/daemon/reload). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/limit.h"
#include "domain/session.h"

struct ip_nets;

struct rules {
	duration otp_ttl;
	int64_t otp_tries, otp_digits;
	struct bucket_rule send_bucket;
	int64_t sends_per_day;
	duration challenge_ttl;
	duration mail_retry;
	duration mail_down_after;  /* send-otp answers 500 after this time without an accepted e-mail */
	duration provider_timeout; /* KYCD_DIDIT_TIMEOUT */
	duration reconcile_after, reconcile_every;
	duration keep_events; /* KYCD_KEEP_EVENTS: how long event bodies are kept; 0: they are not stored */
	duration keep_outgoing_events; /* KYCD_KEEP_OUTGOING_EVENTS: how long events for integrators are kept
					*/
	struct tries_rule tries;
	int64_t rate_per_minute, rate_per_second;
	struct str brand, language, public_url, docs_url, callback_url;
	/* KYCD_DIDIT_SESSION_HOSTS: the hosts, separated by commas, to which people are sent for a check. */
	struct str session_hosts;
	/* What a session checks; for v1 a list of features, for v2 and v3 a workflow id. */
	struct str features;
	/* KYCD_WEBHOOK_ALLOWED_NETWORKS (text/ip.h): networks that webhook endpoints may be in although they
	 * are not globally reachable; in development mode also loopback. NULL: none. */
	const struct ip_nets *webhook_networks;
	bool webhook_plain; /* endpoints in these networks may be called by http */
	bool keys_optional;
	bool all_scopes_without_key; /* in development mode; otherwise such a call has SCOPES_DEFAULT */
	bool provider_events_off;    /* KYCD_DIDIT_WEBHOOK_SECRET=none */
	bool sandbox;		     /* e-mails and pages state that this is a sandbox */
};

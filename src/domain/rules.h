/* The numbers that the rules go by: settings, as types. Filled by main/config/config, read by everybody,
 * changed by nobody: new numbers are a new one (main/daemon/reload). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/limit.h"
#include "domain/session.h"

struct rules {
	duration otp_ttl;
	int64_t otp_tries, otp_digits;
	struct bucket_rule send_bucket;
	int64_t sends_per_day;
	duration challenge_ttl;
	duration mail_retry;
	duration mail_down_after;  /* 60 s without a hand-over: send-otp answers 500 */
	duration provider_timeout; /* KYCD_DIDIT_TIMEOUT */
	duration reconcile_after, reconcile_every;
	duration keep_events; /* KYCD_KEEP_EVENTS: sealed bodies; 0: not at all */
	struct tries_rule tries;
	int64_t rate_per_minute, rate_per_second;
	struct str brand, language, public_url, docs_url, callback_url;
	struct str features; /* what is ordered: v1 features, v2 and v3 the workflow's id */
	bool keys_optional;
	bool provider_events_off; /* KYCD_DIDIT_WEBHOOK_SECRET=none */
	bool sandbox;		  /* letters and pages say that this is a sandbox */
};

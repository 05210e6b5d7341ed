/* The identity provider: starts a session, reads what was decided, checks and reads events. One
 * implementation per version; what it says is in the domain's words. Calls wait (bounded) and may run at the
 * same time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/verification.h"

/* Why a call did not give what it should: `details.cause` of interface.md 3 uses these words. */
enum provider_cause {
	PROVIDER_OK,
	PROVIDER_UNREACHABLE,	   /* no connection, time-out, 5xx: it is down */
	PROVIDER_INVALID_RESPONSE, /* an answer, but cut off, too large or no JSON; said as
				      "provider_unreachable" */
	PROVIDER_UNUSABLE, /* an answer that we refuse: no id, no URL, foreign host; "provider_refused" */
	PROVIDER_REFUSED,  /* 3xx, 4xx */
	PROVIDER_CREDITS,
	PROVIDER_LIMIT,		  /* 429 */
	PROVIDER_UNKNOWN_SESSION, /* 404 on a reading */
	PROVIDER_PAUSED,	  /* nothing was asked: see `pause` */
	PROVIDER_CAUSES
};
const char *provider_cause_name(enum provider_cause c); /* "provider_unreachable" … */
/* Of a creation that failed so: the provider may have made one all the same. */
bool provider_may_have_created(enum provider_cause c);

struct session_params {
	struct str vendor_data; /* our opaque id of the person: never an address */
	struct str callback;
	struct str features; /* what is checked. v1: empty is the provider's default; v2, v3: the workflow's
				id */
	struct str language;
};

struct provider_session {
	struct provider_ref ref;
	struct str url;
	enum session_status status;
	/* What it checks, as the provider tells: v1 features, v2 and v3 "<workflow id>" or "<workflow
	 * id>@<version>". Empty: it does not tell. */
	char features[65];
};

/* The nine fields of an address's analysis, as JSON texts ("\"mobile\"", "true", "null"), so that null stays
 * null. */
enum ip_field {
	IP_ADDRESS,
	IP_COUNTRY,
	IP_STATE,
	IP_CITY,
	IP_PLATFORM,
	IP_BRAND,
	IP_MODEL,
	IP_VPN,
	IP_DATA_CENTER,
	IP_FIELDS
};
const char *ip_field_name(enum ip_field f); /* "ip_address", … as in `ip_info` */

struct ip_facts {
	struct str fields[IP_FIELDS];
};

struct warning {
	struct str feature, risk;
};

#define DECISION_IPS 16
#define DECISION_WARNINGS 64

/* What we keep of a decision; the rest is left where it was. */
struct decision {
	struct ip_facts ips[DECISION_IPS]; /* first item per address, in order */
	size_t n_ips;
	struct warning warnings[DECISION_WARNINGS];
	size_t n_warnings;
	bool blocklisted;  /* a document or liveness warning that ends in _IN_BLOCKLIST */
	char features[65]; /* what was checked, as in `struct made` */
};

/* Who a reading is for: all take of one budget, in this order. */
enum poll_priority {
	POLL_FOR_CALLER, /* who waits for it */
	POLL_REQUESTED,	 /* who asked, and does not wait */
	POLL_DUE
};

struct poll_params {
	struct str ref;
	duration limit;
	enum poll_priority priority;
};

/* Is there a session of this person already? */
struct session_search {
	struct str vendor_data; /* as in `struct order` */
	moment since;		/* made then or later; five minutes are allowed for the clocks */
	duration limit;
};

struct session_snapshot {
	struct provider_ref ref;
	enum session_status status;
	bool has_decision;
	struct decision decision;
};

enum provider_event_parse_result {
	EVENT_PARSE_OK,
	EVENT_PARSE_BAD_SIGNATURE, /* also stale or missing time stamp */
	EVENT_PARSE_MALFORMED,	   /* signed right, but no JSON or not an event */
};

/* What an event is about, and so what may come of it. */
enum provider_event_topic {
	TOPIC_STATUS,	   /* where a session stands */
	TOPIC_DATA,	   /* facts of a session were corrected: its decision is to be read anew */
	TOPIC_NOT_TRACKED, /* something that we do not follow: people, businesses, transactions */
	TOPIC_TEST,	   /* somebody tries out the way to us from the provider's console */
};

struct provider_event {
	enum provider_event_topic topic;
	struct provider_ref ref; /* may be empty for TOPIC_NOT_TRACKED and TOPIC_TEST */
	struct str status_text;
	bool status_known;
	enum session_status status;
	struct str kind;	/* "status.updated" */
	moment sent_at;		/* `timestamp` of the body */
	moment session_created; /* `created_at` of the body; 0: absent */
	struct digest
		event_key; /* the same when it comes again: of its `event_id`, without one of its body */
	struct digest body_digest; /* SHA-256 of the raw bytes */
	struct str raw;		   /* the bytes, as long as the request lives */
	/* false: what vouches for it covers little more than the id of the session. Nothing else of it
	 * counts, and the decision is to be read. */
	bool is_authenticated;
	bool has_decision;
	struct decision decision;
};

/* The parts of an HTTP request that an event comes in; empty where absent. */
struct provider_webhook {
	struct str signature, timestamp;	   /* X-Signature, X-Timestamp */
	struct str signature_v2, signature_simple; /* X-Signature-V2, X-Signature-Simple */
	struct str body;			   /* raw bytes */
	size_t n_signatures, n_timestamps;	   /* how often the headers stand */
	size_t n_signatures_v2, n_signatures_simple;
	bool marked_test; /* X-Didit-Test-Webhook: true; nobody signs that */
};

struct provider {
	const struct provider_ops *ops;
};

struct provider_ops {
	const char *(*version)(struct provider *provider); /* "v1" */
	/* These three: OK, or ERR_UPSTREAM, or with the same `*cause` what tells nothing about the provider:
	 * ERR_BUSY (this call did not ask; PROVIDER_PAUSED: nobody did), ERR_INTERNAL (our own trouble).
	 * Never repeated blindly. */
	enum err (*create)(struct provider *provider, const struct session_params *params, struct arena *a,
		struct provider_session *created, enum provider_cause *cause);
	enum err (*read)(struct provider *provider, const struct poll_params *params, struct arena *a,
		struct session_snapshot *snapshot, enum provider_cause *cause);
	/* The newest session of the person that is open, with where to send them: what an unanswered `create`
	 * may have left. ERR_NOT_FOUND: asked, and there is none. Only where `can_find`. */
	enum err (*find)(struct provider *provider, const struct session_search *search, struct arena *a,
		struct provider_session *created, enum provider_cause *cause);
	bool (*can_find)(struct provider *provider);
	/* After PROVIDER_PAUSED (our own breaker is open, our budget is used up, too many calls are out): how
	 * long until asking is worth while. After PROVIDER_LIMIT: how long the provider wants to hear
	 * nothing; 0: it did not say. */
	duration (*pause)(struct provider *provider);
	/* `now`: the wall clock, for the 300 s of X-Timestamp. */
	enum provider_event_parse_result (*parse_event)(struct provider *provider,
		const struct provider_webhook *webhook, moment now, struct arena *a,
		struct provider_event *event);
	void (*close)(struct provider *provider);
};

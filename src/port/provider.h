/* Interface to the identity provider: creates sessions, polls their status and decision, and verifies and
 * parses the provider's webhook events. There is one implementation per version of the provider's API.
 * Results use the domain's types. Thread-safe. Calls wait for the network for a limited time. */
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
#include "port/provider_failure.h"

struct session_params {
	struct str vendor_data; /* kycd's id of the user; never an address */
	struct str callback;	/* where the provider sends the person after the verification */
	struct str features;	/* v1: a list of features, empty for the provider's default; v2 and v3: a
				   workflow id */
	struct str language;
};

struct provider_session {
	struct provider_ref ref;
	struct str url;
	enum session_status status;
	/* If kycd does not know the status that the provider reported, `status` is Not Started, and this is
	 * the reported text, for the log. Otherwise empty. */
	char unknown_status[PROVIDER_WORD_SIZE];
	/* What the session checks, as the provider returned it: for v1 features, for v2 and v3 "<workflow
	 * id>" or "<workflow id>@<version>". Empty: the provider did not return it. */
	char features[65];
};

/* The nine fields of the provider's analysis of an IP address. Values are kept as JSON texts ("\"mobile\"",
 * "true", "null"), so that null stays null. */
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
const char *ip_field_name(enum ip_field f); /* e.g. "ip_address", a key of `ip_info` in the API */

struct ip_facts {
	struct str fields[IP_FIELDS];
};

struct warning {
	struct str feature, risk;
	bool is_information; /* it influenced neither a decline nor a review */
};

/* The result of one check, in the provider's words. */
struct feature_result {
	struct str feature; /* "LIVENESS" */
	struct str status;  /* "Approved", "In Review", …; empty: the check was requested and has not run */
};

#define DECISION_IPS 16
#define DECISION_WARNINGS 64
#define DECISION_RESULTS 32

/* The parts of the provider's decision that kycd stores. */
struct decision {
	struct ip_facts ips[DECISION_IPS]; /* for each IP address, the first entry that the provider reported;
					      in the provider's order */
	size_t n_ips;
	struct warning warnings[DECISION_WARNINGS];
	size_t n_warnings;
	struct feature_result results[DECISION_RESULTS];
	size_t n_results;
	bool blocklisted;  /* true if the name of a document or liveness warning ends in _IN_BLOCKLIST */
	char features[65]; /* what was checked; as `features` in struct provider_session */
};

/* The reason why a session is polled. All polls share one budget; in it, a reason that is listed earlier here
 * has priority (domain/throttle.h). */
enum poll_priority {
	POLL_FOR_CALLER, /* a request waits for the result of the poll */
	POLL_REQUESTED,	 /* a request caused the poll and does not wait for it */
	POLL_DUE	 /* the poll is scheduled, because the session had no update for a while */
};

struct poll_params {
	struct str ref; /* the provider's id of the session */
	duration limit; /* how long the call may take */
	enum poll_priority priority;
};

/* Search for a session of a user that the provider may have created although kycd received no result. */
struct session_search {
	struct str vendor_data; /* as in struct session_params */
	moment since; /* finds sessions created then or later, and up to five minutes earlier, because clocks
			 differ */
	duration limit; /* how long the call may take */
};

/* An operator's decision about a session that the provider has put in review. */
struct verdict_params {
	struct str ref;		    /* the provider's id of the session */
	enum session_status status; /* STATUS_APPROVED or STATUS_DECLINED */
	struct str comment;	    /* for the provider's own log; empty: none */
	duration limit;		    /* how long the call may take */
};

struct session_snapshot {
	struct provider_ref ref;
	enum session_status status;
	bool has_decision;
	struct decision decision;
};

enum provider_event_parse_result {
	EVENT_PARSE_OK,
	EVENT_PARSE_BAD_SIGNATURE, /* the signature is wrong, or the time stamp is missing or too old */
	EVENT_PARSE_MALFORMED,	   /* the signature is valid, but the body is not JSON or not an event */
};

/* What an event is about. */
enum provider_event_topic {
	TOPIC_STATUS,	   /* the status of a session */
	TOPIC_DATA,	   /* data of a session were corrected, so its decision must be polled again */
	TOPIC_NOT_TRACKED, /* something that kycd does not process: people, businesses, transactions */
	TOPIC_TEST,	   /* a test event sent from the provider's console */
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
	/* Hash of `event_id`, or of the body if it has none. It is the same when an event is delivered
	 * again. */
	struct digest event_key;
	struct digest body_digest; /* SHA-256 of the raw bytes */
	struct str raw;		   /* the received bytes; valid during the request */
	/* False if the signature covers little more than the session's id. Then the other fields must not be
	 * used, and the session must be polled. */
	bool is_authenticated;
	bool has_decision;
	struct decision decision;
};

/* The parts of an HTTP request that carry an event. A text is empty if the part is absent. */
struct provider_webhook {
	struct str signature, timestamp;	   /* X-Signature, X-Timestamp */
	struct str signature_v2, signature_simple; /* X-Signature-V2, X-Signature-Simple */
	struct str body;			   /* raw bytes */
	size_t n_signatures, n_timestamps;	   /* how often each header occurs */
	size_t n_signatures_v2, n_signatures_simple;
	bool marked_test; /* X-Didit-Test-Webhook: true; this header is not covered by the signatures */
};

struct provider {
	const struct provider_ops *ops;
};

struct provider_ops {
	const char *(*version)(struct provider *provider); /* "v1" */
	/* create, poll, find and decide return OK, or ERR_UPSTREAM with a `failure`. For reasons that are not
	 * the provider's they return ERR_BUSY (the call was not made; with PROVIDER_PAUSED no calls are made
	 * at present) or ERR_INTERNAL (a failure inside kycd). They never repeat a call by themselves. */
	enum err (*create)(struct provider *provider, const struct session_params *params, struct arena *a,
		struct provider_session *created, struct provider_failure *failure);
	enum err (*poll)(struct provider *provider, const struct poll_params *params, struct arena *a,
		struct session_snapshot *snapshot, struct provider_failure *failure);
	/* Finds the newest open session of the user, with its URL. It is the session that an earlier
	 * `create`, whose response was lost, may have created. ERR_NOT_FOUND: there is none. May be called
	 * only if can_find returns true. */
	enum err (*find)(struct provider *provider, const struct session_search *search, struct arena *a,
		struct provider_session *created, struct provider_failure *failure);
	bool (*can_find)(struct provider *provider);
	/* Sets the status of a session. Succeeds also if the session has this status already. */
	enum err (*decide)(struct provider *provider, const struct verdict_params *params,
		struct provider_failure *failure);
	/* After PROVIDER_PAUSED (the breaker is open, the budget is used up, or too many calls are in
	 * progress), returns how long to wait before the next attempt. After PROVIDER_LIMIT, returns the
	 * provider's `Retry-After`; 0: there is none. */
	duration (*pause)(struct provider *provider);
	/* Verifies and parses an event. `now` is the wall clock; X-Timestamp may differ from it by 300 s. */
	enum provider_event_parse_result (*parse_event)(struct provider *provider,
		const struct provider_webhook *webhook, moment now, struct arena *a,
		struct provider_event *event);
	void (*close)(struct provider *provider);
};

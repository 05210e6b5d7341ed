/* Describes all data of the store: records with their columns and keys, and the queries on them. A store
 * implementation contains nothing else about the domain: its SQL statements, and the memory store of the
 * tests, are derived from these tables. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Kinds of columns: the C type of a row's field, and the type that the database stores. */
enum column_kind {
	COLUMN_ID,     /* char[size], a 0-terminated text; stored as TEXT */
	COLUMN_INT,    /* int64_t; stored as an integer */
	COLUMN_ENUM,   /* an enum; stored as an integer */
	COLUMN_FLAG,   /* bool; stored as the integer 0 or 1 */
	COLUMN_MOMENT, /* moment; stored as an integer, in milliseconds */
	COLUMN_DIGEST, /* struct digest; stored as 32 bytes */
	/* struct str, loaded into tx->arena; stored as bytes. An empty text is stored as an empty value,
	 * never as NULL. */
	COLUMN_BYTES,
};

struct column {
	const char *name;
	enum column_kind kind;
	size_t offset, size;
};

struct record {
	const char *table;
	size_t size;		      /* size of the struct in bytes */
	const struct column *columns; /* the key columns come first */
	size_t n, n_keys;
	/* A column in which each value, unless empty, occurs in one row only; NULL: none. */
	const char *unique;
};

enum record_kind {
	RECORD_KEYRING,
	RECORD_TENANT,
	RECORD_API_KEY,
	RECORD_USER,
	RECORD_ADDRESS,
	RECORD_ENROLMENT,
	RECORD_OTP,
	RECORD_SESSION,
	RECORD_QUOTA,
	RECORD_EFFECT,
	RECORD_PROVIDER_EVENT,
	RECORD_AUDIT_ENTRY,
	RECORD_IP_LIMIT,
	RECORD_PROVIDER_EVENT_BODY,
	RECORD_HEARTBEAT,
	RECORD_LEASE,
	RECORD_CHALLENGE,
	RECORD_RATE,
	RECORD_TOKEN,
	RECORD_CLAIM,
	RECORD_IDEMPOTENCY_ENTRY,
	RECORD_COUNTER,
	RECORD_EVENT,
	RECORD_WEBHOOK_ENDPOINT,
	RECORD_COUNT
};

extern const struct record records[RECORD_COUNT];

/* Number of rows that store_insert_new_user adds. They are in the order of struct new_user_rows. */
#define NEW_USER_ROWS 5
extern const enum record_kind new_user_record_kinds[NEW_USER_ROWS];

enum match {
	MATCH_EQUAL,
	MATCH_BELOW,
	MATCH_UP_TO,
	MATCH_ABOVE,
	MATCH_FROM,
	MATCH_NOT,
	MATCH_ZERO,	       /* equal, and 0; an index on rows with 0 can be used */
	MATCH_EQUAL_NOT_EMPTY, /* equal, for a text; an empty text matches no row, and an index that leaves
				  out rows with an empty text can be used */
	MATCH_UNIQUE,	       /* equal, on the record's unique column; an empty value matches no row */
};

struct filter {
	const char *column;
	enum match match;
};

#define QUERY_FILTERS 4

/* A query returns the rows that match all filters. The caller passes the values of the filters in a probe,
 * which is a row of the record's struct. Rows are sorted by one column, then by key; newest_first reverses
 * both. */
struct query {
	enum record_kind of;
	struct filter filters[QUERY_FILTERS];
	size_t n;
	const char *sort_column;
	int newest_first;
};

/* Each comment states which rows a query returns, and their order if it matters. The values come from the
 * probe. "Until" and "from" include the probe's moment; "before" and "after" do not. */
enum query_kind {
	/* all keys of the database */
	QUERY_KEYRING,
	/* all tenants, by name */
	QUERY_TENANTS,
	/* the tenant with this name */
	QUERY_TENANT_BY_NAME,
	/* all API keys, oldest first */
	QUERY_KEYS,
	/* the API keys of a tenant, oldest first */
	QUERY_KEYS_OF_TENANT,
	/* the enrolments of a tenant, sorted by user */
	QUERY_ENROLMENTS_OF_TENANT,
	/* the enrolments of a user for a tenant */
	QUERY_ENROLMENTS_OF_USER,
	/* the sessions of a user, newest first */
	QUERY_SESSIONS_OF_USER,
	/* the sessions of a user that have a status, newest first */
	QUERY_SESSIONS_OF_USER_BY_STATUS,
	/* the sessions with a status that were created until a moment, oldest first */
	QUERY_SESSIONS_BY_STATUS,
	/* the sessions with a status that were last updated until a moment, oldest update first */
	QUERY_SESSIONS_STALE,
	/* the sessions with a status whose next poll is due until a moment, longest due first */
	QUERY_SESSIONS_DUE,
	/* the session with this id of the provider */
	QUERY_SESSION_BY_PROVIDER,
	/* the sessions of a user that were created from a moment on, newest first */
	QUERY_SESSIONS_OF_USER_SINCE,
	/* the blocklisted sessions of a user that were created from a moment on, newest first */
	QUERY_BLOCKLISTED_OF_USER,
	/* the quotas of all tenants for a month */
	QUERY_QUOTAS_OF_MONTH,
	/* the effects of an endpoint (empty: e-mails) that are due until a moment and whose lease expires
	 * until a moment, longest due first; the probe states whether they are done */
	QUERY_EFFECTS_DUE,
	/* the effects whose lease expires after a moment; the probe states whether they are done; used when
	 * an instance takes over effects at its start */
	QUERY_EFFECTS_LEASED,
	/* the effects of one kind for a user that were created after a moment, newest first */
	QUERY_EFFECTS_OF_USER_SINCE,
	/* the effects of an endpoint (empty: e-mails) that are done, or those that are not, oldest first */
	QUERY_EFFECTS_OPEN,
	/* the effects that are done, or those that are not, created before a moment; used by the clean-up */
	QUERY_EFFECTS_BEFORE,
	/* the audit entries of a subject from an id on, oldest first */
	QUERY_AUDIT_OF_SUBJECT,
	/* the audit entries from an id on (id_lower_bound of a moment), oldest first */
	QUERY_AUDIT_SINCE,
	/* the rows of IP addresses that expire until a moment; used by the clean-up */
	QUERY_IP_LIMITS_EXPIRED,
	/* the event bodies received until a moment, oldest first; used by the clean-up */
	QUERY_EVENT_BODIES_UNTIL,
	/* the event bodies of a session, oldest first */
	QUERY_EVENT_BODIES_OF_SESSION,
	/* the challenges that expire until a moment; used by the clean-up */
	QUERY_CHALLENGES_EXPIRED,
	/* the entries of calls with an Idempotency-Key that expire until a moment; used by the clean-up */
	QUERY_IDEMPOTENCY_EXPIRED,
	/* the claims of a wallet */
	QUERY_CLAIMS_OF_WALLET,
	/* the enrolments of a tenant whose public user id sorts before another one, newest first */
	QUERY_PEOPLE_OF_TENANT,
	/* the same, only those with an overall status */
	QUERY_PEOPLE_BY_STATUS,
	/* the same, only those with a reference; an empty index matches nothing */
	QUERY_PEOPLE_BY_REFERENCE,
	/* the enrolment of a tenant with this public user id */
	QUERY_ENROLMENT_BY_PUBLIC_USER,
	/* the events without a position, sorted by sequence */
	QUERY_EVENTS_UNNUMBERED,
	/* the events from an id on (id_lower_bound of a moment), sorted by id */
	QUERY_EVENTS_FROM,
	/* the events of a tenant after a position, sorted by position; from 0 on, without the unnumbered ones
	 */
	QUERY_EVENTS_OF_TENANT,
	/* the events of a tenant, highest position first; the unnumbered ones last */
	QUERY_NEWEST_EVENTS_OF_TENANT,
	/* the events of a user after a sequence, sorted by sequence, of all tenants */
	QUERY_EVENTS_OF_USER,
	/* all webhook endpoints, oldest first */
	QUERY_WEBHOOK_ENDPOINTS,
	/* the webhook endpoints of a tenant, oldest first */
	QUERY_WEBHOOK_ENDPOINTS_OF_TENANT,
	/* the open effects of the endpoints whose ids sort after an id, by endpoint; its first row names the
	 * next endpoint that has any */
	QUERY_OPEN_DELIVERIES_AFTER,
	/* the deliveries of an endpoint in a state, from an event position on, in the order of events */
	QUERY_DELIVERIES_BY_STATE,
	/* the deliveries of an endpoint in a state, before an event position, newest event first */
	QUERY_NEWEST_DELIVERIES_BY_STATE,
	/* the deliveries of an endpoint in a state that are due until a moment, longest due first */
	QUERY_DELIVERIES_DUE,
	/* the deliveries of an endpoint before an event position, newest event first */
	QUERY_NEWEST_DELIVERIES,
	/* the delivery of the event with this position to an endpoint */
	QUERY_DELIVERY_OF_EVENT,
	QUERY_COUNT
};
extern const struct query queries[QUERY_COUNT];

/* Returns the column of that name; a record must have it (asserted). */
const struct column *record_column(const struct record *record, const char *name);

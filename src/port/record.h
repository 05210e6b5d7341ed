/* What a store keeps, described once: records with their columns and keys, and the questions that may be
 * asked. A store needs to know nothing else of the domain: SQL is made from these tables, and so is the
 * memory store. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum column_kind {
	COLUMN_ID,     /* char[size], 0-terminated text    → TEXT */
	COLUMN_INT,    /* int64_t                          → integer */
	COLUMN_ENUM,   /* an enum                          → integer */
	COLUMN_FLAG,   /* bool                             → integer 0/1 */
	COLUMN_MOMENT, /* moment                           → integer, milliseconds */
	COLUMN_DIGEST, /* struct digest, 32 bytes          → bytes */
	COLUMN_BYTES,  /* struct str, loaded into tx->arena → bytes; empty is an empty value, never NULL */
};

struct column {
	const char *name;
	enum column_kind kind;
	size_t offset, size;
};

struct record {
	const char *table;
	size_t size;		      /* of the struct */
	const struct column *columns; /* the key columns come first */
	size_t n, n_keys;
	const char *unique; /* a column whose value, unless empty, stands in one row only; NULL: none */
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
	RECORD_COUNT
};

extern const struct record records[RECORD_COUNT];

/* Of somebody new (store_insert_new_user), in the order of `struct arrival`. */
#define NEW_USER_ROWS 4
extern const enum record_kind new_user_record_kinds[NEW_USER_ROWS];

enum match {
	MATCH_EQUAL,
	MATCH_BELOW,
	MATCH_UP_TO,
	MATCH_ABOVE,
	MATCH_FROM,
	MATCH_NOT,
	MATCH_UNIQUE, /* equal, on the record's unique column: the empty value finds nothing */
};

struct filter {
	const char *column;
	enum match match;
};

#define QUERY_FILTERS 4

/* All filters must hold; values are taken from a probe row of the record's struct. Order by one column, then
 * by key; newest first turns both around. */
struct query {
	enum record_kind of;
	struct filter filters[QUERY_FILTERS];
	size_t n;
	const char *sort_column;
	int newest_first;
};

enum query_kind {
	QUERY_KEYRING,			  /* all */
	QUERY_TENANTS,			  /* all by name */
	QUERY_TENANT_BY_NAME,		  /* name */
	QUERY_KEYS,			  /* all by creation */
	QUERY_KEYS_OF_TENANT,		  /* tenant */
	QUERY_ENROLMENTS_OF_TENANT,	  /* tenant; in the order of the people */
	QUERY_ENROLMENTS_OF_USER,	  /* tenant, user; in no order that means anything */
	QUERY_SESSIONS_OF_USER,		  /* user; newest first */
	QUERY_SESSIONS_OF_USER_BY_STATUS, /* user, status; newest first */
	QUERY_SESSIONS_BY_STATUS,	  /* status, created up to; oldest first */
	QUERY_SESSIONS_STALE,		  /* status, heard up to; unheard of for longest first */
	QUERY_SESSIONS_DUE,		  /* status, due up to; oldest due first */
	QUERY_SESSION_BY_PROVIDER,	  /* provider */
	QUERY_SESSIONS_OF_USER_SINCE,	  /* user, created from; newest first */
	QUERY_BLOCKLISTED_OF_USER,	  /* user, blocklisted, created from */
	QUERY_QUOTAS_OF_MONTH,		  /* month */
	QUERY_EFFECTS_DUE,		  /* done, due up to, leased_until up to; oldest due first */
	QUERY_EFFECTS_LEASED,		  /* done, leased_until above: for the take-over at a start */
	QUERY_EFFECTS_OF_USER_SINCE,	  /* user, kind, created above; newest first */
	QUERY_EFFECTS_OPEN,		  /* done; oldest creation first */
	QUERY_EFFECTS_BEFORE,		  /* done, created below: for the clean-up */
	QUERY_AUDIT_OF_SUBJECT,		  /* subject, id from; oldest first */
	QUERY_AUDIT_SINCE,		  /* id from (id_lower_bound of a moment); oldest first */
	QUERY_IP_LIMITS_EXPIRED,	  /* until up to: for the clean-up */
	QUERY_EVENT_BODIES_UNTIL,	  /* received up to; oldest first: for the clean-up */
	QUERY_EVENT_BODIES_OF_SESSION,	  /* session; oldest first */
	QUERY_CHALLENGES_EXPIRED,	  /* expires up to: for the clean-up */
	QUERY_CLAIMS_OF_WALLET,		  /* wallet */
	QUERY_COUNT
};

extern const struct query queries[QUERY_COUNT];

/* The column of that name; asserts that there is one. */
const struct column *record_column(const struct record *record, const char *name);

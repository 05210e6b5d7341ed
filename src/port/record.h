/* Describes all data of the store: records with their columns and keys, and the queries on them. A store
 * knows nothing else about the domain; the SQL statements and the memory store of the tests are derived from
 * these tables. */
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
	const char *unique; /* a column in which a value, unless empty, occurs in one row only; NULL: none */
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

/* The rows of a new user (store_insert_new_user), in the order of struct new_user_rows. */
#define NEW_USER_ROWS 4
extern const enum record_kind new_user_record_kinds[NEW_USER_ROWS];

enum match {
	MATCH_EQUAL,
	MATCH_BELOW,
	MATCH_UP_TO,
	MATCH_ABOVE,
	MATCH_FROM,
	MATCH_NOT,
	MATCH_UNIQUE, /* equal, on the record's unique column; the empty value matches no row */
};

struct filter {
	const char *column;
	enum match match;
};

#define QUERY_FILTERS 4

/* A query returns the rows that match all filters. The caller passes the filters' values in a probe, a row of
 * the record's struct. Rows are sorted by one column, then by key; newest_first reverses both. */
struct query {
	enum record_kind of;
	struct filter filters[QUERY_FILTERS];
	size_t n;
	const char *sort_column;
	int newest_first;
};

/* The comments name the filters (of moments: "up to" includes the moment, "below" and "above" do not), then
 * the order, if it matters. */
enum query_kind {
	QUERY_KEYRING,			  /* all */
	QUERY_TENANTS,			  /* all by name */
	QUERY_TENANT_BY_NAME,		  /* name */
	QUERY_KEYS,			  /* all by creation */
	QUERY_KEYS_OF_TENANT,		  /* tenant */
	QUERY_ENROLMENTS_OF_TENANT,	  /* tenant; sorted by user */
	QUERY_ENROLMENTS_OF_USER,	  /* tenant, user; the order has no meaning */
	QUERY_SESSIONS_OF_USER,		  /* user; newest first */
	QUERY_SESSIONS_OF_USER_BY_STATUS, /* user, status; newest first */
	QUERY_SESSIONS_BY_STATUS,	  /* status, created up to; oldest first */
	QUERY_SESSIONS_STALE,		  /* status, last update up to; oldest update first */
	QUERY_SESSIONS_DUE,		  /* status, next poll up to; longest due first */
	QUERY_SESSION_BY_PROVIDER,	  /* provider_ref */
	QUERY_SESSIONS_OF_USER_SINCE,	  /* user, created from; newest first */
	QUERY_BLOCKLISTED_OF_USER,	  /* user, blocklisted, created from */
	QUERY_QUOTAS_OF_MONTH,		  /* month */
	QUERY_EFFECTS_DUE,		  /* done, due up to, lease expires up to; longest due first */
	QUERY_EFFECTS_LEASED, /* done, lease expires above; used when an instance takes over effects at its
				 start */
	QUERY_EFFECTS_OF_USER_SINCE,   /* user, kind, created above; newest first */
	QUERY_EFFECTS_OPEN,	       /* done; oldest creation first */
	QUERY_EFFECTS_BEFORE,	       /* done, created below; used by the clean-up */
	QUERY_AUDIT_OF_SUBJECT,	       /* subject, id from; oldest first */
	QUERY_AUDIT_SINCE,	       /* id from (id_lower_bound of a moment); oldest first */
	QUERY_IP_LIMITS_EXPIRED,       /* expires up to; used by the clean-up */
	QUERY_EVENT_BODIES_UNTIL,      /* received up to; oldest first; used by the clean-up */
	QUERY_EVENT_BODIES_OF_SESSION, /* session; oldest first */
	QUERY_CHALLENGES_EXPIRED,      /* expires up to; used by the clean-up */
	QUERY_CLAIMS_OF_WALLET,	       /* wallet */
	QUERY_COUNT
};

extern const struct query queries[QUERY_COUNT];

/* Returns the column of that name; a record must have it (asserted). */
const struct column *record_column(const struct record *record, const char *name);

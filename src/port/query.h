/* Describes the queries on the records of port/record. The SQL statements of the store, and the queries of
 * the memory store of the tests, are derived from this table. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "port/record.h"

enum match {
	MATCH_EQUAL,
	MATCH_BELOW,
	MATCH_UP_TO,
	MATCH_ABOVE,
	MATCH_ABOVE_ZERO, /* above, for numbers that are at least 0; an index on rows above 0 can be used */
	MATCH_FROM,
	MATCH_NOT,
	MATCH_ZERO,	       /* equal, and 0; an index on rows with 0 can be used */
	MATCH_EQUAL_NOT_EMPTY, /* equal, for a text; an empty text matches no row, and an index that leaves
				  out rows with an empty text can be used */
	MATCH_TWO,	       /* equal, and 2; an index on rows with 2 can be used */
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
	/* the sessions with a status that were created from a moment on, oldest first */
	QUERY_SESSIONS_BY_STATUS_SINCE,
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
	/* the audit entries of a subject before an id, newest first */
	QUERY_AUDIT_OF_SUBJECT_BEFORE,
	/* the audit entries before an id, newest first */
	QUERY_AUDIT_BEFORE,
	/* the audit entries of ACTOR_OPERATOR before an id, newest first: of all operators and commands, and
	 * of one operator; an empty actor stands for the commands */
	QUERY_AUDIT_OF_OPERATORS_BEFORE,
	QUERY_AUDIT_OF_OPERATOR_BEFORE,
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
	/* all events, highest id first */
	QUERY_NEWEST_EVENTS,
	/* the events of a tenant after a position, sorted by position; without the unnumbered ones */
	QUERY_EVENTS_OF_TENANT,
	/* the same, highest position first */
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
	/* the brandings with this logo */
	QUERY_BRANDINGS_OF_LOGO,
	/* the verification link with this digest of its token */
	QUERY_VERIFICATION_LINK_BY_TOKEN,
	/* the verification links whose address has this blind index, oldest first */
	QUERY_VERIFICATION_LINKS_BY_ADDRESS,
	/* the verification links on whose pages a user has verified an address, oldest first */
	QUERY_VERIFICATION_LINKS_OF_USER,
	/* the same, only those whose completed_at equals the probe's, which is 0 for those not completed */
	QUERY_VERIFICATION_LINKS_OF_USER_BY_COMPLETION,
	/* the verification links that handed over to a session, newest first */
	QUERY_VERIFICATION_LINKS_OF_SESSION,
	/* the verification links that expire until a moment; used by the clean-up */
	QUERY_VERIFICATION_LINKS_EXPIRED,
	/* the result tokens of a verification link, oldest first */
	QUERY_VERIFICATION_RESULTS_OF_LINK,
	/* the result tokens that expire until a moment; used by the clean-up */
	QUERY_VERIFICATION_RESULTS_EXPIRED,
	/* all operators of the console, oldest first */
	QUERY_OPERATOR_ACCOUNTS,
	/* the operator with this blind index of the e-mail address */
	QUERY_OPERATOR_ACCOUNT_BY_EMAIL,
	/* the operator with this digest of a one-time link */
	QUERY_OPERATOR_ACCOUNT_BY_LINK,
	/* the passkeys of an operator, oldest first */
	QUERY_PASSKEYS_OF_OPERATOR,
	/* the challenges of passkeys that expire until a moment; used by the clean-up */
	QUERY_PASSKEY_CHALLENGES_EXPIRED,
	/* the console sessions of an operator, oldest first */
	QUERY_CONSOLE_SESSIONS_OF_OPERATOR,
	/* the console sessions that expire until a moment; used by the clean-up */
	QUERY_CONSOLE_SESSIONS_EXPIRED,
	/* the daily counts of a tenant from a day on, newest first */
	QUERY_DAILY_COUNTS_OF_TENANT,
	/* the daily counts of all tenants from a day on, oldest first */
	QUERY_DAILY_COUNTS_SINCE,
	/* the daily counts of a day, of the tenants whose ids sort after one, by tenant */
	QUERY_DAILY_COUNTS_OF_DAY,
	/* the newest daily counts of each tenant whose id sorts after one, by tenant: those that no later day
	 * has closed */
	QUERY_NEWEST_DAILY_COUNTS,
	/* the decision counts of a tenant from a day on, oldest first */
	QUERY_DECISION_COUNTS_OF_TENANT,
	/* the decision counts of all tenants from a day on, oldest first */
	QUERY_DECISION_COUNTS_SINCE,
	/* the decision counts of a day, of the tenants whose ids sort after one, by tenant */
	QUERY_DECISION_COUNTS_OF_DAY,
	/* the notes about a user at a tenant, newest first */
	QUERY_OPERATOR_NOTES_OF_USER,
	/* all instances, the one with the newest sign of life first */
	QUERY_INSTANCES,
	QUERY_COUNT
};
extern const struct query queries[QUERY_COUNT];

/* Returns whether the query leaves out rows whose MAC is wrong: queries of workers, which go on with the
 * other rows, and of lists. All other queries fail with ERR_INTEGRITY. */
bool query_steps_over(enum query_kind query);

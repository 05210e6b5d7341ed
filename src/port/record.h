/* Describes all data of the store: records with their columns and keys; port/query describes the queries on
 * them. A store implementation contains nothing else about the domain: its SQL statements, and the memory
 * store of the tests, are derived from these tables. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/column.h"

struct record {
	const char *table;
	size_t size;		      /* size of the struct in bytes */
	const struct column *columns; /* the key columns come first */
	size_t n, n_keys;
	/* A column in which each value, unless empty, occurs in one row only; NULL: none. */
	const char *unique;
};

/* No struct of a record is larger, in bytes. */
#define RECORD_SIZE_MAX ((size_t)2048)

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
	RECORD_BRANDING,
	RECORD_LOGO,
	RECORD_CONSENT_TEXT,
	RECORD_VERIFICATION_LINK,
	RECORD_VERIFICATION_RESULT,
	RECORD_OPERATOR_ACCOUNT,
	RECORD_PASSKEY,
	RECORD_PASSKEY_CHALLENGE,
	RECORD_CONSOLE_SESSION,
	RECORD_DAILY_COUNT,
	RECORD_DECISION_COUNT,
	RECORD_REVIEW,
	RECORD_OPERATOR_NOTE,
	RECORD_INSTANCE,
	RECORD_COUNT
};

extern const struct record records[RECORD_COUNT];

/* Returns whether the rows of this record have a MAC: whoever can write to the database, but has no key, must
 * not be able to approve or admit anybody, or to redirect a message (spec/data-protection.md 4). */
static inline bool record_has_mac(const struct record *record)
{
	return record->columns[record->n - 1].kind == COLUMN_MAC;
}

/* Number of rows that store_insert_new_user adds. They are in the order of struct new_user_rows. */
#define NEW_USER_ROWS 5
extern const enum record_kind new_user_record_kinds[NEW_USER_ROWS];

/* Returns the column of that name; a record must have it (asserted). */
const struct column *record_column(const struct record *record, const char *name);

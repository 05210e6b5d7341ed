#include "store/postgres/diagnosis.h"

#include <stdatomic.h>
#include <string.h>

#include "base/attr.h"
#include "base/log.h"
#include "store/postgres/pooler.h"

struct diagnosis {
	const char *sqlstate; /* SQLSTATE, or its beginning */
	enum tx_outcome outcome;
	enum err e;
	const char *message; /* text for the log; NULL if the operator need not or cannot act */
};

#define REFUSED "refused a statement: see the PostgreSQL server's log"
/* clang-format off */
/* The first row that matches the SQLSTATE applies; the last row matches everything. TX_BAD_CONNECTION is used
 * for errors that may come from the state of the connection: default_transaction_read_only, recovery, role,
 * privileges, search_path, caches. */
static const struct diagnosis diagnoses[] = {
	{ "40001", TX_RETRY,          ERR_BUSY,     NULL }, /* serialization_failure */
	{ "40P01", TX_RETRY,          ERR_BUSY,     NULL }, /* deadlock_detected */
	{ "23505", TX_RETRY,          ERR_BUSY,     NULL }, /* unique_violation: another transaction was faster */
	{ "55P03", TX_FAILED,         ERR_BUSY,     NULL }, /* lock_not_available */
	{ "57014", TX_FAILED,         ERR_BUSY,     NULL }, /* query_canceled: the statement took too long */
	{ "57P",   TX_LOST,           ERR_BUSY,     NULL }, /* the server is starting or shutting down */
	{ "25P03", TX_LOST,           ERR_BUSY,     NULL }, /* idle_in_transaction_session_timeout */
	{ "25P04", TX_LOST,           ERR_BUSY,     NULL }, /* transaction_timeout */
	{ "08",    TX_LOST,           ERR_BUSY,     NULL }, /* connection exceptions */
	{ "26000", TX_LOST,           ERR_BUSY,     POOLER_MODE_MESSAGE }, /* invalid_sql_statement_name: the prepared statements are those of another server process */
	{ "42P05", TX_LOST,           ERR_BUSY,     POOLER_MODE_MESSAGE }, /* duplicate_prepared_statement: of another client */
	{ "0A000", TX_LOST,           ERR_BUSY,     NULL }, /* feature_not_supported: a migration has changed the columns of a prepared statement */
	{ "53100", TX_FAILED,         ERR_STORAGE,  "cannot grow: its disk is full; free space and try again" },
	{ "53300", TX_FAILED,         ERR_BUSY,     "has no free connection: raise max_connections, or run fewer instances" },
	{ "53",    TX_BAD_CONNECTION, ERR_STORAGE,  "is out of memory or another resource: see the PostgreSQL server's log" },
	{ "25006", TX_BAD_CONNECTION, ERR_STORAGE,  "is read-only, as a standby or by default_transaction_read_only: use the primary server" },
	{ "42501", TX_BAD_CONNECTION, ERR_STORAGE,  "denies access to this user: grant the user the schema and its tables" },
	{ "42P01", TX_BAD_CONNECTION, ERR_STORAGE,  "lacks a table of its schema version: check the search_path of the user, or restore the last backup" },
	{ "22021", TX_FAILED,         ERR_INPUT,    NULL }, /* a text that is not UTF-8 */
	{ "22",    TX_FAILED,         ERR_STORAGE,  REFUSED }, /* data exceptions: the values are the cause */
	{ "23",    TX_FAILED,         ERR_STORAGE,  REFUSED }, /* integrity_constraint_violation: likewise */
	{ "XX",    TX_BAD_CONNECTION, ERR_STORAGE,  "is damaged: leave it as it is, and see the PostgreSQL server's log" },
	{ "58",    TX_BAD_CONNECTION, ERR_STORAGE,  "has a system error: check the disk and the log of the PostgreSQL server" },
	{ "",      TX_BAD_CONNECTION, ERR_STORAGE,  REFUSED },
};
/* clang-format on */

static _Atomic(const char *) last_message;
static _Atomic unsigned counts[array_len(diagnoses)];

/* Logs the 1st, 2nd, 4th, 8th … failure that matches row `i` of `diagnoses`. */
static void log_failure(size_t i, const char *sqlstate)
{
	const unsigned n = atomic_fetch_add(&counts[i], 1) + 1;

	if ((n & (n - 1)) == 0)
		log_event(LOG_ERROR, "postgres_failed", LOG_WORD("sqlstate", sqlstate),
			LOG_NUMBER("times", n), LOG_TEXT("reason", diagnoses[i].message));
}

enum err postgres_diagnose(const struct postgres_failure *failure, bool committing, enum tx_outcome *outcome)
{
	size_t i = 0;

	if (failure->lost) {
		*outcome = committing ? TX_UNKNOWN : TX_LOST;
		return ERR_BUSY;
	}
	while (strncmp(failure->sqlstate, diagnoses[i].sqlstate, strlen(diagnoses[i].sqlstate)) != 0)
		i++;
	*outcome = committing && diagnoses[i].outcome == TX_LOST ? TX_UNKNOWN : diagnoses[i].outcome;
	if (diagnoses[i].message != NULL) {
		atomic_store(&last_message, diagnoses[i].message);
		log_failure(i, failure->sqlstate);
	}
	return diagnoses[i].e;
}

const char *postgres_error_message(void)
{
	return atomic_load(&last_message);
}

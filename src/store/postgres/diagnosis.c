#include "store/postgres/diagnosis.h"

#include <stdatomic.h>
#include <string.h>

#include "base/attr.h"
#include "base/log.h"

struct trouble {
	const char *state; /* SQLSTATE, or its beginning */
	enum tx_outcome outcome;
	enum err e;
	const char *sentence; /* NULL: no trouble, or nobody can do anything about it */
};

/* clang-format off */
static const struct trouble troubles[] = {
	{ "40001", TX_RETRY,  ERR_BUSY,     NULL }, /* serialization_failure */
	{ "40P01", TX_RETRY,  ERR_BUSY,     NULL }, /* deadlock_detected */
	{ "23505", TX_RETRY,  ERR_BUSY,     NULL }, /* unique_violation: somebody was faster */
	{ "55P03", TX_FAILED, ERR_BUSY,     NULL }, /* lock_not_available */
	{ "57014", TX_FAILED, ERR_BUSY,     NULL }, /* query_canceled: it took too long */
	{ "57P",   TX_LOST,   ERR_BUSY,     NULL }, /* it is shut down, or starts */
	{ "25P03", TX_LOST,   ERR_BUSY,     NULL }, /* idle_in_transaction_session_timeout */
	{ "08",    TX_LOST,   ERR_BUSY,     NULL },
	{ "26000", TX_LOST,   ERR_BUSY,     "forgets prepared statements: a pooler between must pool sessions, not transactions" },
	{ "0A000", TX_LOST,   ERR_BUSY,     NULL }, /* a plan that a migration made stale */
	{ "53100", TX_FAILED, ERR_STORAGE,  "cannot grow: its disk is full; make room and try again" },
	{ "53300", TX_FAILED, ERR_BUSY,     "has no connection left: raise max_connections, or run fewer instances" },
	{ "53",    TX_FAILED, ERR_STORAGE,  "is out of memory or another resource: look at the server's log" },
	{ "25006", TX_FAILED, ERR_STORAGE,  "is read-only: it is a standby, or default_transaction_read_only is set" },
	{ "42501", TX_FAILED, ERR_STORAGE,  "may not be used like this by this user: grant them the schema and its tables" },
	{ "42P01", TX_FAILED, ERR_STORAGE,  "lacks a table that its schema's version promises" },
	{ "22021", TX_FAILED, ERR_INPUT,    NULL }, /* a text that is not UTF-8 */
	{ "XX",    TX_FAILED, ERR_STORAGE,  "is damaged: keep it as it is, and look at the server's log" },
	{ "58",    TX_FAILED, ERR_STORAGE,  "fails: look at the server's disk and log" },
	{ "",      TX_FAILED, ERR_STORAGE,  "refused a statement: look at the server's log" },
};
/* clang-format on */

static _Atomic(const char *) last;
static _Atomic unsigned counts[array_len(troubles)];

static void tell(size_t i, const char *state)
{
	const unsigned n = atomic_fetch_add(&counts[i], 1) + 1;

	if ((n & (n - 1)) == 0)
		log_event(LOG_ERROR, "postgres_failed", LOG_WORD("sqlstate", state), LOG_NUMBER("times", n));
}

enum err postgres_diagnose(const struct postgres_failure *failure, bool committing, enum tx_outcome *outcome)
{
	size_t i = 0;

	if (failure->lost) {
		*outcome = committing ? TX_UNKNOWN : TX_LOST;
		return ERR_BUSY;
	}
	while (strncmp(failure->sqlstate, troubles[i].state, strlen(troubles[i].state)) != 0)
		i++;
	*outcome = committing && troubles[i].outcome == TX_LOST ? TX_UNKNOWN : troubles[i].outcome;
	if (troubles[i].sentence != NULL) {
		atomic_store(&last, troubles[i].sentence);
		tell(i, failure->sqlstate);
	}
	return troubles[i].e;
}

const char *postgres_error_message(void)
{
	return atomic_load(&last);
}

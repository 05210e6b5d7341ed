#include "store/postgres_trouble.h"

#include <stdatomic.h>
#include <string.h>

#include "base/attr.h"
#include "base/log.h"

struct trouble {
	const char *state; /* SQLSTATE, or its beginning */
	enum fate fate;
	enum err e;
	const char *sentence; /* NULL: no trouble, or nobody can do anything about it */
};

/* clang-format off */
static const struct trouble troubles[] = {
	{ "40001", FATE_AGAIN,  ERR_BUSY,     NULL }, /* serialization_failure */
	{ "40P01", FATE_AGAIN,  ERR_BUSY,     NULL }, /* deadlock_detected */
	{ "23505", FATE_AGAIN,  ERR_BUSY,     NULL }, /* unique_violation: somebody was faster */
	{ "55P03", FATE_FAILED, ERR_BUSY,     NULL }, /* lock_not_available */
	{ "57014", FATE_FAILED, ERR_BUSY,     NULL }, /* query_canceled: it took too long */
	{ "57P",   FATE_LOST,   ERR_BUSY,     NULL }, /* it is shut down, or starts */
	{ "25P03", FATE_LOST,   ERR_BUSY,     NULL }, /* idle_in_transaction_session_timeout */
	{ "08",    FATE_LOST,   ERR_BUSY,     NULL },
	{ "26000", FATE_LOST,   ERR_BUSY,     "forgets prepared statements: a pooler between must pool sessions, not transactions" },
	{ "0A000", FATE_LOST,   ERR_BUSY,     NULL }, /* a plan that a migration made stale */
	{ "53100", FATE_FAILED, ERR_STORAGE,  "cannot grow: its disk is full; make room and try again" },
	{ "53300", FATE_FAILED, ERR_BUSY,     "has no connection left: raise max_connections, or run fewer instances" },
	{ "53",    FATE_FAILED, ERR_STORAGE,  "is out of memory or another resource: look at the server's log" },
	{ "25006", FATE_FAILED, ERR_STORAGE,  "is read-only: it is a standby, or default_transaction_read_only is set" },
	{ "42501", FATE_FAILED, ERR_STORAGE,  "may not be used like this by this user: grant them the schema and its tables" },
	{ "42P01", FATE_FAILED, ERR_STORAGE,  "lacks a table that its schema's version promises" },
	{ "22021", FATE_FAILED, ERR_INPUT,    NULL }, /* a text that is not UTF-8 */
	{ "XX",    FATE_FAILED, ERR_STORAGE,  "is damaged: keep it as it is, and look at the server's log" },
	{ "58",    FATE_FAILED, ERR_STORAGE,  "fails: look at the server's disk and log" },
	{ "",      FATE_FAILED, ERR_STORAGE,  "refused a statement: look at the server's log" },
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

enum err postgres_trouble_judge(const struct postgres_failure *failure, bool committing, enum fate *fate)
{
	size_t i = 0;

	if (failure->lost) {
		*fate = committing ? FATE_UNKNOWN : FATE_LOST;
		return ERR_BUSY;
	}
	while (strncmp(failure->state, troubles[i].state, strlen(troubles[i].state)) != 0)
		i++;
	*fate = committing && troubles[i].fate == FATE_LOST ? FATE_UNKNOWN : troubles[i].fate;
	if (troubles[i].sentence != NULL) {
		atomic_store(&last, troubles[i].sentence);
		tell(i, failure->state);
	}
	return troubles[i].e;
}

const char *postgres_trouble_sentence(void)
{
	return atomic_load(&last);
}

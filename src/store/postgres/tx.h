/* The PostgreSQL driver (store/sql/driver.h): a connection with its transaction, for a database on which many
 * transactions write at the same time. Used by one thread at a time.
 *
 * Isolation: a writing transaction runs in READ COMMITTED and locks the rows that it loads until its end
 * (SELECT … FOR UPDATE). The first transaction that loads a row therefore has it, and everything that depends
 * on it, for itself; the next one waits and then reads what the first has committed. Not locked are: rows
 * found by a query, tenants and API keys (every request reads them), and keys for which no row exists.
 *   - A transaction that saves a row which it has read without a lock is run again with all reads locked.
 *   - A transaction that saves a row for a key that was missing fails if another one has added it meanwhile,
 * and is run again.
 *
 * Round trips: writes are not waited for. They are sent together with the next read or with COMMIT. So it can
 * be detected late that a row which the transaction added existed already; then the transaction is run again,
 * and waits for each write. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "store/postgres/read_ahead.h"
#include "store/sql/driver.h"

enum pg_tx_kind {
	PG_TX, /* for requests: limits of 8 s for a statement and 5 s for waiting for a lock */
	/* For migrations, for checks and for the first connection of each operation: a statement has no time
	 * limit, and the mode of a connection pooler is checked. */
	PG_TX_NO_TIMEOUT,
};

/* Opens a connection. `url` is 0-terminated and must outlive the connection. On failure `why` is a message
 * for the operator, in `arena`. Returns ERR_BUSY if the server cannot be reached, does not respond or refuses
 * the connection. ERR_CONFLICT has the causes of postgres_connect and pooler_check. */
enum err pg_tx_open(const char *url, enum pg_tx_kind kind, struct arena *arena, struct sql **out,
	struct str *why) must_use;
/* Sets the read-ahead of the connection; NULL means none. Must be called before `prepare`. `ahead` must
 * outlive the connection. */
void pg_tx_set_read_ahead(struct sql *sql, struct read_ahead *ahead);

/* PostgreSQL as a driver (store/sql/driver.h), on store/postgres/driver: several write beside each other.
 *
 * What a writing transaction loads stays as it is until its end (FOR UPDATE), and each of its statements sees
 * what was committed before it (READ COMMITTED): who loads a row first has it alone, with all that is decided
 * by that row. Rows found by a question are not held, nor are tenants and keys, which every call reads; and
 * at a key where nothing stood nobody can hold anything. A transaction that saves such a row has to be run
 * again, all rows held; and one that saves at such a key fails, if somebody was faster, and is run again.
 *
 * Changes are not waited for: they travel with the next question, or with the COMMIT. That an added row was
 * there already comes out late, then; the transaction is run again, and waits for each. */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "store/postgres/read_ahead.h"
#include "store/sql/driver.h"

/* An errand's connection has no limits on how long a statement takes; a lane gives up after 8 s. */
enum pg_tx_kind { PG_TX, PG_TX_NO_TIMEOUT };

/* `url` is 0-terminated and outlives it. `why`, in `arena`, on failure. */
enum err pg_tx_open(const char *url, enum pg_tx_kind kind, struct arena *arena, struct sql **out,
	struct str *why) must_use;
/* Before `prepare`. `ahead` outlives it; NULL: nothing is read ahead. */
void pg_tx_set_read_ahead(struct sql *sql, struct read_ahead *ahead);

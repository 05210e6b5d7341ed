/* What is wrong when PostgreSQL fails, by its SQLSTATE. The log hears of the first of a kind, the second, the
 * fourth, the eighth. From any thread. */
#pragma once

#include "base/err.h"
#include "store/postgres/driver.h"
#include "store/sql/driver.h"

/* What the failure is to us, and to its transaction. `committing`: it came back from a COMMIT. */
enum err postgres_diagnose(
	const struct postgres_failure *failure, bool committing, enum tx_outcome *outcome) must_use;
/* What may follow "the database ": what was wrong last, and what to do. NULL: nothing that is known. */
const char *postgres_error_message(void);

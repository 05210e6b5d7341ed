/* Diagnoses failures of PostgreSQL by their SQLSTATE: what they mean for the transaction, and what an
 * operator can do. Of each kind of failure that an operator can do something about, the 1st, 2nd, 4th, 8th …
 * is logged. Safe from any thread. */
#pragma once

#include "base/err.h"
#include "store/postgres/driver.h"
#include "store/sql/driver.h"

/* Returns the error and sets what it means for the transaction. `committing`: COMMIT failed. */
enum err postgres_diagnose(
	const struct postgres_failure *failure, bool committing, enum tx_outcome *outcome) must_use;
/* Describes the last failure that an operator can do something about, and the remedy. Completes a sentence
 * that begins with "the database ". NULL: there was none. The text is static. */
const char *postgres_error_message(void);

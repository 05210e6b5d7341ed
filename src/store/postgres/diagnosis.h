/* Diagnoses failures of PostgreSQL by their SQLSTATE: finds out what they mean for the transaction, and what
 * an operator can do. Failures on which an operator can act are logged, but of each kind only the 1st, 2nd,
 * 4th, 8th … failure. Thread-safe. */
#pragma once

#include "base/err.h"
#include "store/postgres/driver.h"
#include "store/sql/driver.h"

/* Returns the error for a failure, and sets `outcome` to its effect on the transaction. `committing` is true
 * if COMMIT failed. */
enum err postgres_diagnose(
	const struct postgres_failure *failure, bool committing, enum tx_outcome *outcome) must_use;
/* Returns the description and the remedy of the last failure on which an operator can act. The text is static
 * and completes a sentence that begins with "the database ". Returns NULL if there was none. */
const char *postgres_error_message(void);

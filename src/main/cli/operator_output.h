/* Prints operators of the console, for `kycd operator …`. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/operator_account.h"
#include "port/world.h"

/* Prints an operator as one line, or as a JSON object without a line end. `a`: memory of the call. */
enum err operator_print(const struct world *world, struct arena *a, const struct operator_account *account,
	bool json) must_use;
/* Prints a new one-time link as the last line of standard output, and until when it works on standard error.
 * Returns false if it cannot be printed completely. */
bool operator_print_link(struct arena *a, const struct operator_account *account, struct str url, bool json);

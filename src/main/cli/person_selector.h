/* Reads the address, or the id (usr_…), of the person that a command is about (main/cli/address_argument). */
#pragma once

#include <stdbool.h>

#include "app/admin/person_search.h"
#include "base/arena.h"
#include "main/cli/args.h"

/* Reads the first positional argument and --group. On failure prints the reason, but not the address, and
 * returns false. */
bool person_selector_read(const struct args *args, struct arena *a, struct person_selector *out) must_use;

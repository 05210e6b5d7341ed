/* Reads the address that a command is about. If the argument is `-`, the address is read from standard input,
 * so that it does not appear in the shell history or the list of processes. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"
#include "main/cli/args.h"

/* Reads the first positional argument, without white space around it. On failure prints the reason and
 * returns false. */
bool address_argument_read(const struct args *args, struct arena *a, struct str *out) must_use;

/* Whom a command is about: the address as it was typed, or as a line of standard input, so that it stands in
 * no command line, no history and no list of processes. */
#pragma once

#include <stdbool.h>

#include "app/admin/person_search.h"
#include "base/arena.h"
#include "main/cli/args.h"

/* The first word, `-` for standard input, and `--group`. False: stderr has been told, without the address. */
bool person_selector_read(const struct args *args, struct arena *a, struct person_selector *out) must_use;

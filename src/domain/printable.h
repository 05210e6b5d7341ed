/* Printable texts: names that people are shown, and an integrator's own ids of people. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* Returns whether the text is well-formed UTF-8 of 1 to `max_characters` characters, has no control, format
 * or private-use characters, no line separators and no noncharacters, and is not all blank. */
bool printable_is_valid(struct str text, size_t max_characters);

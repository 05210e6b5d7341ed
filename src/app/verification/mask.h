/* Shortens an address for display, so that it is recognised only by whoever knows it. */
#pragma once

#include "app/person/person.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Writes "j•••@example.com" or "0x19E7…Ff2A" into the arena. The identifier is in its normal form. */
enum err identifier_mask(struct arena *a, const struct identifier *identifier, struct str *out) must_use;

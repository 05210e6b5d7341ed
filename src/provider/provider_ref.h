/* Validates a session id received from the provider. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"
#include "domain/id.h"

/* Accepts 1 to 64 characters of [A-Za-z0-9._-] that are not all dots, because the id becomes a segment of a
 * URL path. Converts a UUID to lower case. Returns false if the id is not accepted. */
bool provider_ref_read(struct str text, struct provider_ref *out) must_use;

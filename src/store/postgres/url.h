/* The URL of a PostgreSQL database, as libpq understands it. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Is the text a URL that libpq understands, and that cannot be misread so that a part of a password stands
 * where a host is wanted? */
bool postgres_url_is_good(struct str url);
/* The same without its password, for people; in `arena`. */
struct str postgres_url_shown(struct str url, struct arena *arena);

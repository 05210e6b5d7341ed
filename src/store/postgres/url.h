/* The URL of a PostgreSQL database, in libpq's format: postgresql://user:password@host/database. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Checks that libpq accepts the text as a URL, and that a special character in the password cannot make libpq
 * take a part of the password for the host. */
bool postgres_url_is_good(struct str url);
/* Returns the URL without its password, for messages, allocated in `arena`. */
struct str postgres_url_shown(struct str url, struct arena *arena);

/* Checks the text of KYCD_DATABASE. Does not open the database. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Returns true if the text names a SQLite file ("sqlite:…"). All other valid texts name a PostgreSQL
 * database. */
bool database_text_is_file(struct str text);
/* Returns NULL if the text is valid, otherwise the form that it must have, worded to follow "must be ". The
 * result is static or allocated in `a`. */
const char *database_fault(struct str text, struct arena *a);
/* Does the same as database_fault() for the path of a SQLite file without "sqlite:". The result is static. */
const char *database_file_fault(struct str path);
/* Returns true if the text contains or may contain a password. Such a text must not be shown. */
bool database_text_is_secret(struct str text);

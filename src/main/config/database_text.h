/* Checks the text of KYCD_DATABASE. Does not open the database. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Whether it names a SQLite file ("sqlite:…"). All other valid texts name a PostgreSQL database. */
bool database_text_is_file(struct str text);
/* NULL if the text is valid; else the form that it must have, to follow "must be ". Static, or in `a`. */
const char *database_fault(struct str text, struct arena *a);
/* The same for the path of a SQLite file, without "sqlite:". Static text. */
const char *database_file_fault(struct str path);
/* Whether it contains or may contain a password, so that it must not be shown. */
bool database_text_is_secret(struct str text);

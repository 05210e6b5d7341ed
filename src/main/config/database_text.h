/* The text of KYCD_DATABASE, by itself. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Does it name a file? Else it is PostgreSQL. */
bool database_text_is_file(struct str text);
/* What is wrong with the text: what is right instead. NULL: nothing. */
const char *database_fault(struct str text);
/* Stands a password in it? */
bool database_text_is_secret(struct str text);

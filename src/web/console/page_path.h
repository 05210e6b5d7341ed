/* Paths of the console's pages in parameters: where a page leads after a sign-in or a step-up. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* Returns `path` if it is a path of the console, with or without a query, and "/console" for every other
 * text, so that a link cannot lead to another site. */
struct str console_page_path(struct str path);
/* Returns `path` with the parameter `name`=`value` added to its query. On failure `p` is NULL. */
struct str console_path_with(struct arena *a, struct str path, const char *name, struct str value);

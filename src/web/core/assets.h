/* Serves the style sheet and the scripts of the pages, and the logos of tenants, `GET /assets/:file`. The
 * name of the style sheet may end in a tenant's colour. */
#pragma once

#include "base/arena.h"
#include "domain/colour.h"
#include "html/asset.h"

/* The style sheet with `colour` as its accent colour, in each colour scheme adjusted so far that it is
 * readable. The result's `p` is NULL if the arena is full. */
struct str style_with_colour(struct arena *a, struct colour colour);

/* What the pages of tenants and of API keys have in common. */
#pragma once

#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* Returns the path of a tenant's page. On failure `p` is NULL. */
struct str console_tenant_path(struct arena *a, struct str name);
struct str console_number(struct arena *a, int64_t n);
/* Returns a quota as text; empty for NO_QUOTA. */
struct str console_quota(struct arena *a, int64_t limit);

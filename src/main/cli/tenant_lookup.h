/* Finds the tenant that an argument of a command names. */
#pragma once

#include "base/str.h"
#include "domain/tenant.h"
#include "main/daemon/compose.h"
#include "main/platform/process.h"

/* Finds the tenant of that name. If there is none, or the store fails, prints the reason and returns another
 * code than EXIT_DONE. */
enum exit_code tenant_lookup(struct runtime *runtime, struct str name, struct tenant *out);
/* The same, but an argument that is not given (name.p == NULL) stands for no tenant: `out` has no id. */
enum exit_code tenant_lookup_optional(struct runtime *runtime, struct str name, struct tenant *out);
/* Prints that there is no tenant of the name. */
enum exit_code tenant_lookup_none(void);

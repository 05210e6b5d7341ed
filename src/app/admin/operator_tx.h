/* What the operator's changes of tenants and of API keys share, inside a transaction. */
#pragma once

#include "app/core/audit.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

struct branding_change; /* app/admin/operator.h */

/* Writes an entry to the audit log. `actor`: NULL for a command. */
enum err operator_audit(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params) must_use;
/* Finds a tenant by its name. Returns ERR_NOT_FOUND if there is no such tenant. */
enum err operator_tenant_by_name(struct tx *tx, struct str name, struct tenant *out) must_use;

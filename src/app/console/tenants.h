/* Tenants in the console: the list, one tenant with its quota, branding and API keys, and changes. Each
 * function sets `verdict`, and its results only if that is CONSOLE_PERMITTED. */
#pragma once

#include <stddef.h>

#include "app/admin/operator.h"
#include "app/core/quota.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/branding.h"
#include "port/world.h"

/* Number of keys of a tenant that are shown, the oldest ones. */
#define CONSOLE_KEYS_MAX 200
/* The limit of the arena of one call. */
#define CONSOLE_TENANTS_ARENA ((size_t)4 * 1024 * 1024)

struct console_tenant {
	struct tenant tenant;
	struct quota_state quota;
};

struct console_tenant_view {
	struct console_tenant summary;
	struct branding branding;
	struct str consent_text;
	struct api_key *keys;
	size_t n_keys;
};

/* Lists the caller's tenants by name, as visible_tenants_list() does. */
enum err console_tenant_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct console_tenant **rows, size_t *n, enum console_verdict *verdict) must_use;
/* Returns ERR_NOT_FOUND if there is no tenant of that name. */
enum err console_tenant_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str name, struct console_tenant_view *out, enum console_verdict *verdict) must_use;
/* Finds a tenant and decides whether the caller may create an API key there. Returns ERR_NOT_FOUND if there
 * is no tenant of that name. */
enum err console_tenant_permit_key(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str name, struct tenant *out,
	enum console_verdict *verdict) must_use;
/* Adds a tenant; for operators of all tenants. Errors as for operator_add_tenant. */
enum err console_tenant_add(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct tenant_change *change, struct tenant *out, enum console_verdict *verdict) must_use;
/* Changes a tenant. Errors as for operator_set_tenant. */
enum err console_tenant_set(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct tenant_change *change, struct tenant *out, enum console_verdict *verdict) must_use;

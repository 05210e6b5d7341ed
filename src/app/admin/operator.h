/* Changes and lists tenants and API keys for operators. Each change is written to the audit log. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/api_key.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

/* The fields of a tenant to be set. A field with p == NULL stays unchanged. The caller has validated the
 * values. */
struct tenant_change {
	struct str name, group_name, display_name, language, return_url, site;
	bool has_quota;
	int64_t monthly_quota;
};

/* Adds a tenant. Returns ERR_CONFLICT if the name is taken. */
enum err operator_add_tenant(const struct world *world, struct arena *a, const struct tenant_change *change,
	struct tenant *out) must_use;
/* Changes a tenant. Returns ERR_NOT_FOUND if there is no tenant of that name; ERR_CONFLICT if the change
 * names another group but people are enrolled already. */
enum err operator_set_tenant(const struct world *world, struct arena *a, const struct tenant_change *change,
	struct tenant *out) must_use;
/* Lists tenants by name. */
enum err operator_list_tenants(
	const struct world *world, struct arena *a, struct page page, struct tenant *out, size_t *n) must_use;

/* Finds a tenant by its name. Returns ERR_NOT_FOUND if there is no such tenant. */
enum err operator_find_tenant(
	const struct world *world, struct arena *a, struct str name, struct tenant *out) must_use;
/* Loads a tenant by its id. Returns ERR_NOT_FOUND if there is no such tenant. */
enum err operator_load_tenant(
	const struct world *world, struct arena *a, const struct tenant_id *id, struct tenant *out) must_use;

struct key_params {
	struct str tenant, label;
	duration life;				  /* how long the key is valid; 0: without limit */
	int64_t rate_per_minute, rate_per_second; /* 0: the limit in the settings applies */
	scope_set scopes;			  /* empty: SCOPES_DEFAULT */
};

/* Creates an API key. `text` is the key itself. It is not stored: the caller shows it once and wipes it.
 * Returns ERR_NOT_FOUND if there is no such tenant. */
enum err operator_create_key(const struct world *world, struct arena *a, const struct key_params *params,
	struct api_key *out, char text[API_KEY_LENGTH + 1]) must_use;
/* Revokes a key. Succeeds also if the key was revoked before. Returns ERR_NOT_FOUND if there is no such
 * key. */
enum err operator_revoke_key(const struct world *world, struct arena *a, struct str id) must_use;
/* Lists the keys of one tenant, or of all tenants if `tenant` is empty. Returns ERR_NOT_FOUND if there is no
 * such tenant. */
enum err operator_list_keys(const struct world *world, struct arena *a, struct str tenant, struct page page,
	struct api_key *out, size_t *n) must_use;

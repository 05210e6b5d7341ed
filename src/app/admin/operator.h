/* Changes and lists tenants and API keys for operators. Each change is written to the audit log. */
#pragma once

#include <stdbool.h>

#include "app/admin/operator_branding.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/api_key.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

enum disabled_change { CHANGE_NOTHING, CHANGE_DISABLE, CHANGE_ENABLE };

/* The fields of a tenant to be set. A field with p == NULL stays unchanged. The caller has validated the
 * values. */
struct tenant_change {
	struct str name, group_name, display_name, language, return_url, site;
	bool has_quota;
	int64_t monthly_quota;
	enum disabled_change disabled;
	bool has_four_eyes, four_eyes;
	struct branding_change branding;
	const struct actor *actor; /* for the audit log; NULL: a command */
};

/* Adds a tenant. Returns ERR_CONFLICT if the name is taken. */
enum err operator_add_tenant(const struct world *world, struct arena *a, const struct tenant_change *change,
	struct tenant *out) must_use;
/* Changes a tenant. Returns ERR_NOT_FOUND if there is no tenant of that name; ERR_CONFLICT if the change
 * names another group but people are enrolled already. */
enum err operator_set_tenant(const struct world *world, struct arena *a, const struct tenant_change *change,
	struct tenant *out) must_use;
/* Renames a tenant. Returns ERR_NOT_FOUND if there is no tenant of that name; ERR_CONFLICT if the new name
 * is taken. */
enum err operator_rename_tenant(const struct world *world, struct arena *a, struct str name,
	struct str new_name, struct tenant *out) must_use;
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
	struct str allow_from;			  /* in the form of struct api_key */
	const struct actor *actor;		  /* for the audit log; NULL: a command */
};

/* Creates an API key. `text` is the key itself. It is not stored: the caller shows it once and wipes it.
 * Returns ERR_NOT_FOUND if there is no such tenant. */
enum err operator_create_key(const struct world *world, struct arena *a, const struct key_params *params,
	struct api_key *out, char text[API_KEY_LENGTH + 1]) must_use;
/* The fields of a key to be set. A text with p == NULL and an empty set of scopes stay unchanged. The caller
 * has validated the values. */
struct key_change {
	struct str label, allow_from;
	bool has_rate_per_minute, has_rate_per_second, has_expiry;
	int64_t rate_per_minute, rate_per_second; /* 0: the limit in the settings applies */
	duration life;				  /* from now on; 0: without limit */
	scope_set scopes;
};

/* Changes a key. Returns ERR_NOT_FOUND if there is no such key; ERR_CONFLICT if it is revoked. */
enum err operator_set_key(const struct world *world, struct arena *a, struct str id,
	const struct key_change *change, struct api_key *out) must_use;

struct key_rotation {
	struct str id;
	duration overlap;	   /* how long the key works beside its successor */
	const struct actor *actor; /* for the audit log; NULL: a command */
};

struct rotated_key {
	struct api_key key, successor;
};

/* Creates a successor with the label, rates, scopes and networks of the key. The key expires after the
 * overlap, or when it would have expired before. `text` is as for operator_create_key. Returns ERR_NOT_FOUND
 * if there is no such key; ERR_CONFLICT if it is revoked or expired, and then `out->key` is the stored key.
 */
enum err operator_rotate_key(const struct world *world, struct arena *a, const struct key_rotation *rotation,
	struct rotated_key *out, char text[API_KEY_LENGTH + 1]) must_use;
/* Revokes a key. Succeeds also if the key was revoked before. Returns ERR_NOT_FOUND if there is no such
 * key. `actor`: NULL for a command. */
enum err operator_revoke_key(
	const struct world *world, struct arena *a, const struct actor *actor, struct str id) must_use;
/* Lists the keys of one tenant, or of all tenants if `tenant` is empty. Returns ERR_NOT_FOUND if there is no
 * such tenant. */
enum err operator_list_keys(const struct world *world, struct arena *a, struct str tenant, struct page page,
	struct api_key *out, size_t *n) must_use;

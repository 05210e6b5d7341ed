/* What operators do to tenants and keys; each act is a row of the trail. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/api_key.h"
#include "domain/tenant.h"
#include "port/store.h"
#include "port/world.h"

/* The members that are to be changed; p == NULL leaves one as it is. Checked by the caller. */
struct tenant_change {
	struct str name, group_name, display_name, language, return_url;
	bool has_quota;
	int64_t monthly_quota;
};

/* ERR_CONFLICT: there is one of that name. */
enum err operator_add_tenant(const struct world *world, struct arena *a, const struct tenant_change *change,
	struct tenant *out) must_use;
/* ERR_NOT_FOUND: no such tenant. ERR_CONFLICT: its group cannot change any more, because people are enrolled.
 */
enum err operator_set_tenant(const struct world *world, struct arena *a, const struct tenant_change *change,
	struct tenant *out) must_use;
/* By name. */
enum err operator_list_tenants(
	const struct world *world, struct arena *a, struct page page, struct tenant *out, size_t *n) must_use;

/* By name. ERR_NOT_FOUND: no such tenant. */
enum err operator_find_tenant(
	const struct world *world, struct arena *a, struct str name, struct tenant *out) must_use;
/* By id. ERR_NOT_FOUND: no such tenant. */
enum err operator_load_tenant(
	const struct world *world, struct arena *a, const struct tenant_id *id, struct tenant *out) must_use;

struct key_params {
	struct str tenant, label;
	duration life;				  /* 0: for ever */
	int64_t rate_per_minute, rate_per_second; /* 0: the settings' */
};

/* `text` is the key itself: shown once, then wiped by the caller. ERR_NOT_FOUND: no such tenant. */
enum err operator_create_key(const struct world *world, struct arena *a, const struct key_params *params,
	struct api_key *out, char text[API_KEY_LENGTH + 1]) must_use;
/* Also fine when it was revoked before. ERR_NOT_FOUND. */
enum err operator_revoke_key(const struct world *world, struct arena *a, struct str id) must_use;
/* Of one tenant, or of all when `tenant` is empty; ERR_NOT_FOUND: no such tenant. */
enum err operator_list_keys(const struct world *world, struct arena *a, struct str tenant, struct page page,
	struct api_key *out, size_t *n) must_use;

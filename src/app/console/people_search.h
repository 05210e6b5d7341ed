/* The search of the console's page *People*: finds people by an exact text, which is an e-mail address, a
 * wallet, a tenant's reference, a user id (usr_…) or a session id. Only people of the caller's tenants are
 * found: an address that is known to other tenants only is not. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/overall_status.h"
#include "domain/tenant.h"
#include "port/world.h"

#define CONSOLE_SEARCH_MAX_CHARACTERS 320
/* Further matches are not listed. References need not be unique. */
#define CONSOLE_MATCHES_MAX 50

struct console_match {
	char tenant[TENANT_NAME_SIZE];
	struct public_user_id id;
	enum overall_status status;
};

struct console_matches {
	struct console_match *rows;
	size_t n;
	bool has_more;
};

/* Searches in one read transaction. The matches are in the arena. */
enum err console_people_search(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str text, struct console_matches *out,
	enum console_verdict *verdict) must_use;

/* The list of the console's page *People*: the people of one tenant, newest first, a page at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/operator/access.h"
#include "app/person/people.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/tenant.h"
#include "port/world.h"

#define CONSOLE_PEOPLE_PAGE 50

struct console_people_query {
	struct str tenant; /* name; empty: the first of the caller's tenants */
	bool has_status;   /* only people with this status */
	enum overall_status status;
	moment from, until; /* only people registered from `from` until before `until`; 0: no limit */
	struct public_user_id before; /* the last person of the page before; empty: the newest first */
};

struct console_people {
	struct tenant *tenants; /* that the caller may see; at most VISIBLE_TENANTS_MAX */
	size_t n_tenants;
	struct tenant tenant; /* whose people are listed; without a name if there is no tenant */
	struct people_page page;
};

/* Reads a page of at most CONSOLE_PEOPLE_PAGE people. All results are in the arena, which should allow
 * PEOPLE_MEMORY bytes. */
enum err console_people_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_people_query *query, struct console_people *out,
	enum console_verdict *verdict) must_use;

/* Reads a page of people of a tenant for which the caller was permitted, at most `limit`, which is
 * less than PEOPLE_LIMIT_MAX. */
enum err console_people_read_page(const struct world *world, struct arena *a, const struct tenant *tenant,
	const struct console_people_query *query, size_t limit, struct people_page *out) must_use;

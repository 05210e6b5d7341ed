/* What an operator may see of one person: opaque ids, fixed words and times. No address, name, code or link:
 * a link is a key. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/admin/person_search.h"
#include "app/person/kyc_status.h"
#include "app/person/retry_policy.h"
#include "base/arena.h"

/* The newest sessions that are shown. */
#define REPORT_SESSIONS 100

/* One address with one tenant. */
struct report_tenant {
	const struct report_tenant *next;
	struct tenant_id id;
	const char *name;
	enum address_kind kind;
	moment prepared, proven;
	const char *last_code; /* what became of the last letter; NULL: none, or long ago */
};

struct person_report {
	const struct person_match *match;
	size_t n_addresses;
	const struct report_tenant *tenants;
	struct session *sessions; /* newest first; sealed columns are of no use here */
	size_t n_sessions;
	bool has_more;
	struct kyc_status kyc_status;
	struct retry_check check;
	int64_t tries_left;
	moment next_try; /* when one more comes back; 0: none is used */
};

struct person_reports {
	struct person_search search;
	struct person_report list[PERSON_SEARCH_MAX];
};

/* All in one reading of the store; the arena holds it. Of nobody when `people` says so. */
enum err person_reports_read(const struct world *world, struct arena *a,
	const struct person_selector *selector, struct person_reports *out) must_use;

/* What `create` would do for the person now, once they gave their proof. */
const char *person_report_create_name(enum create_verdict v);

/* What an operator can see of one person: opaque ids, fixed words, times and the references that tenants have
 * given the person. A report contains no address, name or code, and no session link, because anyone who has
 * the link can use the session. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/admin/person_search.h"
#include "app/person/kyc_status.h"
#include "app/person/next_step.h"
#include "app/person/person_ids.h"
#include "app/person/retry_policy.h"
#include "base/arena.h"

/* Maximum number of sessions in a report. The newest sessions are shown. */
#define REPORT_SESSIONS 100

/* One enrolment, which belongs to an address and a tenant. */
struct report_tenant {
	const struct report_tenant *next;
	struct tenant_id id;
	const char *name;
	enum address_kind kind;
	moment prepared_at, verified_at;
	struct person_ids ids;
	/* State of the last e-mail with a code; NULL: there is none, or it was removed. */
	const char *last_code;
};

struct person_report {
	const struct person_match *match;
	size_t n_addresses;
	const struct report_tenant *tenants;
	struct session *sessions; /* the sessions, newest first; their sealed columns are not used */
	size_t n_sessions;
	bool has_more;
	struct kyc_status kyc_status;
	struct retry_check check;
	/* As a tenant to which the person verified an address is told it; without such a tenant, as the first
	 * of `tenants` is. */
	struct next_step next_step;
	int64_t tries_left;
	moment next_try; /* when the oldest used try stops counting; 0: no try is used */
};

struct person_reports {
	struct person_search search;
	struct person_report list[PERSON_SEARCH_MAX];
};

/* Reads the reports of the selected person in all groups, in one transaction. The reports are in the arena.
 * The list is empty unless out->search.verdict is PERSON_SEARCH_FOUND. */
enum err person_reports_read(const struct world *world, struct arena *a,
	const struct person_selector *selector, struct person_reports *out) must_use;

/* Returns the name of what `create` would do for the person at present, if an address is verified. */
const char *person_report_create_name(enum create_verdict v);

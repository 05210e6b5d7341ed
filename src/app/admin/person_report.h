/* What an operator can see of one person: opaque ids, fixed words and times. No address, name, code or
 * session link: whoever has the link can use the session. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "app/admin/person_search.h"
#include "app/person/kyc_status.h"
#include "app/person/retry_policy.h"
#include "base/arena.h"

/* How many sessions are shown: the newest ones. */
#define REPORT_SESSIONS 100

/* One enrolment: an address and a tenant. */
struct report_tenant {
	const struct report_tenant *next;
	struct tenant_id id;
	const char *name;
	enum address_kind kind;
	moment prepared_at, verified_at;
	const char *last_code; /* state of the last e-mail with a code; NULL: none, or removed */
};

struct person_report {
	const struct person_match *match;
	size_t n_addresses;
	const struct report_tenant *tenants;
	struct session *sessions; /* newest first; the sealed columns are not used */
	size_t n_sessions;
	bool has_more;
	struct kyc_status kyc_status;
	struct retry_check check;
	int64_t tries_left;
	moment next_try; /* when the oldest used try stops counting; 0: none is used */
};

struct person_reports {
	struct person_search search;
	struct person_report list[PERSON_SEARCH_MAX];
};

/* Reads the reports of the selected person in all groups, in one transaction; they are in the arena. The list
 * is empty unless out->search.verdict is PERSON_SEARCH_FOUND. */
enum err person_reports_read(const struct world *world, struct arena *a,
	const struct person_selector *selector, struct person_reports *out) must_use;

/* What `create` would do for the person at present, if an address is verified. */
const char *person_report_create_name(enum create_verdict v);

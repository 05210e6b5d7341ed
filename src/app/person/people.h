/* A tenant's people over HTTP: the list of all of them, and one with sessions and addresses (spec/events.md
 * 4). Each function opens a read transaction of its own. All results are in the arena `a`, which should allow
 * PEOPLE_MEMORY bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/person/person_summary.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/id.h"
#include "domain/session.h"
#include "domain/tenant.h"
#include "port/world.h"

/* Usually a hundredth is used. The rest is for people with many sessions and long decisions. */
#define PEOPLE_MEMORY ((size_t)32 * 1024 * 1024)
#define PEOPLE_LIMIT_MAX 100
/* A page ends after as many enrolments even if few of them match. */
#define PEOPLE_LOOKED_AT_MAX 1000

struct people_params {
	const struct tenant *tenant;
	bool has_status; /* only people with this status */
	enum overall_status status;
	struct str reference;	     /* only people with this reference; empty: all */
	struct public_user_id after; /* the last person of the page before; empty: the newest first */
	size_t limit;		     /* 1 to PEOPLE_LIMIT_MAX */
};

struct people_page {
	struct person_summary *people; /* newest first */
	size_t n;
	/* Where the next page begins: the last person that was looked at. Empty: there is nobody. */
	struct public_user_id next_after;
	bool has_more; /* there may be more people after this page */
};

/* Lists the people of a tenant. An enrolment that a link merged into another one is left out. */
enum err people_list(const struct world *world, struct arena *a, const struct people_params *params,
	struct people_page *out) must_use;

/* Maximum number of sessions of a person that are shown; the newest ones. */
#define PERSON_SESSIONS_MAX 100

struct person_session {
	struct session session;
	struct reasons reasons;
};

struct person_details {
	struct person_summary summary;
	struct person_session *sessions; /* newest first */
	size_t n;
	struct str email, wallet; /* set if wanted; empty: the person has none that the tenant may know */
};

struct person_request {
	const struct tenant *tenant;
	struct public_user_id id; /* also the id of an enrolment that a link merged into another one */
	bool with_addresses;
};

/* Returns ERR_NOT_FOUND if the tenant has no person with this id. */
enum err person_details_load(const struct world *world, struct arena *a, const struct person_request *request,
	struct person_details *out) must_use;

/* Finds the enrolment that represents the person with this id for the tenant, and the person's users.
 * `linked` is empty if no address is verified to the tenant. Returns ERR_NOT_FOUND if the tenant has no
 * person with this id. */
enum err person_by_public_id(struct tx *tx, const struct tenant_id *tenant, const struct public_user_id *id,
	struct enrolment *representing, struct linked_users *linked) must_use;

/* What happened to a person with one tenant, in words, oldest first (spec/events.md 4). It is read from the
 * audit log: the entries about all users of the person that name this tenant. What the person did with other
 * tenants of the group is not in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/audit.h"
#include "domain/id.h"
#include "domain/tenant.h"
#include "port/world.h"

#define TIMELINE_LIMIT_MAX 100
/* A page ends after as many audit entries of one user even if few of them are shown. */
#define TIMELINE_LOOKED_AT_MAX 1000

struct timeline_row {
	struct audit_entry_id id;
	moment at;
	const char *type; /* a fixed word; that of the event if there is one (domain/event.h) */
	struct str text;  /* an English sentence */
};

/* Returns type number i, or NULL when i is past the end. The same type may be returned several times. */
const char *timeline_type_at(size_t i);

struct timeline_params {
	const struct tenant *tenant;
	struct public_user_id person;
	struct audit_entry_id after; /* the last row of the page before; empty: from the beginning */
	size_t limit;		     /* 1 to TIMELINE_LIMIT_MAX */
};

struct timeline_page {
	struct timeline_row *rows;
	size_t n;
	struct audit_entry_id next_after; /* the last entry that was looked at; empty: there is none */
	bool has_more;			  /* there may be more rows after this page */
};

/* Reads a page of the timeline in a read transaction of its own. The rows are in the arena, which should
 * allow PEOPLE_MEMORY bytes (app/person/people.h). Returns ERR_NOT_FOUND if the tenant has no such person. */
enum err person_timeline_read(const struct world *world, struct arena *a,
	const struct timeline_params *params, struct timeline_page *out) must_use;

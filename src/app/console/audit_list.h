/* The audit log in the console: newest entries first, of the caller's tenants. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/audit.h"
#include "port/world.h"

#define AUDIT_LIST_MAX 100
/* A page ends after about as many entries even if few of them match, so that it takes less than 200 ms. */
#define AUDIT_LOOKED_AT_MAX 20000
/* The limit of the arena of one call. */
#define AUDIT_LIST_ARENA ((size_t)1024 * 1024)

/* Whose entries are listed. OPERATORS: people who use the console; COMMANDS: the program's commands. */
enum audit_actors {
	AUDIT_ACTORS_ALL,
	AUDIT_ACTORS_OPERATORS,
	AUDIT_ACTORS_COMMANDS,
	AUDIT_ACTORS_KEYS,
	AUDIT_ACTORS_WORKERS,
	AUDIT_ACTORS_PROVIDER,
	AUDIT_ACTORS_LINKS,
	AUDIT_ACTORS_COUNT
};

struct audit_filter {
	/* Only entries of this subject; empty: all. A user id ("usr_…") and the provider's id of a session
	 * stand for the person, a tenant's name for the tenant. */
	struct str subject;
	struct str action; /* only entries with this action; empty: all */
	enum audit_actors actors;
	struct str actor_id;	      /* only of this actor: the id of an operator, key or link; empty: all */
	moment from, until;	      /* only entries from `from` until before `until`; 0: no limit */
	struct audit_entry_id before; /* only older entries than this one; empty: the newest */
	size_t limit;		      /* 1 to AUDIT_LIST_MAX */
};

struct audit_list {
	struct audit_entry rows[AUDIT_LIST_MAX];
	struct str
		operators[AUDIT_LIST_MAX]; /* the e-mail address of the actor; empty: no operator's account */
	size_t n;
	size_t looked_at;		   /* entries that were read */
	struct audit_entry_id next_before; /* where the next page begins */
	bool has_more;
};

/* Sets `verdict`; `out` only if it is CONSOLE_PERMITTED. An operator who is limited to tenants sees only
 * entries that name one of them. */
enum err console_audit_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct audit_filter *filter, struct audit_list *out, enum console_verdict *verdict) must_use;
/* Decides about an action on the audit log as a whole, which has no tenant: an operator who is limited to
 * tenants is asked about the first one. */
enum console_verdict console_audit_permit(
	const struct world *world, const struct console_caller *caller, enum console_action action);
/* The same list for a caller who was permitted. */
enum err console_audit_read_page(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct audit_filter *filter,
	struct audit_list *out) must_use;

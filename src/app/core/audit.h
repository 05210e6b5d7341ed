/* The trail: one row per act, written in the transaction of the act itself; read by operators. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/audit.h"
#include "port/store.h"
#include "port/world.h"

struct audit_params {
	enum audit_action action;
	const char *subject;   /* opaque id */
	const char *tenant_id; /* id, or "" */
	const char *detail;    /* fixed word or number, or "" */
};

/* The row of the next deed of this transaction, for who adds it together with others. */
enum err audit_entry_init(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params, struct audit_entry *out) must_use;
enum err audit_append(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params) must_use;

/* A walk along the trail in the order of time: of all, or of one subject. Each step is a transaction of its
 * own, so that a long trail holds up nobody. */
struct audit_cursor {
	char subject[65];	    /* empty: all */
	struct audit_entry_id from; /* the last row read; before the first step where to begin (id_floor) */
	bool begun;
};

/* The next rows, at most `limit`; fewer than that: the end, for now. */
enum err audit_read(const struct world *world, struct arena *a, struct audit_cursor *cursor,
	struct audit_entry *rows, size_t limit, size_t *n) must_use;

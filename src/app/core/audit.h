/* The audit log: one row per action, written in the transaction of the action itself and read by operators.
 * Entries contain opaque ids and fixed words, never personal data. */
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
	const char *subject;   /* opaque id of the user, session, tenant or key */
	const char *tenant_id; /* id of the tenant concerned, or "" */
	const char *detail;    /* fixed word, number or opaque id, or "" */
};

/* Fills `out` with the entry for the next action of this transaction without storing it. For callers that
 * insert the entry together with other rows. */
enum err audit_entry_init(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params, struct audit_entry *out) must_use;
/* Stores an entry for an action, in the caller's transaction. */
enum err audit_append(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct audit_params *params) must_use;

/* A position in the audit log, which is read in the order of time. The log is read completely, or only for
 * one subject. Each read is a transaction of its own, so that reading a long log does not block writers. */
struct audit_cursor {
	char subject[65]; /* empty: the entries of all subjects are read */
	/* Id of the last entry read. Before the first read, the caller sets it to where reading starts
	 * (id_lower_bound). */
	struct audit_entry_id from;
	/* Set by the first read that returned entries. Later reads skip the entry `from` itself. */
	bool begun;
};

/* Reads the next entries, at most `limit`, and moves the cursor behind them. If fewer than `limit` entries
 * are returned, there are no more at present. */
enum err audit_read(const struct world *world, struct arena *a, struct audit_cursor *cursor,
	struct audit_entry *rows, size_t limit, size_t *n) must_use;

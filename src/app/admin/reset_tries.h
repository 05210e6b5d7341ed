/* `kycd user reset-tries` and the console: lets a person start another session after declined sessions or a
 * blocklist warning. Takes effect at once in all instances, because they read the user's row whenever they
 * evaluate the rule. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/admin/person_search.h"
#include "app/person/linked_users.h"
#include "base/arena.h"
#include "domain/audit.h"
#include "port/store.h"

struct tries_reset {
	bool was_needed; /* the person had used tries or a blocklist warning; if false, nothing was written */
	int64_t tries;	 /* number of tries that counted until now */
	bool blocklisted;
};

struct tries_resets {
	struct person_search search;
	struct tries_reset list[PERSON_SEARCH_MAX];
};

/* Resets the tries of the person in every group in which the address is known, or in the selected group.
 * `actor` is who does it, for the audit log. Nothing is reset unless out->search.verdict is
 * PERSON_SEARCH_FOUND. */
enum err reset_tries_run(const struct world *world, struct arena *a, const struct actor *actor,
	const struct person_selector *selector, struct tries_resets *out) must_use;
/* Resets the tries of a person, whether or not any were used, and writes the audit entry. `why` is its
 * detail: "declined" or "blocklisted". */
enum err reset_tries_save(const struct world *world, struct tx *tx, const struct actor *actor,
	struct linked_users *linked, const char *why) must_use;

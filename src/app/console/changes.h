/* Tells the pages of the console whether anything has changed, so that they read their lists again only then.
 */
#pragma once

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

/* Sets `out` to a word that changes with each event and, for an operator of all tenants, with each audit
 * entry; and every minute, for what makes neither. An operator who is limited to tenants learns nothing of
 * the events of others. Reads one row of events and one audit entry, or one event of each of the operator's
 * tenants. */
enum err console_changes_read(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str *out, enum console_verdict *verdict) must_use;

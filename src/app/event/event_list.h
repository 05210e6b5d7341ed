/* Lists the events of all tenants, for operators (`kycd event list` and `kycd event show`). The order is that
 * of the ids, which is the order of time; the feed's order (app/event/feed) is that of the positions. Changes
 * nothing. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "domain/event.h"
#include "domain/tenant.h"
#include "port/world.h"

/* Where a list continues, and what it leaves out. */
struct event_list_cursor {
	struct event_id from;	    /* the first id; id_lower_bound() of a moment */
	struct tenant_id tenant_id; /* empty: all tenants */
	event_type_set types;
	bool begun; /* `from` was listed already; the caller sets it to false */
	bool more;  /* set by event_list_read: there may be further events */
};

struct event_line {
	struct event event;
	char tenant_name[TENANT_NAME_SIZE];
	struct str json; /* as in the feed */
};

/* Looks at the next `limit` events and writes those that the cursor does not leave out. */
enum err event_list_read(const struct world *world, struct arena *a, struct event_list_cursor *cursor,
	struct event_line *lines, size_t limit, size_t *n) must_use;
/* Loads an event by its id as it is shown. ERR_NOT_FOUND: there is no such event. */
enum err event_list_load(
	const struct world *world, struct arena *a, struct str id, struct event_line *out) must_use;

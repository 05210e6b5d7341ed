/* The filters of the page *People*: read from its query or from the form of the export, and written into the
 * links of the page. */
#pragma once

#include <stdbool.h>

#include "app/console/people.h"
#include "base/arena.h"
#include "base/str.h"

struct people_filter {
	struct str tenant, status, from, until, before; /* as they were sent; empty: not given */
};

/* Reads the filters from a query or from the body of a form. */
struct people_filter people_filter_read(struct arena *a, struct str query);
/* Converts the filters. Returns false if one is malformed. */
bool people_filter_query(const struct people_filter *filter, struct console_people_query *out) must_use;
/* Returns the path of the page with these filters; its `p` is NULL if there is no memory. */
struct str people_filter_path(struct arena *a, const struct people_filter *filter);

/* The filters of the page *Audit log*: read from its query or from the form of the export, and written into
 * the links of the page. */
#pragma once

#include <stdbool.h>

#include "app/console/audit_list.h"
#include "base/arena.h"
#include "base/str.h"

struct audit_form {
	struct str action, subject, actors, actor_id, from, until, before; /* as sent; empty: not given */
};

/* Reads the filters from a query or from the body of a form. */
struct audit_form audit_form_read(struct arena *a, struct str query);
/* Converts the filters. Returns false if one is malformed. */
bool audit_form_filter(const struct audit_form *form, struct audit_filter *out) must_use;
/* Returns the path of the page with these filters; its `p` is NULL if there is no memory. */
struct str audit_form_path(struct arena *a, const struct audit_form *form);
/* The word of a value in the query, and how the page names it. */
struct str audit_actors_word(enum audit_actors actors);
struct str audit_actors_label(enum audit_actors actors);

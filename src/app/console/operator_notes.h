/* Reads the notes that operators wrote about a person (app/console/operator_note_add.h). A note belongs to
 * the tenant on whose page it was written: the operators of other tenants do not see it. */
#pragma once

#include <stddef.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/user.h"
#include "port/store.h"
#include "port/world.h"

struct console_note {
	struct str text, author; /* author: the operator's e-mail address */
	moment created_at;
};

/* Reads the newest OPERATOR_NOTES_MAX notes about the person whom the enrolment represents, newest first, in
 * the caller's transaction. `linked`: the person's users; empty if no address is verified to the tenant. */
enum err console_notes_load(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	const struct linked_users *linked, struct console_note **out, size_t *n) must_use;

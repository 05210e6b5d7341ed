/* Adds a note of an operator about a person. Its text is sealed with the person's key, so that an erasure
 * makes it unreadable. */
#pragma once

#include <stdbool.h>

#include "app/console/person.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/world.h"

struct console_note_params {
	struct console_person_name name;
	struct str text; /* UTF-8, 1 to OPERATOR_NOTE_MAX bytes */
};
/* Adds a note. Sets `is_full` to true, and adds nothing, if the person has OPERATOR_NOTES_MAX notes already.
 * Returns ERR_NOT_FOUND if the tenant has no person with this id. */
enum err console_note_add(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct console_note_params *params, bool *is_full, enum console_verdict *verdict) must_use;

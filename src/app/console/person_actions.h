/* What operators do to a person in the console: allowing another try, and erasing. Both concern the person in
 * all tenants of the group, so they need an operator who may see all of them: otherwise the verdict is
 * CONSOLE_ROLE_REFUSED. They return ERR_NOT_FOUND if the tenant has no person with this id. */
#pragma once

#include <stdbool.h>

#include "app/admin/erase.h"
#include "app/admin/reset_tries.h"
#include "app/console/person.h"
#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "port/world.h"

/* Lets the person start another session (app/admin/reset_tries.h). */
enum err console_person_reset_tries(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_person_name *name, struct tries_reset *out,
	enum console_verdict *verdict) must_use;

struct console_erasure {
	struct console_person_name name;
	bool really; /* false: only counts what would be erased */

	enum console_verdict verdict; /* `erased` is set if it is CONSOLE_PERMITTED */
	struct erasure erased;
};
/* Erases the person (app/admin/erase.h) and uses up the caller's step-up, or counts what would be erased. */
enum err console_person_erase(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct console_erasure *erasure) must_use;

/* What an erasure removes of operators' notes (app/console/operator_notes). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "domain/id.h"
#include "port/store.h"

/* Removes the notes about the user at the tenant, and adds their number to `count`. If `really` is false,
 * only counts them. */
enum err erase_notes(struct tx *tx, const struct tenant_id *tenant, const struct user_id *user, bool really,
	size_t *count) must_use;

/* Workflows that were created through the API (didit-api.md 4.4). A workflow is the set of checks of the
 * sessions that name it. There are at most WORKFLOWS_MAX. A pointer to a workflow is valid until the next
 * removal. Not thread-safe: the caller locks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "sandbox/state/destinations.h"

#define WORKFLOW_LABEL_SIZE 1021 /* 255 characters of up to four bytes each, and the end */

struct workflow {
	char id[UUID_SIZE]; /* in lower case */
	char label[WORKFLOW_LABEL_SIZE];
	unsigned parts; /* see PART in sandbox/state/state.h */
	bool is_default;
	moment created, updated;
};

#define WORKFLOWS_MAX 64
struct workflows {
	struct workflow all[WORKFLOWS_MAX]; /* oldest first */
	size_t n;
	unsigned changes; /* number of changes since the program started */
};

/* Adds a copy of the workflow. Returns ERR_CONFLICT if the id exists, and ERR_BUSY if there are already
 * WORKFLOWS_MAX workflows. If it is the default, no other workflow is. */
enum err workflows_add(struct workflows *all, const struct workflow *workflow) must_use;
/* Returns NULL if no workflow has this id, which must be in lower case. */
const struct workflow *workflows_by_id(const struct workflows *all, struct str id);
/* Replaces the workflow with a copy of `wanted`. If it is the default, no other workflow is. */
void workflows_change(struct workflows *all, const struct workflow *workflow, const struct workflow *wanted);
void workflows_drop(struct workflows *all, const struct workflow *workflow);
/* Returns true if one of the workflows is the default. */
bool workflows_have_default(const struct workflows *all);

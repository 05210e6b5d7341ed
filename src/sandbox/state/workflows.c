#include "sandbox/state/workflows.h"

#include <string.h>

/* Stores a copy of the workflow at index i. */
static void workflow_store(struct workflows *all, size_t i, const struct workflow *wanted)
{
	for (size_t other = 0; wanted->is_default && other < all->n; other++)
		all->all[other].is_default = false;
	all->all[i] = *wanted;
	all->changes++;
}

enum err workflows_add(struct workflows *all, const struct workflow *workflow)
{
	if (workflows_by_id(all, str_of(workflow->id)))
		return ERR_CONFLICT;
	if (all->n == WORKFLOWS_MAX)
		return ERR_BUSY;
	workflow_store(all, all->n, workflow);
	all->n++;
	return OK;
}

const struct workflow *workflows_by_id(const struct workflows *all, struct str id)
{
	for (size_t i = 0; i < all->n; i++)
		if (str_eq(id, str_of(all->all[i].id)))
			return &all->all[i];
	return NULL;
}

void workflows_change(struct workflows *all, const struct workflow *workflow, const struct workflow *wanted)
{
	workflow_store(all, (size_t)(workflow - all->all), wanted);
}

void workflows_drop(struct workflows *all, const struct workflow *workflow)
{
	const size_t i = (size_t)(workflow - all->all);

	memmove(&all->all[i], &all->all[i + 1], (all->n - i - 1) * sizeof(all->all[0]));
	all->n--;
	all->changes++;
}

bool workflows_have_default(const struct workflows *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->all[i].is_default)
			return true;
	return false;
}

#include "sandbox/state/deletion_jobs.h"

void deletion_jobs_add(struct deletion_jobs *jobs, const struct deletion_job *job)
{
	jobs->all[jobs->added++ % DELETION_JOBS_MAX] = *job;
}

const struct deletion_job *deletion_jobs_find(const struct deletion_jobs *jobs, struct str id)
{
	for (size_t i = 0; i < jobs->added && i < DELETION_JOBS_MAX; i++)
		if (str_eq(id, str_of(jobs->all[i].id)))
			return &jobs->all[i];
	return NULL;
}

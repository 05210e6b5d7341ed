/* The results of the last bulk deletions that were answered with a job (didit-api.md 4.4). The sandbox
 * deletes the sessions before it answers, so every job is complete when it is added. The jobs are lost when
 * the program ends. Not thread-safe: the caller locks. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "sandbox/state/destinations.h"

/* What happened to the face data of a deleted session. The sandbox never retains any. */
enum face_outcome { FACE_DELETED, FACE_NONE, FACE_OUTCOMES };

struct deletion_job {
	char id[UUID_SIZE];
	int64_t outcomes[FACE_OUTCOMES]; /* number of deleted sessions with each outcome */
	moment at;
};

/* Only the newest DELETION_JOBS_MAX jobs are kept. */
#define DELETION_JOBS_MAX 16
struct deletion_jobs {
	struct deletion_job all[DELETION_JOBS_MAX];
	size_t added; /* since the program started */
};

void deletion_jobs_add(struct deletion_jobs *jobs, const struct deletion_job *job);
/* Returns the job with this id, or NULL. */
const struct deletion_job *deletion_jobs_find(const struct deletion_jobs *jobs, struct str id);

/* The queue of jobs that wait for the single writer (store/sqlite/group_commit.c), with two priorities. Low
 * priority is for jobs that clients can cause in large numbers.
 *
 * High-priority jobs are taken first, and a group that contains one takes no low-priority jobs after it, so
 * that a high-priority job waits only for the group before its own. Low-priority jobs that have waited longer
 * than LOW_PRIORITY_WAIT take every second place, so that they cannot starve.
 *
 * Not thread-safe: the caller must hold a lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOW_PRIORITY_WAIT ((int64_t)20 * 1000) /* microseconds */

/* A job in the queue. The caller embeds this struct in its own job struct and owns the memory. */
struct queued_job {
	struct queued_job *next;
	int64_t since; /* when the job was created, in monotonic microseconds */
};

/* A linked list of jobs, first in, first out. A job in the list must not be moved in memory. */
struct job_list {
	struct queued_job *first, **end;
	size_t n;
};

void job_list_init(struct job_list *list);
void job_list_append(struct job_list *list, struct queued_job *job);
/* Removes and returns the first job, or returns NULL if the list is empty. */
struct queued_job *job_list_take(struct job_list *list);

struct write_queue {
	struct job_list high, low; /* by priority */
	bool last_was_high;	   /* the previous job that was taken had high priority */
};

void write_queue_init(struct write_queue *q);
size_t write_queue_length(const struct write_queue *q);
void write_queue_put(struct write_queue *q, struct queued_job *job, bool low_priority);
/* Removes and returns the next job for a group. Returns NULL if there is none or if the group must end here.
 * `has_high` records whether the group contains a high-priority job; the caller sets it to false at the start
 * of a group. */
struct queued_job *write_queue_take(struct write_queue *q, int64_t now, bool *has_high);

/* Who waits for the one writer, in two lines: prompt ones, and patient ones, of whom anybody can make a lot.
 * Prompt ones go first, and a group that has one takes no patient ones behind it: so a prompt one waits for
 * no more than the group before its own. Whose patience (LOW_PRIORITY_WAIT) is over has every second place,
 * however many prompt ones there are. The caller holds the lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOW_PRIORITY_WAIT ((int64_t)20 * 1000) /* microseconds */

struct queued_job {
	struct queued_job *next;
	int64_t since; /* microseconds */
};

/* First in, first out. Whoever is in it stays where it is. */
struct job_list {
	struct queued_job *first, **end;
	size_t n;
};

void job_list_init(struct job_list *line);
void job_list_append(struct job_list *line, struct queued_job *one);
/* NULL: nobody. */
struct queued_job *job_list_take(struct job_list *line);

struct write_queue {
	struct job_list high, low;
	bool last_was_high; /* the last one was prompt */
};

void write_queue_init(struct write_queue *q);
size_t write_queue_length(const struct write_queue *q);
void write_queue_put(struct write_queue *q, struct queued_job *one, bool is_patient);
/* The next of a group; NULL: the group is whole. `has_prompt` is the group's, false at its beginning. */
struct queued_job *write_queue_take(struct write_queue *q, int64_t now, bool *has_prompt);

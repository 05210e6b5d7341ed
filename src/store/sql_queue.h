/* Who waits for the one writer, in two lines: prompt ones, and patient ones, of whom anybody can make a lot.
 * Prompt ones go first, and a group that has one takes no patient ones behind it: so a prompt one waits for
 * no more than the group before its own. Whose patience (QUEUE_PATIENCE) is over has every second place,
 * however many prompt ones there are. The caller holds the lock. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_PATIENCE ((int64_t)20 * 1000) /* microseconds */

struct queued {
	struct queued *next;
	int64_t since; /* microseconds */
};

/* First in, first out. Whoever is in it stays where it is. */
struct queue_line {
	struct queued *first, **end;
	size_t n;
};

void line_init(struct queue_line *line);
void line_put(struct queue_line *line, struct queued *one);
/* NULL: nobody. */
struct queued *line_take(struct queue_line *line);

struct sql_queue {
	struct queue_line prompt, patient;
	bool owes; /* the last one was prompt */
};

void queue_init(struct sql_queue *q);
size_t queue_length(const struct sql_queue *q);
void queue_put(struct sql_queue *q, struct queued *one, bool is_patient);
/* The next of a group; NULL: the group is whole. `has_prompt` is the group's, false at its beginning. */
struct queued *queue_take(struct sql_queue *q, int64_t now, bool *has_prompt);

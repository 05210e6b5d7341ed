#include "store/sqlite/write_queue.h"

void job_list_init(struct job_list *line)
{
	*line = (struct job_list){ NULL, &line->first, 0 };
}

void job_list_append(struct job_list *line, struct queued_job *one)
{
	one->next = NULL;
	*line->end = one;
	line->end = &one->next;
	line->n++;
}

struct queued_job *job_list_take(struct job_list *line)
{
	struct queued_job *const one = line->first;

	if (one == NULL)
		return NULL;
	line->first = one->next;
	line->n--;
	if (line->first == NULL)
		line->end = &line->first;
	return one;
}

void write_queue_init(struct write_queue *q)
{
	job_list_init(&q->high);
	job_list_init(&q->low);
	q->last_was_high = false;
}

size_t write_queue_length(const struct write_queue *q)
{
	return q->high.n + q->low.n;
}

void write_queue_put(struct write_queue *q, struct queued_job *one, bool is_patient)
{
	job_list_append(is_patient ? &q->low : &q->high, one);
}

struct queued_job *write_queue_take(struct write_queue *q, int64_t now, bool *has_prompt)
{
	const struct queued_job *const oldest = q->low.first;
	const bool is_due = oldest != NULL && now - oldest->since > LOW_PRIORITY_WAIT;

	if (q->high.first != NULL && !(is_due && q->last_was_high)) {
		*has_prompt = q->last_was_high = true;
		return job_list_take(&q->high);
	}
	if (*has_prompt && !is_due)
		return NULL;
	q->last_was_high = false;
	return job_list_take(&q->low);
}

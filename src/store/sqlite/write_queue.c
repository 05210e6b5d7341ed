#include "store/sqlite/write_queue.h"

void job_list_init(struct job_list *list)
{
	*list = (struct job_list){ NULL, &list->first, 0 };
}

void job_list_append(struct job_list *list, struct queued_job *job)
{
	job->next = NULL;
	*list->end = job;
	list->end = &job->next;
	list->n++;
}

struct queued_job *job_list_take(struct job_list *list)
{
	struct queued_job *const job = list->first;

	if (job == NULL)
		return NULL;
	list->first = job->next;
	list->n--;
	if (list->first == NULL)
		list->end = &list->first;
	return job;
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

void write_queue_put(struct write_queue *q, struct queued_job *job, bool low_priority)
{
	job_list_append(low_priority ? &q->low : &q->high, job);
}

struct queued_job *write_queue_take(struct write_queue *q, int64_t now, bool *has_high)
{
	const struct queued_job *const oldest_low = q->low.first;
	const bool low_is_overdue = oldest_low != NULL && now - oldest_low->since > LOW_PRIORITY_WAIT;

	if (q->high.first != NULL && !(low_is_overdue && q->last_was_high)) {
		*has_high = q->last_was_high = true;
		return job_list_take(&q->high);
	}
	if (*has_high && !low_is_overdue)
		return NULL;
	q->last_was_high = false;
	return job_list_take(&q->low);
}

#include "store/sql_queue.h"

void line_init(struct queue_line *line)
{
	*line = (struct queue_line){ NULL, &line->first, 0 };
}

void line_put(struct queue_line *line, struct queued *one)
{
	one->next = NULL;
	*line->end = one;
	line->end = &one->next;
	line->n++;
}

struct queued *line_take(struct queue_line *line)
{
	struct queued *const one = line->first;

	if (one == NULL)
		return NULL;
	line->first = one->next;
	line->n--;
	if (line->first == NULL)
		line->end = &line->first;
	return one;
}

void queue_init(struct sql_queue *q)
{
	line_init(&q->prompt);
	line_init(&q->patient);
	q->owes = false;
}

size_t queue_length(const struct sql_queue *q)
{
	return q->prompt.n + q->patient.n;
}

void queue_put(struct sql_queue *q, struct queued *one, bool is_patient)
{
	line_put(is_patient ? &q->patient : &q->prompt, one);
}

struct queued *queue_take(struct sql_queue *q, int64_t now, bool *has_prompt)
{
	const struct queued *const oldest = q->patient.first;
	const bool is_due = oldest != NULL && now - oldest->since > QUEUE_PATIENCE;

	if (q->prompt.first != NULL && !(is_due && q->owes)) {
		*has_prompt = q->owes = true;
		return line_take(&q->prompt);
	}
	if (*has_prompt && !is_due)
		return NULL;
	q->owes = false;
	return line_take(&q->patient);
}

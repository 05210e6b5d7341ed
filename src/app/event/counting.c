#include "app/event/counting.h"

#include <string.h>

static struct count_changes *find_changes(struct count_batch *batch, const struct event *event)
{
	const int64_t day = day_of(event->created_at);

	for (size_t i = 0; i < batch->n; i++)
		if (batch->changes[i].day == day &&
			strcmp(batch->changes[i].tenant_id.text, event->tenant_id.text) == 0)
			return &batch->changes[i];
	batch->changes[batch->n] = (struct count_changes){ .tenant_id = event->tenant_id, .day = day };
	return &batch->changes[batch->n++];
}

void count_batch_add(struct count_batch *batch, const struct event *event)
{
	struct count_facts facts;

	if (count_facts_read(event->uncounted, &facts))
		count_changes_add(find_changes(batch, event), event->type, &facts);
}

static void add_counts(struct daily_count *row, const struct count_changes *changes)
{
	for (size_t i = 0; i < DAY_COUNTS; i++)
		row->counts[i] += changes->counts[i];
}

static void add_people(struct daily_count *row, const struct count_changes *changes)
{
	for (size_t i = 0; i < PEOPLE_COUNTS; i++)
		row->people[i] += changes->people[i];
}

/* Loads the tenant's newest row; its day is -1 if there is none. The row is loaded again by its key, because
 * that locks it. */
static enum err load_newest(struct tx *tx, const struct tenant_id *tenant, struct daily_count *out)
{
	const struct daily_count probe = { .tenant_id = *tenant, .day = 0 };
	size_t n;

	TRY(store_find(tx, QUERY_DAILY_COUNTS_OF_TENANT, &probe, page_of(0, 1), out, &n));
	if (n == 0)
		*out = (struct daily_count){ .tenant_id = *tenant, .day = -1 };
	return n == 0 ? OK : store_load_daily_count(tx, out);
}

/* The day of the event is not the newest one: it was counted after midnight, or the clock was set back. The
 * present number of people is in the newest row. */
static enum err save_people_in_newest(struct tx *tx, const struct count_changes *changes)
{
	struct daily_count newest;

	TRY(load_newest(tx, &changes->tenant_id, &newest));
	add_people(&newest, changes);
	return store_save_daily_count(tx, &newest);
}

/* Adds the row of a day. The first row of a newer day takes over the number of people. */
static enum err add_day(struct tx *tx, const struct count_changes *changes)
{
	struct daily_count row = { .tenant_id = changes->tenant_id, .day = changes->day }, newest;

	add_counts(&row, changes);
	TRY(load_newest(tx, &changes->tenant_id, &newest));
	row.closed = newest.day > row.day;
	if (row.closed) {
		add_people(&newest, changes);
	} else {
		memcpy(row.people, newest.people, sizeof(row.people));
		add_people(&row, changes);
		newest.closed = true;
	}
	if (newest.day >= 0)
		TRY(store_save_daily_count(tx, &newest));
	return store_save_daily_count(tx, &row);
}

static enum err save_decisions(struct tx *tx, const struct count_changes *changes)
{
	struct decision_count row = { .tenant_id = changes->tenant_id, .day = changes->day };
	const enum err e = store_load_decision_count(tx, &row);
	int64_t numbers[DECISION_COUNTS];
	char text[DECISION_COUNTS_SIZE];

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	memcpy(numbers, changes->decisions, sizeof(numbers));
	if (e == OK)
		decision_counts_add(row.counts, numbers);
	row.counts = (struct str){ text, decision_counts_write(numbers, text) };
	return store_save_decision_count(tx, &row);
}

static enum err save_changes(struct tx *tx, const struct count_changes *changes)
{
	struct daily_count row = { .tenant_id = changes->tenant_id, .day = changes->day };
	const enum err e = store_load_daily_count(tx, &row);

	if (changes->has_decisions)
		TRY(save_decisions(tx, changes));
	if (e == ERR_NOT_FOUND)
		return add_day(tx, changes);
	TRY(e);
	add_counts(&row, changes);
	if (row.closed)
		TRY(save_people_in_newest(tx, changes));
	else
		add_people(&row, changes);
	return store_save_daily_count(tx, &row);
}

enum err count_batch_save(struct tx *tx, const struct count_batch *batch)
{
	for (size_t i = 0; i < batch->n; i++)
		TRY(save_changes(tx, &batch->changes[i]));
	return OK;
}

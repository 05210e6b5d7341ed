/* Tests of the order in which the writer takes waiting jobs from the queue, and of the end of a group of
 * jobs. */
#include "store/sqlite/write_queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define JOBS_MAX 16

struct test_job {
	struct queued_job job;
	char name;
};

/* Takes one group of at most `max` jobs; returns their names in order. */
static const char *take_group(struct write_queue *q, int64_t now, size_t max, char out[JOBS_MAX + 1])
{
	bool has_high_priority = false;
	size_t n = 0;

	while (n < max) {
		struct queued_job *const one = write_queue_take(q, now, &has_high_priority);

		if (one == NULL)
			break;
		out[n++] = container_of(one, struct test_job, job)->name;
	}
	out[n] = '\0';
	return out;
}

/* Queues one job per letter at time 0: capitals with high priority, lower-case letters with low priority. */
static void queue_jobs(struct write_queue *q, struct test_job *w, const char *names)
{
	for (size_t i = 0; names[i] != '\0'; i++) {
		w[i] = (struct test_job){ { NULL, 0 }, names[i] };
		write_queue_put(q, &w[i].job, names[i] >= 'a');
	}
	assert_int_equal(write_queue_length(q), strlen(names));
}

static void groups_follow_priority_and_waiting_time(void **state)
{
	static const struct {
		const char *jobs;
		int64_t now;
		size_t max;
		const char *groups[4];
	} rows[] = {
		{ "ABC", 0, JOBS_MAX, { "ABC", "" } },
		{ "abc", 0, JOBS_MAX, { "abc", "" } },
		{ "abA", 0, JOBS_MAX, { "A", "ab", "" } },
		{ "aAbB", LOW_PRIORITY_WAIT - 1, JOBS_MAX, { "AB", "ab", "" } },
		{ "aAbB", LOW_PRIORITY_WAIT, JOBS_MAX, { "AB", "ab", "" } },
		{ "aAbB", LOW_PRIORITY_WAIT + 1, JOBS_MAX, { "AaBb", "" } },
		{ "abcA", LOW_PRIORITY_WAIT + 1, JOBS_MAX, { "Aabc", "" } },
		/* once low-priority jobs have waited too long, groups of any size alternate between
		   priorities */
		{ "abcABC", LOW_PRIORITY_WAIT + 1, 3, { "AaB", "bCc", "" } },
		{ "abAB", LOW_PRIORITY_WAIT + 1, 1, { "A", "a", "B", "b" } },
		{ "abAB", 0, 1, { "A", "B", "a", "b" } },
	};
	struct write_queue q;
	struct test_job w[JOBS_MAX];
	char names[JOBS_MAX + 1];

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].jobs);
		write_queue_init(&q);
		queue_jobs(&q, w, rows[i].jobs);
		for (size_t k = 0; k < 4 && rows[i].groups[k] != NULL; k++)
			assert_string_equal(
				take_group(&q, rows[i].now, rows[i].max, names), rows[i].groups[k]);
		assert_int_equal(write_queue_length(&q), 0);
	}
}

/* If a high-priority job arrives while a group is being taken, it joins the group, and no further
 * low-priority job does. */
static void high_priority_job_joins_a_group_of_low_priority_jobs(void **state)
{
	struct test_job low_priority[3] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	struct test_job high_priority = { .name = 'A' };
	struct write_queue q;
	bool has_high_priority = false;

	(void)state;
	write_queue_init(&q);
	for (size_t i = 0; i < array_len(low_priority); i++)
		write_queue_put(&q, &low_priority[i].job, true);
	assert_ptr_equal(write_queue_take(&q, 0, &has_high_priority), &low_priority[0].job);
	assert_false(has_high_priority);
	write_queue_put(&q, &high_priority.job, false);
	assert_ptr_equal(write_queue_take(&q, 0, &has_high_priority), &high_priority.job);
	assert_true(has_high_priority);
	assert_null(write_queue_take(&q, 0, &has_high_priority));
	has_high_priority = false;
	assert_ptr_equal(write_queue_take(&q, 0, &has_high_priority), &low_priority[1].job);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_follow_priority_and_waiting_time),
		cmocka_unit_test(high_priority_job_joins_a_group_of_low_priority_jobs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

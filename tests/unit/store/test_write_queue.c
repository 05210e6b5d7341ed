/* In which order the writer takes who waits for it, and where a group ends. */
#include "store/sqlite/write_queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define PLACES 16

struct waiting {
	struct queued_job place;
	char name;
};

/* Takes one group, of at most `room`: the names in their order. */
static const char *group(struct write_queue *q, int64_t now, size_t room, char out[PLACES + 1])
{
	bool has_prompt = false;
	size_t n = 0;

	while (n < room) {
		struct queued_job *const one = write_queue_take(q, now, &has_prompt);

		if (one == NULL)
			break;
		out[n++] = container_of(one, struct waiting, place)->name;
	}
	out[n] = '\0';
	return out;
}

/* Capitals are prompt, small letters patient; all came at 0. */
static void come(struct write_queue *q, struct waiting *w, const char *names)
{
	for (size_t i = 0; names[i] != '\0'; i++) {
		w[i] = (struct waiting){ { NULL, 0 }, names[i] };
		write_queue_put(q, &w[i].place, names[i] >= 'a');
	}
	assert_int_equal(write_queue_length(q), strlen(names));
}

static void the_order_of_groups(void **state)
{
	static const struct {
		const char *come;
		int64_t now;
		size_t room;
		const char *groups[4];
	} rows[] = {
		{ "ABC", 0, PLACES, { "ABC", "" } },
		{ "abc", 0, PLACES, { "abc", "" } },
		{ "abA", 0, PLACES, { "A", "ab", "" } },
		{ "aAbB", LOW_PRIORITY_WAIT - 1, PLACES, { "AB", "ab", "" } },
		{ "aAbB", LOW_PRIORITY_WAIT, PLACES, { "AB", "ab", "" } },
		{ "aAbB", LOW_PRIORITY_WAIT + 1, PLACES, { "AaBb", "" } },
		{ "abcA", LOW_PRIORITY_WAIT + 1, PLACES, { "Aabc", "" } },
		/* neither keeps the other out, whatever a group holds */
		{ "abcABC", LOW_PRIORITY_WAIT + 1, 3, { "AaB", "bCc", "" } },
		{ "abAB", LOW_PRIORITY_WAIT + 1, 1, { "A", "a", "B", "b" } },
		{ "abAB", 0, 1, { "A", "B", "a", "b" } },
	};
	struct write_queue q;
	struct waiting w[PLACES];
	char names[PLACES + 1];

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].come);
		write_queue_init(&q);
		come(&q, w, rows[i].come);
		for (size_t k = 0; k < 4 && rows[i].groups[k] != NULL; k++)
			assert_string_equal(group(&q, rows[i].now, rows[i].room, names), rows[i].groups[k]);
		assert_int_equal(write_queue_length(&q), 0);
	}
}

/* Who comes while a group is made joins it at once, and closes it for the patient. */
static void a_prompt_one_joins_a_group_of_patient_ones(void **state)
{
	struct waiting patient[3] = { { .name = 'a' }, { .name = 'b' }, { .name = 'c' } };
	struct waiting prompt = { .name = 'A' };
	struct write_queue q;
	bool has_prompt = false;

	(void)state;
	write_queue_init(&q);
	for (size_t i = 0; i < array_len(patient); i++)
		write_queue_put(&q, &patient[i].place, true);
	assert_ptr_equal(write_queue_take(&q, 0, &has_prompt), &patient[0].place);
	assert_false(has_prompt);
	write_queue_put(&q, &prompt.place, false);
	assert_ptr_equal(write_queue_take(&q, 0, &has_prompt), &prompt.place);
	assert_true(has_prompt);
	assert_null(write_queue_take(&q, 0, &has_prompt));
	has_prompt = false;
	assert_ptr_equal(write_queue_take(&q, 0, &has_prompt), &patient[1].place);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_order_of_groups),
		cmocka_unit_test(a_prompt_one_joins_a_group_of_patient_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

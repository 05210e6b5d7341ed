/* Walks the courses: each value is there before it is asked by, and is of the kind of what it is compared
 * with. */
#include "port/load_plan.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

static const struct column *find(enum record_kind of, const char *name)
{
	const struct record *const r = &records[of];

	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->columns[i].name, name) == 0)
			return &r->columns[i];
	}
	fail_msg("%s has no %s", r->table, name);
	return NULL;
}

static const struct load_plan_step *load_of(const struct load_plan *c, size_t step)
{
	assert_true(step < c->n);
	assert_false(c->steps[step].is_query);
	return &c->steps[step];
}

/* Texts: a server without the row says '', and so does the program. */
static void check_value(const struct load_plan *c, const struct load_plan_value *v)
{
	const struct load_plan_step *const of = load_of(c, v->step);

	assert_int_equal(find(of->record, v->column)->kind, COLUMN_ID);
	if (v->fallback != NULL)
		assert_int_equal(find(of->record, v->fallback)->kind, COLUMN_ID);
	if (v->if_nonzero == NULL)
		return;
	assert_true(v->if_nonzero_step > v->step);
	const enum column_kind given = find(load_of(c, v->if_nonzero_step)->record, v->if_nonzero)->kind;

	assert_true(given == COLUMN_MOMENT || given == COLUMN_INT);
}

static size_t known_after(const struct load_plan_value *v)
{
	return v->if_nonzero != NULL ? v->if_nonzero_step : v->step;
}

static void check_from(const struct load_plan *c, size_t step, size_t i)
{
	const struct load_plan_step *const s = &c->steps[step];
	const struct load_plan_source *const from = &s->from[i];
	const struct column *const own = load_plan_step_column(s, i);

	if (from->kind == SOURCE_PROBE) {
		assert_int_equal(find(c->probe, from->column)->kind, own->kind);
		assert_true(own->kind != COLUMN_BYTES); /* the probe is copied, not what it points to */
	} else {
		assert_true(from->value < c->n_values);
		assert_true(known_after(&c->values[from->value]) < step);
		assert_int_equal(own->kind, COLUMN_ID);
		/* Only of equal ones can be seen whether the row is of what is asked by. */
		assert_true(!s->is_query || queries[s->query].filters[i].match == MATCH_EQUAL);
	}
}

static void check_step(const struct load_plan *c, size_t step)
{
	const struct load_plan_step *const s = &c->steps[step];

	assert_in_range(s->limit, 1, s->is_query ? SIZE_MAX : 1);
	if (s->is_query)
		assert_int_equal(queries[s->query].of, s->record);
	assert_in_range(load_plan_step_parameters(s), 1, LOAD_PLAN_SOURCES);
	for (size_t i = 0; i < load_plan_step_parameters(s); i++)
		check_from(c, step, i);
}

static void each_step_can_be_asked_for(void **state)
{
	(void)state;
	for (size_t c = 0; c < LOAD_PLAN_COUNT; c++) {
		assert_in_range(load_plans[c].n, 1, LOAD_PLAN_STEPS);
		assert_in_range(load_plans[c].n_values, 0, LOAD_PLAN_VALUES);
		for (size_t i = 0; i < load_plans[c].n_values; i++)
			check_value(&load_plans[c], &load_plans[c].values[i]);
		for (size_t i = 0; i < load_plans[c].n; i++)
			check_step(&load_plans[c], i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_step_can_be_asked_for) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

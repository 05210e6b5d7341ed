/* Checks that every load plan can be executed: each step uses only values that earlier steps have loaded, and
 * each value has the type of the column with which it is compared. */
#include "port/load_plan.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

static const struct column *column_named(enum record_kind of, const char *name)
{
	const struct record *const r = &records[of];

	for (size_t i = 0; i < r->n; i++) {
		if (strcmp(r->columns[i].name, name) == 0)
			return &r->columns[i];
	}
	fail_msg("%s has no %s", r->table, name);
	return NULL;
}

static const struct load_plan_step *load_step(const struct load_plan *plan, size_t step)
{
	assert_true(step < plan->n);
	assert_false(plan->steps[step].is_query);
	return &plan->steps[step];
}

/* A value must be a text column: for a missing row, both the database and the program use the empty text. */
static void check_value(const struct load_plan *plan, const struct load_plan_value *v)
{
	const struct load_plan_step *const load = load_step(plan, v->step);

	assert_int_equal(column_named(load->record, v->column)->kind, COLUMN_ID);
	if (v->fallback != NULL)
		assert_int_equal(column_named(load->record, v->fallback)->kind, COLUMN_ID);
	if (v->if_nonzero == NULL)
		return;
	assert_true(v->if_nonzero_step > v->step);
	const enum column_kind condition_kind =
		column_named(load_step(plan, v->if_nonzero_step)->record, v->if_nonzero)->kind;

	assert_true(condition_kind == COLUMN_MOMENT || condition_kind == COLUMN_INT);
}

static size_t known_after(const struct load_plan_value *v)
{
	return v->if_nonzero != NULL ? v->if_nonzero_step : v->step;
}

static void check_source(const struct load_plan *plan, size_t step, size_t i)
{
	const struct load_plan_step *const s = &plan->steps[step];
	const struct load_plan_source *const from = &s->from[i];
	const struct column *const parameter = load_plan_step_column(s, i);

	if (from->kind == SOURCE_PROBE) {
		assert_int_equal(column_named(plan->probe, from->column)->kind, parameter->kind);
		/* a copy of the probe does not copy the bytes that it refers to */
		assert_true(parameter->kind != COLUMN_BYTES);
	} else {
		assert_true(from->value < plan->n_values);
		assert_true(known_after(&plan->values[from->value]) < step);
		assert_int_equal(parameter->kind, COLUMN_ID);
		/* only with MATCH_EQUAL can a returned row be compared with the parameter */
		assert_true(!s->is_query || queries[s->query].filters[i].match == MATCH_EQUAL);
	}
}

static void check_step(const struct load_plan *plan, size_t step)
{
	const struct load_plan_step *const s = &plan->steps[step];

	assert_in_range(s->limit, 1, s->is_query ? SIZE_MAX : 1);
	if (s->is_query)
		assert_int_equal(queries[s->query].of, s->record);
	assert_in_range(load_plan_step_parameters(s), 1, LOAD_PLAN_SOURCES);
	for (size_t i = 0; i < load_plan_step_parameters(s); i++)
		check_source(plan, step, i);
}

static void every_step_has_consistent_parameters(void **state)
{
	(void)state;
	for (size_t p = 0; p < LOAD_PLAN_COUNT; p++) {
		assert_in_range(load_plans[p].n, 1, LOAD_PLAN_STEPS);
		assert_in_range(load_plans[p].n_values, 0, LOAD_PLAN_VALUES);
		for (size_t i = 0; i < load_plans[p].n_values; i++)
			check_value(&load_plans[p], &load_plans[p].values[i]);
		for (size_t i = 0; i < load_plans[p].n; i++)
			check_step(&load_plans[p], i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_step_has_consistent_parameters) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#include "store/postgres/prefetch.h"

#include <assert.h>
#include <string.h>

void prefetch_begin(struct prefetch *f, const struct load_plan_sql *sql, enum load_plan_kind plan,
	const void *probe, const struct prefetch_results *results)
{
	const size_t size = records[load_plans[plan].probe].size;

	assert(size <= sizeof(f->probe));
	memcpy(f->probe, probe, size);
	f->plan = &load_plans[plan];
	f->steps = sql->steps[plan];
	f->joined_plan = &sql->joined[plan];
	f->results = *results;
	f->pending = (1U << f->plan->n) - 1;
}

void prefetch_clear(struct prefetch *f)
{
	f->pending = 0;
	if (f->results.shared != NULL)
		postgres_shared_release(f->results.shared);
	f->results = (struct prefetch_results){ .connection = NULL };
}

void prefetch_invalidate(struct prefetch *f, enum record_kind of)
{
	for (size_t i = 0; f->pending >> i != 0; i++) {
		if (f->steps[i].statement.of == of)
			f->pending &= ~(1U << i);
	}
}

/* Returns the result of a step. Sets `*from` to the index of the column that is the first one of the step's
 * record. */
static struct postgres_result step_result(const struct prefetch *f, size_t step, size_t *from)
{
	const bool joined = f->results.connection == NULL;
	struct postgres_result result = joined ? f->results.joined
					       : postgres_kept_result(f->results.connection, step);

	*from = joined ? f->joined_plan->columns[step] : 0;
	if (!joined || result.rows == 0)
		return result;
	/* Key columns are never empty, so an empty one is NULL: the step found no row. */
	if (postgres_value(&result, 0, *from).n == 0)
		result.rows = 0;
	else if (!f->plan->steps[step].is_query)
		result.rows = 1;
	return result;
}

/* Returns the value of a column in the result of a step, or an empty string if the step found no row. */
static struct str column_value(const struct prefetch *f, size_t step, const char *name)
{
	const struct record *const r = &records[f->plan->steps[step].record];
	size_t from;
	const struct postgres_result result = step_result(f, step, &from);

	return result.rows > 0
		       ? postgres_value(&result, 0, from + (size_t)(record_column(r, name) - r->columns))
		       : STR("");
}

static bool is_zero(struct str number)
{
	size_t i = 0;

	while (i < number.n && number.p[i] == 0)
		i++;
	return i == number.n;
}

/* Returns the value that the server passed from one step to later ones. */
static struct str passed_value(const struct prefetch *f, const struct load_plan_value *v)
{
	const struct str chosen = column_value(f, v->step, v->column);

	if (v->if_nonzero != NULL && is_zero(column_value(f, v->if_nonzero_step, v->if_nonzero)))
		return STR("");
	return chosen.n > 0 || v->fallback == NULL ? chosen : column_value(f, v->step, v->fallback);
}

static bool parameter_matches(
	const struct prefetch *f, const struct load_plan_parameter *by, struct str value)
{
	struct postgres_parameters own = { .n = 0 };

	if (by->kind == SOURCE_VALUE)
		return str_eq(passed_value(f, &f->plan->values[by->value]), value);
	postgres_value_write(&by->column, f->probe, &own);
	return str_eq(postgres_parameter(&own, 0), value);
}

/* Checks that the rows of a step have the value of the call's parameter. They can have another value if the
 * row from which the server took the value was added or deleted between the two steps. Another cause is a
 * missing row: the setting on the server may then still have the value of an earlier plan. */
static bool rows_match(const struct postgres_result *result, size_t from,
	const struct load_plan_parameter *by, struct str value)
{
	for (size_t row = 0; by->kind == SOURCE_VALUE && row < result->rows; row++) {
		if (!str_eq(postgres_value(result, row, from + by->place), value))
			return false;
	}
	return true;
}

static bool step_matches_call(
	const struct prefetch *f, size_t i, const struct statement *what, const struct sql_call *call)
{
	const struct load_plan_statement *const s = &f->steps[i];
	size_t from;
	const struct postgres_result result = step_result(f, i, &from);
	struct postgres_parameters parameters;

	if (s->which != call->statement || s->limit != call->limit || call->skip != 0 || call->extra != 0)
		return false;
	postgres_row_write(what, call, &parameters);
	for (size_t k = 0; k < what->n_in; k++) {
		const struct str value = postgres_parameter(&parameters, k);

		if (!parameter_matches(f, &s->by[k], value) || !rows_match(&result, from, &s->by[k], value))
			return false;
	}
	return true;
}

bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_result *result, size_t *first)
{
	for (size_t i = 0; f->pending >> i != 0; i++) {
		if ((f->pending >> i & 1) == 0 || !step_matches_call(f, i, what, call))
			continue;
		f->pending &= ~(1U << i);
		*result = step_result(f, i, first);
		*first += f->steps[i].first;
		return true;
	}
	return false;
}

#include "store/postgres/prefetch.h"

#include <assert.h>
#include <string.h>

void prefetch_begin(struct prefetch *f, const struct load_plan_sql *sql, enum load_plan_kind plan,
	const void *probe, const struct prefetch_answers *answers)
{
	const size_t size = records[load_plans[plan].probe].size;

	assert(size <= sizeof(f->probe));
	memcpy(f->probe, probe, size);
	f->plan = &load_plans[plan];
	f->steps = sql->steps[plan];
	f->joined_plan = &sql->joined[plan];
	f->answers = *answers;
	f->open = (1U << f->plan->n) - 1;
}

void prefetch_clear(struct prefetch *f)
{
	f->open = 0;
	if (f->answers.shared != NULL)
		postgres_release(f->answers.shared);
	f->answers = (struct prefetch_answers){ .connection = NULL };
}

void prefetch_invalidate(struct prefetch *f, enum record_kind of)
{
	for (size_t i = 0; f->open >> i != 0; i++) {
		if (f->steps[i].asked.of == of)
			f->open &= ~(1U << i);
	}
}

/* The answer to a step; `*from` is the first column of its record. */
static struct postgres_answer answer_to(const struct prefetch *f, size_t step, size_t *from)
{
	const bool joined = f->answers.connection == NULL;
	struct postgres_answer answer = joined ? f->answers.joined
					       : postgres_kept(f->answers.connection, step);

	*from = joined ? f->joined_plan->columns[step] : 0;
	if (!joined || answer.rows == 0)
		return answer;
	/* NULL is read as an empty value, and no key is empty. */
	if (postgres_value(&answer, 0, *from).n == 0)
		answer.rows = 0;
	else if (!f->plan->steps[step].is_query)
		answer.rows = 1;
	return answer;
}

/* The value of a column in the answer to a step; empty where there is no row. */
static struct str column_value(const struct prefetch *f, size_t step, const char *name)
{
	const struct record *const r = &records[f->plan->steps[step].record];
	size_t from;
	const struct postgres_answer answer = answer_to(f, step, &from);

	return answer.rows > 0
		       ? postgres_value(&answer, 0, from + (size_t)(record_column(r, name) - r->columns))
		       : STR("");
}

static bool is_zero(struct str number)
{
	size_t i = 0;

	while (i < number.n && number.p[i] == 0)
		i++;
	return i == number.n;
}

/* The value that the server passed from one step to the next. */
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

/* Between two steps, a row that the second depends on may have been added or deleted, unless it is locked; or
 * the row does not exist, and the server still had the value of another plan. Checks that the rows of the
 * answer have the value that was asked for. */
static bool rows_match(const struct postgres_answer *answer, size_t from,
	const struct load_plan_parameter *by, struct str value)
{
	for (size_t row = 0; by->kind == SOURCE_VALUE && row < answer->rows; row++) {
		if (!str_eq(postgres_value(answer, row, from + by->place), value))
			return false;
	}
	return true;
}

static bool step_answers(
	const struct prefetch *f, size_t i, const struct statement *what, const struct sql_call *call)
{
	const struct load_plan_statement *const s = &f->steps[i];
	size_t from;
	const struct postgres_answer answer = answer_to(f, i, &from);
	struct postgres_parameters asked;

	if (s->which != call->which || s->limit != call->limit || call->skip != 0)
		return false;
	postgres_row_write(what, call, &asked);
	for (size_t k = 0; k < what->n_in; k++) {
		const struct str value = postgres_parameter(&asked, k);

		if (!parameter_matches(f, &s->by[k], value) || !rows_match(&answer, from, &s->by[k], value))
			return false;
	}
	return true;
}

bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_answer *answer, size_t *first)
{
	for (size_t i = 0; f->open >> i != 0; i++) {
		if ((f->open >> i & 1) == 0 || !step_answers(f, i, what, call))
			continue;
		f->open &= ~(1U << i);
		*answer = answer_to(f, i, first);
		*first += f->steps[i].first;
		return true;
	}
	return false;
}

#include "store/postgres/prefetch.h"

#include <assert.h>
#include <string.h>

void prefetch_begin(struct prefetch *f, const struct postgres *line, const struct load_plan_sql *sql,
	enum load_plan_kind plan, const struct postgres_answer *whole, const void *probe)
{
	const size_t size = records[load_plans[plan].probe].size;

	assert(size <= sizeof(f->probe));
	memcpy(f->probe, probe, size);
	f->plan = &load_plans[plan];
	f->steps = sql->steps[plan];
	f->joined = whole != NULL ? &sql->joined[plan] : NULL;
	if (whole != NULL)
		f->whole = *whole;
	f->line = line;
	f->open = (1U << f->plan->n) - 1;
}

void prefetch_clear(struct prefetch *f)
{
	f->open = 0;
}

void prefetch_invalidate(struct prefetch *f, enum record_kind of)
{
	for (size_t i = 0; f->open >> i != 0; i++) {
		if (f->steps[i].asked.of == of)
			f->open &= ~(1U << i);
	}
}

/* The answer to a step; its record's columns begin with that of number `from`. */
static struct postgres_answer answer_to(const struct prefetch *f, size_t step, size_t *from)
{
	struct postgres_answer answer = f->joined != NULL ? f->whole : postgres_kept(f->line, step);

	*from = f->joined != NULL ? f->joined->columns[step] : 0;
	if (f->joined == NULL || answer.rows == 0)
		return answer;
	/* NULL comes as nothing, and no key is empty. */
	if (postgres_value(&answer, 0, *from).n == 0)
		answer.rows = 0;
	else if (!f->plan->steps[step].is_query)
		answer.rows = 1;
	return answer;
}

/* The empty one where there is no row. */
static struct str in_row(const struct prefetch *f, size_t step, const char *name)
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

/* As the server carried it along. */
static struct str value_of(const struct prefetch *f, const struct load_plan_value *v)
{
	const struct str chosen = in_row(f, v->step, v->column);

	if (v->if_nonzero != NULL && is_zero(in_row(f, v->if_nonzero_step, v->if_nonzero)))
		return STR("");
	return chosen.n > 0 || v->fallback == NULL ? chosen : in_row(f, v->step, v->fallback);
}

static bool is_the_same(const struct prefetch *f, const struct load_plan_parameter *by, struct str value)
{
	struct postgres_parameters own = { .n = 0 };

	if (by->kind == SOURCE_VALUE)
		return str_eq(value_of(f, &f->plan->values[by->value]), value);
	postgres_value_write(&by->column, f->probe, &own);
	return str_eq(postgres_parameter(&own, 0), value);
}

/* A row that a step hangs on may have come or gone between the two, unless it was held; or it is not there,
 * and the server still had the value of another course. */
static bool is_of_that(const struct postgres_answer *answer, size_t from,
	const struct load_plan_parameter *by, struct str value)
{
	for (size_t row = 0; by->kind == SOURCE_VALUE && row < answer->rows; row++) {
		if (!str_eq(postgres_value(answer, row, from + by->place), value))
			return false;
	}
	return true;
}

static bool answers(
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

		if (!is_the_same(f, &s->by[k], value) || !is_of_that(&answer, from, &s->by[k], value))
			return false;
	}
	return true;
}

bool prefetch_take(struct prefetch *f, const struct statement *what, const struct sql_call *call,
	struct postgres_answer *answer, size_t *first)
{
	for (size_t i = 0; f->open >> i != 0; i++) {
		if ((f->open >> i & 1) == 0 || !answers(f, i, what, call))
			continue;
		f->open &= ~(1U << i);
		*answer = answer_to(f, i, first);
		*first += f->steps[i].first;
		return true;
	}
	return false;
}

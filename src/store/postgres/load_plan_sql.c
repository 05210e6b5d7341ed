#include "store/postgres/load_plan_sql.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define TEXTS_LIMIT ((size_t)512 * 1024)

/* A statement whose text is being generated. */
struct draft {
	struct buf text;
	const struct load_plan *plan;
	size_t step; /* the current step */
	/* The whole plan becomes one statement, with earlier steps as subselects named "step0", "step1" … */
	bool joined;
	struct column *in; /* columns of the probe that are parameters, in the order of the parameters */
	size_t n_in;
};

static const struct load_plan_step *draft_step(const struct draft *d)
{
	return &d->plan->steps[d->step];
}

static size_t statement_of_step(const struct load_plan_step *step)
{
	return step->is_query ? statement_of_query(step->query) : statement_of(step->record, STATEMENT_LOAD);
}

/* Returns the number of the parameter for a column of the probe. Adds the parameter if it does not exist
 * yet. */
static size_t parameter_number(struct draft *d, const char *name)
{
	size_t i = 0;

	while (i < d->n_in && strcmp(d->in[i].name, name) != 0)
		i++;
	if (i == d->n_in) {
		assert(i < LOAD_PLAN_SOURCES);
		d->in[d->n_in++] = *record_column(&records[d->plan->probe], name);
	}
	return i + 1;
}

/* Adds SQL that reads a value which an earlier step has stored in a session setting. The value is empty if
 * that step found no row. */
static void add_setting(struct draft *d, const char *name, size_t value)
{
	buf_printf(&d->text, "COALESCE(current_setting('kycd.%s%zu', true), '')", name, value);
}

/* Adds SQL that reads a value from the columns of an earlier step. These columns are NULL if that step found
 * no row. */
static void add_step_column(struct draft *d, const struct load_plan_value *v)
{
	if (v->if_nonzero != NULL)
		buf_printf(&d->text, "CASE WHEN COALESCE(\"step%zu\".\"%s\", 0) = 0 THEN '' ELSE ",
			v->if_nonzero_step, v->if_nonzero);
	if (v->fallback != NULL)
		buf_printf(&d->text,
			"CASE WHEN \"step%zu\".\"%s\" = '' THEN \"step%zu\".\"%s\" ELSE \"step%zu\".\"%s\" END",
			v->step, v->column, v->step, v->fallback, v->step, v->column);
	else
		buf_printf(&d->text, "\"step%zu\".\"%s\"", v->step, v->column);
	if (v->if_nonzero != NULL)
		buf_add(&d->text, STR(" END"));
}

/* Adds the SQL that takes the place of parameter `number` (from 1) of the original statement. The last two
 * parameters of a paged statement are its limit and offset. */
static void add_parameter(struct draft *d, size_t number)
{
	const size_t n = load_plan_step_parameters(draft_step(d));
	const struct load_plan_source *const from = number <= n ? &draft_step(d)->from[number - 1] : NULL;

	if (from == NULL)
		buf_printf(&d->text, "%zu", number == n + 1 ? draft_step(d)->limit : 0);
	else if (from->kind == SOURCE_PROBE && d->joined)
		buf_printf(&d->text, "\"probe\".\"%s\"", from->column);
	else if (from->kind == SOURCE_PROBE)
		buf_printf(&d->text, "$%zu", parameter_number(d, from->column));
	else if (d->joined)
		add_step_column(d, &d->plan->values[from->value]);
	else
		add_setting(d, "value", from->value);
}

/* Adds the text of a statement, with its parameters ($1, $2 …) replaced by add_parameter. */
static void add_replaced(struct draft *d, const char *text)
{
	const char *dollar;

	for (; (dollar = strchr(text, '$')) != NULL;) {
		char *end;
		const size_t number = strtoul(dollar + 1, &end, 10);

		buf_add(&d->text, (struct str){ text, (size_t)(dollar - text) });
		add_parameter(d, number);
		text = end;
	}
	buf_add(&d->text, str_of(text));
}

/* Adds SQL that stores value N in the session setting "kycd.valueN" if the current step returns it. A value
 * with `if_nonzero` is valid only if a number that a later step returns is not 0. Such a value is first
 * stored as "kycd.earlyN", and the later step copies it to "kycd.valueN". */
static void add_set_value(struct draft *d, size_t value)
{
	const struct load_plan_value *const v = &d->plan->values[value];

	if (v->step == d->step) {
		buf_printf(&d->text, ", set_config('kycd.%s%zu', ", v->if_nonzero != NULL ? "early" : "value",
			value);
		if (v->fallback != NULL)
			buf_printf(&d->text, "CASE WHEN \"%s\" = '' THEN \"%s\" ELSE \"%s\" END", v->column,
				v->fallback, v->column);
		else
			buf_printf(&d->text, "\"%s\"", v->column);
		buf_add(&d->text, STR(", true)"));
	}
	if (v->if_nonzero != NULL && v->if_nonzero_step == d->step) {
		buf_printf(&d->text, ", set_config('kycd.value%zu', CASE WHEN \"%s\" = 0 THEN '' ELSE ",
			value, v->if_nonzero);
		add_setting(d, "early", value);
		buf_add(&d->text, STR(" END, true)"));
	}
}

static const char *from_clause(const char *statement)
{
	const char *const from = strstr(statement, " FROM ");

	assert(from != NULL);
	return from;
}

/* Adds all columns to the SELECT list. The original statement leaves out the key, because its caller has
 * it. */
static void add_columns(struct draft *d)
{
	const struct record *const r = &records[draft_step(d)->record];

	for (size_t i = 0; i < r->n; i++)
		buf_printf(&d->text, "%s\"%s\"", i > 0 ? ", " : "SELECT ", r->columns[i].name);
}

static enum err write_step(struct draft *d, const char *statement, struct arena *a, const char **out)
{
	struct str done;

	buf_init(&d->text, a);
	add_columns(d);
	for (size_t i = 0; i < d->plan->n_values; i++)
		add_set_value(d, i);
	add_replaced(d, from_clause(statement));
	if (buf_done(&d->text, &done) != OK)
		return ERR_INTERNAL;
	*out = done.p;
	return OK;
}

static struct load_plan_parameter parameter_source(
	const struct load_plan *plan, const struct load_plan_step *step, size_t i)
{
	const struct load_plan_source *const from = &step->from[i];
	const struct column *const own = load_plan_step_column(step, i);
	struct load_plan_parameter by = { .kind = from->kind,
		.value = from->value,
		.place = (size_t)(own - records[step->record].columns) };

	if (from->kind == SOURCE_PROBE)
		by.column = *record_column(&records[plan->probe], from->column);
	return by;
}

static enum err generate_step(struct arena *a, const struct statement *list, const struct load_plan *plan,
	size_t i, struct load_plan_statement *out)
{
	const struct load_plan_step *const step = &plan->steps[i];
	const size_t which = statement_of_step(step);
	struct draft d = { .plan = plan, .step = i, .in = arena_array(a, struct column, LOAD_PLAN_SOURCES) };

	if (d.in == NULL)
		return ERR_INTERNAL;
	*out = (struct load_plan_statement){ .statement = list[which],
		.which = which,
		.limit = step->limit,
		.first = step->is_query ? 0 : records[step->record].n_keys };
	TRY(write_step(&d, list[which].text, a, &out->statement.text));
	TRY(write_step(&d, list[which].locking, a, &out->statement.locking));
	out->statement.in = d.in;
	out->statement.n_in = d.n_in;
	out->statement.paged = false;
	for (size_t k = 0; k < load_plan_step_parameters(step); k++)
		out->by[k] = parameter_source(plan, step, k);
	return OK;
}

static const char *array_type(const struct column *c)
{
	return c->kind == COLUMN_DIGEST || c->kind == COLUMN_BYTES ? "BYTEA[]"
	       : c->kind == COLUMN_ID				   ? "TEXT[]"
								   : "BIGINT[]";
}

/* Adds the FROM clause with the probes, for example: FROM unnest($1::BYTEA[], $2::TEXT[]) WITH ORDINALITY AS
 * "probe"("blind_index", "tenant_id", "number") */
static void add_probes(struct draft *d)
{
	for (size_t i = 0; i < d->plan->n; i++) {
		for (size_t k = 0; k < load_plan_step_parameters(&d->plan->steps[i]); k++) {
			const struct load_plan_source *const from = &d->plan->steps[i].from[k];

			if (from->kind == SOURCE_PROBE)
				(void)parameter_number(d, from->column);
		}
	}
	assert(d->n_in > 0);
	for (size_t i = 0; i < d->n_in; i++)
		buf_printf(
			&d->text, "%s$%zu::%s", i > 0 ? ", " : " FROM unnest(", i + 1, array_type(&d->in[i]));
	buf_add(&d->text, STR(") WITH ORDINALITY AS \"probe\"("));
	for (size_t i = 0; i < d->n_in; i++)
		buf_printf(&d->text, "\"%s\", ", d->in[i].name);
	buf_add(&d->text, STR("\"number\")"));
}

/* Generates the joined statement: SELECT … FROM unnest(…) AS "probe" LEFT JOIN LATERAL (…) AS "step0" ON true
 * LEFT JOIN LATERAL … OFFSET 0 in a load step prevents the planner from merging it with the rest of the join,
 * so that each step is run once for each row of the steps before it. A query step has its own LIMIT, which
 * has the same effect and keeps the order of its rows. */
static enum err generate_joined(struct arena *a, const struct statement *list, const struct load_plan *plan,
	struct joined_load_plan *out)
{
	struct draft d = {
		.plan = plan, .joined = true, .in = arena_array(a, struct column, LOAD_PLAN_SOURCES)
	};
	size_t columns = 1;
	struct str done;

	if (d.in == NULL)
		return ERR_INTERNAL;
	buf_init(&d.text, a);
	buf_add(&d.text, STR("SELECT \"probe\".\"number\""));
	for (size_t i = 0; i < plan->n; i++) {
		buf_printf(&d.text, ", \"step%zu\".*", i);
		out->columns[i] = columns;
		columns += records[plan->steps[i].record].n;
	}
	add_probes(&d);
	for (d.step = 0; d.step < plan->n; d.step++) {
		buf_add(&d.text, STR(" LEFT JOIN LATERAL ("));
		add_columns(&d);
		add_replaced(&d, from_clause(list[statement_of_step(draft_step(&d))].text));
		buf_printf(&d.text, "%s) AS \"step%zu\" ON true", draft_step(&d)->is_query ? "" : " OFFSET 0",
			d.step);
	}
	buf_add(&d.text, STR(" ORDER BY \"probe\".\"number\""));
	if (buf_done(&d.text, &done) != OK)
		return ERR_INTERNAL;
	out->statement = (struct statement){ .text = done.p, .in = d.in, .n_in = d.n_in };
	return OK;
}

static enum err generate_all(const struct statements *statements, struct load_plan_sql *s)
{
	for (size_t p = 0; p < LOAD_PLAN_COUNT; p++) {
		for (size_t i = 0; i < load_plans[p].n; i++)
			TRY(generate_step(&s->texts, statements->list, &load_plans[p], i, &s->steps[p][i]));
		if (load_plans[p].single_statement)
			TRY(generate_joined(&s->texts, statements->list, &load_plans[p], &s->joined[p]));
	}
	return OK;
}

enum err load_plan_sql_open(const struct statements *statements, struct load_plan_sql **out)
{
	struct load_plan_sql *const s = calloc(1, sizeof(*s));
	enum err e;

	if (s == NULL)
		return ERR_INTERNAL;
	arena_init(&s->texts, TEXTS_LIMIT);
	e = generate_all(statements, s);
	if (e != OK) {
		load_plan_sql_close(s);
		return e;
	}
	*out = s;
	return OK;
}

void load_plan_sql_close(struct load_plan_sql *s)
{
	if (s == NULL)
		return;
	arena_finish(&s->texts);
	free(s);
}

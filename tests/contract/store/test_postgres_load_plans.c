/* The statements that load the rows of a whole load plan use an index for every table. */
#include "stores.h"

#include <stdio.h>

#include "store/postgres/load_plan_sql.h"
#include "store/postgres/tx.h"
#include "store/sql/statements.h"

/* Writes a PL/pgSQL block that fails unless the plan of `text` consists of four nested index scans. */
static void write_plan_check(char *out, size_t size, const char *text)
{
	int n = snprintf(out, size, "DO $do$ DECLARE line TEXT; found INT := 0; BEGIN FOR line IN EXPLAIN ");

	/* Each parameter is an array of 10 elements. With fewer, the planner would not consider other plans.
	 */
	for (; *text != '\0' && (size_t)n + 64 < size; text += *text == '$' ? 2 : 1)
		n += snprintf(out + n, size - (size_t)n,
			*text == '$' ? "array_fill(NULL::TEXT, '{10}')" : "%c", *text);
	n += snprintf(out + n, size - (size_t)n,
		" LOOP IF line ~ 'Seq Scan|Hash|Merge|Sort|Memoize|Materialize|Join Filter' THEN RAISE '%%', line;"
		" END IF; found := found + CASE WHEN line ~ 'Index Scan' THEN 1 ELSE 0 END; END LOOP;"
		" IF found <> 4 THEN RAISE 'not four'; END IF; END $do$");
	assert_true((size_t)n < size);
}

/* The plan must not depend on the table sizes, because PostgreSQL keeps the plan of a prepared statement. */
static void single_statement_load_plans_use_indexes(void **state)
{
	struct statements *statements = NULL;
	struct load_plan_sql *plans = NULL;
	struct fixture f = { 0 };
	struct sql *sql = NULL;
	struct str why = STR("");
	char check[8192];

	(void)state;
	arena_init(&f.arena, ARENA_TEST_LIMIT);
	postgres_create_schema(&f);
	assert_int_equal(postgres_store_migrate(str_of(f.url), &f.arena, &why), OK);
	assert_int_equal(pg_tx_open(f.url, PG_TX, &f.arena, &sql, &why), OK);
	assert_int_equal(statements_open(&statements), OK);
	assert_int_equal(load_plan_sql_open(statements, &plans), OK);
	for (size_t c = 0; c < LOAD_PLAN_COUNT; c++) {
		if (!load_plans[c].single_statement)
			continue;
		write_plan_check(check, sizeof(check), plans->joined[c].statement.text);
		assert_int_equal(sql->ops->script(sql, check), OK);
	}
	assert_int_equal(sql->ops->script(sql, "DO $do$ BEGIN RAISE 'works'; END $do$"), ERR_STORAGE);
	sql->ops->close(sql);
	load_plan_sql_close(plans);
	statements_close(statements);
	arena_finish(&f.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_statement_load_plans_use_indexes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

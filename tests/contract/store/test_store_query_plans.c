/* Every SQL statement uses an index: it needs no table scan and no separate sort step. */
#include "stores.h"

#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "base/attr.h"
#include "store/sql/statements.h"

/* Writes the query plan to `plan`, one line per step. */
static void read_plan(sqlite3 *db, const char *text, char *plan, size_t size)
{
	sqlite3_stmt *stmt = NULL;
	char explain[4096];
	size_t n = 0;

	assert_true(snprintf(explain, sizeof(explain), "EXPLAIN QUERY PLAN %s", text) < (int)sizeof(explain));
	assert_int_equal(sqlite3_prepare_v2(db, explain, -1, &stmt, NULL), SQLITE_OK);
	plan[0] = '\0';
	while (sqlite3_step(stmt) == SQLITE_ROW && n < size)
		n += (size_t)snprintf(plan + n, size - n, "%s\n", (const char *)sqlite3_column_text(stmt, 3));
	assert_true(n < size);
	assert_int_equal(sqlite3_finalize(stmt), SQLITE_OK);
}

/* An UPDATE finds its row by the primary key. Any other index would contain several rows. */
static void check_update_plan(sqlite3 *db, const struct statement *s)
{
	char plan[2048];

	if (s->text == NULL)
		return;
	read_plan(db, s->text, plan, sizeof(plan));
	if (strstr(plan, "USING PRIMARY KEY") == NULL)
		fail_msg("%s\n%s", s->text, plan);
}

static void check_plan(sqlite3 *db, const struct statement *s, bool by_index)
{
	char plan[2048];

	read_plan(db, s->text, plan, sizeof(plan));
	if (!by_index)
		return;
	if (strstr(plan, "SCAN") != NULL || strstr(plan, "TEMP B-TREE") != NULL ||
		strstr(plan, "SEARCH") == NULL)
		fail_msg("%s\n%s", s->text, plan);
}

struct plans {
	struct fixture f;
	struct statements *statements;
	sqlite3 *db;
};

static void open_plans(struct plans *plans)
{
	struct str why = STR("");

	arena_init(&plans->f.arena, ARENA_TEST_LIMIT);
	folder_make(&plans->f);
	assert_int_equal(
		sqlite_store_migrate(str_of(plans->f.path), CREATE_FIRST, NULL, &plans->f.arena, &why), OK);
	assert_int_equal(sqlite3_open(plans->f.path, &plans->db), SQLITE_OK);
	assert_int_equal(statements_open(&plans->statements), OK);
}

static void close_plans(struct plans *plans)
{
	statements_close(plans->statements);
	assert_int_equal(sqlite3_close(plans->db), SQLITE_OK);
	arena_finish(&plans->f.arena);
	folder_remove(&plans->f);
}

static void every_statement_uses_an_index(void **state)
{
	struct plans p = { .db = NULL };

	(void)state;
	open_plans(&p);
	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		const struct statement *const list = p.statements->list;

		check_plan(p.db, &list[statement_of((enum record_kind)kind, STATEMENT_LOAD)], true);
		check_plan(p.db, &list[statement_of((enum record_kind)kind, STATEMENT_REMOVE)], true);
		check_plan(p.db, &list[statement_of((enum record_kind)kind, STATEMENT_WALK)], true);
		check_update_plan(p.db, &list[statement_of((enum record_kind)kind, STATEMENT_UPDATE)]);
	}
	for (int q = 0; q < QUERY_COUNT; q++)
		check_plan(
			p.db, &p.statements->list[statement_of_query((enum query_kind)q)], queries[q].n > 0);
	close_plans(&p);
}

/* The primary key would do too, but then a page looks at all entries of API calls. */
static void audit_entries_of_operators_are_read_from_their_own_index(void **state)
{
	static const struct {
		enum query_kind query;
		const char *index;
	} rows[] = {
		{ QUERY_AUDIT_OF_OPERATORS_BEFORE, "audit_entries_of_operators" },
		{ QUERY_AUDIT_OF_OPERATOR_BEFORE, "audit_entries_by_operator" },
	};
	struct plans p = { .db = NULL };
	char plan[2048];

	(void)state;
	open_plans(&p);
	for (size_t i = 0; i < array_len(rows); i++) {
		read_plan(
			p.db, p.statements->list[statement_of_query(rows[i].query)].text, plan, sizeof(plan));
		if (strstr(plan, rows[i].index) == NULL)
			fail_msg("%s", plan);
	}
	close_plans(&p);
}

static void statement_texts_are_as_expected(void **state)
{
	static const struct {
		size_t which;
		const char *text;
	} rows[] = {
		{ RECORD_QUOTA * STATEMENT_KINDS + STATEMENT_LOAD,
			"SELECT \"used\", \"notified_limit\", \"notified_percent\" FROM \"quotas\" WHERE \"tenant_id\" = $1 AND \"month\" = $2" },
		{ RECORD_QUOTA * STATEMENT_KINDS + STATEMENT_SAVE,
			"INSERT INTO \"quotas\" (\"tenant_id\", \"month\", \"used\", \"notified_limit\","
			" \"notified_percent\") VALUES ($1, $2, $3, $4, $5)"
			" ON CONFLICT (\"tenant_id\", \"month\") DO UPDATE SET \"used\" = excluded.\"used\","
			" \"notified_limit\" = excluded.\"notified_limit\","
			" \"notified_percent\" = excluded.\"notified_percent\"" },
		{ RECORD_CONSOLE_SESSION * STATEMENT_KINDS + STATEMENT_UPDATE,
			"UPDATE \"console_sessions\" SET \"seen_at\" = $1, \"signed_in_at\" = $2, \"step_up_at\" = $3, \"mac\" = $4"
			" WHERE \"token_digest\" = $5 AND \"operator_id\" = $6 AND \"created_at\" = $7"
			" AND \"expires_at\" = $8" },
		{ RECORD_QUOTA * STATEMENT_KINDS + STATEMENT_WALK,
			"SELECT \"tenant_id\", \"month\", \"used\", \"notified_limit\", \"notified_percent\" FROM \"quotas\""
			" WHERE (\"tenant_id\", \"month\") > ($1, $2) ORDER BY \"tenant_id\", \"month\" LIMIT $3 OFFSET $4" },
		{ RECORD_QUOTA * STATEMENT_KINDS + STATEMENT_ADD,
			"INSERT INTO \"quotas\" (\"tenant_id\", \"month\", \"used\", \"notified_limit\","
			" \"notified_percent\") VALUES ($1, $2, $3, $4, $5)"
			" ON CONFLICT DO NOTHING" },
		{ RECORD_QUOTA * STATEMENT_KINDS + STATEMENT_REMOVE,
			"DELETE FROM \"quotas\" WHERE \"tenant_id\" = $1 AND \"month\" = $2" },
		{ RECORD_COUNT * STATEMENT_KINDS + QUERY_QUOTAS_OF_MONTH,
			"SELECT \"tenant_id\", \"month\", \"used\", \"notified_limit\", \"notified_percent\" FROM \"quotas\" WHERE \"month\" = $1"
			" ORDER BY \"tenant_id\", \"month\" LIMIT $2 OFFSET $3" },
	};
	struct statements *statements = NULL;

	(void)state;
	assert_int_equal(statements_open(&statements), OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(statements->list[rows[i].which].text, rows[i].text);
	statements_close(statements);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_uses_an_index),
		cmocka_unit_test(audit_entries_of_operators_are_read_from_their_own_index),
		cmocka_unit_test(statement_texts_are_as_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

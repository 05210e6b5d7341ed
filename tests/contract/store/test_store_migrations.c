/* Rows written with older schema versions are kept by all later migrations, on both engines. */
#include "stores.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "store/postgres/tx.h"
#include "store/sql/migrate.h"
#include "store/sqlite/file.h"
#include "store/sqlite/upgrade.h"

#define AB8 "ABABABABABABABAB"
#define AB32 AB8 AB8 AB8 AB8

static int postgres_set_up(void **state)
{
	const int code = folder_set_up(state);

	if (code == 0)
		postgres_create_schema(*state);
	return code;
}

/* Migrates to schema `version`, runs `script`, migrates to the current schema, and opens the store. */
static struct store *sqlite_migrate_from(struct fixture *f, size_t version, const char *script)
{
	const struct migrations old = { schema_migrations.list, version };
	struct str why = STR("");
	struct sqlite_file file;
	struct sql *sql = NULL;

	assert_int_equal(sqlite_file_init(&file, str_of(f->path), &f->arena, &why), OK);
	file.migrations = &old;
	assert_int_equal(sqlite_file_create(&file), OK);
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITHOUT_BACKUP), OK);
	assert_int_equal(sqlite_file_connect(&file, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, script), OK);
	sql->ops->close(sql);
	file.migrations = &schema_migrations;
	assert_int_equal(sqlite_upgrade(&file, UPGRADE_WITHOUT_BACKUP), OK);
	return sqlite_open(f, 0);
}

static struct store *postgres_migrate_from(struct fixture *f, size_t version, const char *script)
{
	const struct migrations old = { schema_migrations.list, version };
	struct str why = STR("");
	struct sql *sql = NULL;

	assert_int_equal(pg_tx_open(f->url, PG_TX_NO_TIMEOUT, &f->arena, &sql, &why), OK);
	assert_int_equal(migrate(sql, &old, NULL), OK);
	postgres_run_script(f->url, script);
	assert_int_equal(migrate(sql, &schema_migrations, NULL), OK);
	sql->ops->close(sql);
	return postgres_open(f, 1);
}

static void assert_enrolment_kept(struct fixture *f, struct store *store)
{
	struct enrolment enrolment = { .tenant_id = { "t" }, .user_id = { "u" } };

	memset(enrolment.blind_index.bytes, 0xAB, sizeof(enrolment.blind_index.bytes));
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_ENROLMENT, &enrolment), OK);
	assert_int_equal(enrolment.prepared_at.ms, 7);
	assert_int_equal(enrolment.verified_at.ms, 8);
	assert_string_equal(enrolment.last_mail_id.text, "l");
	store->ops->close(store);
}

#define ENROLMENT(bytes)                                                                                     \
	"INSERT INTO enrolments (tenant, \"user\", prepared, proven, last_letter, blind)"                    \
	" VALUES ('t', 'u', 7, 8, 'l', " bytes ")"

static void enrolments_of_schema_1_are_kept_on_sqlite(void **state)
{
	assert_enrolment_kept(*state, sqlite_migrate_from(*state, 1, ENROLMENT("x'" AB32 "'")));
}

static void enrolments_of_schema_1_are_kept_on_postgresql(void **state)
{
	assert_enrolment_kept(*state, postgres_migrate_from(*state, 1, ENROLMENT("'\\x" AB32 "'")));
}

/* SQL that inserts a user with an address, and an erased user, whose address row was deleted. */
#define USERS_AND_ADDRESS(key, empty, bytes)                                                                 \
	"INSERT INTO users (id, group_name, wrapped_key, language, created, allowed, send_full, doubted,"    \
	" members, pair_full) VALUES ('u', 'g', " key ", 'pt', 1, 2, 3, 4, 'm', 5),"                         \
	" ('gone', 'g', " empty ", '', 9, 0, 0, 0, '', 0);"                                                  \
	"INSERT INTO addresses (blind, kind, \"user\", sealed, created, joined)"                             \
	" VALUES (" bytes ", 1, 'u', " key ", 1, '')"

static void assert_users_and_addresses_kept(struct fixture *f, struct store *store)
{
	struct user user = { .id = { "u" } }, erased = { .id = { "gone" } };
	struct address address = { 0 };

	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_USER, &user), OK);
	const moment expected[] = { { 1 }, { 2 }, { 3 }, { 4 }, { 5 } };
	const moment found[] = { user.created_at, user.tries_reset_at, user.send_tat,
		user.orphan_suspected_at, user.link_send_tat };
	assert_memory_equal(found, expected, sizeof(expected));
	assert_string_equal(user.group_name, "g");
	assert_string_equal(user.language, "pt");
	assert_string_equal(user.linked_user_ids, "m");
	assert_int_equal(user.wrapped_key.n, 1);
	address.blind_index = user.blind_index;
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_ADDRESS, &address), OK);
	assert_string_equal(address.user_id.text, "u");
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_USER, &erased), OK);
	assert_true(user_is_erased(&erased));
	address.blind_index = erased.blind_index;
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_ADDRESS, &address), ERR_NOT_FOUND);
	store->ops->close(store);
}

static void addresses_of_schema_10_are_kept_on_sqlite(void **state)
{
	assert_users_and_addresses_kept(
		*state, sqlite_migrate_from(*state, 10, USERS_AND_ADDRESS("x'01'", "x''", "x'" AB32 "'")));
}

static void addresses_of_schema_10_are_kept_on_postgresql(void **state)
{
	assert_users_and_addresses_kept(*state,
		postgres_migrate_from(*state, 10, USERS_AND_ADDRESS("'\\x01'", "''", "'\\x" AB32 "'")));
}

/* Enrolments of the days 1 and 3 and an approval on day 3; one enrolment was merged into another. The last
 * event has no position, and must not be counted again. */
#define PEOPLE_AND_EVENTS(bytes, empty)                                                                         \
	"INSERT INTO enrolments (tenant_id, user_id, blind_index, prepared_at, verified_at, last_mail_id,"      \
	" overall_status, merged) VALUES ('t', 'a', " bytes ", 86400000, 259200000, '', 3, 0),"                 \
	" ('t', 'b', " bytes ", 172799999, 0, '', 1, 0), ('t', 'c', " bytes                                     \
	", 259200000, 259200001, '', 3, 1);"                                                                    \
	"INSERT INTO events (id, tenant_id, user_id, public_user_id, type, detail, sequence, position, erased," \
	" sealed_data, created_at) VALUES ('e', 't', 'a', 'p', 8, '', 1, 1, 0, " empty ", 259200000),"          \
	" ('f', 't', 'a', 'p', 9, '', 2, 0, 0, " empty ", 345600000)"

static void assert_counted(struct fixture *f, struct store *store)
{
	static const struct daily_count expected[] = {
		{ { "t" }, 1, { 2, 0, 0, 0, 0, 0, 0 }, { 1, 0, 1, 0, 0 }, true },
		{ { "t" }, 3, { 1, 2, 0, 1, 0, 0, 0 }, { 1, 0, 1, 0, 0 }, true },
		{ { "t" }, 4, { 0, 0, 0, 0, 1, 0, 0 }, { 1, 0, 1, 0, 0 }, false },
	};
	struct event event = { .id = { "f" } };

	for (size_t i = 0; i < array_len(expected); i++) {
		struct daily_count row = { .tenant_id = { "t" }, .day = expected[i].day };

		assert_int_equal(run_action(f, store, DO_LOAD, RECORD_DAILY_COUNT, &row), OK);
		assert_memory_equal(row.counts, expected[i].counts, sizeof(row.counts));
		assert_memory_equal(row.people, expected[i].people, sizeof(row.people));
		assert_int_equal(row.closed, expected[i].closed);
	}
	assert_int_equal(run_action(f, store, DO_LOAD, RECORD_EVENT, &event), OK);
	assert_string_equal(event.uncounted, "");
	store->ops->close(store);
}

static void people_and_events_of_schema_20_are_counted_on_sqlite(void **state)
{
	assert_counted(*state, sqlite_migrate_from(*state, 20, PEOPLE_AND_EVENTS("x'" AB32 "'", "x''")));
}

static void people_and_events_of_schema_20_are_counted_on_postgresql(void **state)
{
	assert_counted(*state, postgres_migrate_from(*state, 20, PEOPLE_AND_EVENTS("'\\x" AB32 "'", "''")));
}

/* Decision counts of two days, one with two names. */
#define DECISIONS                                                                                            \
	"INSERT INTO decision_counts (tenant_id, day, name, number) VALUES ('t', 1, 'underage', 3),"         \
	" ('t', 1, 'time_33', 30), ('t', 2, 'time_4', 5)"

static void assert_decisions_kept(struct fixture *f, struct store *store)
{
	static const struct {
		int64_t day;
		size_t number;
		int64_t expected;
	} rows[] = { { 1, REASON_UNDERAGE, 3 }, { 1, REASON_COUNT + 33, 30 }, { 2, REASON_COUNT + 4, 5 } };

	for (size_t i = 0; i < array_len(rows); i++) {
		struct decision_count row = { .tenant_id = { "t" }, .day = rows[i].day };
		int64_t numbers[DECISION_COUNTS] = { 0 };

		assert_int_equal(run_action(f, store, DO_LOAD, RECORD_DECISION_COUNT, &row), OK);
		decision_counts_add(row.counts, numbers);
		assert_int_equal(numbers[rows[i].number], rows[i].expected);
	}
	store->ops->close(store);
}

static void decision_counts_of_schema_22_are_kept_on_sqlite(void **state)
{
	assert_decisions_kept(*state, sqlite_migrate_from(*state, 22, DECISIONS));
}

static void decision_counts_of_schema_22_are_kept_on_postgresql(void **state)
{
	assert_decisions_kept(*state, postgres_migrate_from(*state, 22, DECISIONS));
}

/* The rows have no MACs, because no key was loaded. */
int main(void)
{
	test_uses_row_key = false;
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			enrolments_of_schema_1_are_kept_on_sqlite, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			enrolments_of_schema_1_are_kept_on_postgresql, postgres_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			addresses_of_schema_10_are_kept_on_sqlite, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			addresses_of_schema_10_are_kept_on_postgresql, postgres_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(people_and_events_of_schema_20_are_counted_on_sqlite,
			folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(people_and_events_of_schema_20_are_counted_on_postgresql,
			postgres_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(
			decision_counts_of_schema_22_are_kept_on_sqlite, folder_set_up, folder_tear_down),
		cmocka_unit_test_setup_teardown(decision_counts_of_schema_22_are_kept_on_postgresql,
			postgres_set_up, folder_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Tests of opening and migrating PostgreSQL databases that are empty, older, newer or of another program; of
 * checking URLs; and of keeping passwords out of messages. */
#include "stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/postgres/diagnosis.h"
#include "store/postgres/driver.h"
#include "store/postgres/url.h"
#include "store/sqlite/store.h"

#define PASSWORD "geheim-4711"

static int set_up(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	postgres_create_schema(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *const f = *state;

	arena_finish(&f->arena);
	free(f);
	return 0;
}

static void assert_open_rejected(struct fixture *f, enum err expected, const char *part)
{
	const struct postgres_conf conf = { .url = str_of(f->url), .create = true, .micros = test_micros };
	struct store *store = NULL;
	struct str why = STR("");
	const enum err e = postgres_store_open(&conf, &f->arena, &store, &why);

	assert_int_equal(e, expected);
	assert_null(store);
	assert_contains(why, part);
}

static int64_t version(struct fixture *f)
{
	struct str why = STR("");
	int64_t found = -1;

	assert_int_equal(postgres_store_version(str_of(f->url), &f->arena, &found, &why), OK);
	return found;
}

static void empty_database_gets_the_current_schema(void **state)
{
	struct fixture *const f = *state;
	struct store *store;

	assert_int_equal(version(f), 0);
	store = postgres_open(f, 1);
	store->ops->close(store);
	assert_int_equal(version(f), sqlite_store_schema_version());
	store = postgres_open(f, 1);
	store->ops->close(store);
}

static void migrate_now(void *arg)
{
	struct fixture *const f = arg;
	struct arena arena;
	struct str why = STR("");

	arena_init(&arena, ARENA_TEST_LIMIT);
	if (postgres_store_migrate(str_of(f->url), &arena, &why) != OK)
		print_error("%.*s\n", STR_ARG(why));
	arena_finish(&arena);
}

static void concurrent_migrations_are_serialised(void **state)
{
	struct fixture *const f = *state;
	struct postgres_facts facts = { 0 };
	struct thread threads[6] = { 0 };
	struct str why = STR("");

	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], migrate_now, f), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(version(f), sqlite_store_schema_version());
	assert_int_equal(postgres_store_check(str_of(f->url), &f->arena, &facts, &why), OK);
	assert_int_equal(facts.schema, sqlite_store_schema_version());
	assert_true(facts.bytes > 0);
}

static void older_schema_is_rejected_and_unchanged(void **state)
{
	struct fixture *const f = *state;
	struct postgres_facts facts;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "DELETE FROM schema_migrations WHERE version > 1");
	assert_open_rejected(f, ERR_CONFLICT, "kycd db migrate");
	assert_int_equal(version(f), 1);
	assert_int_equal(postgres_store_check(str_of(f->url), &f->arena, &facts, &why), ERR_CONFLICT);
}

/* A failed migration changes nothing in the database. Here it fails because its tables already exist. */
static void failed_migration_changes_nothing(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "DELETE FROM schema_migrations WHERE version > 2");
	assert_int_not_equal(postgres_store_migrate(str_of(f->url), &f->arena, &why), OK);
	assert_int_equal(version(f), 2);
}

static void newer_schema_is_rejected(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "INSERT INTO schema_migrations (version, applied_at) VALUES (999, 0)");
	assert_open_rejected(f, ERR_CONFLICT, "a newer kycd is needed");
	assert_int_equal(postgres_store_migrate(str_of(f->url), &f->arena, &why), ERR_CONFLICT);
	assert_int_equal(version(f), 999);
}

static void database_of_another_program_is_rejected(void **state)
{
	struct fixture *const f = *state;

	postgres_run_script(f->url, "CREATE TABLE theirs (a int)");
	assert_open_rejected(f, ERR_INPUT, "a database of its own");
}

static void check_names_the_column_of_an_invalid_row(void **state)
{
	struct fixture *const f = *state;
	struct postgres_facts facts;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "INSERT INTO quotas VALUES ('nobody', 202601, 1)");
	assert_int_equal(postgres_store_check(str_of(f->url), &f->arena, &facts, &why), ERR_STORAGE);
	assert_contains(why, "quotas.tenant");
}

static void missing_table_prevents_the_start(void **state)
{
	struct fixture *const f = *state;

	migrate_now(f);
	postgres_run_script(f->url, "DROP TABLE ip_limits");
	assert_open_rejected(f, ERR_BUSY, "lacks a table");
}

static const struct {
	const char *url;
	bool valid;
	const char *shown;
} urls[] = {
	{ "postgresql://localhost/kycd", true, "postgresql://localhost/kycd" },
	{ "postgres://localhost", true, "postgres://localhost" },
	{ "postgresql:///kycd", true, "postgresql:///kycd" },
	{ "postgresql://me@db.example:5433/kycd?sslmode=verify-full", true,
		"postgresql://me@db.example:5433/kycd?sslmode=verify-full" },
	{ "postgresql://me:" PASSWORD "@db/kycd", true, "postgresql://me@db/kycd" },
	{ "postgresql://me:a%40b%2Fc@db/kycd", true, "postgresql://me@db/kycd" },
	{ "postgresql://me:" PASSWORD "@a,b:1/kycd?target_session_attrs=read-write", true,
		"postgresql://me@a,b:1/kycd?target_session_attrs=read-write" },
	{ "postgresql://db/kycd?user=me&password=" PASSWORD, true, "the PostgreSQL database" },
	{ "postgresql://me@/kycd?host=/run/postgresql", true, "postgresql://me@/kycd?host=/run/postgresql" },
	{ "postgresql://me:a@" PASSWORD "@db/kycd", false, NULL },
	{ "postgresql://me:a/" PASSWORD "@db/kycd", false, NULL },
	{ "postgresql://me:a?" PASSWORD "@db/kycd", false, NULL },
	{ "postgresql://me:50%@db/kycd", false, NULL },
	{ "postgresql://db/kycd?colour=blue", false, NULL },
	{ "postgresql:kycd", false, NULL },
	{ "mysql://db/kycd", false, NULL },
	{ "host=db password=" PASSWORD, false, NULL },
	{ "", false, NULL },
};

static void urls_are_validated_and_shown_without_password(void **state)
{
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(urls); i++) {
		const struct str url = str_of(urls[i].url);

		if ((postgres_url_fault(url, &f->arena) == NULL) != urls[i].valid)
			fail_msg("wrong result for %s", urls[i].url);
		if (!urls[i].valid)
			continue;
		const struct str shown = postgres_url_shown(url, &f->arena);
		assert_string_equal(shown.p, urls[i].shown);
	}
}

static const struct {
	const char *query, *reason; /* NULL: valid */
} url_parameters[] = {
	{ "?sslmode=verify-full&connect_timeout=2", NULL },
	{ "?ssl=true", NULL },
	{ "?options=-c%20search_path%3Dkyc", NULL },
	{ "?options=-c%20search_path=kyc", "with %3D for an =" },
	{ "?application_name=50%", "with %3D for an =" },
	{ "?application_name=kycd&keepalives=1", NULL },
	{ "?pgbouncer=true",
		"`pgbouncer` is not one of them. Remove it; the pooler must use session pooling" },
	{ "?sslmode=verify-full&schema=public",
		"`schema` is not one of them. Remove it, and set the schema" },
	{ "?sslaccept=strict", "`sslaccept` is not one of them. Use sslmode=verify-full" },
	{ "?ssl=1", "`ssl` is not one of them. Use sslmode=verify-full" },
	{ "?SSLMODE=require", "`SSLMODE` is not one of them. Remove it" },
	{ "?connection_limit=5", "`connection_limit` is not one of them" },
	{ "?sslmode=verify_full", "whose sslmode is disable, " },
	{ "?sslmode=no-verify", "whose sslmode is disable, " },
	{ "?sslmode", "have the form NAME=VALUE" },
};

static void unknown_parameters_of_urls_are_named(void **state)
{
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(url_parameters); i++) {
		const struct str url = arena_printf(
			&f->arena, "postgresql://me:" PASSWORD "@db/kycd%s", url_parameters[i].query);
		const char *const fault = postgres_url_fault(url, &f->arena);

		if ((fault == NULL) != (url_parameters[i].reason == NULL))
			fail_msg("wrong verdict on %s: %s", url_parameters[i].query, fault ? fault : "valid");
		if (fault && url_parameters[i].reason &&
			(!strstr(fault, url_parameters[i].reason) || strstr(fault, PASSWORD)))
			fail_msg("wrong reason for %s: %s", url_parameters[i].query, fault);
	}
}

/* URLs whose connection fails for different reasons. The folder of the cluster's socket is inserted between
 * `before` and `after`. */
static const struct {
	const char *before, *after;
} failing_urls[] = {
	{ "postgresql://nobody:" PASSWORD "@/postgres?host=", "" },
	{ "postgresql://kycd:" PASSWORD "@/nothing?host=", "" },
	{ "postgresql://kycd:" PASSWORD "@127.0.0.1:1/kycd?application_name=", "" },
	{ "postgresql://kycd:a/" PASSWORD "@/kycd?host=", "" },
	{ "postgresql://kycd@/kycd?host=", "&password=" PASSWORD "&port=" PASSWORD },
};

static void password_is_in_no_error_message(void **state)
{
	struct fixture *const f = *state;
	const char *const cluster = getenv("TEST_POSTGRES");
	struct str folder = str_of(cluster), first;

	assert_true(str_cut(&folder, '=', &first));
	for (size_t i = 0; i < array_len(failing_urls); i++) {
		const struct str url = arena_printf(&f->arena, "%s%.*s%s", failing_urls[i].before,
			STR_ARG(folder), failing_urls[i].after);
		struct str why = STR("");
		int64_t found;

		assert_int_not_equal(postgres_store_version(url, &f->arena, &found, &why), OK);
		assert_true(why.n > 0);
		if (memmem(why.p, why.n, PASSWORD, strlen(PASSWORD)) != NULL)
			fail_msg("the message contains the password: %.*s", STR_ARG(why));
	}
}

static const struct {
	const char *sqlstate;
	enum tx_outcome outcome;
	const char *part; /* of the message; NULL: the failure has none */
} diagnoses[] = {
	{ "26000", TX_LOST, "PgBouncer" },
	{ "42P05", TX_LOST, "PgBouncer" },
	{ "25006", TX_BAD_CONNECTION, "read-only" },
	{ "42501", TX_BAD_CONNECTION, "denies access" },
	{ "42P01", TX_BAD_CONNECTION, "search_path" },
	{ "3F000", TX_BAD_CONNECTION, "refused a statement" },
	{ "42704", TX_BAD_CONNECTION, "refused a statement" },
	{ "XX000", TX_BAD_CONNECTION, "is damaged" },
	{ "57P05", TX_LOST, NULL },
	{ "25P04", TX_LOST, NULL },
	{ "23502", TX_FAILED, "refused a statement" },
	{ "22003", TX_FAILED, "refused a statement" },
	{ "53100", TX_FAILED, "disk is full" },
	{ "57014", TX_FAILED, NULL },
};

static void failures_say_whether_the_connection_is_replaced(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(diagnoses); i++) {
		struct postgres_failure failure = { .lost = false };
		enum tx_outcome outcome = TX_UNKNOWN;

		(void)snprintf(failure.sqlstate, sizeof(failure.sqlstate), "%s", diagnoses[i].sqlstate);
		assert_int_not_equal(postgres_diagnose(&failure, false, &outcome), OK);
		if (outcome != diagnoses[i].outcome)
			fail_msg("wrong outcome of %s", diagnoses[i].sqlstate);
		if (diagnoses[i].part != NULL)
			assert_contains(str_of(postgres_error_message()), diagnoses[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(empty_database_gets_the_current_schema, set_up, tear_down),
		cmocka_unit_test_setup_teardown(concurrent_migrations_are_serialised, set_up, tear_down),
		cmocka_unit_test_setup_teardown(older_schema_is_rejected_and_unchanged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failed_migration_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(newer_schema_is_rejected, set_up, tear_down),
		cmocka_unit_test_setup_teardown(database_of_another_program_is_rejected, set_up, tear_down),
		cmocka_unit_test_setup_teardown(check_names_the_column_of_an_invalid_row, set_up, tear_down),
		cmocka_unit_test_setup_teardown(missing_table_prevents_the_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			urls_are_validated_and_shown_without_password, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unknown_parameters_of_urls_are_named, set_up, tear_down),
		cmocka_unit_test(failures_say_whether_the_connection_is_replaced),
		cmocka_unit_test_setup_teardown(password_is_in_no_error_message, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

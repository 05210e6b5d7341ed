/* A database of PostgreSQL as an operator meets it: empty, older, newer, somebody else's; its URL, and who
 * may see it. */
#include "stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/postgres/driver.h"
#include "store/postgres/url.h"
#include "store/sqlite/store.h"

#define WORD "geheim-4711"

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

static void assert_refused(struct fixture *f, enum err expected, const char *part)
{
	const struct postgres_conf conf = { .url = str_of(f->url), .micros = test_micros };
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
	int64_t seen = -1;

	assert_int_equal(postgres_store_version(str_of(f->url), &f->arena, &seen, &why), OK);
	return seen;
}

static void an_empty_one_gets_its_tables(void **state)
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

static void several_take_turns(void **state)
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

static void an_older_one_is_not_touched(void **state)
{
	struct fixture *const f = *state;
	struct postgres_facts facts;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "DELETE FROM schema_migrations WHERE version > 1");
	assert_refused(f, ERR_CONFLICT, "kycd db migrate");
	assert_int_equal(version(f), 1);
	assert_int_equal(postgres_store_check(str_of(f->url), &f->arena, &facts, &why), ERR_CONFLICT);
}

/* A step that fails leaves all as it was: here, because its tables are there. */
static void a_step_that_fails_changes_nothing(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "DELETE FROM schema_migrations WHERE version > 2");
	assert_int_not_equal(postgres_store_migrate(str_of(f->url), &f->arena, &why), OK);
	assert_int_equal(version(f), 2);
}

static void a_newer_one_is_refused(void **state)
{
	struct fixture *const f = *state;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "INSERT INTO schema_migrations (version, applied_at) VALUES (999, 0)");
	assert_refused(f, ERR_CONFLICT, "a newer kycd is needed");
	assert_int_equal(postgres_store_migrate(str_of(f->url), &f->arena, &why), ERR_CONFLICT);
	assert_int_equal(version(f), 999);
}

static void somebody_elses_is_refused(void **state)
{
	struct fixture *const f = *state;

	postgres_run_script(f->url, "CREATE TABLE theirs (a int)");
	assert_refused(f, ERR_INPUT, "a database of its own");
}

static void rows_that_do_not_fit_are_named(void **state)
{
	struct fixture *const f = *state;
	struct postgres_facts facts;
	struct str why = STR("");

	migrate_now(f);
	postgres_run_script(f->url, "INSERT INTO quotas VALUES ('nobody', 202601, 1)");
	assert_int_equal(postgres_store_check(str_of(f->url), &f->arena, &facts, &why), ERR_STORAGE);
	assert_contains(why, "quotas.tenant");
}

static void a_table_that_is_missing_stops_the_start(void **state)
{
	struct fixture *const f = *state;

	migrate_now(f);
	postgres_run_script(f->url, "DROP TABLE ip_limits");
	assert_refused(f, ERR_BUSY, "lacks a table");
}

static const struct {
	const char *url;
	bool good;
	const char *shown;
} urls[] = {
	{ "postgresql://localhost/kycd", true, "postgresql://localhost/kycd" },
	{ "postgres://localhost", true, "postgres://localhost" },
	{ "postgresql:///kycd", true, "postgresql:///kycd" },
	{ "postgresql://me@db.example:5433/kycd?sslmode=verify-full", true,
		"postgresql://me@db.example:5433/kycd?sslmode=verify-full" },
	{ "postgresql://me:" WORD "@db/kycd", true, "postgresql://me@db/kycd" },
	{ "postgresql://me:a%40b%2Fc@db/kycd", true, "postgresql://me@db/kycd" },
	{ "postgresql://me:" WORD "@a,b:1/kycd?target_session_attrs=read-write", true,
		"postgresql://me@a,b:1/kycd?target_session_attrs=read-write" },
	{ "postgresql://db/kycd?user=me&password=" WORD, true, "the PostgreSQL database" },
	{ "postgresql://me@/kycd?host=/run/postgresql", true, "postgresql://me@/kycd?host=/run/postgresql" },
	{ "postgresql://me:a@" WORD "@db/kycd", false, NULL },
	{ "postgresql://me:a/" WORD "@db/kycd", false, NULL },
	{ "postgresql://me:a?" WORD "@db/kycd", false, NULL },
	{ "postgresql://me:50%@db/kycd", false, NULL },
	{ "postgresql://db/kycd?colour=blue", false, NULL },
	{ "postgresql:kycd", false, NULL },
	{ "mysql://db/kycd", false, NULL },
	{ "host=db password=" WORD, false, NULL },
	{ "", false, NULL },
};

static void urls_and_what_is_shown(void **state)
{
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(urls); i++) {
		const struct str url = str_of(urls[i].url);

		if (postgres_url_is_good(url) != urls[i].good)
			fail_msg("%s", urls[i].url);
		if (!urls[i].good)
			continue;
		const struct str shown = postgres_url_shown(url, &f->arena);
		assert_string_equal(shown.p, urls[i].shown);
	}
}

/* Whatever goes wrong: refused, misread, not there. The folder of the cluster's socket stands in between. */
static const struct {
	const char *before, *after;
} refused[] = {
	{ "postgresql://nobody:" WORD "@/postgres?host=", "" },
	{ "postgresql://kycd:" WORD "@/nothing?host=", "" },
	{ "postgresql://kycd:" WORD "@127.0.0.1:1/kycd?application_name=", "" },
	{ "postgresql://kycd:a/" WORD "@/kycd?host=", "" },
	{ "postgresql://kycd@/kycd?host=", "&password=" WORD "&port=" WORD },
};

static void the_password_is_told_to_nobody(void **state)
{
	struct fixture *const f = *state;
	const char *const cluster = getenv("TEST_POSTGRES");
	struct str folder = str_of(cluster), head;

	assert_true(str_cut(&folder, '=', &head));
	for (size_t i = 0; i < array_len(refused); i++) {
		const struct str url = arena_printf(
			&f->arena, "%s%.*s%s", refused[i].before, STR_ARG(folder), refused[i].after);
		struct str why = STR("");
		int64_t seen;

		assert_int_not_equal(postgres_store_version(url, &f->arena, &seen, &why), OK);
		assert_true(why.n > 0);
		if (memmem(why.p, why.n, WORD, strlen(WORD)) != NULL)
			fail_msg("%.*s", STR_ARG(why));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_one_gets_its_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(several_take_turns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_older_one_is_not_touched, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_step_that_fails_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_newer_one_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(somebody_elses_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(rows_that_do_not_fit_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_table_that_is_missing_stops_the_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(urls_and_what_is_shown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_password_is_told_to_nobody, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

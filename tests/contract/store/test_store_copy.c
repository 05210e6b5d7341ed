/* Tests of copying a database between engines (`kycd db copy`): all rows arrive, an interrupted copy is
 * resumed, unsuitable databases are rejected, and every call of a copy endpoint may fail. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stores.h"

#include "base/attr.h"
#include "crypto/digest.h"
#include "store/copy/copy.h"
#include "store/postgres/copy_endpoint.h"
#include "store/sql/driver.h"
#include "store/sqlite/copy_endpoint.h"

#define ROWS_EACH 7

struct engines {
	const char *name;
	bool from_postgres, to_postgres;
	/* Number of tests to run with this combination. FEW_TESTS is enough where the other combinations test
	 * the rest. */
	size_t n_tests;
};

#define ALL_TESTS 18
#define FEW_TESTS 4

static const struct engines combinations[] = {
	{ "sqlite to postgres", false, true, ALL_TESTS },
	{ "postgres to sqlite", true, false, ALL_TESTS },
	{ "sqlite to sqlite", false, false, ALL_TESTS },
	{ "postgres to postgres", true, true, FEW_TESTS },
};

/* Source and target database, and the faults during the copy. */
struct copy_fixture {
	const struct engines *engines;
	struct fixture from, to;
	struct str why;
	struct copy_result result;
	int64_t cancel_checks; /* checks of the cancel token so far */
	int64_t cancel_at;     /* the check that cancels the copy; 0: none */
	enum copy_phase change_in;
	void (*change)(struct copy_fixture *s); /* called once in the phase `change_in`, unless NULL */
	int64_t calls, fails_at; /* calls of the copy endpoint so far, and the call that fails; 0: none */
};

static void database_make(struct fixture *f, bool postgres)
{
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	folder_make(f);
	if (postgres)
		postgres_create_schema(f);
}

static int set_up(void **state)
{
	struct copy_fixture *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_true(crypto_start());
	s->engines = *state;
	database_make(&s->from, s->engines->from_postgres);
	database_make(&s->to, s->engines->to_postgres);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct copy_fixture *const s = *state;

	arena_finish(&s->from.arena);
	arena_finish(&s->to.arena);
	folder_remove(&s->from);
	folder_remove(&s->to);
	free(s);
	return 0;
}

static struct store *open_store(struct fixture *f)
{
	return f->url[0] != '\0' ? postgres_open(f, 0) : sqlite_open(f, 0);
}

static void close_store(struct store *store)
{
	store->ops->close(store);
}

/* Runs an SQL script on a connection of its own. */
static void run_script(struct fixture *f, const char *text)
{
	struct sql *sql = NULL;

	if (f->url[0] != '\0') {
		postgres_run_script(f->url, text);
		return;
	}
	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
}

static enum err open_endpoint(
	struct copy_fixture *s, struct fixture *f, enum copy_role role, struct copy_endpoint **out)
{
	return f->url[0] != '\0' ? postgres_copy_endpoint_open(str_of(f->url), role, &f->arena, out, &s->why)
				 : sqlite_copy_endpoint_open(str_of(f->path), role, &f->arena, out, &s->why);
}

/* Saves ROWS_EACH rows of every record, with all kinds of values. */
static void fill_database(struct fixture *f, unsigned first)
{
	struct store *const store = open_store(f);
	struct row_space row;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		for (unsigned i = 0; i < ROWS_EACH; i++) {
			row_make(f, (enum record_kind)kind, first + i, i, &row);
			assert_int_equal(run_action(f, store, DO_SAVE, (enum record_kind)kind, &row), OK);
		}
	}
	close_store(store);
}

static bool cancel_at_check(void *arg)
{
	struct copy_fixture *const s = arg;

	return ++s->cancel_checks == s->cancel_at;
}

static void on_progress(void *arg, const struct copy_progress *p)
{
	struct copy_fixture *const s = arg;
	void (*const change)(struct copy_fixture * s) = s->change;

	assert_true(p->rows <= p->total || p->phase == COPY_INSPECT);
	if (change == NULL || p->phase != s->change_in)
		return;
	s->change = NULL;
	change(s);
}

static enum err copy_between(
	struct copy_fixture *s, struct copy_endpoint *source, struct copy_endpoint *target)
{
	const struct copy_conf conf = { .source = source,
		.target = target,
		.on_progress = on_progress,
		.arg = s,
		.cancel = { cancel_at_check, s },
		.arena = &s->from.arena,
		.error = &s->why };

	s->cancel_checks = 0;
	return copy_run(&conf, &s->result);
}

static enum err copy_database(struct copy_fixture *s)
{
	struct copy_endpoint *source = NULL, *target = NULL;
	enum err e;

	s->why = STR("");
	e = open_endpoint(s, &s->from, COPY_SOURCE, &source);
	if (e == OK)
		e = open_endpoint(s, &s->to, COPY_TARGET, &target);
	if (e == OK)
		e = copy_between(s, source, target);
	if (source != NULL)
		source->ops->close(source);
	if (target != NULL)
		target->ops->close(target);
	return e;
}

static void assert_copy_succeeds(struct copy_fixture *s)
{
	if (copy_database(s) == OK)
		return;
	print_error("%.*s\n", STR_ARG(s->why));
	fail();
}

static void assert_copy_rejected(struct copy_fixture *s, enum err e, const char *part)
{
	assert_int_equal(copy_database(s), e);
	assert_contains(s->why, part);
}

static void read_checksums(
	struct copy_fixture *s, struct fixture *f, struct rows_checksum checksums[COPY_TABLES])
{
	struct copy_endpoint *endpoint = NULL;
	struct str row;

	memset(checksums, 0, COPY_TABLES * sizeof(checksums[0]));
	if (open_endpoint(s, f, COPY_SOURCE, &endpoint) != OK)
		print_error("%.*s\n", STR_ARG(s->why));
	assert_non_null(endpoint);
	for (size_t i = 0; i < COPY_TABLES; i++) {
		assert_int_equal(endpoint->ops->read(endpoint, copy_table(i)), OK);
		while (endpoint->ops->next(endpoint, &row) == OK)
			rows_checksum_add(&checksums[i], row);
		endpoint->ops->stop(endpoint);
	}
	endpoint->ops->close(endpoint);
}

/* Compares the databases as the copy endpoints read them. The test store_loads_the_copied_rows() reads them
 * with a store. */
static void assert_same_rows(struct copy_fixture *s)
{
	struct rows_checksum source_checksums[COPY_TABLES], target_checksums[COPY_TABLES];

	read_checksums(s, &s->from, source_checksums);
	read_checksums(s, &s->to, target_checksums);
	for (size_t i = 0; i < COPY_TABLES; i++) {
		if (!rows_checksum_equal(&source_checksums[i], &target_checksums[i]))
			print_error("%s: %d rows, %d rows\n", copy_table(i)->table,
				(int)source_checksums[i].rows, (int)target_checksums[i].rows);
		assert_true(rows_checksum_equal(&source_checksums[i], &target_checksums[i]));
		assert_true(rows_checksum_equal(&source_checksums[i], &s->result.tables[i]));
	}
}

static void all_rows_are_copied(void **state)
{
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	assert_copy_succeeds(s);
	assert_same_rows(s);
	assert_int_equal(s->result.rows, RECORD_COUNT * ROWS_EACH);
	assert_int_equal(s->result.resumed_rows, 0);
	for (size_t i = 0; i < RECORD_COUNT; i++)
		assert_int_equal(s->result.tables[i].rows, ROWS_EACH);
}

static void store_loads_the_copied_rows(void **state)
{
	struct copy_fixture *const s = *state;
	struct row_space saved[RECORD_COUNT], loaded;
	struct store *store = open_store(&s->from);

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		row_make(&s->from, (enum record_kind)kind, 3, 5, &saved[kind]);
		assert_int_equal(
			run_action(&s->from, store, DO_SAVE, (enum record_kind)kind, &saved[kind]), OK);
	}
	close_store(store);
	assert_copy_succeeds(s);
	store = open_store(&s->to);
	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		memcpy(&loaded, &saved[kind], sizeof(loaded));
		assert_int_equal(run_action(&s->to, store, DO_LOAD, (enum record_kind)kind, &loaded), OK);
		row_assert_equal((enum record_kind)kind, &saved[kind], &loaded);
	}
	close_store(store);
}

static void empty_database_is_copied(void **state)
{
	struct copy_fixture *const s = *state;

	close_store(open_store(&s->from));
	assert_copy_succeeds(s);
	assert_same_rows(s);
	assert_int_equal(s->result.rows, 0);
}

/* A table or column that is missing in copy_tables.c would not be copied. */
static void every_table_and_column_is_copied(void **state)
{
	struct copy_fixture *const s = *state;
	const bool postgres = s->engines->from_postgres;
	struct copy_endpoint *endpoint = NULL;
	char text[512];
	int64_t n = 0;

	close_store(open_store(&s->from));
	assert_int_equal(open_endpoint(s, &s->from, COPY_SOURCE, &endpoint), OK);
	assert_int_equal(
		endpoint->ops->query_number(endpoint,
			postgres
				? "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
				: "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
			&n),
		OK);
	assert_int_equal(n, COPY_TABLES);
	for (size_t i = 0; i < COPY_TABLES; i++) {
		const struct record *const t = copy_table(i);

		(void)snprintf(text, sizeof(text),
			postgres ? "SELECT count(*) FROM information_schema.columns WHERE table_schema = "
				   "current_schema() AND table_name = '%s'"
				 : "SELECT count(*) FROM pragma_table_info('%s')",
			t->table);
		assert_int_equal(endpoint->ops->query_number(endpoint, text, &n), OK);
		assert_int_equal(n, t->n);
		/* The table has as many columns as are listed, and each listed column can be read. So the
		 * columns are the same. */
		assert_int_equal(endpoint->ops->read(endpoint, t), OK);
		endpoint->ops->stop(endpoint);
	}
	endpoint->ops->close(endpoint);
}

static void assert_unfinished_copy_is_rejected(struct copy_fixture *s)
{
	struct store *store = NULL;
	struct str why = STR("");
	const struct sqlite_conf file = {
		.path = str_of(s->to.path), .migrate = true, .micros = test_micros
	};
	const struct postgres_conf server = { .url = str_of(s->to.url), .micros = test_micros };

	assert_int_equal(s->engines->to_postgres ? postgres_store_open(&server, &s->to.arena, &store, &why)
						 : sqlite_store_open(&file, &s->to.arena, &store, &why),
		ERR_CONFLICT);
	assert_contains(why, "is an unfinished copy: run the same `kycd db copy` again");
	why = STR("");
	assert_int_equal(
		s->engines->to_postgres
			? postgres_store_migrate(str_of(s->to.url), &s->to.arena, &why)
			: sqlite_store_migrate(str_of(s->to.path), CREATE_FIRST, NULL, &s->to.arena, &why),
		ERR_CONFLICT);
	assert_contains(why, "is an unfinished copy");
}

static void cancelled_copy_is_resumed(void **state)
{
	struct copy_fixture *const s = *state;
	int64_t found = 0;
	enum err e = ERR_BUSY;

	fill_database(&s->from, 1);
	for (s->cancel_at = 1; e != OK; s->cancel_at += s->cancel_at < (int64_t)COPY_TABLES ? 9 : 4) {
		e = copy_database(s);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_BUSY);
		assert_contains(s->why, "the copy was cancelled; run the same command again");
		if (s->cancel_at == 1)
			continue; /* the target is not marked as unfinished yet */
		if (s->cancel_at > (int64_t)COPY_TABLES + 1)
			assert_unfinished_copy_is_rejected(s);
		assert_true(s->result.resumed_rows >= found);
		found = s->result.resumed_rows;
	}
	assert_true(s->cancel_at > 3 * (int64_t)COPY_TABLES);
	assert_int_equal(s->result.resumed_rows, RECORD_COUNT * ROWS_EACH);
	assert_same_rows(s);
	close_store(open_store(&s->to));
}

static void large_table_is_copied_in_several_transactions(void **state)
{
	struct copy_fixture *const s = *state;
	const int64_t rows = 2 * COPY_BATCH_ROWS + 5;

	fill_database(&s->from, 1);
	if (s->engines->from_postgres)
		run_script(&s->from,
			"INSERT INTO heartbeats SELECT 'w' || i, i FROM generate_series(1, 2 * 20000 + 5 - 7) AS i");
	else
		run_script(&s->from,
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * 20000 "
			"+ 5 - 7) INSERT INTO heartbeats SELECT 'w' || i, i FROM n");
	/* The cancel token is checked every 1,000 rows; this check is in the third transaction. */
	s->cancel_at = 2 * (int64_t)COPY_TABLES + RECORD_HEARTBEAT + 42;
	assert_copy_rejected(s, ERR_BUSY, "the copy was cancelled");
	s->cancel_at = 0;
	assert_copy_succeeds(s);
	assert_int_equal(s->result.tables[RECORD_HEARTBEAT].rows, rows);
	assert_true(s->result.resumed_rows >= RECORD_HEARTBEAT * ROWS_EACH + COPY_BATCH_ROWS);
	assert_true(s->result.resumed_rows < s->result.rows);
	assert_same_rows(s);
}

static void table_changed_between_two_runs_is_copied_again(void **state)
{
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	s->cancel_at = 3 * (int64_t)COPY_TABLES; /* the check while the last table is verified */
	assert_copy_rejected(s, ERR_BUSY, "the copy was cancelled");
	run_script(&s->from, "DELETE FROM users WHERE id = '1'; UPDATE tenants SET created_at = 5;"
			     " INSERT INTO heartbeats VALUES ('zz', 1); DELETE FROM leases");
	s->cancel_at = 0;
	assert_copy_succeeds(s);
	assert_same_rows(s);
	/* The tables users, tenants and leases were copied again. In heartbeats only the new last row was
	 * copied. */
	assert_int_equal(s->result.resumed_rows, (RECORD_COUNT - 3) * ROWS_EACH);
}

static void add_row_to_source(struct copy_fixture *s)
{
	run_script(&s->from, "INSERT INTO heartbeats VALUES ('late', 1)");
}

/* The copy locks the file against servers, but other commands may change it. Such a change is detected. */
static void file_changed_during_the_copy_is_rejected(void **state)
{
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	s->change = add_row_to_source;
	s->change_in = COPY_TRANSFER;
	if (s->engines->from_postgres) {
		assert_copy_succeeds(s);
		return;
	}
	assert_copy_rejected(s, ERR_BUSY, "was changed while it was copied: stop everything that uses it");
	assert_unfinished_copy_is_rejected(s);
	assert_copy_succeeds(s);
	assert_same_rows(s);
}

static void change_row_in_target(struct copy_fixture *s)
{
	run_script(&s->to, "UPDATE users SET created_at = created_at + 1 WHERE id = '3'");
}

static void delete_row_in_target(struct copy_fixture *s)
{
	run_script(&s->to, "DELETE FROM sessions WHERE id = '3'");
}

static void difference_in_the_target_is_reported(void **state)
{
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	s->change_in = COPY_VERIFY;
	s->change = change_row_in_target;
	assert_copy_rejected(
		s, ERR_STORAGE, ": the table users differs from what was copied (7 of 7 rows read back)");
	s->change = delete_row_in_target;
	assert_copy_rejected(
		s, ERR_STORAGE, ": the table sessions differs from what was copied (6 of 7 rows read back)");
	assert_unfinished_copy_is_rejected(s);
	assert_copy_succeeds(s);
	assert_same_rows(s);
}

static void target_with_rows_is_rejected(void **state)
{
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	close_store(open_store(&s->to));
	run_script(&s->to, "INSERT INTO quotas VALUES ('t', 202611, 1, 0, 0)");
	assert_copy_rejected(
		s, ERR_CONFLICT, ": the table quotas has rows already: a copy needs an empty database");
	run_script(&s->to, "DELETE FROM quotas");
	assert_copy_succeeds(s); /* empty tables are accepted */
	assert_same_rows(s);
	assert_copy_rejected(s, ERR_CONFLICT, ": the table keyrings has rows already");
}

static void unfinished_copy_of_another_database_is_rejected(void **state)
{
	struct copy_fixture *const s = *state;
	struct copy_fixture other = { .engines = s->engines };

	fill_database(&s->from, 1);
	s->cancel_at = 2 * (int64_t)COPY_TABLES + 3;
	assert_copy_rejected(s, ERR_BUSY, "the copy was cancelled");
	database_make(&other.from, s->engines->from_postgres);
	fill_database(&other.from, 1);
	other.to = s->to;
	assert_copy_rejected(&other, ERR_CONFLICT, "is an unfinished copy of a database other than ");
	arena_finish(&other.from.arena);
	folder_remove(&other.from);
	s->to.arena = other.to.arena;
	s->cancel_at = 0;
	assert_copy_succeeds(s);
	assert_same_rows(s);
}

static void unfinished_copy_is_rejected_as_source(void **state)
{
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	run_script(&s->from, "CREATE TABLE " COPY_MARK " (source TEXT NOT NULL PRIMARY KEY)");
	assert_copy_rejected(s, ERR_CONFLICT, "is an unfinished copy");
}

static void other_schema_version_is_rejected(void **state)
{
	struct copy_fixture *const s = *state;
	char newest[128];

	fill_database(&s->from, 1);
	(void)snprintf(newest, sizeof(newest), "INSERT INTO schema_migrations VALUES (%d, 1)",
		(int)sqlite_store_schema_version() + 1);
	run_script(&s->from, newest);
	assert_copy_rejected(s, ERR_CONFLICT, "a newer kycd is needed");
	(void)snprintf(newest, sizeof(newest), "DELETE FROM schema_migrations WHERE version >= %d",
		(int)sqlite_store_schema_version());
	run_script(&s->from, newest);
	assert_copy_rejected(s, ERR_CONFLICT, "run `kycd db migrate`");
	(void)snprintf(newest, sizeof(newest), "INSERT INTO schema_migrations VALUES (%d, 1)",
		(int)sqlite_store_schema_version());
	run_script(&s->from, newest);

	close_store(open_store(&s->to));
	(void)snprintf(newest, sizeof(newest), "DELETE FROM schema_migrations WHERE version >= %d",
		(int)sqlite_store_schema_version());
	run_script(&s->to, newest);
	assert_copy_rejected(s, ERR_CONFLICT, "run `kycd db migrate`");
	run_script(&s->to, "CREATE TABLE " COPY_MARK " (source TEXT NOT NULL PRIMARY KEY)");
	assert_copy_rejected(s, ERR_CONFLICT, "is an unfinished copy made by another version of kycd");
}

static void missing_or_foreign_source_is_rejected(void **state)
{
	struct copy_fixture *const s = *state;

	if (!s->engines->from_postgres) {
		assert_copy_rejected(s, ERR_NOT_FOUND, "there is no such database");
		return;
	}
	assert_copy_rejected(s, ERR_NOT_FOUND, "is empty: there is nothing to copy");
	run_script(&s->from, "CREATE TABLE of_another_program (i BIGINT)");
	assert_copy_rejected(s, ERR_INPUT, "not those of kycd");
}

/* The message names the column, but does not contain its value. */
static void damaged_row_is_reported_without_its_value(void **state)
{
	static const struct {
		const char *damage, *part;
	} rows[] = {
		{ "UPDATE users SET language = 'not-a-secret-but-far-too-long-for-a-language' WHERE id = '2'",
			": the table users is damaged: a row's column language" },
		{ "UPDATE otps SET used = 2", ": the table otps is damaged: a row's column used" },
		{ "UPDATE sessions SET status = 2147483648 WHERE id = '2'",
			": the table sessions is damaged: a row's column status" },
	};
	struct copy_fixture *const s = *state;

	fill_database(&s->from, 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		run_script(&s->from, rows[i].damage);
		assert_copy_rejected(s, ERR_STORAGE, rows[i].part);
		assert_null(memmem(s->why.p, s->why.n, "not-a-secret", 12));
		run_script(
			&s->from, i == 0 ? "UPDATE users SET language = 'en'" : "UPDATE otps SET used = 1");
	}
}

static void database_in_use_is_rejected(void **state)
{
	struct copy_fixture *const s = *state;
	struct store *store;

	fill_database(&s->from, 1);
	if (!s->engines->from_postgres && !s->engines->to_postgres)
		return; /* with SQLite, the db copy command itself locks the file */
	store = open_store(s->engines->from_postgres ? &s->from : &s->to);
	assert_copy_rejected(s, ERR_BUSY, "is in use by kycd (");
	close_store(store);
	assert_copy_succeeds(s);
}

/* A copy endpoint that forwards its calls to another endpoint until one call fails. */
struct proxy {
	struct copy_endpoint base;
	struct copy_endpoint *real;
	struct copy_fixture *fixture;
};

static struct copy_endpoint *proxied(struct copy_endpoint *endpoint)
{
	return container_of(endpoint, struct proxy, base)->real;
}

/* Returns whether this call must fail. proxy_commit() fails after the commit, as if the reply to the commit
 * was lost. */
static bool fails_this_time(struct copy_endpoint *endpoint)
{
	struct copy_fixture *const s = container_of(endpoint, struct proxy, base)->fixture;

	return ++s->calls == s->fails_at;
}

/* clang-format off */
#define PROXY(op, parameters, ...)                                                                           \
	static enum err proxy_##op parameters                                                                \
	{                                                                                                    \
		return fails_this_time(endpoint) ? ERR_STORAGE : proxied(endpoint)->ops->op(proxied(endpoint) __VA_ARGS__);       \
	}
PROXY(script, (struct copy_endpoint *endpoint, const char *text), , text)
PROXY(query_number, (struct copy_endpoint *endpoint, const char *text, int64_t *number), , text, number)
PROXY(begin, (struct copy_endpoint *endpoint))
PROXY(read, (struct copy_endpoint *endpoint, const struct record *table), , table)
PROXY(next, (struct copy_endpoint *endpoint, struct str *encoded), , encoded)
PROXY(write, (struct copy_endpoint *endpoint, const struct record *table), , table)
PROXY(put, (struct copy_endpoint *endpoint, struct str encoded), , encoded)
PROXY(end_write, (struct copy_endpoint *endpoint))
PROXY(check_exclusive_use, (struct copy_endpoint *endpoint))
/* clang-format on */

static enum err proxy_commit(struct copy_endpoint *endpoint)
{
	const enum err e = proxied(endpoint)->ops->commit(proxied(endpoint));

	return fails_this_time(endpoint) ? ERR_STORAGE : e;
}

static void proxy_rollback(struct copy_endpoint *endpoint)
{
	proxied(endpoint)->ops->rollback(proxied(endpoint));
}

static void proxy_stop(struct copy_endpoint *endpoint)
{
	proxied(endpoint)->ops->stop(proxied(endpoint));
}

static const char *proxy_error(struct copy_endpoint *endpoint)
{
	(void)endpoint;
	return "failed by the test";
}

static const struct copy_endpoint_ops proxy_ops = {
	.script = proxy_script,
	.query_number = proxy_query_number,
	.begin = proxy_begin,
	.commit = proxy_commit,
	.rollback = proxy_rollback,
	.read = proxy_read,
	.next = proxy_next,
	.stop = proxy_stop,
	.write = proxy_write,
	.put = proxy_put,
	.end_write = proxy_end_write,
	.check_exclusive_use = proxy_check_exclusive_use,
	.error = proxy_error,
};

static enum err copy_with_failing(struct copy_fixture *s, enum copy_role failing)
{
	struct copy_endpoint *endpoints[2] = { NULL, NULL };
	struct proxy proxy = { .fixture = s };
	enum err e;

	s->why = STR("");
	assert_int_equal(open_endpoint(s, &s->from, COPY_SOURCE, &endpoints[COPY_SOURCE]), OK);
	assert_int_equal(open_endpoint(s, &s->to, COPY_TARGET, &endpoints[COPY_TARGET]), OK);
	proxy.real = endpoints[failing];
	proxy.base = (struct copy_endpoint){ &proxy_ops, proxy.real->name, proxy.real->unfinished };
	e = copy_between(s, failing == COPY_SOURCE ? &proxy.base : endpoints[COPY_SOURCE],
		failing == COPY_TARGET ? &proxy.base : endpoints[COPY_TARGET]);
	endpoints[COPY_SOURCE]->ops->close(endpoints[COPY_SOURCE]);
	endpoints[COPY_TARGET]->ops->close(endpoints[COPY_TARGET]);
	return e;
}

/* Lets calls of one endpoint fail, one per run; each run resumes the previous one. A complete copy must never
 * be marked as unfinished, nor an unfinished one as complete. */
static void fail_every_call(struct copy_fixture *s, enum copy_role failing)
{
	enum err e = ERR_STORAGE;
	unsigned n = 0;

	fill_database(&s->from, 1);
	for (s->fails_at = 1; e != OK; s->fails_at += 1 + s->fails_at / 3) {
		assert_true(++n < 200);
		s->calls = 0;
		e = copy_with_failing(s, failing);
		if (e == OK)
			break;
		assert_contains(s->why, "failed by the test");
	}
	assert_true(n > 10);
	assert_same_rows(s);
}

static void every_source_call_may_fail(void **state)
{
	fail_every_call(*state, COPY_SOURCE);
}

static void every_target_call_may_fail(void **state)
{
	fail_every_call(*state, COPY_TARGET);
}

/* clang-format off */
static const struct contract_test tests[] = {
	{ "all rows are copied", all_rows_are_copied },
	{ "store loads the copied rows", store_loads_the_copied_rows },
	{ "empty database is copied", empty_database_is_copied },
	{ "every table and column is copied", every_table_and_column_is_copied },
	{ "cancelled copy is resumed", cancelled_copy_is_resumed },
	{ "large table is copied in several transactions", large_table_is_copied_in_several_transactions },
	{ "table changed between two runs is copied again", table_changed_between_two_runs_is_copied_again },
	{ "file changed during the copy is rejected", file_changed_during_the_copy_is_rejected },
	{ "difference in the target is reported", difference_in_the_target_is_reported },
	{ "target with rows is rejected", target_with_rows_is_rejected },
	{ "unfinished copy of another database is rejected", unfinished_copy_of_another_database_is_rejected },
	{ "unfinished copy is rejected as source", unfinished_copy_is_rejected_as_source },
	{ "other schema version is rejected", other_schema_version_is_rejected },
	{ "missing or foreign source is rejected", missing_or_foreign_source_is_rejected },
	{ "damaged row is reported without its value", damaged_row_is_reported_without_its_value },
	{ "database in use is rejected", database_in_use_is_rejected },
	{ "every source call may fail", every_source_call_may_fail },
	{ "every target call may fail", every_target_call_may_fail },
};
/* clang-format on */

int main(void)
{
	static struct CMUnitTest all[3 * ALL_TESTS + FEW_TESTS];
	static char names[array_len(all)][96];
	size_t n = 0;

	_Static_assert(array_len(tests) == ALL_TESTS, "ALL_TESTS must be the number of tests");
	for (size_t w = 0; w < array_len(combinations); w++) {
		for (size_t t = 0; t < combinations[w].n_tests; t++, n++) {
			(void)snprintf(
				names[n], sizeof(names[n]), "%s: %s", combinations[w].name, tests[t].name);
			all[n] = (struct CMUnitTest){
				.name = names[n],
				.test_func = tests[t].test,
				.setup_func = set_up,
				.teardown_func = tear_down,
				.initial_state = (void *)(uintptr_t)&combinations[w],
			};
		}
	}
	return cmocka_run_group_tests_name("copy", all, NULL, NULL);
}

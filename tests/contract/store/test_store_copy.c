/* A database copied whole, from either engine to either: what arrives, what a second run goes on with, what
 * is refused, and a failure of every single thing that an end is asked for. */
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
	size_t told; /* so many of the tests: what both engines do as one end each need not be seen again */
};

#define ALL 18
#define FIRST 4

static const struct engines ways[] = {
	{ "sqlite to postgres", false, true, ALL },
	{ "postgres to sqlite", true, false, ALL },
	{ "sqlite to sqlite", false, false, ALL },
	{ "postgres to postgres", true, true, FIRST },
};

/* Two places, and what happens while one is copied to the other. */
struct scene {
	const struct engines *of;
	struct fixture from, to;
	struct str why;
	struct copy_result copied;
	int64_t asked, give_up_at; /* how often it was asked whether to give up; 0: never */
	enum copy_phase meddles_in;
	void (*meddle)(struct scene *s); /* once in that phase */
	int64_t calls, fails_at;	 /* of the proxies below; 0: none fails */
};

static void place_make(struct fixture *f, bool postgres)
{
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	folder_make(f);
	if (postgres)
		postgres_make(f);
}

static int set_up(void **state)
{
	struct scene *const s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_true(crypto_start());
	s->of = *state;
	place_make(&s->from, s->of->from_postgres);
	place_make(&s->to, s->of->to_postgres);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *const s = *state;

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

/* As somebody else. */
static void run_in(struct fixture *f, const char *text)
{
	struct sql *sql = NULL;

	if (f->url[0] != '\0') {
		postgres_script_in(f->url, text);
		return;
	}
	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
}

static enum err open_end(struct scene *s, struct fixture *f, enum copy_role use, struct copy_endpoint **out)
{
	return f->url[0] != '\0' ? postgres_copy_endpoint_open(str_of(f->url), use, &f->arena, out, &s->why)
				 : sqlite_copy_endpoint_open(str_of(f->path), use, &f->arena, out, &s->why);
}

/* Some rows of every record, of every kind of value. */
static void fill(struct fixture *f, unsigned first)
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

static bool is_enough(void *arg)
{
	struct scene *const s = arg;

	return ++s->asked == s->give_up_at;
}

static void tell(void *arg, const struct copy_progress *p)
{
	struct scene *const s = arg;
	void (*const meddle)(struct scene * s) = s->meddle;

	assert_true(p->rows <= p->total || p->phase == COPY_INSPECT);
	if (meddle == NULL || p->phase != s->meddles_in)
		return;
	s->meddle = NULL;
	meddle(s);
}

static enum err copy_between(struct scene *s, struct copy_endpoint *source, struct copy_endpoint *target)
{
	const struct copy_conf conf = { .source = source,
		.target = target,
		.on_progress = tell,
		.arg = s,
		.cancel = { is_enough, s },
		.arena = &s->from.arena,
		.error = &s->why };

	s->asked = 0;
	return copy_run(&conf, &s->copied);
}

static enum err copy(struct scene *s)
{
	struct copy_endpoint *source = NULL, *target = NULL;
	enum err e;

	s->why = STR("");
	e = open_end(s, &s->from, COPY_SOURCE, &source);
	if (e == OK)
		e = open_end(s, &s->to, COPY_TARGET, &target);
	if (e == OK)
		e = copy_between(s, source, target);
	if (source != NULL)
		source->ops->close(source);
	if (target != NULL)
		target->ops->close(target);
	return e;
}

static void assert_copies(struct scene *s)
{
	if (copy(s) == OK)
		return;
	print_error("%.*s\n", STR_ARG(s->why));
	fail();
}

static void assert_refused(struct scene *s, enum err e, const char *part)
{
	assert_int_equal(copy(s), e);
	assert_has(s->why, part);
}

static void read_rows(struct scene *s, struct fixture *f, struct rows_checksum tallies[COPY_TABLES])
{
	struct copy_endpoint *endpoint = NULL;
	struct str row;

	memset(tallies, 0, COPY_TABLES * sizeof(tallies[0]));
	if (open_end(s, f, COPY_SOURCE, &endpoint) != OK)
		print_error("%.*s\n", STR_ARG(s->why));
	assert_non_null(endpoint);
	for (size_t i = 0; i < COPY_TABLES; i++) {
		assert_int_equal(endpoint->ops->read(endpoint, copy_table(i)), OK);
		while (endpoint->ops->next(endpoint, &row) == OK)
			rows_checksum_add(&tallies[i], row);
		endpoint->ops->stop(endpoint);
	}
	endpoint->ops->close(endpoint);
}

/* By what the ends give, which is not to be trusted alone: see also a_store_finds_what_it_saved. */
static void assert_same(struct scene *s)
{
	struct rows_checksum here[COPY_TABLES], there[COPY_TABLES];

	read_rows(s, &s->from, here);
	read_rows(s, &s->to, there);
	for (size_t i = 0; i < COPY_TABLES; i++) {
		if (!rows_checksum_equal(&here[i], &there[i]))
			print_error("%s: %d rows, %d rows\n", copy_table(i)->table, (int)here[i].rows,
				(int)there[i].rows);
		assert_true(rows_checksum_equal(&here[i], &there[i]));
		assert_true(rows_checksum_equal(&here[i], &s->copied.tables[i]));
	}
}

static void every_row_arrives(void **state)
{
	struct scene *const s = *state;

	fill(&s->from, 1);
	assert_copies(s);
	assert_same(s);
	assert_int_equal(s->copied.rows, RECORD_COUNT * ROWS_EACH);
	assert_int_equal(s->copied.resumed_rows, 0);
	for (size_t i = 0; i < RECORD_COUNT; i++)
		assert_int_equal(s->copied.tables[i].rows, ROWS_EACH);
}

static void a_store_finds_what_it_saved(void **state)
{
	struct scene *const s = *state;
	struct row_space saved[RECORD_COUNT], loaded;
	struct store *store = open_store(&s->from);

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		row_make(&s->from, (enum record_kind)kind, 3, 5, &saved[kind]);
		assert_int_equal(
			run_action(&s->from, store, DO_SAVE, (enum record_kind)kind, &saved[kind]), OK);
	}
	close_store(store);
	assert_copies(s);
	store = open_store(&s->to);
	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		memcpy(&loaded, &saved[kind], sizeof(loaded));
		assert_int_equal(run_action(&s->to, store, DO_LOAD, (enum record_kind)kind, &loaded), OK);
		row_assert_equal((enum record_kind)kind, &saved[kind], &loaded);
	}
	close_store(store);
}

static void an_empty_one_is_copied_too(void **state)
{
	struct scene *const s = *state;

	close_store(open_store(&s->from));
	assert_copies(s);
	assert_same(s);
	assert_int_equal(s->copied.rows, 0);
}

/* A table or column that the schema has and the list has not would be left behind. */
static void all_that_the_schema_has_is_copied(void **state)
{
	struct scene *const s = *state;
	const bool postgres = s->of->from_postgres;
	struct copy_endpoint *endpoint = NULL;
	char text[512];
	int64_t n = 0;

	close_store(open_store(&s->from));
	assert_int_equal(open_end(s, &s->from, COPY_SOURCE, &endpoint), OK);
	assert_int_equal(
		endpoint->ops->ask(endpoint,
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
		assert_int_equal(endpoint->ops->ask(endpoint, text, &n), OK);
		assert_int_equal(n, t->n);
		/* These columns, then: each of them can be read. */
		assert_int_equal(endpoint->ops->read(endpoint, t), OK);
		endpoint->ops->stop(endpoint);
	}
	endpoint->ops->close(endpoint);
}

static void refuse_half_a_copy(struct scene *s)
{
	struct store *store = NULL;
	struct str why = STR("");
	const struct sqlite_conf file = {
		.path = str_of(s->to.path), .migrate = true, .micros = test_micros
	};
	const struct postgres_conf server = { .url = str_of(s->to.url), .micros = test_micros };

	assert_int_equal(s->of->to_postgres ? postgres_store_open(&server, &s->to.arena, &store, &why)
					    : sqlite_store_open(&file, &s->to.arena, &store, &why),
		ERR_CONFLICT);
	assert_has(why, "is an unfinished copy: run the same `kycd db copy` again");
	why = STR("");
	assert_int_equal(s->of->to_postgres
				 ? postgres_store_migrate(str_of(s->to.url), &s->to.arena, &why)
				 : sqlite_store_migrate(str_of(s->to.path), NULL, &s->to.arena, &why),
		ERR_CONFLICT);
	assert_has(why, "is an unfinished copy");
}

static void what_was_given_up_is_gone_on_with(void **state)
{
	struct scene *const s = *state;
	int64_t found = 0;
	enum err e = ERR_BUSY;

	fill(&s->from, 1);
	for (s->give_up_at = 1; e != OK; s->give_up_at += s->give_up_at < (int64_t)COPY_TABLES ? 9 : 4) {
		e = copy(s);
		if (e == OK)
			break;
		assert_int_equal(e, ERR_BUSY);
		assert_has(s->why, "the copy was cancelled; run the same command again");
		if (s->give_up_at == 1)
			continue; /* before the target has its mark */
		if (s->give_up_at > (int64_t)COPY_TABLES + 1)
			refuse_half_a_copy(s);
		assert_true(s->copied.resumed_rows >= found);
		found = s->copied.resumed_rows;
	}
	assert_true(s->give_up_at > 3 * (int64_t)COPY_TABLES);
	assert_int_equal(s->copied.resumed_rows, RECORD_COUNT * ROWS_EACH);
	assert_same(s);
	close_store(open_store(&s->to));
}

static void more_than_one_transaction(void **state)
{
	struct scene *const s = *state;
	const int64_t rows = 2 * COPY_BATCH_ROWS + 5;

	fill(&s->from, 1);
	if (s->of->from_postgres)
		run_in(&s->from,
			"INSERT INTO heartbeats SELECT 'w' || i, i FROM generate_series(1, 2 * 20000 + 5 - 7) AS i");
	else
		run_in(&s->from,
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * 20000 "
			"+ 5 - 7) INSERT INTO heartbeats SELECT 'w' || i, i FROM n");
	/* One of the questions that come each thousand rows: in the third transaction. */
	s->give_up_at = 2 * (int64_t)COPY_TABLES + RECORD_HEARTBEAT + 42;
	assert_refused(s, ERR_BUSY, "the copy was cancelled");
	s->give_up_at = 0;
	assert_copies(s);
	assert_int_equal(s->copied.tables[RECORD_HEARTBEAT].rows, rows);
	assert_true(s->copied.resumed_rows >= RECORD_HEARTBEAT * ROWS_EACH + COPY_BATCH_ROWS);
	assert_true(s->copied.resumed_rows < s->copied.rows);
	assert_same(s);
}

static void what_changed_between_two_runs_is_copied_anew(void **state)
{
	struct scene *const s = *state;

	fill(&s->from, 1);
	s->give_up_at = 3 * (int64_t)COPY_TABLES; /* the last to be compared */
	assert_refused(s, ERR_BUSY, "the copy was cancelled");
	run_in(&s->from, "DELETE FROM users WHERE id = '1'; UPDATE tenants SET created_at = 5;"
			 " INSERT INTO heartbeats VALUES ('zz', 1); DELETE FROM leases");
	s->give_up_at = 0;
	assert_copies(s);
	assert_same(s);
	/* Users, tenants and leases were emptied; to watches a row was added behind the others. */
	assert_int_equal(s->copied.resumed_rows, (RECORD_COUNT - 3) * ROWS_EACH);
}

static void change_source(struct scene *s)
{
	run_in(&s->from, "INSERT INTO heartbeats VALUES ('late', 1)");
}

/* A file has one server, which is held; only commands could come. */
static void a_file_that_changes_meanwhile_is_copied_again(void **state)
{
	struct scene *const s = *state;

	fill(&s->from, 1);
	s->meddle = change_source;
	s->meddles_in = COPY_TRANSFER;
	if (s->of->from_postgres) {
		assert_copies(s);
		return;
	}
	assert_refused(s, ERR_BUSY, "was changed while it was copied: stop everything that uses it");
	refuse_half_a_copy(s);
	assert_copies(s);
	assert_same(s);
}

static void change_target(struct scene *s)
{
	run_in(&s->to, "UPDATE users SET created_at = created_at + 1 WHERE id = '3'");
}

static void lose_a_row(struct scene *s)
{
	run_in(&s->to, "DELETE FROM sessions WHERE id = '3'");
}

static void what_arrived_otherwise_is_named(void **state)
{
	struct scene *const s = *state;

	fill(&s->from, 1);
	s->meddles_in = COPY_VERIFY;
	s->meddle = change_target;
	assert_refused(
		s, ERR_STORAGE, ": the table users differs from what was copied (7 of 7 rows read back)");
	s->meddle = lose_a_row;
	assert_refused(
		s, ERR_STORAGE, ": the table sessions differs from what was copied (6 of 7 rows read back)");
	refuse_half_a_copy(s);
	assert_copies(s);
	assert_same(s);
}

static void a_target_with_rows_is_refused(void **state)
{
	struct scene *const s = *state;

	fill(&s->from, 1);
	close_store(open_store(&s->to));
	run_in(&s->to, "INSERT INTO quotas VALUES ('t', 202611, 1)");
	assert_refused(
		s, ERR_CONFLICT, ": the table quotas has rows already: a copy needs an empty database");
	run_in(&s->to, "DELETE FROM quotas");
	assert_copies(s); /* tables alone are no rows */
	assert_same(s);
	assert_refused(s, ERR_CONFLICT, ": the table keyrings has rows already");
}

static void half_a_copy_of_another_is_refused(void **state)
{
	struct scene *const s = *state;
	struct scene other = { .of = s->of };

	fill(&s->from, 1);
	s->give_up_at = 2 * (int64_t)COPY_TABLES + 3;
	assert_refused(s, ERR_BUSY, "the copy was cancelled");
	place_make(&other.from, s->of->from_postgres);
	fill(&other.from, 1);
	other.to = s->to;
	assert_refused(&other, ERR_CONFLICT, "is an unfinished copy of a database other than ");
	arena_finish(&other.from.arena);
	folder_remove(&other.from);
	s->to.arena = other.to.arena;
	s->give_up_at = 0;
	assert_copies(s);
	assert_same(s);
}

static void half_a_copy_is_no_source(void **state)
{
	struct scene *const s = *state;

	fill(&s->from, 1);
	run_in(&s->from, "CREATE TABLE " COPY_MARK " (source TEXT NOT NULL PRIMARY KEY)");
	assert_refused(s, ERR_CONFLICT, "is an unfinished copy");
}

static void another_schema_is_refused(void **state)
{
	struct scene *const s = *state;
	char newest[128];

	fill(&s->from, 1);
	(void)snprintf(newest, sizeof(newest), "INSERT INTO schema_migrations VALUES (%d, 1)",
		(int)sqlite_store_schema_version() + 1);
	run_in(&s->from, newest);
	assert_refused(s, ERR_CONFLICT, "a newer kycd is needed");
	(void)snprintf(newest, sizeof(newest), "DELETE FROM schema_migrations WHERE version >= %d",
		(int)sqlite_store_schema_version());
	run_in(&s->from, newest);
	assert_refused(s, ERR_CONFLICT, "run `kycd db migrate`");
	(void)snprintf(newest, sizeof(newest), "INSERT INTO schema_migrations VALUES (%d, 1)",
		(int)sqlite_store_schema_version());
	run_in(&s->from, newest);

	close_store(open_store(&s->to));
	(void)snprintf(newest, sizeof(newest), "DELETE FROM schema_migrations WHERE version >= %d",
		(int)sqlite_store_schema_version());
	run_in(&s->to, newest);
	assert_refused(s, ERR_CONFLICT, "run `kycd db migrate`");
	run_in(&s->to, "CREATE TABLE " COPY_MARK " (source TEXT NOT NULL PRIMARY KEY)");
	assert_refused(s, ERR_CONFLICT, "is an unfinished copy made by another version of kycd");
}

static void what_is_not_there_or_not_ours(void **state)
{
	struct scene *const s = *state;

	if (!s->of->from_postgres) {
		assert_refused(s, ERR_NOT_FOUND, "there is no such database");
		return;
	}
	assert_refused(s, ERR_NOT_FOUND, "is empty: there is nothing to copy");
	run_in(&s->from, "CREATE TABLE somebody_elses (i BIGINT)");
	assert_refused(s, ERR_INPUT, "not those of kycd");
}

/* The column is named, and what stands in it is not. */
static void a_damaged_row_is_named(void **state)
{
	static const struct {
		const char *damage, *says;
	} rows[] = {
		{ "UPDATE users SET language = 'not-a-secret-but-far-too-long-for-a-language' WHERE id = '2'",
			": the table users is damaged: a row's column language" },
		{ "UPDATE otps SET used = 2", ": the table otps is damaged: a row's column used" },
		{ "UPDATE sessions SET status = 2147483648 WHERE id = '2'",
			": the table sessions is damaged: a row's column status" },
	};
	struct scene *const s = *state;

	fill(&s->from, 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		run_in(&s->from, rows[i].damage);
		assert_refused(s, ERR_STORAGE, rows[i].says);
		assert_null(memmem(s->why.p, s->why.n, "not-a-secret", 12));
		run_in(&s->from, i == 0 ? "UPDATE users SET language = 'en'" : "UPDATE otps SET used = 1");
	}
}

static void a_store_in_use_is_no_end(void **state)
{
	struct scene *const s = *state;
	struct store *store;

	fill(&s->from, 1);
	if (!s->of->from_postgres && !s->of->to_postgres)
		return; /* files are held by the command */
	store = open_store(s->of->from_postgres ? &s->from : &s->to);
	assert_refused(s, ERR_BUSY, "is in use by kycd (");
	close_store(store);
	assert_copies(s);
}

/* An end that does as the one behind it, until the call that fails. */
struct proxy {
	struct copy_endpoint base;
	struct copy_endpoint *real;
	struct scene *scene;
};

static struct copy_endpoint *real_of(struct copy_endpoint *endpoint)
{
	return container_of(endpoint, struct proxy, base)->real;
}

/* Failing is after the deed for some, as a lost answer is. */
static bool fails_now(struct copy_endpoint *endpoint)
{
	struct scene *const s = container_of(endpoint, struct proxy, base)->scene;

	return ++s->calls == s->fails_at;
}

/* clang-format off */
#define PROXY(op, parameters, ...)                                                                           \
	static enum err proxy_##op parameters                                                                \
	{                                                                                                    \
		return fails_now(endpoint) ? ERR_STORAGE : real_of(endpoint)->ops->op(real_of(endpoint) __VA_ARGS__);       \
	}
PROXY(script, (struct copy_endpoint *endpoint, const char *text), , text)
PROXY(ask, (struct copy_endpoint *endpoint, const char *text, int64_t *number), , text, number)
PROXY(begin, (struct copy_endpoint *endpoint))
PROXY(read, (struct copy_endpoint *endpoint, const struct record *table), , table)
PROXY(next, (struct copy_endpoint *endpoint, struct str *encoded), , encoded)
PROXY(write, (struct copy_endpoint *endpoint, const struct record *table), , table)
PROXY(put, (struct copy_endpoint *endpoint, struct str encoded), , encoded)
PROXY(written, (struct copy_endpoint *endpoint))
PROXY(alone, (struct copy_endpoint *endpoint))
/* clang-format on */

static enum err proxy_commit(struct copy_endpoint *endpoint)
{
	const enum err e = real_of(endpoint)->ops->commit(real_of(endpoint));

	return fails_now(endpoint) ? ERR_STORAGE : e;
}

static void proxy_rollback(struct copy_endpoint *endpoint)
{
	real_of(endpoint)->ops->rollback(real_of(endpoint));
}

static void proxy_stop(struct copy_endpoint *endpoint)
{
	real_of(endpoint)->ops->stop(real_of(endpoint));
}

static const char *proxy_trouble(struct copy_endpoint *endpoint)
{
	(void)endpoint;
	return "failed by the test";
}

static const struct copy_endpoint_ops proxy_ops = {
	.script = proxy_script,
	.ask = proxy_ask,
	.begin = proxy_begin,
	.commit = proxy_commit,
	.rollback = proxy_rollback,
	.read = proxy_read,
	.next = proxy_next,
	.stop = proxy_stop,
	.write = proxy_write,
	.put = proxy_put,
	.written = proxy_written,
	.alone = proxy_alone,
	.error = proxy_trouble,
};

static enum err copy_by_proxy(struct scene *s, enum copy_role failing)
{
	struct copy_endpoint *ends[2] = { NULL, NULL };
	struct proxy proxy = { .scene = s };
	enum err e;

	s->why = STR("");
	assert_int_equal(open_end(s, &s->from, COPY_SOURCE, &ends[COPY_SOURCE]), OK);
	assert_int_equal(open_end(s, &s->to, COPY_TARGET, &ends[COPY_TARGET]), OK);
	proxy.real = ends[failing];
	proxy.base = (struct copy_endpoint){ &proxy_ops, proxy.real->name, proxy.real->unfinished };
	e = copy_between(s, failing == COPY_SOURCE ? &proxy.base : ends[COPY_SOURCE],
		failing == COPY_TARGET ? &proxy.base : ends[COPY_TARGET]);
	ends[COPY_SOURCE]->ops->close(ends[COPY_SOURCE]);
	ends[COPY_TARGET]->ops->close(ends[COPY_TARGET]);
	return e;
}

/* Each call of one end fails once; the next run goes on with what the ones before have brought. Never is
 * there a whole copy that says it is half, nor the other way round. */
static void fail_everywhere(struct scene *s, enum copy_role failing)
{
	enum err e = ERR_STORAGE;
	unsigned n = 0;

	fill(&s->from, 1);
	for (s->fails_at = 1; e != OK; s->fails_at += 1 + s->fails_at / 3) {
		assert_true(++n < 200);
		s->calls = 0;
		e = copy_by_proxy(s, failing);
		if (e == OK)
			break;
		assert_has(s->why, "failed by the test");
	}
	assert_true(n > 10);
	assert_same(s);
}

static void a_source_that_fails(void **state)
{
	fail_everywhere(*state, COPY_SOURCE);
}

static void a_target_that_fails(void **state)
{
	fail_everywhere(*state, COPY_TARGET);
}

/* clang-format off */
static const struct contract tests[] = {
	{ "every row arrives", every_row_arrives },
	{ "a store finds what it saved", a_store_finds_what_it_saved },
	{ "an empty one is copied too", an_empty_one_is_copied_too },
	{ "all that the schema has is copied", all_that_the_schema_has_is_copied },
	{ "what was given up is gone on with", what_was_given_up_is_gone_on_with },
	{ "more than one transaction", more_than_one_transaction },
	{ "what changed between two runs is copied anew", what_changed_between_two_runs_is_copied_anew },
	{ "a file that changes meanwhile is copied again", a_file_that_changes_meanwhile_is_copied_again },
	{ "what arrived otherwise is named", what_arrived_otherwise_is_named },
	{ "a target with rows is refused", a_target_with_rows_is_refused },
	{ "half a copy of another is refused", half_a_copy_of_another_is_refused },
	{ "half a copy is no source", half_a_copy_is_no_source },
	{ "another schema is refused", another_schema_is_refused },
	{ "what is not there or not ours", what_is_not_there_or_not_ours },
	{ "a damaged row is named", a_damaged_row_is_named },
	{ "a store in use is no end", a_store_in_use_is_no_end },
	{ "a source that fails", a_source_that_fails },
	{ "a target that fails", a_target_that_fails },
};
/* clang-format on */

int main(void)
{
	static struct CMUnitTest all[3 * ALL + FIRST];
	static char names[array_len(all)][96];
	size_t n = 0;

	_Static_assert(array_len(tests) == ALL, "all of them");
	for (size_t w = 0; w < array_len(ways); w++) {
		for (size_t t = 0; t < ways[w].told; t++, n++) {
			(void)snprintf(names[n], sizeof(names[n]), "%s: %s", ways[w].name, tests[t].name);
			all[n] = (struct CMUnitTest){
				.name = names[n],
				.test_func = tests[t].test,
				.setup_func = set_up,
				.teardown_func = tear_down,
				.initial_state = (void *)(uintptr_t)&ways[w],
			};
		}
	}
	return cmocka_run_group_tests_name("copy", all, NULL, NULL);
}

/* Tests of batched queries (store/postgres/batch.h): each caller gets its own result, whichever connection
 * sent its query, and a failed query does not affect the others. The test makes the queries of leaders wait
 * for advisory locks that the test's own connection holds. */
#include "stores.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/lock.h"
#include "round_trip_counter.h"
#include "store/postgres/batch.h"

#define CALLERS (BATCH_LEADERS + BATCH_MAX + 2)
#define LONG_TIMEOUT seconds(60)
#define STEPS 20000 /* a test fails after this number of waits of 1 ms each */

struct batch_fixture {
	struct fixture *f;
	struct batch *batch;
	struct postgres *keeper; /* the test's own connection; holds the advisory locks */
	_Atomic int done;
};

enum test_query {
	ECHO,
	WAIT_LOCK_7,
	WAIT_LOCK_8,
	COUNT,
	FAILS_LATER, /* fails after a test has dropped the table of this query */
	QUERY_KINDS
};

/* The probe of a query. */
struct probe {
	char text[32];
};

struct batch_caller {
	struct batch_fixture *s;
	struct postgres *connection, *own_connection;
	enum test_query kind;
	struct probe probe;
	struct batch_result answer;
	struct postgres_failure failure;
	enum err outcome;
	struct thread thread;
};

static const struct column columns[] = { { "text", COLUMN_ID, 0, sizeof(struct probe) } };

#define INPUT " unnest($1::TEXT[]) WITH ORDINALITY AS asked(text, number)"
static const struct statement statements[QUERY_KINDS] = {
	[ECHO] = { .text = "SELECT number, text FROM" INPUT, .in = columns, .n_in = 1 },
	[WAIT_LOCK_7] = { .text = "SELECT number, text FROM (SELECT pg_advisory_xact_lock_shared(7)) AS held," INPUT,
		.in = columns,
		.n_in = 1 },
	[WAIT_LOCK_8] = { .text = "SELECT number, text FROM (SELECT pg_advisory_xact_lock_shared(8)) AS held," INPUT,
		.in = columns,
		.n_in = 1 },
	[FAILS_LATER] = { .text = "SELECT number, text FROM" INPUT " LEFT JOIN dropped_later ON false",
		.in = columns,
		.n_in = 1 },
	[COUNT] = { .text = "SELECT number, text FROM" INPUT ", generate_series(1, CAST(text AS INTEGER))",
		.in = columns,
		.n_in = 1 },
};
static const char *const names[QUERY_KINDS] = { "echo", "wait_7", "wait_8", "count", "fails_later" };

static struct postgres *connect_to(struct batch_fixture *s)
{
	struct postgres *connection;
	struct str why;

	assert_int_equal(postgres_connect(s->f->url, &s->f->arena, &connection, &why), OK);
	return connection;
}

static void run_script(struct batch_fixture *s, const char *text)
{
	struct postgres_failure failure;

	assert_int_equal(postgres_script(s->keeper, text, &failure), OK);
}

static int64_t query_number(struct batch_fixture *s, const char *text)
{
	struct postgres_failure failure;
	int64_t n;

	assert_int_equal(postgres_query_number(s->keeper, text, &n, &failure), OK);
	return n;
}

static void caller_init(
	struct batch_fixture *s, struct batch_caller *g, enum test_query kind, const char *text)
{
	struct postgres_result answer;

	*g = (struct batch_caller){ .s = s, .connection = connect_to(s), .kind = kind };
	g->own_connection = g->connection;
	(void)snprintf(g->probe.text, sizeof(g->probe.text), "%s", text);
	for (size_t i = 0; i < QUERY_KINDS; i++)
		postgres_prepare(g->connection, names[i], statements[i].text);
	assert_int_equal(postgres_round_trip(g->connection, &answer, &g->failure), OK);
}

static void query_once(struct batch_caller *g)
{
	const struct batch_query query = { names[g->kind], &statements[g->kind], &g->probe };

	g->outcome = batch_run(g->s->batch, &g->connection, &query, &g->answer, &g->failure);
}

static void run_query(void *arg)
{
	struct batch_caller *const g = arg;

	query_once(g);
	g->s->done++;
}

static void caller_start(struct batch_caller *g)
{
	assert_int_equal(thread_start(&g->thread, run_query, g), OK);
}

/* Asserts that the result has `times` rows, each with the caller's own text. */
static void assert_result(struct batch_caller *g, size_t times)
{
	assert_int_equal(g->outcome, OK);
	assert_int_equal(g->answer.rows.rows, times);
	for (size_t i = 0; i < times; i++)
		assert_true(str_eq(postgres_value(&g->answer.rows, i, 1), str_of(g->probe.text)));
	postgres_shared_release(g->answer.shared);
}

static void assert_own_result(struct batch_caller *g)
{
	assert_result(g, 1);
}

static void init_all(struct batch_fixture *s, struct batch_caller all[CALLERS], enum test_query follower)
{
	char text[16];

	for (int i = 0; i < CALLERS; i++) {
		(void)snprintf(text, sizeof(text), "%d", i + 1);
		caller_init(s, &all[i], i < BATCH_LEADERS ? WAIT_LOCK_7 : follower, text);
	}
}

static void await_leaders_blocked(struct batch_fixture *s)
{
	int steps = STEPS;

	while (query_number(s,
		       "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
		       " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") <
		BATCH_LEADERS) {
		assert_true(steps-- > 0);
		run_script(s, "SELECT pg_sleep(0.001)");
	}
}

/* Starts all queries. The queries of the leaders wait for lock 7, and the other callers wait for the leaders.
 */
static void start_all(struct batch_fixture *s, struct batch_caller all[CALLERS])
{
	int steps = STEPS;

	run_script(s, "SELECT pg_advisory_lock(7), pg_advisory_lock(8)");
	for (int i = 0; i < BATCH_LEADERS; i++)
		caller_start(&all[i]);
	await_leaders_blocked(s);
	(void)round_trips_since_last_call();
	for (int i = BATCH_LEADERS; i < CALLERS; i++)
		caller_start(&all[i]);
	while (batch_waiting(s->batch) < CALLERS - BATCH_LEADERS) {
		assert_true(steps-- > 0);
		run_script(s, "SELECT pg_sleep(0.001)");
	}
}

static void join_all(struct batch_caller all[CALLERS])
{
	for (int i = 0; i < CALLERS; i++)
		thread_join(&all[i].thread);
}

/* Starts all queries, releases lock 7 when all callers that are not leaders wait, and waits for all results.
 */
static void run_all(struct batch_fixture *s, struct batch_caller all[CALLERS])
{
	start_all(s, all);
	run_script(s, "SELECT pg_advisory_unlock(7)");
	join_all(all);
}

static void disconnect_all(struct batch_caller all[CALLERS])
{
	for (int i = 0; i < CALLERS; i++)
		postgres_disconnect(all[i].connection);
}

/* Callers that do not fit into the first batch of queries are in the next batch. */
static void many_queries_need_few_round_trips(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, ECHO);
	run_all(s, all);
	assert_in_range(round_trips_since_last_call(), 2, BATCH_LEADERS + 1);
	for (int i = 0; i < CALLERS; i++)
		assert_own_result(&all[i]);
	disconnect_all(all);
}

/* Each caller gets its own rows, also if the results have different numbers of rows. */
static void each_caller_gets_its_own_rows(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, COUNT);
	run_all(s, all);
	for (int i = 0; i < CALLERS; i++)
		assert_result(&all[i], i < BATCH_LEADERS ? 1 : (size_t)i + 1);
	disconnect_all(all);
}

/* A query that returns no row fails too. */
static void failed_query_fails_alone(void **state)
{
	static const struct {
		const char *text, *state;
	} bad[] = { { "x", "22P02" }, { "0", "" } };
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	for (size_t k = 0; k < array_len(bad); k++) {
		struct batch_caller *const failing = &all[BATCH_LEADERS + 1];

		init_all(s, all, COUNT);
		(void)snprintf(failing->probe.text, sizeof(failing->probe.text), "%s", bad[k].text);
		start_all(s, all);
		run_script(s, "SELECT pg_advisory_unlock_all()");
		join_all(all);
		for (int i = 0; i < CALLERS; i++) {
			if (&all[i] != failing)
				assert_result(&all[i], i < BATCH_LEADERS ? 1 : (size_t)i + 1);
		}
		assert_int_equal(failing->outcome, ERR_STORAGE);
		assert_string_equal(failing->failure.sqlstate, bad[k].state);
		assert_false(failing->failure.lost);
		disconnect_all(all);
	}
}

/* Only callers with the same statement share a batch. Callers with another statement get a leader of their
 * own. */
static void other_statement_gets_its_own_batch(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, ECHO);
	for (int i = BATCH_LEADERS; i < CALLERS; i += 2)
		all[i].kind = COUNT;
	run_all(s, all);
	for (int i = 0; i < CALLERS; i++)
		assert_result(&all[i], all[i].kind == COUNT ? (size_t)i + 1 : 1);
	disconnect_all(all);
}

static void await_done(struct batch_fixture *s, int n)
{
	for (int steps = STEPS; s->done < n; steps--) {
		assert_true(steps > 0);
		run_script(s, "SELECT pg_sleep(0.001)");
	}
}

#define WAITING_FOR_LOCK_8                                                                                   \
	" FROM pg_locks WHERE locktype = 'advisory' AND objid = 8 AND NOT granted"                           \
	" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"

/* Waits until the first leaders have finished and a later one waits for lock 8. */
static void await_next_leader(struct batch_fixture *s)
{
	int steps = STEPS;

	await_done(s, BATCH_LEADERS);
	while (query_number(s, "SELECT count(*)" WAITING_FOR_LOCK_8) == 0) {
		assert_true(steps-- > 0);
		run_script(s, "SELECT pg_sleep(0.001)");
	}
}

static int count_lost(struct batch_caller all[CALLERS])
{
	int lost = 0;

	for (int i = 0; i < CALLERS; i++) {
		if (all[i].outcome == OK) {
			assert_own_result(&all[i]);
			continue;
		}
		assert_int_equal(all[i].outcome, ERR_STORAGE);
		assert_true(all[i].failure.lost);
		lost++;
	}
	return lost;
}

/* If a server process is terminated or the leader's connection is cut, only the leader's query fails. The
 * other callers of the batch send their queries alone on their own connections. */
static void batch_survives_the_loss_of_the_leaders_connection(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	for (int cut = 0; cut < 2; cut++) {
		s->done = 0;
		init_all(s, all, WAIT_LOCK_8);
		start_all(s, all);
		run_script(s, "SELECT pg_advisory_unlock(7)");
		await_next_leader(s);
		if (cut == 0)
			run_script(s, "SELECT pg_terminate_backend(pid)" WAITING_FOR_LOCK_8 " LIMIT 1");
		for (int i = 0; i < cut * BATCH_LEADERS; i++)
			(void)shutdown(PQsocket(postgres_libpq_connection(all[i].own_connection)), SHUT_RDWR);
		await_done(s, BATCH_LEADERS + 1);
		run_script(s, "SELECT pg_advisory_unlock(8)");
		join_all(all);
		assert_in_range(count_lost(all), 1, cut == 0 ? 1 : BATCH_LEADERS);
		disconnect_all(all);
	}
}

/* A time-out of the batch is returned to all of its callers. They do not send their queries again on their
 * own connections. */
static void time_out_fails_the_whole_batch(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, WAIT_LOCK_8);
	start_all(s, all);
	run_script(s, "SELECT pg_advisory_unlock(7)");
	await_done(s, BATCH_LEADERS + BATCH_MAX);
	run_script(s, "SELECT pg_advisory_unlock(8)");
	join_all(all);
	for (int i = 0; i < CALLERS; i++)
		assert_int_equal(all[i].failure.timed_out, all[i].outcome != OK);
	assert_in_range(count_lost(all), BATCH_MAX, CALLERS - BATCH_LEADERS);
	disconnect_all(all);
}

/* An error that concerns the statement itself is returned to all callers without a second try. */
static void statement_error_fails_the_whole_batch(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, FAILS_LATER);
	run_script(s, "DROP TABLE dropped_later");
	run_all(s, all);
	assert_in_range(round_trips_since_last_call(), 2, BATCH_LEADERS + 1);
	for (int i = 0; i < CALLERS; i++) {
		if (i < BATCH_LEADERS) {
			assert_own_result(&all[i]);
			continue;
		}
		assert_int_equal(all[i].outcome, ERR_STORAGE);
		assert_string_equal(all[i].failure.sqlstate, "42P01");
		assert_false(all[i].failure.lost);
	}
	disconnect_all(all);
}

static void connection_moves_to_the_next_leader(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];
	int moved = 0, back = 0;

	init_all(s, all, ECHO);
	run_all(s, all);
	for (int i = 0; i < CALLERS; i++) {
		assert_own_result(&all[i]);
		moved += all[i].connection != all[i].own_connection;
		for (int k = 0; k < CALLERS; k++)
			back += all[k].connection == all[i].own_connection;
	}
	assert_in_range(moved, 2, 2 * BATCH_LEADERS + 2);
	assert_int_equal(back, CALLERS);
	disconnect_all(all);
}

/* Both leaders stay blocked. */
static void caller_queries_alone_after_its_time_out(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, ECHO);
	run_script(s, "SELECT pg_advisory_lock(7)");
	for (int i = 0; i < BATCH_LEADERS; i++)
		caller_start(&all[i]);
	await_leaders_blocked(s);
	for (int i = BATCH_LEADERS; i < CALLERS; i++) {
		query_once(&all[i]);
		assert_own_result(&all[i]);
		assert_ptr_equal(all[i].connection, all[i].own_connection);
	}
	assert_int_equal(s->done, 0);
	assert_int_equal(batch_waiting(s->batch), 0);
	run_script(s, "SELECT pg_advisory_unlock(7)");
	for (int i = 0; i < BATCH_LEADERS; i++) {
		thread_join(&all[i].thread);
		assert_own_result(&all[i]);
	}
	disconnect_all(all);
}

static void query_works_without_a_batch(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller g;

	caller_init(s, &g, ECHO, "alone");
	batch_close(s->batch);
	s->batch = NULL;
	query_once(&g);
	assert_own_result(&g);
	g.kind = COUNT;
	query_once(&g);
	assert_int_equal(g.outcome, ERR_STORAGE);
	postgres_disconnect(g.connection);
}

/* An array that is larger than the buffer is not written. The limit is exact: an array needs a header of 20
 * bytes, and 4 bytes for the length of each element. */
static void array_that_does_not_fit_is_not_written(void **state)
{
	static const struct column bytes[] = { { "bytes", COLUMN_BYTES, 0, sizeof(struct str) } };
	static const struct statement what = { .in = bytes, .n_in = 1 };
	static const char many[POSTGRES_ARRAYS_BYTES];
	const size_t room = POSTGRES_ARRAYS_BYTES - 28;
	struct str first = { many, 100 }, second = { many, 0 };
	const void *const rows[] = { &first, &second };
	struct postgres_arrays arrays;

	(void)state;
	for (size_t n = room - 1; n <= room + 1; n++) {
		second.n = n - first.n;
		assert_int_equal(postgres_arrays_write(&what, rows, 2, &arrays), n <= room);
	}
	second.n = 3;
	assert_true(postgres_arrays_write(&what, rows, 2, &arrays));
	assert_int_equal(postgres_parameter(&arrays.parameters, 0).n, 20 + 4 + 100 + 4 + 3);
}

#define ROUNDS 300

static void query_repeatedly(void *arg)
{
	struct batch_caller *const g = arg;

	for (int i = 0; i < ROUNDS; i++) {
		(void)snprintf(g->probe.text, sizeof(g->probe.text), "%p %d", (void *)g, i);
		query_once(g);
		assert_own_result(g);
	}
}

/* Callers arrive in any order. Some of them time out and then send their query alone. */
static void each_caller_gets_its_own_result_in_any_order(void **state)
{
	struct batch_fixture *const s = *state;
	struct batch_caller all[CALLERS];

	init_all(s, all, ECHO);
	for (int i = 0; i < CALLERS; i++) {
		all[i].kind = ECHO;
		assert_int_equal(thread_start(&all[i].thread, query_repeatedly, &all[i]), OK);
	}
	join_all(all);
	disconnect_all(all);
}

static int set_up_with(void **state, duration timeout)
{
	struct batch_fixture *const s = test_calloc(1, sizeof(*s));
	void *f;

	if (folder_set_up(&f) != 0)
		return -1;
	s->f = f;
	postgres_create_schema(s->f);
	s->keeper = connect_to(s);
	run_script(s, "CREATE TABLE dropped_later (it INTEGER)");
	*state = s;
	return batch_open(timeout, &s->batch) == OK ? 0 : -1;
}

static int set_up(void **state)
{
	return set_up_with(state, LONG_TIMEOUT);
}

static int set_up_short(void **state)
{
	return set_up_with(state, milliseconds(1));
}

static int tear_down(void **state)
{
	struct batch_fixture *const s = *state;
	void *f = s->f;

	batch_close(s->batch);
	postgres_disconnect(s->keeper);
	test_free(s);
	return folder_tear_down(&f);
}

int main(void)
{
#define TEST(fn, how) cmocka_unit_test_setup_teardown(fn, how, tear_down)
	static const struct CMUnitTest tests[] = {
		TEST(many_queries_need_few_round_trips, set_up),
		TEST(each_caller_gets_its_own_rows, set_up),
		TEST(failed_query_fails_alone, set_up),
		TEST(other_statement_gets_its_own_batch, set_up),
		TEST(batch_survives_the_loss_of_the_leaders_connection, set_up),
		TEST(time_out_fails_the_whole_batch, set_up),
		TEST(statement_error_fails_the_whole_batch, set_up),
		TEST(connection_moves_to_the_next_leader, set_up),
		TEST(caller_queries_alone_after_its_time_out, set_up_short),
		TEST(query_works_without_a_batch, set_up),
		TEST(array_that_does_not_fit_is_not_written, set_up),
		TEST(each_caller_gets_its_own_result_in_any_order, set_up_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

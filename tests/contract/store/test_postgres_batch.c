/* Questions that travel together: each hears its own answer, on whichever line, and nobody is harmed by
 * another's. What a leader waits for is a lock that a line of the test's own holds. */
#include "stores.h"

#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>

#include <libpq-fe.h>

#include "base/attr.h"
#include "base/lock.h"
#include "round_trip_counter.h"
#include "store/postgres/batch.h"

#define GUESTS (BATCH_LEADERS + BATCH_MAX + 2)
#define LONG seconds(60)
#define STEPS 20000 /* of a wait, a millisecond each or more */

struct scene {
	struct fixture *f;
	struct batch *batch;
	struct postgres *keeper; /* of both keys */
	_Atomic int done;
};

enum wish { ECHO, HALT /* until key 7 is free */, STAY /* until key 8 is free */, COUNT, MISS, WISHES };

/* The probe. */
struct said {
	char text[32];
};

struct guest {
	struct scene *s;
	struct postgres *line, *own;
	enum wish wish;
	struct said said;
	struct batch_answer answer;
	struct postgres_failure failure;
	enum err outcome;
	struct thread thread;
};

static const struct column columns[] = { { "text", COLUMN_ID, 0, sizeof(struct said) } };

#define ASKED " unnest($1::TEXT[]) WITH ORDINALITY AS asked(text, number)"
static const struct statement wishes[WISHES] = {
	[ECHO] = { .text = "SELECT number, text FROM" ASKED, .in = columns, .n_in = 1 },
	[HALT] = { .text = "SELECT number, text FROM (SELECT pg_advisory_xact_lock_shared(7)) AS held," ASKED,
		.in = columns,
		.n_in = 1 },
	[STAY] = { .text = "SELECT number, text FROM (SELECT pg_advisory_xact_lock_shared(8)) AS held," ASKED,
		.in = columns,
		.n_in = 1 },
	[MISS] = { .text = "SELECT number, text FROM" ASKED " LEFT JOIN refuser ON false",
		.in = columns,
		.n_in = 1 },
	[COUNT] = { .text = "SELECT number, text FROM" ASKED ", generate_series(1, CAST(text AS INTEGER))",
		.in = columns,
		.n_in = 1 },
};
static const char *const names[WISHES] = { "echo", "halt", "stay", "count", "miss" };

static struct postgres *line_to(struct scene *s)
{
	struct postgres *line;
	struct str why;

	assert_int_equal(postgres_connect(s->f->url, &s->f->arena, &line, &why), OK);
	return line;
}

static void script(struct scene *s, const char *text)
{
	struct postgres_failure failure;

	assert_int_equal(postgres_script(s->keeper, text, &failure), OK);
}

static int64_t number(struct scene *s, const char *text)
{
	struct postgres_failure failure;
	int64_t n;

	assert_int_equal(postgres_ask(s->keeper, text, &n, &failure), OK);
	return n;
}

static void guest_come(struct scene *s, struct guest *g, enum wish wish, const char *text)
{
	struct postgres_answer answer;

	*g = (struct guest){ .s = s, .line = line_to(s), .wish = wish };
	g->own = g->line;
	(void)snprintf(g->said.text, sizeof(g->said.text), "%s", text);
	for (size_t i = 0; i < WISHES; i++)
		postgres_prepare(g->line, names[i], wishes[i].text);
	assert_int_equal(postgres_round(g->line, &answer, &g->failure), OK);
}

static void ask(struct guest *g)
{
	const struct batch_query query = { names[g->wish], &wishes[g->wish], &g->said };

	g->outcome = batch_ask(g->s->batch, &g->line, &query, &g->answer, &g->failure);
}

static void run(void *arg)
{
	struct guest *const g = arg;

	ask(g);
	g->s->done++;
}

static void guest_ask(struct guest *g)
{
	assert_int_equal(thread_start(&g->thread, run, g), OK);
}

/* So many times. */
static void assert_hears(struct guest *g, size_t times)
{
	assert_int_equal(g->outcome, OK);
	assert_int_equal(g->answer.rows.rows, times);
	for (size_t i = 0; i < times; i++)
		assert_true(str_eq(postgres_value(&g->answer.rows, i, 1), str_of(g->said.text)));
	postgres_release(g->answer.shared);
}

static void assert_hears_itself(struct guest *g)
{
	assert_hears(g, 1);
}

static void come_all(struct scene *s, struct guest all[GUESTS], enum wish follower)
{
	char text[16];

	for (int i = 0; i < GUESTS; i++) {
		(void)snprintf(text, sizeof(text), "%d", i + 1);
		guest_come(s, &all[i], i < BATCH_LEADERS ? HALT : follower, text);
	}
}

static void await_halted(struct scene *s)
{
	int steps = STEPS;

	while (number(s, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
			 " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") <
		BATCH_LEADERS) {
		assert_true(steps-- > 0);
		script(s, "SELECT pg_sleep(0.001)");
	}
}

/* All leaders wait for key 7, and the others for them. */
static void ask_all(struct scene *s, struct guest all[GUESTS])
{
	int steps = STEPS;

	script(s, "SELECT pg_advisory_lock(7), pg_advisory_lock(8)");
	for (int i = 0; i < BATCH_LEADERS; i++)
		guest_ask(&all[i]);
	await_halted(s);
	(void)round_trips_since_last_call();
	for (int i = BATCH_LEADERS; i < GUESTS; i++)
		guest_ask(&all[i]);
	while (batch_waiting(s->batch) < GUESTS - BATCH_LEADERS) {
		assert_true(steps-- > 0);
		script(s, "SELECT pg_sleep(0.001)");
	}
}

static void go_all(struct guest all[GUESTS])
{
	for (int i = 0; i < GUESTS; i++)
		thread_join(&all[i].thread);
}

/* The leaders are let go as soon as all others wait. */
static void let_all_ask(struct scene *s, struct guest all[GUESTS])
{
	ask_all(s, all);
	script(s, "SELECT pg_advisory_unlock(7)");
	go_all(all);
}

static void leave_all(struct guest all[GUESTS])
{
	for (int i = 0; i < GUESTS; i++)
		postgres_disconnect(all[i].line);
}

/* Those for whom there is no room in the first round come in the next, if no leader has called one of them
 * before. */
static void many_are_answered_in_few_rounds(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, ECHO);
	let_all_ask(s, all);
	assert_in_range(round_trips_since_last_call(), 2, BATCH_LEADERS + 1);
	for (int i = 0; i < GUESTS; i++)
		assert_hears_itself(&all[i]);
	leave_all(all);
}

/* One may have more rows than another. */
static void each_has_the_rows_with_its_number(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, COUNT);
	let_all_ask(s, all);
	for (int i = 0; i < GUESTS; i++)
		assert_hears(&all[i], i < BATCH_LEADERS ? 1 : (size_t)i + 1);
	leave_all(all);
}

/* No row at all is no answer. */
static void one_that_fails_fails_alone(void **state)
{
	static const struct {
		const char *text, *state;
	} bad[] = { { "x", "22P02" }, { "0", "" } };
	struct scene *const s = *state;
	struct guest all[GUESTS];

	for (size_t k = 0; k < array_len(bad); k++) {
		struct guest *const failing = &all[BATCH_LEADERS + 1];

		come_all(s, all, COUNT);
		(void)snprintf(failing->said.text, sizeof(failing->said.text), "%s", bad[k].text);
		ask_all(s, all);
		script(s, "SELECT pg_advisory_unlock_all()");
		go_all(all);
		for (int i = 0; i < GUESTS; i++) {
			if (&all[i] != failing)
				assert_hears(&all[i], i < BATCH_LEADERS ? 1 : (size_t)i + 1);
		}
		assert_int_equal(failing->outcome, ERR_STORAGE);
		assert_string_equal(failing->failure.sqlstate, bad[k].state);
		assert_false(failing->failure.lost);
		leave_all(all);
	}
}

/* Only who asks the same is taken along: the others come after. */
static void others_are_led_by_one_of_theirs(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, ECHO);
	for (int i = BATCH_LEADERS; i < GUESTS; i += 2)
		all[i].wish = COUNT;
	let_all_ask(s, all);
	for (int i = 0; i < GUESTS; i++)
		assert_hears(&all[i], all[i].wish == COUNT ? (size_t)i + 1 : 1);
	leave_all(all);
}

static void await_done(struct scene *s, int n)
{
	for (int steps = STEPS; s->done < n; steps--) {
		assert_true(steps > 0);
		script(s, "SELECT pg_sleep(0.001)");
	}
}

#define STAYING                                                                                              \
	" FROM pg_locks WHERE locktype = 'advisory' AND objid = 8 AND NOT granted"                           \
	" AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"

/* The leaders of the beginning are through, and at least one after them waits for key 8. */
static void await_the_next(struct scene *s)
{
	int steps = STEPS;

	await_done(s, BATCH_LEADERS);
	while (number(s, "SELECT count(*)" STAYING) == 0) {
		assert_true(steps-- > 0);
		script(s, "SELECT pg_sleep(0.001)");
	}
}

static int count_lost(struct guest all[GUESTS])
{
	int lost = 0;

	for (int i = 0; i < GUESTS; i++) {
		if (all[i].outcome == OK) {
			assert_hears_itself(&all[i]);
			continue;
		}
		assert_int_equal(all[i].outcome, ERR_STORAGE);
		assert_true(all[i].failure.lost);
		lost++;
	}
	return lost;
}

/* One of the server's processes is ended, or the lines that go along with the lead are cut: that is the
 * leader's matter. The others ask alone, on lines that are there. */
static void who_was_taken_along_outlives_the_leaders_line(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	for (int cut = 0; cut < 2; cut++) {
		s->done = 0;
		come_all(s, all, STAY);
		ask_all(s, all);
		script(s, "SELECT pg_advisory_unlock(7)");
		await_the_next(s);
		if (cut == 0)
			script(s, "SELECT pg_terminate_backend(pid)" STAYING " LIMIT 1");
		for (int i = 0; i < cut * BATCH_LEADERS; i++)
			(void)shutdown(PQsocket(postgres_libpq_connection(all[i].own)), SHUT_RDWR);
		await_done(s, BATCH_LEADERS + 1);
		script(s, "SELECT pg_advisory_unlock(8)");
		go_all(all);
		assert_in_range(count_lost(all), 1, cut == 0 ? 1 : BATCH_LEADERS);
		leave_all(all);
	}
}

/* All whom it took along hear of it at once, and do not wait as long for their own lines to the same server.
 */
static void silence_is_everybodys(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, STAY);
	ask_all(s, all);
	script(s, "SELECT pg_advisory_unlock(7)");
	await_done(s, BATCH_LEADERS + BATCH_MAX);
	script(s, "SELECT pg_advisory_unlock(8)");
	go_all(all);
	for (int i = 0; i < GUESTS; i++)
		assert_int_equal(all[i].failure.timed_out, all[i].outcome != OK);
	assert_in_range(count_lost(all), BATCH_MAX, GUESTS - BATCH_LEADERS);
	leave_all(all);
}

/* What the server has against all is not tried again for each. */
static void a_refusal_is_everybodys(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, MISS);
	script(s, "DROP TABLE refuser");
	let_all_ask(s, all);
	assert_in_range(round_trips_since_last_call(), 2, BATCH_LEADERS + 1);
	for (int i = 0; i < GUESTS; i++) {
		if (i < BATCH_LEADERS) {
			assert_hears_itself(&all[i]);
			continue;
		}
		assert_int_equal(all[i].outcome, ERR_STORAGE);
		assert_string_equal(all[i].failure.sqlstate, "42P01");
		assert_false(all[i].failure.lost);
	}
	leave_all(all);
}

static void the_line_goes_along_with_the_lead(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];
	int moved = 0, back = 0;

	come_all(s, all, ECHO);
	let_all_ask(s, all);
	for (int i = 0; i < GUESTS; i++) {
		assert_hears_itself(&all[i]);
		moved += all[i].line != all[i].own;
		for (int k = 0; k < GUESTS; k++)
			back += all[k].line == all[i].own;
	}
	assert_in_range(moved, 2, 2 * BATCH_LEADERS + 2);
	assert_int_equal(back, GUESTS);
	leave_all(all);
}

/* Both leaders are held up, and go on to be. */
static void who_is_not_taken_along_asks_alone(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, ECHO);
	script(s, "SELECT pg_advisory_lock(7)");
	for (int i = 0; i < BATCH_LEADERS; i++)
		guest_ask(&all[i]);
	await_halted(s);
	for (int i = BATCH_LEADERS; i < GUESTS; i++) {
		ask(&all[i]);
		assert_hears_itself(&all[i]);
		assert_ptr_equal(all[i].line, all[i].own);
	}
	assert_int_equal(s->done, 0);
	assert_int_equal(batch_waiting(s->batch), 0);
	script(s, "SELECT pg_advisory_unlock(7)");
	for (int i = 0; i < BATCH_LEADERS; i++) {
		thread_join(&all[i].thread);
		assert_hears_itself(&all[i]);
	}
	leave_all(all);
}

static void without_a_batch_one_is_alone(void **state)
{
	struct scene *const s = *state;
	struct guest g;

	guest_come(s, &g, ECHO, "nobody else");
	batch_close(s->batch);
	s->batch = NULL;
	ask(&g);
	assert_hears_itself(&g);
	g.wish = COUNT;
	ask(&g);
	assert_int_equal(g.outcome, ERR_STORAGE);
	postgres_disconnect(g.line);
}

/* To the byte: a head of 20 and a length of 4 for each. */
static void what_does_not_fit_is_not_written(void **state)
{
	static const struct column bytes[] = { { "bytes", COLUMN_BYTES, 0, sizeof(struct str) } };
	static const struct statement what = { .in = bytes, .n_in = 1 };
	static const char many[POSTGRES_ARRAYS_ROOM];
	const size_t room = POSTGRES_ARRAYS_ROOM - 28;
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

#define TURNS 300

static void ask_again_and_again(void *arg)
{
	struct guest *const g = arg;

	for (int i = 0; i < TURNS; i++) {
		(void)snprintf(g->said.text, sizeof(g->said.text), "%p %d", (void *)g, i);
		ask(g);
		assert_hears_itself(g);
	}
}

/* In whatever order they come, also when some lose their patience. */
static void each_hears_its_own_answer(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, ECHO);
	for (int i = 0; i < GUESTS; i++) {
		all[i].wish = ECHO;
		assert_int_equal(thread_start(&all[i].thread, ask_again_and_again, &all[i]), OK);
	}
	go_all(all);
	leave_all(all);
}

static int set_up_with(void **state, duration patience)
{
	struct scene *const s = test_calloc(1, sizeof(*s));
	void *f;

	if (folder_set_up(&f) != 0)
		return -1;
	s->f = f;
	postgres_create_schema(s->f);
	s->keeper = line_to(s);
	script(s, "CREATE TABLE refuser (it INTEGER)");
	*state = s;
	return batch_open(patience, &s->batch) == OK ? 0 : -1;
}

static int set_up(void **state)
{
	return set_up_with(state, LONG);
}

static int set_up_short(void **state)
{
	return set_up_with(state, milliseconds(1));
}

static int tear_down(void **state)
{
	struct scene *const s = *state;
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
		TEST(many_are_answered_in_few_rounds, set_up),
		TEST(each_has_the_rows_with_its_number, set_up),
		TEST(one_that_fails_fails_alone, set_up),
		TEST(others_are_led_by_one_of_theirs, set_up),
		TEST(who_was_taken_along_outlives_the_leaders_line, set_up),
		TEST(silence_is_everybodys, set_up),
		TEST(a_refusal_is_everybodys, set_up),
		TEST(the_line_goes_along_with_the_lead, set_up),
		TEST(who_is_not_taken_along_asks_alone, set_up_short),
		TEST(without_a_batch_one_is_alone, set_up),
		TEST(what_does_not_fit_is_not_written, set_up),
		TEST(each_hears_its_own_answer, set_up_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

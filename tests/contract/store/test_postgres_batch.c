/* Questions that travel together: each hears its own answer, on whichever line, and nobody is harmed by
 * another's. What a leader waits for is a lock that a line of the test's own holds. */
#include "stores.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "store/postgres_batch.h"
#include "trips.h"

#define ECHO "echo"
#define HALT "halt" /* until key 7 is free */
#define STAY "stay" /* until key 8 is free */
#define FAIL "fail"
#define GUESTS 8
#define LONG seconds(60)
#define STEPS 20000 /* of a wait, a millisecond each or more */

struct scene {
	struct fixture *f;
	struct batch *batch;
	struct postgres *keeper; /* of both keys */
	_Atomic int done;
};

struct guest {
	struct scene *s;
	struct postgres *line, *own;
	const char *name;
	char text[16];
	struct postgres_failure failure;
	enum err outcome;
	struct thread thread;
};

static const struct {
	const char *name, *text;
} prepared[] = {
	{ ECHO, "SELECT CAST($1 AS TEXT)" },
	{ HALT, "SELECT CAST($1 AS TEXT) FROM (SELECT pg_advisory_xact_lock_shared(7)) AS held" },
	{ STAY, "SELECT CAST($1 AS TEXT) FROM (SELECT pg_advisory_xact_lock_shared(8)) AS held" },
	{ FAIL, "SELECT CAST(CAST(CAST($1 AS TEXT) AS BIGINT) AS TEXT)" },
};

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

static void guest_come(struct scene *s, struct guest *g, const char *name, const char *text)
{
	struct postgres_answer answer;

	*g = (struct guest){ .s = s, .line = line_to(s), .name = name };
	g->own = g->line;
	(void)snprintf(g->text, sizeof(g->text), "%s", text);
	for (size_t i = 0; i < array_len(prepared); i++)
		postgres_prepare(g->line, prepared[i].name, prepared[i].text);
	assert_int_equal(postgres_round(g->line, &answer, &g->failure), OK);
}

static void ask(struct guest *g)
{
	struct postgres_parameters p = { .n = 1 };

	p.values[0] = g->text;
	p.lengths[0] = (int)strlen(g->text);
	p.formats[0] = 1;
	g->outcome = batch_ask(g->s->batch, &g->line, g->name, &p, &g->failure);
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

static void assert_hears_itself(const struct guest *g)
{
	struct postgres_answer answer;
	struct str heard;

	assert_int_equal(g->outcome, OK);
	answer = postgres_kept(g->line, 0);
	assert_int_equal(answer.rows, 1);
	heard = postgres_value(&answer, 0, 0);
	assert_true(str_eq(heard, str_of(g->text)));
}

static void come_all(struct scene *s, struct guest all[GUESTS], const char *follower)
{
	char text[16];

	for (int i = 0; i < GUESTS; i++) {
		(void)snprintf(text, sizeof(text), "guest %d", i);
		guest_come(s, &all[i], i < BATCH_LEADERS ? HALT : follower, text);
	}
}

static void await_halted(struct scene *s)
{
	int steps = STEPS;

	while (number(s, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
			 " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") <
		BATCH_LEADERS)
		assert_true(steps-- > 0);
}

/* All leaders wait for key 7, and the others for them. */
static void ask_all(struct scene *s, struct guest all[GUESTS])
{
	int steps = STEPS;

	script(s, "SELECT pg_advisory_lock(7), pg_advisory_lock(8)");
	for (int i = 0; i < BATCH_LEADERS; i++)
		guest_ask(&all[i]);
	await_halted(s);
	(void)trips_taken();
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

static void leave_all(struct guest all[GUESTS])
{
	for (int i = 0; i < GUESTS; i++)
		postgres_disconnect(all[i].line);
}

/* Each leader that ends passes the lead on once, at most. */
static void many_are_answered_in_one_round(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, ECHO);
	ask_all(s, all);
	script(s, "SELECT pg_advisory_unlock(7)");
	go_all(all);
	assert_in_range(trips_taken(), 1, BATCH_LEADERS);
	for (int i = 0; i < GUESTS; i++)
		assert_hears_itself(&all[i]);
	leave_all(all);
}

static void one_that_fails_fails_alone(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, ECHO);
	all[BATCH_LEADERS + 1].name = FAIL;
	ask_all(s, all);
	script(s, "SELECT pg_advisory_unlock(7)");
	go_all(all);
	for (int i = 0; i < GUESTS; i++) {
		if (i != BATCH_LEADERS + 1)
			assert_hears_itself(&all[i]);
	}
	assert_int_equal(all[BATCH_LEADERS + 1].outcome, ERR_STORAGE);
	assert_string_equal(all[BATCH_LEADERS + 1].failure.state, "22P02");
	assert_false(all[BATCH_LEADERS + 1].failure.lost);
	leave_all(all);
}

/* All whom it took along hear of it at once, and look no further on lines to the same server. */
static void a_line_that_goes_is_lost_for_all_aboard(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];

	come_all(s, all, STAY);
	ask_all(s, all);
	script(s, "SELECT pg_advisory_unlock(7)");
	for (int steps = STEPS; s->done < GUESTS; steps--) {
		assert_true(steps > 0);
		script(s, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
			  " AND objid = 8 AND NOT granted");
	}
	go_all(all);
	for (int i = 0; i < GUESTS; i++) {
		if (i < BATCH_LEADERS) {
			assert_hears_itself(&all[i]);
			continue;
		}
		assert_int_equal(all[i].outcome, ERR_STORAGE);
		assert_true(all[i].failure.lost);
	}
	leave_all(all);
}

static void the_line_goes_along_with_the_lead(void **state)
{
	struct scene *const s = *state;
	struct guest all[GUESTS];
	int moved = 0, back = 0;

	come_all(s, all, ECHO);
	ask_all(s, all);
	script(s, "SELECT pg_advisory_unlock(7)");
	go_all(all);
	for (int i = 0; i < GUESTS; i++) {
		assert_hears_itself(&all[i]);
		moved += all[i].line != all[i].own;
		for (int k = 0; k < GUESTS; k++)
			back += all[k].line == all[i].own;
	}
	assert_in_range(moved, 2, 2 * BATCH_LEADERS);
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
	g.name = FAIL;
	ask(&g);
	assert_int_equal(g.outcome, ERR_STORAGE);
	postgres_disconnect(g.line);
}

#define TURNS 300

static void ask_again_and_again(void *arg)
{
	struct guest *const g = arg;

	for (int i = 0; i < TURNS; i++) {
		(void)snprintf(g->text, sizeof(g->text), "%p %d", (void *)g, i);
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
		all[i].name = ECHO;
		assert_int_equal(thread_start(&all[i].thread, ask_again_and_again, &all[i]), OK);
	}
	go_all(all);
	leave_all(all);
}

static int set_up_with(void **state, span patience)
{
	struct scene *const s = test_calloc(1, sizeof(*s));
	void *f;

	if (folder_set_up(&f) != 0)
		return -1;
	s->f = f;
	postgres_make(s->f);
	s->keeper = line_to(s);
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
		TEST(many_are_answered_in_one_round, set_up),
		TEST(one_that_fails_fails_alone, set_up),
		TEST(a_line_that_goes_is_lost_for_all_aboard, set_up),
		TEST(the_line_goes_along_with_the_lead, set_up),
		TEST(who_is_not_taken_along_asks_alone, set_up_short),
		TEST(without_a_batch_one_is_alone, set_up),
		TEST(each_hears_its_own_answer, set_up_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

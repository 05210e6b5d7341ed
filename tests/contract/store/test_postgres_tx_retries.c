/* Lanes over a driver that fails when it is told to, and over a server that ends connections: what was said
 * to be done stands, exactly once; what was not said to be done does not. */
#include "stores.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "base/log.h"
#include "store/postgres/multi_writer_store.h"
#include "store/postgres/tx.h"
#include "store/sql/statements.h"
#include "store/sql/tx.h"

enum fault {
	FAULT_FAILS,	      /* the engine refuses */
	FAULT_OTHERS,	      /* because of others */
	FAULT_GOES,	      /* the connection is gone, and the server has undone all */
	FAULT_GOES_UNHEARD,   /* the same, in a COMMIT, of which nothing is heard */
	FAULT_STANDS_UNHEARD, /* the server committed, and nothing is heard of it */
	FAULT_NOBODY_KNOWS,   /* the same, and it cannot be asked for */
	FAULT_ANOTHER_LIFE,   /* the same, and the server that is asked has crashed meanwhile */
	FAULTS
};

/* What all connections of a store share. */
struct bench {
	struct fixture f;
	struct statements *statements;
	enum fault fault;
	int until; /* the call that fails: 1 is the next one, 0 none */
	_Atomic int opened, refused, closed;
	bool away; /* nothing can be opened */
	_Atomic int64_t micros;
};

static struct bench *bench; /* of the test that runs */

/* A connection around a real one. */
struct faulty {
	struct sql base;
	struct sql *inner;
	bool failed;
	enum tx_outcome outcome;
};

static struct faulty *mine(struct sql *sql)
{
	return container_of(sql, struct faulty, base);
}

static struct sql *inner(struct sql *sql)
{
	return mine(sql)->inner;
}

static enum err fail_so(struct sql *sql, enum tx_outcome outcome)
{
	mine(sql)->failed = true;
	mine(sql)->outcome = outcome;
	return outcome == TX_FAILED ? ERR_STORAGE : ERR_BUSY;
}

static bool is_time(void)
{
	return bench->until > 0 && --bench->until == 0;
}

static enum err fail_as_told(struct sql *sql, bool committing)
{
	switch (bench->fault) {
	case FAULT_FAILS:
		return fail_so(sql, TX_FAILED);
	case FAULT_OTHERS:
		return fail_so(sql, TX_RETRY);
	case FAULT_GOES:
		return fail_so(sql, TX_LOST);
	case FAULT_GOES_UNHEARD:
		inner(sql)->ops->rollback(inner(sql));
		return fail_so(sql, committing ? TX_UNKNOWN : TX_LOST);
	case FAULT_STANDS_UNHEARD:
	case FAULT_NOBODY_KNOWS:
	case FAULT_ANOTHER_LIFE:
		if (!committing)
			return fail_so(sql, TX_LOST);
		assert_int_equal(inner(sql)->ops->commit(inner(sql)), OK);
		return fail_so(sql, TX_UNKNOWN);
	case FAULTS:
		break;
	}
	return ERR_INTERNAL;
}

static enum err faulty_begin(struct sql *sql, bool writing)
{
	mine(sql)->failed = false;
	return is_time() ? fail_as_told(sql, false) : inner(sql)->ops->begin(inner(sql), writing);
}

static enum err faulty_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	if (mine(sql)->failed)
		return ERR_BUSY;
	return is_time() ? fail_as_told(sql, false) : inner(sql)->ops->run(inner(sql), call, rows);
}

static enum err faulty_expect(struct sql *sql, enum load_plan_kind plan, const void *probe)
{
	return inner(sql)->ops->prefetch(inner(sql), plan, probe);
}

static enum err faulty_welcome(struct sql *sql, const void *const rows[NEW_USER_ROWS])
{
	const bool fails = is_time();

	if (fails && bench->fault == FAULT_STANDS_UNHEARD)
		assert_int_equal(inner(sql)->ops->insert_new_user(inner(sql), rows), OK);
	return fails ? fail_as_told(sql, false) : inner(sql)->ops->insert_new_user(inner(sql), rows);
}

static enum err faulty_commit(struct sql *sql)
{
	return is_time() ? fail_as_told(sql, true) : inner(sql)->ops->commit(inner(sql));
}

static void faulty_rollback(struct sql *sql)
{
	inner(sql)->ops->rollback(inner(sql));
}

static enum tx_outcome faulty_fate(struct sql *sql, struct tx_id *number)
{
	const enum tx_outcome outcome = inner(sql)->ops->outcome(inner(sql), number);

	if (bench->fault == FAULT_NOBODY_KNOWS)
		number->txid = 0;
	if (bench->fault == FAULT_ANOTHER_LIFE)
		number->server_epoch++;
	return mine(sql)->failed ? mine(sql)->outcome : outcome;
}

static enum err faulty_ending_of(struct sql *sql, struct tx_id number, enum commit_state *state)
{
	return inner(sql)->ops->commit_state(inner(sql), number, state);
}

static void faulty_close(struct sql *sql)
{
	inner(sql)->ops->close(inner(sql));
	free(mine(sql));
	bench->closed++;
}

static const struct sql_ops faulty_ops = {
	.begin = faulty_begin,
	.run = faulty_run,
	.prefetch = faulty_expect,
	.insert_new_user = faulty_welcome,
	.commit = faulty_commit,
	.rollback = faulty_rollback,
	.outcome = faulty_fate,
	.commit_state = faulty_ending_of,
	.close = faulty_close,
};

static enum err open_faulty(void *arg, struct sql **out)
{
	struct bench *const b = arg;
	struct faulty *const made = calloc(1, sizeof(*made));
	struct str why = STR("");

	assert_non_null(made);
	if (b->away) {
		b->refused++;
		free(made);
		return ERR_BUSY;
	}
	assert_int_equal(pg_tx_open(b->f.url, PG_TX, &b->f.arena, &made->inner, &why), OK);
	assert_int_equal(made->inner->ops->prepare(made->inner, b->statements, true), OK);
	made->base.ops = &faulty_ops;
	b->opened++;
	*out = &made->base;
	return OK;
}

static int64_t bench_micros(void)
{
	return test_micros() + bench->micros;
}

static int set_up(void **state)
{
	struct multi_writer_conf conf = {
		.open = open_faulty, .connections = 2, .queue = 2, .micros = bench_micros
	};
	struct str why = STR("");

	bench = calloc(1, sizeof(*bench));
	assert_non_null(bench);
	arena_init(&bench->f.arena, ARENA_TEST_LIMIT);
	postgres_create_schema(&bench->f);
	assert_int_equal(postgres_store_migrate(str_of(bench->f.url), &bench->f.arena, &why), OK);
	assert_int_equal(statements_open(&bench->statements), OK);
	conf.arg = bench;
	conf.statements = bench->statements;
	assert_int_equal(multi_writer_store_open(&conf, &bench->f.store), OK);
	*state = bench;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *const b = *state;

	b->f.store->ops->close(b->f.store);
	assert_int_equal(b->opened, b->closed);
	arena_finish(&b->f.arena);
	free(b);
	return 0;
}

/* Reads, writes twice, and counts. */
static enum err count_one(struct tx *tx, void *arg)
{
	int *const runs = arg;
	struct quota q = { .tenant_id = { "t" }, .month = 1 }, other = { .tenant_id = { "t" }, .month = 2 };
	const enum err e = store_load_quota(tx, &q);

	(*runs)++;
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	q.used++;
	other.used = q.used;
	TRY(store_save_quota(tx, &q));
	return store_save_quota(tx, &other);
}

static int64_t counted(struct bench *b, int64_t month)
{
	struct quota q = { .tenant_id = { "t" }, .month = month };
	const enum err e = run_action(&b->f, b->f.store, DO_LOAD, RECORD_QUOTA, &q);

	assert_true(e == OK || e == ERR_NOT_FOUND);
	return q.used;
}

static const struct {
	const char *name;
	enum err e; /* when a call fails; OK: it is made good */
	enum err e_at_commit;
	int64_t stands_at_commit;
} faults[FAULTS] = {
	[FAULT_FAILS] = { "fails", ERR_STORAGE, ERR_STORAGE, 0 },
	[FAULT_OTHERS] = { "others", OK, OK, 1 },
	[FAULT_GOES] = { "goes", OK, OK, 1 },
	[FAULT_GOES_UNHEARD] = { "goes unheard", OK, OK, 1 },
	[FAULT_STANDS_UNHEARD] = { "stands unheard", OK, OK, 1 },
	[FAULT_NOBODY_KNOWS] = { "nobody knows", OK, ERR_BUSY, 1 },
	[FAULT_ANOTHER_LIFE] = { "another life", OK, ERR_BUSY, 1 },
};
#define CALLS_OF_A_COUNT 5 /* begin, load, save, save, commit */

static void try_fault(struct bench *b, enum fault fault, int call)
{
	const bool at_commit = call == CALLS_OF_A_COUNT;
	const int64_t before = counted(b, 1);
	const int64_t more = at_commit ? faults[fault].stands_at_commit : faults[fault].e == OK;
	int runs = 0;
	enum err e;

	b->fault = fault;
	b->until = call;
	e = store_transact(b->f.store, TX_WRITE, &b->f.arena, count_one, &runs);
	if (b->until != 0 || e != (at_commit ? faults[fault].e_at_commit : faults[fault].e))
		fail_msg("%s in call %d: %s", faults[fault].name, call, err_name(e));
	assert_int_equal(counted(b, 1), before + more);
	assert_int_equal(counted(b, 2), before + more);
	assert_in_range(runs, 0, 2);
}

/* Every call, in every way. */
static void done_is_done_exactly_once(void **state)
{
	for (int fault = 0; fault < FAULTS; fault++) {
		for (int call = 1; call <= CALLS_OF_A_COUNT; call++)
			try_fault(*state, (enum fault)fault, call);
	}
}

/* Ends every connection but its own, as a server does that is restarted. */
static void end_connections(struct bench *b)
{
	postgres_run_script(b->f.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
				      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

static void idle_connections_may_end(void **state)
{
	struct bench *const b = *state;
	int runs = 0;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, count_one, &runs), OK);
		end_connections(b);
	}
	assert_int_equal(counted(b, 1), 3);
	assert_int_equal(b->f.store->ops->ready(b->f.store), OK);
}

static enum err look_for_nobody(struct tx *tx, void *arg)
{
	struct enrolment probe = { .tenant_id = { "t" } };
	struct address address = { .blind_index = probe.blind_index };

	(void)arg;
	TRY(store_prefetch(tx, LOAD_PLAN_KYC_STATUS, &probe));
	return store_load_address(tx, &address) == ERR_NOT_FOUND ? OK : ERR_INTERNAL;
}

/* Who only reads a whole course is on another way to the server, and comes back from its end as well. */
static void readers_do_not_notice_either(void **state)
{
	struct bench *const b = *state;

	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 3; k++)
			assert_int_equal(
				store_transact(b->f.store, TX_READ, &b->f.arena, look_for_nobody, NULL), OK);
		end_connections(b);
	}
}

struct cut {
	struct bench *b;
	int cuts, runs;
};

static enum err be_cut(struct tx *tx, void *arg)
{
	struct cut *const cut = arg;

	TRY(count_one(tx, &cut->runs));
	if (cut->cuts-- > 0)
		end_connections(cut->b);
	return OK;
}

static void what_was_not_committed_is_run_again(void **state)
{
	struct cut cut = { *state, 2, 0 };

	assert_int_equal(store_transact(cut.b->f.store, TX_WRITE, &cut.b->f.arena, be_cut, &cut), OK);
	assert_int_equal(cut.runs, 3);
	assert_int_equal(counted(cut.b, 1), 1);
}

/* A connection that ends while the server commits, by its own hand: `how` often. */
static void end_in_commits(struct bench *b, int how)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		"CREATE SEQUENCE ends;"
		"CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		" IF nextval('ends') <= %d THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
		" RETURN NULL; END $$;"
		"CREATE CONSTRAINT TRIGGER end_it AFTER INSERT OR UPDATE ON quotas"
		" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_it()",
		how);
	postgres_run_script(b->f.url, text);
}

static void a_commit_that_was_cut_is_asked_for(void **state)
{
	struct bench *const b = *state;
	int runs = 0;

	end_in_commits(b, 2);
	assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, count_one, &runs), OK);
	assert_int_equal(runs, 3);
	assert_int_equal(counted(b, 1), 1);
}

static void there_is_an_end_to_trying(void **state)
{
	struct bench *const b = *state;
	int runs = 0;

	end_in_commits(b, 1000);
	assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, count_one, &runs), ERR_BUSY);
	assert_int_equal(runs, MULTI_WRITER_TRIES);
	assert_int_equal(counted(b, 1), 0);
}

/* So long, and then it is cut. */
struct wait {
	struct bench *b;
	int64_t micros;
	int runs;
};

static enum err wait_in_vain(struct tx *tx, void *arg)
{
	struct wait *const w = arg;

	TRY(count_one(tx, &w->runs));
	w->b->micros += w->micros;
	end_connections(w->b);
	return OK;
}

/* However few tries it was, nobody is held for minutes. */
static void there_is_an_end_to_waiting(void **state)
{
	/* The last of so many begins before it is over. */
	static const int runs[] = { 1, 2, 4 };
	struct bench *const b = *state;

	for (size_t i = 0; i < array_len(runs); i++) {
		struct wait w = { b, MULTI_WRITER_RETRY_LIMIT.ms * 1000 / runs[i], 0 };

		assert_int_equal(
			store_transact(b->f.store, TX_WRITE, &b->f.arena, wait_in_vain, &w), ERR_BUSY);
		assert_int_equal(w.runs, runs[i]);
	}
	assert_int_equal(counted(b, 1), 0);
}

struct welcoming {
	struct address address;
	struct user user;
	struct enrolment enrolment;
	struct audit_entry entry;
	int runs;
	bool asks_more; /* which nobody should, who has just welcomed somebody */
	bool conflict;
};

static enum err welcome(struct tx *tx, void *arg)
{
	struct welcoming *const w = arg;
	const struct new_user_rows rows = { &w->address, &w->user, &w->enrolment, &w->entry };
	struct address known = w->address;
	const enum err e = store_insert_new_user(tx, &rows);

	w->runs++;
	w->conflict = e == ERR_CONFLICT;
	if (e != OK && e != ERR_CONFLICT)
		return e;
	return w->conflict || w->asks_more ? store_load_address(tx, &known) : OK;
}

static struct welcoming somebody_new(char which)
{
	struct welcoming w = {
		.address = { .kind = ADDRESS_EMAIL, .user_id = { { which } }, .sealed_address = STR("s") },
		.user = { .id = { { which } }, .group_name = "g", .wrapped_key = STR("k") },
		.enrolment = { .tenant_id = { "t" }, .user_id = { { which } } },
		.entry = { .id = { { which } }, .subject = { which } }
	};

	memset(w.address.blind_index.bytes, which, sizeof(w.address.blind_index.bytes));
	w.enrolment.blind_index = w.user.blind_index = w.address.blind_index;
	return w;
}

static void assert_welcomed(struct bench *b, const struct welcoming *w, enum err expected)
{
	struct address address = w->address;
	struct user user = w->user;
	struct enrolment enrolment = w->enrolment;
	struct audit_entry entry = w->entry;

	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_USER, &user), expected);
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_ENROLMENT, &enrolment), expected);
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_AUDIT_ENTRY, &entry), expected);
	if (expected != OK)
		return;
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_ADDRESS, &address), OK);
	row_assert_equal(RECORD_ADDRESS, &w->address, &address);
	row_assert_equal(RECORD_USER, &w->user, &user);
	row_assert_equal(RECORD_ENROLMENT, &w->enrolment, &enrolment);
	row_assert_equal(RECORD_AUDIT_ENTRY, &w->entry, &entry);
}

/* All four rows or none, whatever became of the answer; in as many runs as that takes. */
static void who_is_welcomed_is_there_whole(void **state)
{
	static const struct {
		int until;
		enum fault fault;
		bool asks_more;
		int runs;
		bool conflict;
	} rows[] = {
		{ 0, FAULT_FAILS, false, 1, false },
		{ 2, FAULT_OTHERS, false, 2, false },
		{ 2, FAULT_GOES, false, 2, false },
		{ 2, FAULT_STANDS_UNHEARD, false, 2, true },
		{ 0, FAULT_FAILS, true, 2, true },
	};
	struct bench *const b = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct welcoming w = somebody_new((char)('a' + i)), rival = w;

		b->fault = rows[i].fault;
		b->until = rows[i].until;
		w.asks_more = rows[i].asks_more;
		assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, welcome, &w), OK);
		assert_int_equal(w.runs, rows[i].runs);
		assert_int_equal(w.conflict, rows[i].conflict);
		b->until = 0;
		assert_welcomed(b, &w, OK);
		rival.user.id.text[0] = rival.address.user_id.text[0] = rival.enrolment.user_id.text[0] =
			rival.entry.id.text[0] = (char)('A' + i);
		assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, welcome, &rival), OK);
		assert_true(rival.conflict);
		assert_welcomed(b, &rival, ERR_NOT_FOUND);
	}
}

static struct sql *one_more(struct bench *b)
{
	struct sql *sql;

	if (open_faulty(b, &sql) != OK)
		abort();
	return sql;
}

/* Begins a transaction that writes, and gives the number that it has. */
static struct tx_id begin_one(struct bench *b, struct sql *sql)
{
	struct sql_tx tx;
	struct tx_id number;
	int runs = 0;

	assert_int_equal(sql->ops->begin(sql, true), OK);
	sql_tx_init(&tx, sql, &b->f.arena, true);
	assert_int_equal(count_one(&tx.base, &runs), OK);
	(void)sql->ops->outcome(sql, &number);
	return number;
}

static void ends_as(
	struct sql *asked, struct tx_id number, enum commit_state here, enum commit_state elsewhere)
{
	for (int more = 0; more <= 1; more++) {
		enum commit_state state = COMMIT_IN_PROGRESS;

		number.server_epoch += more;
		assert_int_equal(asked->ops->commit_state(asked, number, &state), OK);
		assert_int_equal(state, more > 0 ? elsewhere : here);
	}
}

/* After a crash a number may be given again: what stands under it may be somebody else's. */
static void a_number_is_believed_in_its_own_life(void **state)
{
	struct bench *const b = *state;
	struct sql *const sql = one_more(b), *const asked = one_more(b);
	struct tx_id number = begin_one(b, sql);

	ends_as(asked, number, COMMIT_IN_PROGRESS, COMMIT_IN_PROGRESS);
	assert_int_equal(sql->ops->commit(sql), OK);
	ends_as(asked, number, COMMIT_DONE, COMMIT_UNKNOWN);
	number = begin_one(b, sql);
	sql->ops->rollback(sql);
	(void)begin_one(b, sql); /* heard behind the ROLLBACK, for which nobody waits */
	sql->ops->rollback(sql);
	ends_as(asked, number, COMMIT_ROLLED_BACK, COMMIT_ROLLED_BACK);
	number.txid += 1000000;
	ends_as(asked, number, COMMIT_ROLLED_BACK, COMMIT_ROLLED_BACK);
	sql->ops->close(sql);
	asked->ops->close(asked);
}

static enum err look(struct bench *b)
{
	struct quota q = { .tenant_id = { "t" } };

	return run_action(&b->f, b->f.store, DO_LOAD, RECORD_QUOTA, &q);
}

/* Asked for after 0.1 s, 0.2, 0.4 … 5 s; who comes in between hears at once that it is not there. */
static void a_database_that_is_gone_is_looked_for(void **state)
{
	static const int pauses[] = { 100, 200, 400, 800, 1600, 3200, 5000, 5000 };
	struct bench *const b = *state;

	b->away = true;
	end_connections(b);
	assert_int_equal(look(b), ERR_BUSY);
	assert_int_equal(b->refused, 1);
	for (size_t i = 0; i < array_len(pauses); i++) {
		b->micros += (int64_t)pauses[i] * 1000 - 50000;
		assert_int_equal(look(b), ERR_BUSY);
		assert_int_equal(b->refused, 1 + (int)i);
		b->micros += 50000;
		assert_int_equal(look(b), ERR_BUSY);
		assert_int_equal(b->refused, 2 + (int)i);
	}
	b->away = false;
	assert_int_equal(look(b), ERR_BUSY);
	b->micros += RECONNECT_DELAY_MAX;
	assert_int_equal(look(b), ERR_NOT_FOUND);
	b->away = true;
	end_connections(b);
	assert_int_equal(look(b), ERR_BUSY);
	b->micros += RECONNECT_DELAY_MIN;
	b->away = false;
	assert_int_equal(look(b), ERR_NOT_FOUND);
	assert_int_equal(b->f.store->ops->ready(b->f.store), OK);
}

static void keep_line(void *arg, struct str line)
{
	assert_true(str_copy_to(line, arg, 256));
}

static enum err take_long(struct tx *tx, void *arg)
{
	(void)tx;
	bench->micros += *(const int64_t *)arg;
	return OK;
}

/* Of one that reads nobody hears, as on SQLite. */
static void a_slow_job_is_logged(void **state)
{
	static const enum tx_kind kinds[] = { TX_READ, TX_WRITE, TX_WRITE_LOW_PRIORITY };
	int64_t slow = MULTI_WRITER_SLOW + 1000000;
	struct bench *const b = *state;

	for (size_t i = 0; i < array_len(kinds); i++) {
		char logged[256] = "";

		log_sink_set(keep_line, logged);
		assert_int_equal(store_transact(b->f.store, kinds[i], &b->f.arena, take_long, &slow), OK);
		log_sink_set(NULL, NULL);
		assert_int_equal(strstr(logged, "event=slow_job ms=10") != NULL, kinds[i] != TX_READ);
	}
}

/* Not each time, or a network that ends connections fills the disk. */
static void a_lost_connection_is_logged(void **state)
{
	struct bench *const b = *state;

	for (int n = 1; n <= 5; n++) {
		char logged[256] = "", expected[64];

		(void)snprintf(expected, sizeof(expected), "level=warn event=connection_lost times=%d\n", n);
		assert_int_equal(store_transact(b->f.store, TX_READ, &b->f.arena, look_for_nobody, NULL), OK);
		end_connections(b);
		log_sink_set(keep_line, logged);
		assert_int_equal(store_transact(b->f.store, TX_READ, &b->f.arena, look_for_nobody, NULL), OK);
		log_sink_set(NULL, NULL);
		assert_string_equal(logged, n == 3 || n == 5 ? "" : expected);
	}
}

struct sleeper {
	struct bench *b;
	struct thread thread;
	_Atomic bool *open;
	_Atomic int *inside;
	enum err outcome;
};

static enum err wait_inside(struct tx *tx, void *arg)
{
	const struct sleeper *const s = arg;

	(void)tx;
	(*s->inside)++;
	while (!*s->open)
		;
	return OK;
}

static void sleep_inside(void *arg)
{
	struct sleeper *const s = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	s->outcome = store_transact(s->b->f.store, TX_WRITE, &arena, wait_inside, s);
	arena_finish(&arena);
}

/* Two lanes, two who wait; the fifth hears at once. */
static void the_queue_has_an_end(void **state)
{
	struct sleeper sleepers[5];
	_Atomic bool open = false;
	_Atomic int inside = 0;

	memset(sleepers, 0, sizeof(sleepers));
	for (int i = 0; i < 5; i++) {
		sleepers[i] = (struct sleeper){ .b = *state, .open = &open, .inside = &inside };
		if (i == 4)
			break;
		assert_int_equal(thread_start(&sleepers[i].thread, sleep_inside, &sleepers[i]), OK);
		while (i < 2 ? inside <= i
			     : multi_writer_store_waiting(sleepers[i].b->f.store) < (size_t)i - 1)
			;
	}
	sleep_inside(&sleepers[4]);
	assert_int_equal(sleepers[4].outcome, ERR_BUSY);
	open = true;
	for (int i = 0; i < 4; i++) {
		thread_join(&sleepers[i].thread);
		assert_int_equal(sleepers[i].outcome, OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(done_is_done_exactly_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(idle_connections_may_end, set_up, tear_down),
		cmocka_unit_test_setup_teardown(readers_do_not_notice_either, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_not_committed_is_run_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_commit_that_was_cut_is_asked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_is_welcomed_is_there_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_is_an_end_to_trying, set_up, tear_down),
		cmocka_unit_test_setup_teardown(there_is_an_end_to_waiting, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_number_is_believed_in_its_own_life, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_database_that_is_gone_is_looked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_slow_job_is_logged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_lost_connection_is_logged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_queue_has_an_end, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

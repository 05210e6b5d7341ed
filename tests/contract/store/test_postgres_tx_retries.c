/* Tests of the multi-writer store with a driver that fails on demand, and with a server that terminates
 * connections: a transaction that returned OK is committed exactly once, and a failed one is not committed.
 */
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

#define LOG_LINE_SIZE 512

enum fault {
	FAULT_FAILS,		/* the statement fails */
	FAULT_CONFLICT,		/* the statement fails because of another transaction */
	FAULT_BAD_CONNECTION,	/* the statement fails because of the state of the connection */
	FAULT_LOST,		/* the connection is lost, and the server has rolled back */
	FAULT_LOST_ROLLED_BACK, /* as FAULT_LOST, but in a COMMIT: the client cannot know */
	FAULT_LOST_COMMITTED,	/* the server has committed, but the connection is lost before its reply */
	FAULT_LOST_ID_UNKNOWN,	/* as FAULT_LOST_COMMITTED, and the transaction id is unknown too */
	FAULT_LOST_OTHER_EPOCH, /* as FAULT_LOST_COMMITTED, but the server was restarted meanwhile */
	FAULT_COUNT
};

/* The state of a test, shared by all connections of its store. */
struct retry_fixture {
	struct fixture f;
	struct statements *statements;
	enum fault fault;
	int calls_until_failure; /* number of the driver call that fails: 1 is the next one, 0 none */
	_Atomic int opened, refused, closed;
	bool unreachable;	 /* no connection can be opened */
	_Atomic bool open_hangs; /* opening a connection does not end */
	_Atomic bool is_hanging;
	bool frozen; /* time passes only by `micros` */
	_Atomic int64_t micros;
};

static struct retry_fixture *retry_fixture; /* of the running test */

/* A connection that forwards its calls to a real connection and fails on demand. */
struct faulty {
	struct sql base;
	struct sql *inner;
	bool failed;
	enum tx_outcome outcome;
};

static struct faulty *faulty_from_base(struct sql *sql)
{
	return container_of(sql, struct faulty, base);
}

static struct sql *inner(struct sql *sql)
{
	return faulty_from_base(sql)->inner;
}

static enum err fail_with(struct sql *sql, enum tx_outcome outcome)
{
	faulty_from_base(sql)->failed = true;
	faulty_from_base(sql)->outcome = outcome;
	return outcome == TX_FAILED || outcome == TX_BAD_CONNECTION ? ERR_STORAGE : ERR_BUSY;
}

static bool fails_now(void)
{
	return retry_fixture->calls_until_failure > 0 && --retry_fixture->calls_until_failure == 0;
}

static enum err inject_fault(struct sql *sql, bool committing)
{
	switch (retry_fixture->fault) {
	case FAULT_FAILS:
		return fail_with(sql, TX_FAILED);
	case FAULT_CONFLICT:
		return fail_with(sql, TX_RETRY);
	case FAULT_BAD_CONNECTION:
		return fail_with(sql, TX_BAD_CONNECTION);
	case FAULT_LOST:
		return fail_with(sql, TX_LOST);
	case FAULT_LOST_ROLLED_BACK:
		inner(sql)->ops->rollback(inner(sql));
		return fail_with(sql, committing ? TX_UNKNOWN : TX_LOST);
	case FAULT_LOST_COMMITTED:
	case FAULT_LOST_ID_UNKNOWN:
	case FAULT_LOST_OTHER_EPOCH:
		if (!committing)
			return fail_with(sql, TX_LOST);
		assert_int_equal(inner(sql)->ops->commit(inner(sql)), OK);
		return fail_with(sql, TX_UNKNOWN);
	case FAULT_COUNT:
		break;
	}
	return ERR_INTERNAL;
}

static enum err faulty_begin(struct sql *sql, bool writing)
{
	faulty_from_base(sql)->failed = false;
	return fails_now() ? inject_fault(sql, false) : inner(sql)->ops->begin(inner(sql), writing);
}

static enum err faulty_run(struct sql *sql, const struct sql_call *call, size_t *rows)
{
	if (faulty_from_base(sql)->failed)
		return ERR_BUSY;
	return fails_now() ? inject_fault(sql, false) : inner(sql)->ops->run(inner(sql), call, rows);
}

static enum err faulty_prefetch(struct sql *sql, enum load_plan_kind plan, const void *probe)
{
	return inner(sql)->ops->prefetch(inner(sql), plan, probe);
}

static enum err faulty_insert_new_user(struct sql *sql, const void *const rows[NEW_USER_ROWS])
{
	const bool fails = fails_now();

	if (fails && retry_fixture->fault == FAULT_LOST_COMMITTED)
		assert_int_equal(inner(sql)->ops->insert_new_user(inner(sql), rows), OK);
	return fails ? inject_fault(sql, false) : inner(sql)->ops->insert_new_user(inner(sql), rows);
}

static enum err faulty_commit(struct sql *sql)
{
	return fails_now() ? inject_fault(sql, true) : inner(sql)->ops->commit(inner(sql));
}

static void faulty_rollback(struct sql *sql)
{
	inner(sql)->ops->rollback(inner(sql));
}

static enum tx_outcome faulty_outcome(struct sql *sql, struct tx_id *tx_id)
{
	const enum tx_outcome outcome = inner(sql)->ops->outcome(inner(sql), tx_id);

	if (retry_fixture->fault == FAULT_LOST_ID_UNKNOWN)
		tx_id->txid = 0;
	if (retry_fixture->fault == FAULT_LOST_OTHER_EPOCH)
		tx_id->server_epoch++;
	return faulty_from_base(sql)->failed ? faulty_from_base(sql)->outcome : outcome;
}

static enum err faulty_commit_state(struct sql *sql, struct tx_id tx_id, enum commit_state *state)
{
	return inner(sql)->ops->commit_state(inner(sql), tx_id, state);
}

static void faulty_close(struct sql *sql)
{
	inner(sql)->ops->close(inner(sql));
	free(faulty_from_base(sql));
	retry_fixture->closed++;
}

static const struct sql_ops faulty_ops = {
	.begin = faulty_begin,
	.run = faulty_run,
	.prefetch = faulty_prefetch,
	.insert_new_user = faulty_insert_new_user,
	.commit = faulty_commit,
	.rollback = faulty_rollback,
	.outcome = faulty_outcome,
	.commit_state = faulty_commit_state,
	.close = faulty_close,
};

static enum err open_faulty(void *arg, struct arena *arena, struct sql **out, struct str *why)
{
	struct retry_fixture *const b = arg;
	struct faulty *const made = calloc(1, sizeof(*made));

	assert_non_null(made);
	b->is_hanging = b->open_hangs;
	while (b->open_hangs)
		;
	b->is_hanging = false;
	if (b->unreachable) {
		b->refused++;
		free(made);
		*why = STR("unreachable by order of the test");
		return ERR_BUSY;
	}
	assert_int_equal(pg_tx_open(b->f.url, PG_TX, arena, &made->inner, why), OK);
	assert_int_equal(made->inner->ops->prepare(made->inner, b->statements, true), OK);
	made->base.ops = &faulty_ops;
	b->opened++;
	*out = &made->base;
	return OK;
}

static int64_t fixture_micros(void)
{
	return (retry_fixture->frozen ? 0 : test_micros()) + retry_fixture->micros;
}

static int set_up(void **state)
{
	struct multi_writer_conf conf = {
		.open = open_faulty, .connections = 2, .queue = 2, .micros = fixture_micros
	};
	struct str why = STR("");

	retry_fixture = calloc(1, sizeof(*retry_fixture));
	assert_non_null(retry_fixture);
	arena_init(&retry_fixture->f.arena, ARENA_TEST_LIMIT);
	postgres_create_schema(&retry_fixture->f);
	assert_int_equal(
		postgres_store_migrate(str_of(retry_fixture->f.url), &retry_fixture->f.arena, &why), OK);
	assert_int_equal(statements_open(&retry_fixture->statements), OK);
	conf.arg = retry_fixture;
	conf.statements = retry_fixture->statements;
	assert_int_equal(multi_writer_store_open(&conf, &retry_fixture->f.store), OK);
	*state = retry_fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct retry_fixture *const b = *state;

	b->f.store->ops->close(b->f.store);
	assert_int_equal(b->opened, b->closed);
	arena_finish(&b->f.arena);
	free(b);
	return 0;
}

/* Loads one row, increments two rows, and counts how often it is run. */
static enum err increment(struct tx *tx, void *arg)
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

static int64_t load_count(struct retry_fixture *b, int64_t month)
{
	struct quota q = { .tenant_id = { "t" }, .month = month };
	const enum err e = run_action(&b->f, b->f.store, DO_LOAD, RECORD_QUOTA, &q);

	assert_true(e == OK || e == ERR_NOT_FOUND);
	return q.used;
}

static const struct {
	const char *name;
	/* Result when a call before the commit fails; OK: the transaction is retried. */
	enum err e;
	enum err e_at_commit; /* result when the commit fails */
	int64_t commits;      /* number of times the transaction is then committed */
} faults[FAULT_COUNT] = {
	[FAULT_FAILS] = { "fails", ERR_STORAGE, ERR_STORAGE, 0 },
	[FAULT_CONFLICT] = { "conflict", OK, OK, 1 },
	[FAULT_BAD_CONNECTION] = { "bad connection", OK, OK, 1 },
	[FAULT_LOST] = { "connection lost", OK, OK, 1 },
	[FAULT_LOST_ROLLED_BACK] = { "lost in a commit that was rolled back", OK, OK, 1 },
	[FAULT_LOST_COMMITTED] = { "lost in a commit that succeeded", OK, OK, 1 },
	[FAULT_LOST_ID_UNKNOWN] = { "lost in a commit with unknown id", OK, ERR_BUSY, 1 },
	[FAULT_LOST_OTHER_EPOCH] = { "lost in a commit before a server restart", OK, ERR_BUSY, 1 },
};
#define CALLS_PER_INCREMENT 5 /* begin, load, save, save, commit */

static void run_with_fault(struct retry_fixture *b, enum fault fault, int call)
{
	const bool at_commit = call == CALLS_PER_INCREMENT;
	const int64_t before = load_count(b, 1);
	const int64_t more = at_commit ? faults[fault].commits : faults[fault].e == OK;
	int runs = 0;
	enum err e;

	b->fault = fault;
	b->calls_until_failure = call;
	b->micros += CONNECTION_AGE_MIN;
	e = store_transact(b->f.store, TX_WRITE, &b->f.arena, increment, &runs);
	if (b->calls_until_failure != 0 || e != (at_commit ? faults[fault].e_at_commit : faults[fault].e))
		fail_msg("%s in call %d: %s", faults[fault].name, call, err_name(e));
	assert_int_equal(load_count(b, 1), before + more);
	assert_int_equal(load_count(b, 2), before + more);
	assert_in_range(runs, 0, 2);
}

/* Makes each driver call of a transaction fail in each way. */
static void committed_transactions_run_exactly_once(void **state)
{
	for (int fault = 0; fault < FAULT_COUNT; fault++) {
		for (int call = 1; call <= CALLS_PER_INCREMENT; call++)
			run_with_fault(*state, (enum fault)fault, call);
	}
}

/* Terminates all connections of the store, as a restart of the server does. */
static void terminate_connections(struct retry_fixture *b)
{
	postgres_run_script(b->f.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
				      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
}

static void store_reconnects_after_idle_termination(void **state)
{
	struct retry_fixture *const b = *state;
	int runs = 0;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, increment, &runs), OK);
		terminate_connections(b);
	}
	assert_int_equal(load_count(b, 1), 3);
	assert_int_equal(b->f.store->ops->ready(b->f.store), OK);
}

static enum err load_missing_person(struct tx *tx, void *arg)
{
	struct enrolment probe = { .tenant_id = { "t" } };
	struct address address = { .blind_index = probe.blind_index };

	(void)arg;
	TRY(store_prefetch(tx, LOAD_PLAN_KYC_STATUS, &probe));
	return store_load_address(tx, &address) == ERR_NOT_FOUND ? OK : ERR_INTERNAL;
}

/* Read transactions with a single-statement load plan use a different code path, which reconnects too. */
static void single_statement_reads_reconnect(void **state)
{
	struct retry_fixture *const b = *state;

	for (int i = 0; i < 3; i++) {
		for (int k = 0; k < 3; k++)
			assert_int_equal(
				store_transact(b->f.store, TX_READ, &b->f.arena, load_missing_person, NULL),
				OK);
		terminate_connections(b);
	}
}

struct terminated {
	struct retry_fixture *b;
	int n_terminations, runs;
};

static enum err increment_and_terminate(struct tx *tx, void *arg)
{
	struct terminated *const terminated = arg;

	TRY(increment(tx, &terminated->runs));
	if (terminated->n_terminations-- > 0)
		terminate_connections(terminated->b);
	return OK;
}

static void terminated_transaction_is_run_again(void **state)
{
	struct terminated terminated = { *state, 2, 0 };

	assert_int_equal(store_transact(terminated.b->f.store, TX_WRITE, &terminated.b->f.arena,
				 increment_and_terminate, &terminated),
		OK);
	assert_int_equal(terminated.runs, 3);
	assert_int_equal(load_count(terminated.b, 1), 1);
}

/* Makes the server terminate the connection during the first `n` commits. */
static void terminate_in_commits(struct retry_fixture *b, int n)
{
	char text[1024];

	(void)snprintf(text, sizeof(text),
		"CREATE SEQUENCE ends;"
		"CREATE FUNCTION end_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
		" IF nextval('ends') <= %d THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;"
		" RETURN NULL; END $$;"
		"CREATE CONSTRAINT TRIGGER end_it AFTER INSERT OR UPDATE ON quotas"
		" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_it()",
		n);
	postgres_run_script(b->f.url, text);
}

static void state_of_an_interrupted_commit_is_queried(void **state)
{
	struct retry_fixture *const b = *state;
	int runs = 0;

	terminate_in_commits(b, 2);
	assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, increment, &runs), OK);
	assert_int_equal(runs, 3);
	assert_int_equal(load_count(b, 1), 1);
}

static void retries_are_limited_in_number(void **state)
{
	struct retry_fixture *const b = *state;
	int runs = 0;

	terminate_in_commits(b, 1000);
	assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, increment, &runs), ERR_BUSY);
	assert_int_equal(runs, MULTI_WRITER_TRIES);
	assert_int_equal(load_count(b, 1), 0);
}

/* A transaction that takes `micros`; at its end its connection is terminated. */
struct slow_tx {
	struct retry_fixture *b;
	int64_t micros;
	int runs;
};

static enum err increment_slowly(struct tx *tx, void *arg)
{
	struct slow_tx *const w = arg;

	TRY(increment(tx, &w->runs));
	w->b->micros += w->micros;
	terminate_connections(w->b);
	return OK;
}

/* Retries end at a time limit, even if only a few were made. */
static void retries_are_limited_in_time(void **state)
{
	/* In each row the last run starts just before the time limit. */
	static const int runs[] = { 1, 2, 4 };
	struct retry_fixture *const b = *state;

	for (size_t i = 0; i < array_len(runs); i++) {
		struct slow_tx w = { b, MULTI_WRITER_RETRY_LIMIT.ms * 1000 / runs[i], 0 };

		assert_int_equal(
			store_transact(b->f.store, TX_WRITE, &b->f.arena, increment_slowly, &w), ERR_BUSY);
		assert_int_equal(w.runs, runs[i]);
	}
	assert_int_equal(load_count(b, 1), 0);
}

struct new_user_params {
	struct address address;
	struct user user;
	struct enrolment enrolment;
	struct audit_entry entry;
	struct event event;
	int runs;
	bool loads_more; /* loads a row after the insert, which callers should not do */
	bool conflict;
};

static enum err insert_new_user(struct tx *tx, void *arg)
{
	struct new_user_params *const w = arg;
	const struct new_user_rows rows = { &w->address, &w->user, &w->enrolment, &w->entry, &w->event };
	struct address known = w->address;
	const enum err e = store_insert_new_user(tx, &rows);

	w->runs++;
	w->conflict = e == ERR_CONFLICT;
	if (e != OK && e != ERR_CONFLICT)
		return e;
	return w->conflict || w->loads_more ? store_load_address(tx, &known) : OK;
}

static struct new_user_params make_new_user(char which)
{
	struct new_user_params w = {
		.address = { .kind = ADDRESS_EMAIL, .user_id = { { which } }, .sealed_address = STR("s") },
		.user = { .id = { { which } }, .group_name = "g", .wrapped_key = STR("k") },
		.enrolment = { .tenant_id = { "t" }, .user_id = { { which } } },
		.entry = { .id = { { which } }, .subject = { which } },
		.event = { .id = { { which } } }
	};

	memset(w.address.blind_index.bytes, which, sizeof(w.address.blind_index.bytes));
	w.enrolment.blind_index = w.user.blind_index = w.address.blind_index;
	return w;
}

static void assert_new_user(struct retry_fixture *b, const struct new_user_params *w, enum err expected)
{
	struct address address = w->address;
	struct user user = w->user;
	struct enrolment enrolment = w->enrolment;
	struct audit_entry entry = w->entry;
	struct event event = w->event;

	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_USER, &user), expected);
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_ENROLMENT, &enrolment), expected);
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_AUDIT_ENTRY, &entry), expected);
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_EVENT, &event), expected);
	if (expected != OK)
		return;
	assert_int_equal(run_action(&b->f, b->f.store, DO_LOAD, RECORD_ADDRESS, &address), OK);
	row_assert_equal(RECORD_ADDRESS, &w->address, &address);
	row_assert_equal(RECORD_USER, &w->user, &user);
	row_assert_equal(RECORD_ENROLMENT, &w->enrolment, &enrolment);
	row_assert_equal(RECORD_AUDIT_ENTRY, &w->entry, &entry);
	row_assert_equal(RECORD_EVENT, &w->event, &event);
}

/* Whichever replies are lost, either all rows of a new user are stored, or none. */
static void new_user_is_inserted_completely_or_not_at_all(void **state)
{
	static const struct {
		int calls_until_failure;
		enum fault fault;
		bool loads_more;
		int runs;
		bool conflict;
	} rows[] = {
		{ 0, FAULT_FAILS, false, 1, false },
		{ 2, FAULT_CONFLICT, false, 2, false },
		{ 2, FAULT_LOST, false, 2, false },
		{ 2, FAULT_LOST_COMMITTED, false, 2, true },
		{ 0, FAULT_FAILS, true, 2, true },
	};
	struct retry_fixture *const b = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		struct new_user_params w = make_new_user((char)('a' + i)), second = w;

		b->fault = rows[i].fault;
		b->calls_until_failure = rows[i].calls_until_failure;
		w.loads_more = rows[i].loads_more;
		assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, insert_new_user, &w), OK);
		assert_int_equal(w.runs, rows[i].runs);
		assert_int_equal(w.conflict, rows[i].conflict);
		b->calls_until_failure = 0;
		assert_new_user(b, &w, OK);
		second.user.id.text[0] = second.address.user_id.text[0] = second.enrolment.user_id.text[0] =
			second.entry.id.text[0] = second.event.id.text[0] = (char)('A' + i);
		assert_int_equal(
			store_transact(b->f.store, TX_WRITE, &b->f.arena, insert_new_user, &second), OK);
		assert_true(second.conflict);
		assert_new_user(b, &second, ERR_NOT_FOUND);
	}
}

static struct sql *open_connection(struct retry_fixture *b)
{
	struct str why = STR("");
	struct sql *sql;

	if (open_faulty(b, &b->f.arena, &sql, &why) != OK)
		abort();
	return sql;
}

/* Begins a write transaction and returns its id. */
static struct tx_id begin_and_increment(struct retry_fixture *b, struct sql *sql)
{
	struct sql_tx tx;
	struct tx_id tx_id;
	int runs = 0;

	assert_int_equal(sql->ops->begin(sql, true), OK);
	sql_tx_init(&tx, sql, &b->f.arena, true);
	assert_int_equal(increment(&tx.base, &runs), OK);
	(void)sql->ops->outcome(sql, &tx_id);
	return tx_id;
}

static void assert_commit_state(struct sql *connection, struct tx_id tx_id, enum commit_state same_epoch,
	enum commit_state other_epoch)
{
	for (int more = 0; more <= 1; more++) {
		enum commit_state state = COMMIT_IN_PROGRESS;

		tx_id.server_epoch += more;
		assert_int_equal(connection->ops->commit_state(connection, tx_id, &state), OK);
		assert_int_equal(state, more > 0 ? other_epoch : same_epoch);
	}
}

/* After a crash the server may assign a transaction id a second time. So the state of an id that was assigned
 * before the crash is not trusted. */
static void commit_state_is_trusted_only_in_the_same_epoch(void **state)
{
	struct retry_fixture *const b = *state;
	struct sql *const sql = open_connection(b), *const connection = open_connection(b);
	struct tx_id tx_id = begin_and_increment(b, sql);

	assert_commit_state(connection, tx_id, COMMIT_IN_PROGRESS, COMMIT_IN_PROGRESS);
	assert_int_equal(sql->ops->commit(sql), OK);
	assert_commit_state(connection, tx_id, COMMIT_DONE, COMMIT_UNKNOWN);
	tx_id = begin_and_increment(b, sql);
	sql->ops->rollback(sql);
	(void)begin_and_increment(
		b, sql); /* reads the reply of the ROLLBACK, which is sent without waiting */
	sql->ops->rollback(sql);
	assert_commit_state(connection, tx_id, COMMIT_ROLLED_BACK, COMMIT_ROLLED_BACK);
	tx_id.txid += 1000000;
	assert_commit_state(connection, tx_id, COMMIT_ROLLED_BACK, COMMIT_ROLLED_BACK);
	sql->ops->close(sql);
	connection->ops->close(connection);
}

static enum err load_quota(struct retry_fixture *b)
{
	struct quota q = { .tenant_id = { "t" } };

	return run_action(&b->f, b->f.store, DO_LOAD, RECORD_QUOTA, &q);
}

/* After a lost connection the store tries to reconnect after 0.1 s, 0.2 s, 0.4 s … 2 s. Calls between two
 * tries return ERR_BUSY at once. */
static void reconnect_delay_grows(void **state)
{
	static const int pauses[] = { 100, 200, 400, 800, 1600, 2000, 2000 };
	struct retry_fixture *const b = *state;

	b->unreachable = true;
	terminate_connections(b);
	assert_int_equal(load_quota(b), ERR_BUSY);
	assert_int_equal(b->refused, 1);
	for (size_t i = 0; i < array_len(pauses); i++) {
		b->micros += (int64_t)pauses[i] * 1000 - 50000;
		assert_int_equal(load_quota(b), ERR_BUSY);
		assert_int_equal(b->refused, 1 + (int)i);
		b->micros += 50000;
		assert_int_equal(load_quota(b), ERR_BUSY);
		assert_int_equal(b->refused, 2 + (int)i);
	}
	b->unreachable = false;
	assert_int_equal(load_quota(b), ERR_BUSY);
	b->micros += RECONNECT_DELAY_MAX;
	assert_int_equal(load_quota(b), ERR_NOT_FOUND);
	b->unreachable = true;
	terminate_connections(b);
	assert_int_equal(load_quota(b), ERR_BUSY);
	b->micros += RECONNECT_DELAY_MIN;
	b->unreachable = false;
	assert_int_equal(load_quota(b), ERR_NOT_FOUND);
	assert_int_equal(b->f.store->ops->ready(b->f.store), OK);
}

/* A connection that fails because of its state is replaced, and the transaction is run again, if the
 * connection is old enough. A younger one is kept, so that a read-only server does not cause a new connection
 * for each call. */
static void bad_connections_are_replaced_from_an_age_on(void **state)
{
	static const int64_t ages[] = { CONNECTION_AGE_MIN - 1, CONNECTION_AGE_MIN, CONNECTION_AGE_MIN + 1 };
	struct retry_fixture *const b = *state;

	b->frozen = true;
	for (size_t i = 0; i < array_len(ages); i++) {
		const bool replaced = ages[i] >= CONNECTION_AGE_MIN;
		int runs = 0, opened;

		terminate_connections(b);
		assert_int_equal(load_count(b, 1), i == 0 ? 0 : (int)i - 1);
		opened = b->opened;
		b->micros += ages[i];
		b->fault = FAULT_BAD_CONNECTION;
		b->calls_until_failure = CALLS_PER_INCREMENT;
		assert_int_equal(store_transact(b->f.store, TX_WRITE, &b->f.arena, increment, &runs),
			replaced ? OK : ERR_STORAGE);
		assert_int_equal(runs, replaced ? 2 : 1);
		assert_int_equal(b->opened - opened, replaced);
	}
}

static void save_log_line(void *arg, struct str line)
{
	assert_true(str_copy_to(line, arg, LOG_LINE_SIZE));
}

static enum err advance_clock(struct tx *tx, void *arg)
{
	(void)tx;
	retry_fixture->micros += *(const int64_t *)arg;
	return OK;
}

/* A slow write transaction is logged, a slow read transaction is not. */
static void slow_write_is_logged(void **state)
{
	static const enum tx_kind kinds[] = { TX_READ, TX_WRITE, TX_WRITE_LOW_PRIORITY };
	int64_t slow = MULTI_WRITER_SLOW + 1000000;
	struct retry_fixture *const b = *state;

	for (size_t i = 0; i < array_len(kinds); i++) {
		char logged[LOG_LINE_SIZE] = "";

		log_sink_set(save_log_line, logged);
		assert_int_equal(store_transact(b->f.store, kinds[i], &b->f.arena, advance_clock, &slow), OK);
		log_sink_set(NULL, NULL);
		assert_int_equal(strstr(logged, "event=slow_job ms=10") != NULL, kinds[i] != TX_READ);
	}
}

/* Of the lost connections only the 1st, 2nd, 4th … are logged, so that an unstable network does not fill the
 * disk. */
static void lost_connections_are_logged_at_powers_of_two(void **state)
{
	struct retry_fixture *const b = *state;

	for (int n = 1; n <= 5; n++) {
		char logged[LOG_LINE_SIZE] = "", expected[64];

		(void)snprintf(expected, sizeof(expected), "level=warn event=connection_lost times=%d\n", n);
		assert_int_equal(
			store_transact(b->f.store, TX_READ, &b->f.arena, load_missing_person, NULL), OK);
		terminate_connections(b);
		log_sink_set(save_log_line, logged);
		assert_int_equal(
			store_transact(b->f.store, TX_READ, &b->f.arena, load_missing_person, NULL), OK);
		log_sink_set(NULL, NULL);
		assert_string_equal(logged, n == 3 || n == 5 ? "" : expected);
	}
}

struct waiter {
	struct retry_fixture *b;
	struct thread thread;
	_Atomic bool *open;
	_Atomic int *n_inside;
	enum err outcome;
};

static enum err wait_until_open(struct tx *tx, void *arg)
{
	const struct waiter *const s = arg;

	(void)tx;
	(*s->n_inside)++;
	while (!*s->open)
		;
	return OK;
}

static void run_waiter(void *arg)
{
	struct waiter *const s = arg;
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	s->outcome = store_transact(s->b->f.store, TX_WRITE, &arena, wait_until_open, s);
	arena_finish(&arena);
}

/* Two transactions use the two connections, and two more fill the queue. The fifth transaction is rejected at
 * once. */
static void full_queue_rejects_at_once(void **state)
{
	struct waiter waiters[5];
	_Atomic bool open = false;
	_Atomic int n_inside = 0;

	memset(waiters, 0, sizeof(waiters));
	for (int i = 0; i < 5; i++) {
		waiters[i] = (struct waiter){ .b = *state, .open = &open, .n_inside = &n_inside };
		if (i == 4)
			break;
		assert_int_equal(thread_start(&waiters[i].thread, run_waiter, &waiters[i]), OK);
		while (i < 2 ? n_inside <= i
			     : multi_writer_store_waiting(waiters[i].b->f.store) < (size_t)i - 1)
			;
	}
	run_waiter(&waiters[4]);
	assert_int_equal(waiters[4].outcome, ERR_BUSY);
	open = true;
	for (int i = 0; i < 4; i++) {
		thread_join(&waiters[i].thread);
		assert_int_equal(waiters[i].outcome, OK);
	}
}

static void run_load(void *arg)
{
	struct waiter *const s = arg;
	struct quota q = { .tenant_id = { "t" } };

	s->outcome = run_action(&s->b->f, s->b->f.store, DO_LOAD, RECORD_QUOTA, &q);
}

/* A call that waits for a new connection takes one that is released meanwhile. */
static void hanging_open_does_not_delay_a_call(void **state)
{
	struct retry_fixture *const b = *state;
	_Atomic bool open = false;
	_Atomic int n_inside = 0;
	struct waiter holder = { .b = b, .open = &open, .n_inside = &n_inside }, caller = { .b = b };

	b->open_hangs = true;
	assert_int_equal(thread_start(&holder.thread, run_waiter, &holder), OK);
	while (n_inside < 1)
		;
	assert_int_equal(thread_start(&caller.thread, run_load, &caller), OK);
	while (!b->is_hanging)
		;
	open = true;
	thread_join(&holder.thread);
	thread_join(&caller.thread);
	assert_true(b->is_hanging);
	assert_int_equal(caller.outcome, ERR_NOT_FOUND);
	b->open_hangs = false;
}

/* Without any connection, a call waits for its time limit, and not for as long as opening one takes. */
static void hanging_open_does_not_extend_the_time_limit(void **state)
{
	struct retry_fixture *const b = *state;
	char logged[LOG_LINE_SIZE] = "";
	int64_t began;

	terminate_connections(b);
	b->open_hangs = true;
	began = test_micros();
	log_sink_set(save_log_line, logged);
	assert_int_equal(load_quota(b), ERR_BUSY);
	log_sink_set(NULL, NULL);
	assert_in_range((test_micros() - began) / 1000, MULTI_WRITER_WAIT.ms, MULTI_WRITER_WAIT.ms * 2);
	assert_non_null(strstr(logged, "event=connection_wait_failed open=1 allowed=2 times=1 "));
	b->open_hangs = false;
}

struct event_line {
	const char *event;
	char line[LOG_LINE_SIZE];
	_Atomic bool logged;
};

static void save_event_line(void *arg, struct str line)
{
	struct event_line *const e = arg;

	if (e->logged || memmem(line.p, line.n, e->event, strlen(e->event)) == NULL)
		return;
	assert_true(str_copy_to(line, e->line, sizeof(e->line)));
	e->logged = true;
}

/* While the limit of connections is reached on the other side, calls share those that are open. */
static void refused_connection_is_logged_with_its_reason(void **state)
{
	struct retry_fixture *const b = *state;
	struct event_line limited = { .event = "event=connections_limited " };
	_Atomic bool open = false;
	_Atomic int n_inside = 0;
	struct waiter holder = { .b = b, .open = &open, .n_inside = &n_inside }, caller = { .b = b };

	b->unreachable = true;
	log_sink_set(save_event_line, &limited);
	assert_int_equal(thread_start(&holder.thread, run_waiter, &holder), OK);
	while (n_inside < 1)
		;
	assert_int_equal(thread_start(&caller.thread, run_load, &caller), OK);
	while (!limited.logged)
		;
	open = true;
	thread_join(&holder.thread);
	thread_join(&caller.thread);
	log_sink_set(NULL, NULL);
	assert_int_equal(caller.outcome, ERR_NOT_FOUND);
	assert_non_null(strstr(limited.line, "event=connections_limited open=1 allowed=2 times=1"
					     " reason=\"unreachable by order of the test\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(committed_transactions_run_exactly_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(store_reconnects_after_idle_termination, set_up, tear_down),
		cmocka_unit_test_setup_teardown(single_statement_reads_reconnect, set_up, tear_down),
		cmocka_unit_test_setup_teardown(terminated_transaction_is_run_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(state_of_an_interrupted_commit_is_queried, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			new_user_is_inserted_completely_or_not_at_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(retries_are_limited_in_number, set_up, tear_down),
		cmocka_unit_test_setup_teardown(retries_are_limited_in_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			commit_state_is_trusted_only_in_the_same_epoch, set_up, tear_down),
		cmocka_unit_test_setup_teardown(reconnect_delay_grows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(slow_write_is_logged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			lost_connections_are_logged_at_powers_of_two, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_queue_rejects_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			bad_connections_are_replaced_from_an_age_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(hanging_open_does_not_delay_a_call, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			hanging_open_does_not_extend_the_time_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			refused_connection_is_logged_with_its_reason, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

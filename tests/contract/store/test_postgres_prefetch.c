/* store_prefetch() never changes what is loaded, in any store and whatever other transactions change
 * meanwhile. It only reduces the number of round trips. */
#include "stores.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/lock.h"
#include "round_trip_counter.h"
#include "store/postgres/tx.h"

#define ANA "ana"
#define BEN "ben"

/* Test persons, which differ in the rows that exist for them. */
static const struct test_person {
	const char *name;
	bool is_known, is_enrolled, is_verified, is_linked;
	enum session_status statuses[3]; /* statuses of the person's sessions, oldest first */
	size_t n;
} people[] = {
	{ "unknown", 0, 0, 0, 0, { 0 }, 0 },
	{ "of another tenant", 1, 0, 0, 0, { STATUS_APPROVED }, 1 },
	{ "prepared", 1, 1, 0, 0, { STATUS_APPROVED }, 1 },
	{ "verified", 1, 1, 1, 0, { 0 }, 0 },
	{ "approved", 1, 1, 1, 0, { STATUS_DECLINED, STATUS_APPROVED }, 2 },
	{ "open", 1, 1, 1, 0, { STATUS_APPROVED, STATUS_DECLINED, STATUS_IN_PROGRESS }, 3 },
	{ "linked", 1, 1, 1, 1, { STATUS_APPROVED, STATUS_DECLINED }, 2 },
};

/* All rows that are loaded for a person, and the result of each load. */
struct loaded {
	enum err address_e, enrolment_e, primary_e, otp_e; /* ERR_BUSY: not loaded */
	struct address address;
	struct enrolment enrolment;
	struct user primary;
	struct otp otp;
	struct session newest[SESSIONS_NEWEST];
	size_t n_newest;
};

struct load_params {
	const char *person;
	enum load_plan_kind plan; /* LOAD_PLAN_COUNT: no prefetch */
	enum err (*between)(
		struct tx *tx, void *arg); /* called after the prefetch, before the loads; or NULL */
	void *arg;
	struct loaded loaded;
	int runs;
};

static struct enrolment probe_of(const char *person)
{
	struct enrolment e = { .tenant_id = { "t" } };

	(void)snprintf((char *)e.blind_index.bytes, sizeof(e.blind_index.bytes), "%s", person);
	return e;
}

static struct user_id id_of(const char *person)
{
	struct user_id id = { "" };

	(void)snprintf(id.text, sizeof(id.text), "%s", person);
	return id;
}

static struct user_id primary_of(const struct address *a)
{
	return a->primary_user_id.text[0] != '\0' ? a->primary_user_id : a->user_id;
}

/* Loads all rows of a person, except the one-time code if `plan` is a single-statement plan, which does not
 * include it. */
static enum err load_all(struct tx *tx, const char *person, enum load_plan_kind plan, struct loaded *s)
{
	struct session probe = { 0 };

	*s = (struct loaded){ .enrolment = probe_of(person), .otp_e = ERR_BUSY };
	s->address.blind_index = s->enrolment.blind_index;
	s->address_e = store_load_address(tx, &s->address);
	s->enrolment.user_id = s->address.user_id;
	s->enrolment_e = store_load_enrolment(tx, &s->enrolment);
	s->primary.id = probe.user_id = primary_of(&s->address);
	s->primary_e = store_load_user(tx, &s->primary);
	s->otp = (struct otp){ .tenant_id = s->enrolment.tenant_id, .user_id = s->address.user_id };
	if (plan == LOAD_PLAN_COUNT || !load_plans[plan].single_statement)
		s->otp_e = store_load_otp(tx, &s->otp);
	return store_find(
		tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, SESSIONS_NEWEST), s->newest, &s->n_newest);
}

static enum err load_with_prefetch(struct tx *tx, void *arg)
{
	struct load_params *const l = arg;
	const struct enrolment enrolment = probe_of(l->person);
	const struct user user = { .id = id_of(l->person) };
	const void *const probe = l->plan == LOAD_PLAN_PRIMARY_USER ? (const void *)&user : &enrolment;

	l->runs++;
	if (l->plan != LOAD_PLAN_COUNT)
		TRY(store_prefetch(tx, l->plan, probe));
	if (l->between != NULL)
		TRY(l->between(tx, l->arg));
	return load_all(tx, l->person, l->plan, &l->loaded);
}

static void assert_loaded_equal(const struct loaded *a, const struct loaded *b)
{
	assert_int_equal(a->address_e, b->address_e);
	assert_int_equal(a->enrolment_e, b->enrolment_e);
	assert_int_equal(a->primary_e, b->primary_e);
	if (a->address_e == OK)
		row_assert_equal(RECORD_ADDRESS, &a->address, &b->address);
	if (a->enrolment_e == OK)
		row_assert_equal(RECORD_ENROLMENT, &a->enrolment, &b->enrolment);
	if (a->primary_e == OK)
		row_assert_equal(RECORD_USER, &a->primary, &b->primary);
	if (a->otp_e != ERR_BUSY && b->otp_e != ERR_BUSY)
		assert_int_equal(a->otp_e, b->otp_e);
	if (a->otp_e == OK && b->otp_e == OK)
		row_assert_equal(RECORD_OTP, &a->otp, &b->otp);
	assert_int_equal(a->n_newest, b->n_newest);
	for (size_t i = 0; i < a->n_newest; i++)
		row_assert_equal(RECORD_SESSION, &a->newest[i], &b->newest[i]);
}

static struct loaded load_in_tx(struct fixture *f, enum tx_kind kind, struct load_params l)
{
	assert_int_equal(store_transact(f->store, kind, &f->arena, load_with_prefetch, &l), OK);
	return l.loaded;
}

static struct loaded load_without_prefetch(struct fixture *f, const char *person)
{
	return load_in_tx(f, TX_READ, (struct load_params){ .person = person, .plan = LOAD_PLAN_COUNT });
}

static void save_row(struct fixture *f, enum record_kind kind, const void *row)
{
	struct row_space copy;

	memcpy(&copy, row, records[kind].size);
	assert_int_equal(run_action(f, f->store, DO_SAVE, kind, &copy), OK);
}

static void save_user(struct fixture *f, const char *id, const struct test_person *p)
{
	struct user user = { .group_name = "g", .wrapped_key = STR("key"), .created_at = { 7 } };

	(void)snprintf(user.id.text, sizeof(user.id.text), "%s", id);
	save_row(f, RECORD_USER, &user);
	for (size_t i = 0; i < p->n; i++) {
		struct session s = { .user_id = user.id,
			.status = p->statuses[i],
			.sealed_url = STR("url"),
			.created_at = { 100 + (int64_t)i } };

		(void)snprintf(s.id.text, sizeof(s.id.text), "%s-%zu", id, i);
		save_row(f, RECORD_SESSION, &s);
	}
}

static void save_person(struct fixture *f, const char *person, const struct test_person *p)
{
	struct enrolment enrolment = probe_of(person);
	struct address address = {
		.blind_index = enrolment.blind_index, .kind = ADDRESS_EMAIL, .sealed_address = STR("x")
	};
	struct user_id primary;

	if (!p->is_known)
		return;
	save_user(f, person, p);
	(void)snprintf(primary.text, sizeof(primary.text), "%s-first", person);
	address.user_id = id_of(person);
	if (p->is_linked) {
		save_user(f, primary.text, p);
		address.primary_user_id = primary;
	}
	save_row(f, RECORD_ADDRESS, &address);
	enrolment.user_id = address.user_id;
	enrolment.prepared_at = (moment){ 1 };
	enrolment.verified_at = (moment){ p->is_verified };
	const struct otp otp = {
		.tenant_id = enrolment.tenant_id, .user_id = address.user_id, .tries_left = 3
	};

	if (p->is_enrolled) {
		save_row(f, RECORD_ENROLMENT, &enrolment);
		save_row(f, RECORD_OTP, &otp);
	}
}

static const struct test_person *find_person(const char *name)
{
	for (size_t i = 0; i < array_len(people); i++) {
		if (strcmp(people[i].name, name) == 0)
			return &people[i];
	}
	fail_msg("there is no person \"%s\"", name);
	return NULL;
}

static void prefetch_does_not_change_the_result(void **state)
{
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(people); i++) {
		const char *const person = people[i].name;

		save_person(f, person, &people[i]);
		const struct loaded expected = load_without_prefetch(f, person);

		assert_int_equal(expected.address_e, people[i].is_known ? OK : ERR_NOT_FOUND);
		for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
			for (int kind = TX_READ; kind <= TX_WRITE_LOW_PRIORITY; kind++) {
				const struct loaded loaded = load_in_tx(f, (enum tx_kind)kind,
					(struct load_params){
						.person = person, .plan = (enum load_plan_kind)c });

				assert_loaded_equal(&loaded, &expected);
			}
		}
	}
}

/* The following functions change rows between the prefetch and the loads of one transaction. */
static enum err change_address(struct tx *tx, void *arg)
{
	struct address a = { .blind_index = probe_of(arg).blind_index };

	TRY(store_load_address(tx, &a));
	a.primary_user_id = (struct user_id){ BEN };
	return store_save_address(tx, &a);
}

static enum err verify_enrolment(struct tx *tx, void *arg)
{
	struct enrolment e = probe_of(arg);

	e.user_id = id_of(arg);
	TRY(store_load_enrolment(tx, &e));
	e.verified_at = (moment){ 77 };
	return store_save_enrolment(tx, &e);
}

static enum err change_user(struct tx *tx, void *arg)
{
	struct user u = { .id = id_of(arg) };

	TRY(store_load_user(tx, &u));
	(void)snprintf(u.language, sizeof(u.language), "pt");
	return store_save_user(tx, &u);
}

static enum err add_session(struct tx *tx, void *arg)
{
	const struct session s = {
		.id = { "new" }, .user_id = id_of(arg), .status = STATUS_APPROVED, .created_at = { 900 }
	};

	return store_add_session(tx, &s);
}

static enum err count_otp_try(struct tx *tx, void *arg)
{
	struct otp otp = { .tenant_id = probe_of(arg).tenant_id, .user_id = id_of(arg) };

	TRY(store_load_otp(tx, &otp));
	otp.tries_left--;
	return store_save_otp(tx, &otp);
}

static enum err remove_session(struct tx *tx, void *arg)
{
	struct session s = { 0 };

	(void)snprintf(s.id.text, sizeof(s.id.text), "%s-1", (const char *)arg);
	return store_remove_session(tx, &s);
}

static enum err remove_all(struct tx *tx, void *arg)
{
	struct address a = { .blind_index = probe_of(arg).blind_index };
	struct enrolment e = probe_of(arg);

	e.user_id = id_of(arg);
	TRY(store_remove_enrolment(tx, &e));
	return store_remove_address(tx, &a);
}

static enum err add_all(struct tx *tx, void *arg)
{
	struct enrolment e = probe_of(arg);
	struct address a = { .blind_index = e.blind_index };

	a.user_id = e.user_id = id_of(arg);
	TRY(store_add_address(tx, &a));
	return store_add_enrolment(tx, &e);
}

/* Prefetches and loads another person, which replaces the first prefetch. */
static enum err prefetch_other_person(struct tx *tx, void *arg)
{
	const struct enrolment probe = probe_of(BEN);
	struct loaded loaded;

	(void)arg;
	TRY(store_prefetch(tx, LOAD_PLAN_PERSON, &probe));
	return load_all(tx, BEN, LOAD_PLAN_PERSON, &loaded);
}

static void own_changes_are_loaded(void **state)
{
	static const struct {
		const char *person;
		enum err (*change)(struct tx *tx, void *arg);
	} rows[] = {
		{ "approved", change_address },
		{ "prepared", verify_enrolment },
		{ "approved", change_user },
		{ "open", add_session },
		{ "approved", count_otp_try },
		{ "approved", remove_session },
		{ "approved", remove_all },
		{ "unknown", add_all },
		{ "open", prefetch_other_person },
	};
	struct fixture *const f = *state;

	save_person(f, BEN, find_person("approved"));
	for (size_t i = 0; i < array_len(rows); i++) {
		for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
			char person[16];

			(void)snprintf(person, sizeof(person), "%zu%d", i, c);
			save_person(f, person, find_person(rows[i].person));
			const struct loaded loaded = load_in_tx(f, TX_WRITE,
				(struct load_params){ .person = person,
					.plan = (enum load_plan_kind)c,
					.between = rows[i].change,
					.arg = person });
			const struct loaded expected = load_without_prefetch(f, person);

			assert_loaded_equal(&loaded, &expected);
			struct session added = { .id = { "new" } };

			assert_int_equal(run_action(f, f->store, DO_REMOVE, RECORD_SESSION, &added), OK);
		}
	}
}

/* Prefetched rows of one person must not be returned for another. */
static void prefetched_person_is_not_confused_with_another(void **state)
{
	struct fixture *const f = *state;

	save_person(f, ANA, find_person("approved"));
	save_person(f, BEN, find_person("linked"));
	const struct loaded expected = load_without_prefetch(f, ANA);

	for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
		const struct load_params l = {
			.person = ANA, .plan = (enum load_plan_kind)c, .between = prefetch_other_person
		};
		const struct loaded read_result = load_in_tx(f, TX_READ, l),
				    write_result = load_in_tx(f, TX_WRITE, l);

		assert_loaded_equal(&read_result, &expected);
		assert_loaded_equal(&write_result, &expected);
	}
}

struct pages {
	size_t n[4];
};

static enum err read_pages(struct tx *tx, void *arg)
{
	static const struct page requested[] = { { 0, 1 }, { 1, SESSIONS_NEWEST }, { 0, SESSIONS_NEWEST },
		{ 0, SESSIONS_NEWEST + 1 } };
	struct pages *const pages = arg;
	const struct user user = { .id = { ANA } };
	const struct session probe = { .user_id = user.id };
	struct session rows[SESSIONS_NEWEST + 1];

	TRY(store_prefetch(tx, LOAD_PLAN_PRIMARY_USER, &user));
	for (size_t i = 0; i < array_len(requested); i++)
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, requested[i], rows, &pages->n[i]));
	return OK;
}

static void prefetch_does_not_affect_other_pages(void **state)
{
	struct fixture *const f = *state;
	struct pages pages;

	save_person(f, ANA, find_person("open"));
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, read_pages, &pages), OK);
	assert_int_equal(pages.n[0], 1);
	assert_int_equal(pages.n[1], 2);
	assert_int_equal(pages.n[2], 3);
	assert_int_equal(pages.n[3], 3);
}

static const struct contract_test contracts[] = {
	{ "prefetch does not change the result", prefetch_does_not_change_the_result },
	{ "own changes are loaded", own_changes_are_loaded },
	{ "prefetched person is not confused with another", prefetched_person_is_not_confused_with_another },
	{ "prefetch does not affect other pages", prefetch_does_not_affect_other_pages },
};

/* The following tests run on PostgreSQL only, with concurrent writers. */

static int set_up(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	postgres_create_schema(f);
	f->store = postgres_open(f, 4);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *const f = *state;

	f->store->ops->close(f->store);
	arena_finish(&f->arena);
	free(f);
	return 0;
}

/* Changes all rows of the test on another connection. */
static enum err change_all_rows(struct tx *tx, void *arg)
{
	const struct fixture *const f = arg;

	(void)tx;
	postgres_run_script(f->url, "UPDATE users SET language = 'xx'; UPDATE addresses SET kind = 2;"
				    " UPDATE enrolments SET prepared_at = 99; DELETE FROM sessions");
	return OK;
}

/* When a transaction needs rows beyond a single-statement load plan, the snapshot of that statement has
 * ended. The transaction then runs again, so that all its rows come from one snapshot. */
static void read_transaction_sees_one_snapshot(void **state)
{
	static const struct {
		enum load_plan_kind plan;
		const char *person;
		int runs;
	} rows[] = {
		{ LOAD_PLAN_ENROLMENT, "open", 1 },
		{ LOAD_PLAN_PERSON, "open", 1 },
		{ LOAD_PLAN_KYC_STATUS, "open", 1 },
		{ LOAD_PLAN_KYC_STATUS, "prepared", 2 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		save_person(f, ANA, find_person(rows[i].person));
		const struct loaded before = load_without_prefetch(f, ANA);
		struct load_params l = {
			.person = ANA, .plan = rows[i].plan, .between = change_all_rows, .arg = f
		};

		assert_int_equal(store_transact(f->store, TX_READ, &f->arena, load_with_prefetch, &l), OK);
		const struct loaded after = load_without_prefetch(f, ANA);

		assert_int_equal(l.runs, rows[i].runs);
		assert_loaded_equal(&l.loaded, l.runs == 1 ? &before : &after);
		assert_string_equal(after.primary.language, "xx");
	}
}

/* A transaction that holds locks, on a connection of its own. */
struct lock_holder {
	struct sql *sql;
	struct arena arena;
};

static void lock_rows(struct lock_holder *h, const struct fixture *f, const char *what)
{
	struct str why = STR("");

	arena_init(&h->arena, ARENA_TEST_LIMIT);
	assert_int_equal(pg_tx_open(f->url, PG_TX_NO_TIMEOUT, &h->arena, &h->sql, &why), OK);
	assert_int_equal(h->sql->ops->script(h->sql, "BEGIN"), OK);
	assert_int_equal(h->sql->ops->script(h->sql, what), OK);
}

static void change_and_release(struct lock_holder *h, const char *change)
{
	static const char wait[] =
		"DO $$ BEGIN FOR i IN 1..1000 LOOP"
		" EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM"
		" pg_stat_activity WHERE datname = current_database()));"
		" PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$";

	assert_int_equal(h->sql->ops->script(h->sql, wait), OK);
	assert_int_equal(h->sql->ops->script(h->sql, change), OK);
	assert_int_equal(h->sql->ops->script(h->sql, "COMMIT"), OK);
	h->sql->ops->close(h->sql);
	arena_finish(&h->arena);
}

struct waiting_tx {
	struct fixture *f;
	enum tx_kind kind;
	struct load_params params;
	struct thread thread;
	enum err e;
};

static void run_waiting_tx(void *arg)
{
	struct waiting_tx *const w = arg;

	w->e = store_transact(w->f->store, w->kind, &w->f->arena, load_with_prefetch, &w->params);
}

static struct loaded load_behind_lock(struct fixture *f, enum tx_kind kind, enum load_plan_kind plan,
	const char *locked, const char *change)
{
	struct waiting_tx w = { .f = f, .kind = kind, .params = { .person = ANA, .plan = plan } };
	struct lock_holder h;

	lock_rows(&h, f, locked);
	assert_int_equal(thread_start(&w.thread, run_waiting_tx, &w), OK);
	change_and_release(&h, change);
	thread_join(&w.thread);
	assert_int_equal(w.e, OK);
	return w.params.loaded;
}

/* Another transaction holds a lock, for which the prefetch waits between two of its steps. */
static void waiting_read_transaction_sees_one_snapshot(void **state)
{
	struct fixture *const f = *state;

	for (int c = LOAD_PLAN_PERSON; c <= LOAD_PLAN_KYC_STATUS; c++) {
		save_person(f, ANA, find_person("approved"));
		const struct loaded expected = load_without_prefetch(f, ANA);
		const struct loaded loaded = load_behind_lock(f, TX_READ, (enum load_plan_kind)c,
			"LOCK TABLE users IN ACCESS EXCLUSIVE MODE",
			"UPDATE users SET language = 'xx'; DELETE FROM sessions; DELETE FROM addresses");

		assert_loaded_equal(&loaded, &expected);
	}
}

/* A write transaction that waited for a lock loads the rows as they are after the wait, in every step of the
 * plan. */
static void waiting_write_transaction_sees_the_latest_rows(void **state)
{
	static const struct {
		const char *person, *locked, *change;
	} rows[] = {
		{ "approved", "UPDATE addresses SET primary_user_id = 'ben'", "SELECT 1" },
		{ "linked", "UPDATE addresses SET primary_user_id = ''", "SELECT 1" },
		{ "approved", "UPDATE addresses SET user_id = 'ben'", "SELECT 1" },
		{ "approved", "DELETE FROM addresses", "SELECT 1" },
		{ "prepared", "UPDATE enrolments SET verified_at = 5", "SELECT 1" },
		{ "approved", "UPDATE enrolments SET verified_at = 0", "SELECT 1" },
		{ "approved", "DELETE FROM enrolments", "SELECT 1" },
		{ "prepared", "UPDATE otps SET tries_left = 2", "SELECT 1" },
		{ "approved", "UPDATE users SET language = 'xx'", "DELETE FROM sessions" },
		{ "open", "SELECT 1 FROM users FOR UPDATE", "UPDATE sessions SET status = 0" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
			save_person(f, BEN, find_person("open"));
			save_person(f, ANA, find_person(rows[i].person));
			const struct loaded loaded = load_behind_lock(
				f, TX_WRITE, (enum load_plan_kind)c, rows[i].locked, rows[i].change);
			const struct loaded expected = load_without_prefetch(f, ANA);

			assert_loaded_equal(&loaded, &expected);
			postgres_run_script(f->url,
				"DELETE FROM addresses; DELETE FROM enrolments; DELETE FROM users; DELETE FROM sessions; DELETE FROM otps");
		}
	}
}

/* A row that does not exist cannot be locked. If another transaction adds it meanwhile, the transaction must
 * run again. */
struct rerun_params {
	struct fixture *f;
	int runs;
	bool found;
};

static enum err add_person_once(struct tx *tx, void *arg)
{
	struct rerun_params *const n = arg;
	const struct enrolment probe = probe_of(ANA);
	struct loaded loaded;

	n->runs++;
	TRY(store_prefetch(tx, LOAD_PLAN_ENROLMENT, &probe));
	if (n->runs == 1)
		save_person(n->f, ANA, find_person("approved"));
	TRY(load_all(tx, ANA, LOAD_PLAN_ENROLMENT, &loaded));
	n->found = loaded.address_e == OK;
	return n->found ? OK : add_all(tx, (void *)(uintptr_t)ANA);
}

static void transaction_is_run_again_when_a_missing_row_appears(void **state)
{
	struct rerun_params n = { .f = *state };

	assert_int_equal(store_transact(n.f->store, TX_WRITE, &n.f->arena, add_person_once, &n), OK);
	assert_int_equal(n.runs, 2);
	assert_true(n.found);
}

/* Saves a session that was found by a query, which does not lock it. Another transaction changes the session
 * between the query and the save. */
static enum err save_found_session(struct tx *tx, void *arg)
{
	struct rerun_params *const n = arg;
	const struct enrolment probe = probe_of(ANA);
	struct loaded loaded;

	n->runs++;
	TRY(store_prefetch(tx, LOAD_PLAN_PERSON, &probe));
	if (n->runs == 1)
		postgres_run_script(n->f->url, "UPDATE sessions SET instance_id = 'other'");
	TRY(load_all(tx, ANA, LOAD_PLAN_PERSON, &loaded));
	loaded.newest[0].features[0] = 'f';
	return store_save_session(tx, &loaded.newest[0]);
}

static void changed_row_is_loaded_again_before_it_is_saved(void **state)
{
	struct rerun_params n = { .f = *state };

	save_person(n.f, ANA, find_person("approved"));
	assert_int_equal(store_transact(n.f->store, TX_WRITE, &n.f->arena, save_found_session, &n), OK);
	assert_int_equal(n.runs, 2);
	const struct loaded loaded = load_without_prefetch(n.f, ANA);

	assert_string_equal(loaded.newest[0].instance_id.text, "other");
	assert_string_equal(loaded.newest[0].features, "f");
}

/* The first statement of a transaction shares its round trip with BEGIN. COMMIT needs a round trip of its
 * own. A read transaction with a single-statement plan has no COMMIT. */
static void prefetch_reduces_round_trips(void **state)
{
	static const struct {
		const char *person;
		enum load_plan_kind plan;
		int in_read, in_write;
	} rows[] = {
		{ "approved", LOAD_PLAN_COUNT, 6, 6 },
		{ "approved", LOAD_PLAN_ENROLMENT, 5, 5 },
		{ "approved", LOAD_PLAN_USER, 4, 4 },
		{ "approved", LOAD_PLAN_OTP, 4, 4 },
		{ "approved", LOAD_PLAN_PERSON, 3, 3 },
		{ "approved", LOAD_PLAN_PRIMARY_USER, 5, 5 },
		{ "approved", LOAD_PLAN_KYC_STATUS, 1, 2 },
		{ "linked", LOAD_PLAN_KYC_STATUS, 1, 2 },
		{ "unknown", LOAD_PLAN_KYC_STATUS, 1, 2 },
		/* This person needs rows that the load plan does not cover, so all rows are loaded again, one
		 * by one. */
		{ "prepared", LOAD_PLAN_KYC_STATUS, 5, 4 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		save_person(f, rows[i].person, find_person(rows[i].person));
		for (int writing = 0; writing <= 1; writing++) {
			(void)round_trips_since_last_call();
			(void)load_in_tx(f, writing ? TX_WRITE : TX_READ,
				(struct load_params){ .person = rows[i].person, .plan = rows[i].plan });
			const int round_trips = round_trips_since_last_call();

			if (round_trips != (writing ? rows[i].in_write : rows[i].in_read))
				fail_msg("%s, load plan %d, writing %d: %d round trips", rows[i].person,
					(int)rows[i].plan, writing, round_trips);
		}
	}
}

/* The tests change rows with SQL. */
int main(void)
{
	test_uses_row_key = false;
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest alone[] = {
		TEST(read_transaction_sees_one_snapshot),
		TEST(waiting_read_transaction_sees_one_snapshot),
		TEST(waiting_write_transaction_sees_the_latest_rows),
		TEST(transaction_is_run_again_when_a_missing_row_appears),
		TEST(changed_row_is_loaded_again_before_it_is_saved),
		TEST(prefetch_reduces_round_trips),
	};
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS + array_len(alone)];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	memcpy(tests + array_len(contracts) * IMPLEMENTATIONS, alone, sizeof(alone));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

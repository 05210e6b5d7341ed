/* What is expected to be loaded changes nothing of what is loaded, in any store, whoever changes what
 * meanwhile: only how often the server is asked. */
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

/* A person of a tenant's group, as far as there are rows of them. */
static const struct person_match {
	const char *name;
	bool is_known, is_enrolled, is_proven, is_joined;
	enum session_status statuses[3]; /* of their sessions, oldest first */
	size_t n;
} people[] = {
	{ "nobody", 0, 0, 0, 0, { 0 }, 0 },
	{ "of others", 1, 0, 0, 0, { STATUS_APPROVED }, 1 },
	{ "prepared", 1, 1, 0, 0, { STATUS_APPROVED }, 1 },
	{ "proven", 1, 1, 1, 0, { 0 }, 0 },
	{ "approved", 1, 1, 1, 0, { STATUS_DECLINED, STATUS_APPROVED }, 2 },
	{ "open", 1, 1, 1, 0, { STATUS_APPROVED, STATUS_DECLINED, STATUS_IN_PROGRESS }, 3 },
	{ "joined", 1, 1, 1, 1, { STATUS_APPROVED, STATUS_DECLINED }, 2 },
};

/* All that one can load of somebody, and whether it was there. */
struct seen {
	enum err address_e, enrolment_e, head_e, otp_e; /* ERR_BUSY: it was not asked for */
	struct address address;
	struct enrolment enrolment;
	struct user head;
	struct otp otp;
	struct session newest[SESSIONS_NEWEST];
	size_t n_newest;
};

struct probe_result {
	const char *who;
	enum load_plan_kind plan; /* LOAD_PLAN_COUNT: nothing is expected */
	enum err (*between)(struct tx *tx, void *arg);
	void *arg;
	struct seen seen;
	int runs;
};

static struct enrolment probe_of(const char *who)
{
	struct enrolment e = { .tenant_id = { "t" } };

	(void)snprintf((char *)e.blind_index.bytes, sizeof(e.blind_index.bytes), "%s", who);
	return e;
}

static struct user_id id_of(const char *who)
{
	struct user_id id = { "" };

	(void)snprintf(id.text, sizeof(id.text), "%s", who);
	return id;
}

static struct user_id head_of(const struct address *a)
{
	return a->primary_user_id.text[0] != '\0' ? a->primary_user_id : a->user_id;
}

/* The code is not of a course that is whole. */
static enum err see(struct tx *tx, const char *who, enum load_plan_kind plan, struct seen *s)
{
	struct session probe = { 0 };

	*s = (struct seen){ .enrolment = probe_of(who), .otp_e = ERR_BUSY };
	s->address.blind_index = s->enrolment.blind_index;
	s->address_e = store_load_address(tx, &s->address);
	s->enrolment.user_id = s->address.user_id;
	s->enrolment_e = store_load_enrolment(tx, &s->enrolment);
	s->head.id = probe.user_id = head_of(&s->address);
	s->head_e = store_load_user(tx, &s->head);
	s->otp = (struct otp){ .tenant_id = s->enrolment.tenant_id, .user_id = s->address.user_id };
	if (plan == LOAD_PLAN_COUNT || !load_plans[plan].single_statement)
		s->otp_e = store_load_otp(tx, &s->otp);
	return store_find(
		tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, SESSIONS_NEWEST), s->newest, &s->n_newest);
}

static enum err look(struct tx *tx, void *arg)
{
	struct probe_result *const l = arg;
	const struct enrolment enrolment = probe_of(l->who);
	const struct user user = { .id = id_of(l->who) };
	const void *const probe = l->plan == LOAD_PLAN_PRIMARY_USER ? (const void *)&user : &enrolment;

	l->runs++;
	if (l->plan != LOAD_PLAN_COUNT)
		TRY(store_prefetch(tx, l->plan, probe));
	if (l->between != NULL)
		TRY(l->between(tx, l->arg));
	return see(tx, l->who, l->plan, &l->seen);
}

static void assert_seen(const struct seen *a, const struct seen *b)
{
	assert_int_equal(a->address_e, b->address_e);
	assert_int_equal(a->enrolment_e, b->enrolment_e);
	assert_int_equal(a->head_e, b->head_e);
	if (a->address_e == OK)
		row_assert_equal(RECORD_ADDRESS, &a->address, &b->address);
	if (a->enrolment_e == OK)
		row_assert_equal(RECORD_ENROLMENT, &a->enrolment, &b->enrolment);
	if (a->head_e == OK)
		row_assert_equal(RECORD_USER, &a->head, &b->head);
	if (a->otp_e != ERR_BUSY && b->otp_e != ERR_BUSY)
		assert_int_equal(a->otp_e, b->otp_e);
	if (a->otp_e == OK && b->otp_e == OK)
		row_assert_equal(RECORD_OTP, &a->otp, &b->otp);
	assert_int_equal(a->n_newest, b->n_newest);
	for (size_t i = 0; i < a->n_newest; i++)
		row_assert_equal(RECORD_SESSION, &a->newest[i], &b->newest[i]);
}

static struct seen seen_in(struct fixture *f, enum tx_kind kind, struct probe_result l)
{
	assert_int_equal(store_transact(f->store, kind, &f->arena, look, &l), OK);
	return l.seen;
}

static struct seen plainly(struct fixture *f, const char *who)
{
	return seen_in(f, TX_READ, (struct probe_result){ .who = who, .plan = LOAD_PLAN_COUNT });
}

static void put(struct fixture *f, enum record_kind kind, const void *row)
{
	struct row_space copy;

	memcpy(&copy, row, records[kind].size);
	assert_int_equal(run_action(f, f->store, DO_SAVE, kind, &copy), OK);
}

static void make_user(struct fixture *f, const char *id, const struct person_match *p)
{
	struct user user = { .group_name = "g", .wrapped_key = STR("key"), .created_at = { 7 } };

	(void)snprintf(user.id.text, sizeof(user.id.text), "%s", id);
	put(f, RECORD_USER, &user);
	for (size_t i = 0; i < p->n; i++) {
		struct session s = { .user_id = user.id,
			.status = p->statuses[i],
			.sealed_url = STR("url"),
			.created_at = { 100 + (int64_t)i } };

		(void)snprintf(s.id.text, sizeof(s.id.text), "%s-%zu", id, i);
		put(f, RECORD_SESSION, &s);
	}
}

static void make(struct fixture *f, const char *who, const struct person_match *p)
{
	struct enrolment enrolment = probe_of(who);
	struct address address = {
		.blind_index = enrolment.blind_index, .kind = ADDRESS_EMAIL, .sealed_address = STR("x")
	};
	struct user_id head;

	if (!p->is_known)
		return;
	make_user(f, who, p);
	(void)snprintf(head.text, sizeof(head.text), "%s-head", who);
	address.user_id = id_of(who);
	if (p->is_joined) {
		make_user(f, head.text, p);
		address.primary_user_id = head;
	}
	put(f, RECORD_ADDRESS, &address);
	enrolment.user_id = address.user_id;
	enrolment.prepared_at = (moment){ 1 };
	enrolment.verified_at = (moment){ p->is_proven };
	const struct otp otp = {
		.tenant_id = enrolment.tenant_id, .user_id = address.user_id, .tries_left = 3
	};

	if (p->is_enrolled) {
		put(f, RECORD_ENROLMENT, &enrolment);
		put(f, RECORD_OTP, &otp);
	}
}

static const struct person_match *person(const char *name)
{
	for (size_t i = 0; i < array_len(people); i++) {
		if (strcmp(people[i].name, name) == 0)
			return &people[i];
	}
	fail_msg("nobody is %s", name);
	return NULL;
}

static void all_is_as_without(void **state)
{
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(people); i++) {
		const char *const who = people[i].name;

		make(f, who, &people[i]);
		const struct seen want = plainly(f, who);

		assert_int_equal(want.address_e, people[i].is_known ? OK : ERR_NOT_FOUND);
		for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
			for (int kind = TX_READ; kind <= TX_WRITE_LOW_PRIORITY; kind++) {
				const struct seen seen = seen_in(f, (enum tx_kind)kind,
					(struct probe_result){ .who = who, .plan = (enum load_plan_kind)c });

				assert_seen(&seen, &want);
			}
		}
	}
}

/* What the same transaction does after it said what it would load. */
static enum err change_address(struct tx *tx, void *arg)
{
	struct address a = { .blind_index = probe_of(arg).blind_index };

	TRY(store_load_address(tx, &a));
	a.primary_user_id = (struct user_id){ BEN };
	return store_save_address(tx, &a);
}

static enum err prove(struct tx *tx, void *arg)
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

static enum err count_try(struct tx *tx, void *arg)
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

/* They do not find it again in what they looked at before. */
static enum err expect_another(struct tx *tx, void *arg)
{
	const struct enrolment probe = probe_of(BEN);
	struct seen seen;

	(void)arg;
	TRY(store_prefetch(tx, LOAD_PLAN_PERSON, &probe));
	return see(tx, BEN, LOAD_PLAN_PERSON, &seen);
}

static void what_one_changes_oneself_is_seen(void **state)
{
	static const struct {
		const char *who;
		enum err (*change)(struct tx *tx, void *arg);
	} rows[] = {
		{ "approved", change_address },
		{ "prepared", prove },
		{ "approved", change_user },
		{ "open", add_session },
		{ "approved", count_try },
		{ "approved", remove_session },
		{ "approved", remove_all },
		{ "nobody", add_all },
		{ "open", expect_another },
	};
	struct fixture *const f = *state;

	make(f, BEN, person("approved"));
	for (size_t i = 0; i < array_len(rows); i++) {
		for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
			char who[16];

			(void)snprintf(who, sizeof(who), "%zu%d", i, c);
			make(f, who, person(rows[i].who));
			const struct seen seen = seen_in(f, TX_WRITE,
				(struct probe_result){ .who = who,
					.plan = (enum load_plan_kind)c,
					.between = rows[i].change,
					.arg = who });
			const struct seen want = plainly(f, who);

			assert_seen(&seen, &want);
			struct session added = { .id = { "new" } };

			assert_int_equal(run_action(f, f->store, DO_REMOVE, RECORD_SESSION, &added), OK);
		}
	}
}

/* It tells nothing of others, also of what nobody asks it. */
static void one_is_not_taken_for_another(void **state)
{
	struct fixture *const f = *state;

	make(f, ANA, person("approved"));
	make(f, BEN, person("joined"));
	const struct seen want = plainly(f, ANA);

	for (int c = 0; c < LOAD_PLAN_COUNT; c++) {
		const struct probe_result l = {
			.who = ANA, .plan = (enum load_plan_kind)c, .between = expect_another
		};
		const struct seen read = seen_in(f, TX_READ, l), written = seen_in(f, TX_WRITE, l);

		assert_seen(&read, &want);
		assert_seen(&written, &want);
	}
}

struct pages {
	size_t n[4];
};

static enum err turn_pages(struct tx *tx, void *arg)
{
	static const struct page wanted[] = { { 0, 1 }, { 1, SESSIONS_NEWEST }, { 0, SESSIONS_NEWEST },
		{ 0, SESSIONS_NEWEST + 1 } };
	struct pages *const pages = arg;
	const struct user user = { .id = { ANA } };
	const struct session probe = { .user_id = user.id };
	struct session rows[SESSIONS_NEWEST + 1];

	TRY(store_prefetch(tx, LOAD_PLAN_PRIMARY_USER, &user));
	for (size_t i = 0; i < array_len(wanted); i++)
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, wanted[i], rows, &pages->n[i]));
	return OK;
}

static void another_page_is_another_question(void **state)
{
	struct fixture *const f = *state;
	struct pages pages;

	make(f, ANA, person("open"));
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, turn_pages, &pages), OK);
	assert_int_equal(pages.n[0], 1);
	assert_int_equal(pages.n[1], 2);
	assert_int_equal(pages.n[2], 3);
	assert_int_equal(pages.n[3], 3);
}

static const struct contract_test contracts[] = {
	{ "all is as without", all_is_as_without },
	{ "what one changes oneself is seen", what_one_changes_oneself_is_seen },
	{ "one is not taken for another", one_is_not_taken_for_another },
	{ "another page is another question", another_page_is_another_question },
};

/* PostgreSQL alone, where others write meanwhile. */

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

/* On a connection of its own. */
static enum err script(struct tx *tx, void *arg)
{
	const struct fixture *const f = arg;

	(void)tx;
	postgres_run_script(f->url, "UPDATE users SET language = 'xx'; UPDATE addresses SET kind = 2;"
				    " UPDATE enrolments SET prepared_at = 99; DELETE FROM sessions");
	return OK;
}

/* What is expected to be all may be over by then; whoever wants more gets all of it from one moment. */
static void a_reader_sees_one_moment(void **state)
{
	static const struct {
		enum load_plan_kind plan;
		const char *who;
		int runs;
	} rows[] = {
		{ LOAD_PLAN_ENROLMENT, "open", 1 },
		{ LOAD_PLAN_PERSON, "open", 1 },
		{ LOAD_PLAN_KYC_STATUS, "open", 1 },
		{ LOAD_PLAN_KYC_STATUS, "prepared", 2 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		make(f, ANA, person(rows[i].who));
		const struct seen before = plainly(f, ANA);
		struct probe_result l = { .who = ANA, .plan = rows[i].plan, .between = script, .arg = f };

		assert_int_equal(store_transact(f->store, TX_READ, &f->arena, look, &l), OK);
		const struct seen after = plainly(f, ANA);

		assert_int_equal(l.runs, rows[i].runs);
		assert_seen(&l.seen, l.runs == 1 ? &before : &after);
		assert_string_equal(after.head.language, "xx");
	}
}

/* Somebody who has locked something, and what they do as soon as another waits for them. */
struct holder {
	struct sql *sql;
	struct arena arena;
};

static void hold(struct holder *h, const struct fixture *f, const char *what)
{
	struct str why = STR("");

	arena_init(&h->arena, ARENA_TEST_LIMIT);
	assert_int_equal(pg_tx_open(f->url, PG_TX_NO_TIMEOUT, &h->arena, &h->sql, &why), OK);
	assert_int_equal(h->sql->ops->script(h->sql, "BEGIN"), OK);
	assert_int_equal(h->sql->ops->script(h->sql, what), OK);
}

static void let_go(struct holder *h, const char *last)
{
	static const char wait[] =
		"DO $$ BEGIN FOR i IN 1..1000 LOOP"
		" EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM"
		" pg_stat_activity WHERE datname = current_database()));"
		" PERFORM pg_sleep(0.01); PERFORM pg_stat_clear_snapshot(); END LOOP; END $$";

	assert_int_equal(h->sql->ops->script(h->sql, wait), OK);
	assert_int_equal(h->sql->ops->script(h->sql, last), OK);
	assert_int_equal(h->sql->ops->script(h->sql, "COMMIT"), OK);
	h->sql->ops->close(h->sql);
	arena_finish(&h->arena);
}

struct waiter {
	struct fixture *f;
	enum tx_kind kind;
	struct probe_result look;
	struct thread thread;
	enum err e;
};

static void wait_and_look(void *arg)
{
	struct waiter *const w = arg;

	w->e = store_transact(w->f->store, w->kind, &w->f->arena, look, &w->look);
}

static struct seen seen_behind(
	struct fixture *f, enum tx_kind kind, enum load_plan_kind plan, const char *held, const char *last)
{
	struct waiter w = { .f = f, .kind = kind, .look = { .who = ANA, .plan = plan } };
	struct holder h;

	hold(&h, f, held);
	assert_int_equal(thread_start(&w.thread, wait_and_look, &w), OK);
	let_go(&h, last);
	thread_join(&w.thread);
	assert_int_equal(w.e, OK);
	return w.look.seen;
}

/* The server waits between two steps of a course without BEGIN. */
static void a_reader_that_waits_sees_one_moment(void **state)
{
	struct fixture *const f = *state;

	for (int c = LOAD_PLAN_PERSON; c <= LOAD_PLAN_KYC_STATUS; c++) {
		make(f, ANA, person("approved"));
		const struct seen want = plainly(f, ANA);
		const struct seen seen = seen_behind(f, TX_READ, (enum load_plan_kind)c,
			"LOCK TABLE users IN ACCESS EXCLUSIVE MODE",
			"UPDATE users SET language = 'xx'; DELETE FROM sessions; DELETE FROM addresses");

		assert_seen(&seen, &want);
	}
}

/* A writer sees what it waited for: it takes no step of the way by what was there before. */
static void a_writer_that_waits_sees_what_came(void **state)
{
	static const struct {
		const char *who, *held, *last;
	} rows[] = {
		{ "approved", "UPDATE addresses SET primary_user_id = 'ben'", "SELECT 1" },
		{ "joined", "UPDATE addresses SET primary_user_id = ''", "SELECT 1" },
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
			make(f, BEN, person("open"));
			make(f, ANA, person(rows[i].who));
			const struct seen seen = seen_behind(
				f, TX_WRITE, (enum load_plan_kind)c, rows[i].held, rows[i].last);
			const struct seen want = plainly(f, ANA);

			assert_seen(&seen, &want);
			postgres_run_script(f->url,
				"DELETE FROM addresses; DELETE FROM enrolments; DELETE FROM users; DELETE FROM sessions; DELETE FROM otps");
		}
	}
}

/* Nothing can be held where nothing is. */
struct newcomer {
	struct fixture *f;
	int runs;
	bool found;
};

static enum err come_first(struct tx *tx, void *arg)
{
	struct newcomer *const n = arg;
	const struct enrolment probe = probe_of(ANA);
	struct seen seen;

	n->runs++;
	TRY(store_prefetch(tx, LOAD_PLAN_ENROLMENT, &probe));
	if (n->runs == 1)
		make(n->f, ANA, person("approved"));
	TRY(see(tx, ANA, LOAD_PLAN_ENROLMENT, &seen));
	n->found = seen.address_e == OK;
	return n->found ? OK : add_all(tx, (void *)(uintptr_t)ANA);
}

static void who_comes_second_is_run_again(void **state)
{
	struct newcomer n = { .f = *state };

	assert_int_equal(store_transact(n.f->store, TX_WRITE, &n.f->arena, come_first, &n), OK);
	assert_int_equal(n.runs, 2);
	assert_true(n.found);
}

/* What was found and not held may be another's by then, whether it was expected or not. */
static enum err save_what_is_found(struct tx *tx, void *arg)
{
	struct newcomer *const n = arg;
	const struct enrolment probe = probe_of(ANA);
	struct seen seen;

	n->runs++;
	TRY(store_prefetch(tx, LOAD_PLAN_PERSON, &probe));
	if (n->runs == 1)
		postgres_run_script(n->f->url, "UPDATE sessions SET instance_id = 'other'");
	TRY(see(tx, ANA, LOAD_PLAN_PERSON, &seen));
	seen.newest[0].features[0] = 'f';
	return store_save_session(tx, &seen.newest[0]);
}

static void what_is_saved_was_held(void **state)
{
	struct newcomer n = { .f = *state };

	make(n.f, ANA, person("approved"));
	assert_int_equal(store_transact(n.f->store, TX_WRITE, &n.f->arena, save_what_is_found, &n), OK);
	assert_int_equal(n.runs, 2);
	const struct seen seen = plainly(n.f, ANA);

	assert_string_equal(seen.newest[0].instance_id.text, "other");
	assert_string_equal(seen.newest[0].features, "f");
}

/* BEGIN travels along; COMMIT goes by itself, and not at all where the course is whole. */
static void what_is_expected_is_asked_once(void **state)
{
	static const struct {
		const char *who;
		enum load_plan_kind plan;
		int read, written;
	} rows[] = {
		{ "approved", LOAD_PLAN_COUNT, 6, 6 },
		{ "approved", LOAD_PLAN_ENROLMENT, 5, 5 },
		{ "approved", LOAD_PLAN_USER, 4, 4 },
		{ "approved", LOAD_PLAN_OTP, 4, 4 },
		{ "approved", LOAD_PLAN_PERSON, 3, 3 },
		{ "approved", LOAD_PLAN_PRIMARY_USER, 5, 5 },
		{ "approved", LOAD_PLAN_KYC_STATUS, 1, 2 },
		{ "joined", LOAD_PLAN_KYC_STATUS, 1, 2 },
		{ "nobody", LOAD_PLAN_KYC_STATUS, 1, 2 },
		/* Asks for what the course does not go into: once more, and then for each. */
		{ "prepared", LOAD_PLAN_KYC_STATUS, 5, 4 },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		make(f, rows[i].who, person(rows[i].who));
		for (int writing = 0; writing <= 1; writing++) {
			(void)round_trips_since_last_call();
			(void)seen_in(f, writing ? TX_WRITE : TX_READ,
				(struct probe_result){ .who = rows[i].who, .plan = rows[i].plan });
			const int taken = round_trips_since_last_call();

			if (taken != (writing ? rows[i].written : rows[i].read))
				fail_msg("%s, course %d, %d: %d", rows[i].who, (int)rows[i].plan, writing,
					taken);
		}
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	static const struct CMUnitTest alone[] = {
		TEST(a_reader_sees_one_moment),
		TEST(a_reader_that_waits_sees_one_moment),
		TEST(a_writer_that_waits_sees_what_came),
		TEST(who_comes_second_is_run_again),
		TEST(what_is_saved_was_held),
		TEST(what_is_expected_is_asked_once),
	};
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS + array_len(alone)];

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	memcpy(tests + array_len(contracts) * IMPLEMENTATIONS, alone, sizeof(alone));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

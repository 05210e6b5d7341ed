/* The MACs of rows: what something else than kycd has written to a database is never believed, on both
 * engines (spec/data-protection.md 4). */
#include "stores.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/metrics.h"
#include "port/row_name.h"
#include "store/sqlite/driver.h"

#define ROWS 6

static bool is_postgres(const struct fixture *f)
{
	return f->url[0] != '\0';
}

/* Runs SQL as somebody who can write to the database. */
static void tamper(struct fixture *f, const char *text)
{
	struct sql *sql = NULL;

	if (is_postgres(f)) {
		postgres_run_script(f->url, text);
		return;
	}
	assert_int_equal(sqlite_driver_open(f->path, CONNECTION_READ_WRITE, &sql), OK);
	assert_int_equal(sql->ops->script(sql, text), OK);
	sql->ops->close(sql);
}

/* Returns an SQL expression for a value that differs from every value of a generated row with flavour 0. */
static const char *other_value(const struct fixture *f, const struct column *c)
{
	switch (c->kind) {
	case COLUMN_ID:
		return "'x'";
	case COLUMN_FLAG:
		return "1";
	case COLUMN_INT:
	case COLUMN_ENUM:
	case COLUMN_MOMENT:
		return "3";
	case COLUMN_DIGEST:
		return is_postgres(f) ? "decode(repeat('ab', 32), 'hex')"
				      : "x'abababababababababababababababababababababababababababababababab'";
	case COLUMN_BYTES:
	case COLUMN_MAC:
		break;
	}
	return is_postgres(f) ? "'\\x01'" : "x'01'";
}

static void change_column(struct fixture *f, const struct record *r, const struct column *c)
{
	const struct str text = arena_printf(
		&f->arena, "UPDATE \"%s\" SET \"%s\" = %s", r->table, c->name, other_value(f, c));

	assert_non_null(text.p);
	tamper(f, text.p);
}

static void a_row_with_a_changed_column_is_not_loaded(void **state)
{
	struct fixture *const f = *state;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		const struct record *const r = &records[kind];
		struct row_space row, loaded;

		if (!record_has_mac(r))
			continue;
		row_make(f, (enum record_kind)kind, 1, 0, &row);
		for (size_t i = r->n_keys; i < r->n; i++) {
			print_message("# %s.%s\n", r->table, r->columns[i].name);
			assert_int_equal(run_action(f, f->store, DO_SAVE, (enum record_kind)kind, &row), OK);
			loaded = row;
			assert_int_equal(
				run_action(f, f->store, DO_LOAD, (enum record_kind)kind, &loaded), OK);
			change_column(f, r, &r->columns[i]);
			assert_int_equal(run_action(f, f->store, DO_LOAD, (enum record_kind)kind, &loaded),
				ERR_INTEGRITY);
			assert_int_equal(
				run_action(f, f->store, DO_REMOVE, (enum record_kind)kind, &row), OK);
		}
	}
}

static void a_row_without_a_mac_or_at_another_place_is_not_loaded(void **state)
{
	struct fixture *const f = *state;
	struct session session = { .id = { "a" }, .user_id = { "u" }, .status = STATUS_APPROVED }, loaded;

	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_SESSION, &session), OK);
	loaded = (struct session){ .id = { "b" } };
	tamper(f, "UPDATE sessions SET id = 'b'");
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_SESSION, &loaded), ERR_INTEGRITY);
	tamper(f, is_postgres(f) ? "UPDATE sessions SET id = 'a', mac = ''"
				 : "UPDATE sessions SET id = 'a', mac = x''");
	loaded = (struct session){ .id = { "a" } };
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_SESSION, &loaded), ERR_INTEGRITY);
	tamper(f, is_postgres(f) ? "UPDATE sessions SET mac = '\\x01'" : "UPDATE sessions SET mac = x'01'");
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_SESSION, &loaded), ERR_INTEGRITY);
}

/* The values would abort the process or be an error of the database if they were used. */
static void a_value_that_does_not_fit_its_column_is_a_wrong_mac(void **state)
{
	static const char *const changes[] = {
		"UPDATE api_keys SET rate_per_second = 9223372036854775807",
		"UPDATE api_keys SET label = substr(label || 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', 1)",
	};
	struct fixture *const f = *state;
	struct api_key key = { .id = { "k" }, .rate_per_second = 10 }, loaded = { .id = { "k" } };
	struct otp otp = { .tenant_id = { "t" }, .user_id = { "u" } };

	for (size_t i = 0; i < array_len(changes); i++) {
		assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_API_KEY, &key), OK);
		tamper(f, changes[i]);
		assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_API_KEY, &loaded), ERR_INTEGRITY);
	}
	assert_int_equal(run_action(f, f->store, DO_SAVE, RECORD_OTP, &otp), OK);
	tamper(f, "UPDATE otps SET used = 7");
	assert_int_equal(run_action(f, f->store, DO_LOAD, RECORD_OTP, &otp), ERR_INTEGRITY);
}

struct find_params {
	enum query_kind query;
	struct session probe, rows[ROWS];
	struct page page;
	size_t found;
};

static enum err find(struct tx *tx, void *arg)
{
	struct find_params *const p = arg;

	return store_find(tx, p->query, &p->probe, p->page, p->rows, &p->found);
}

static void add_sessions(struct fixture *f)
{
	for (int i = 0; i < ROWS; i++) {
		struct session session = { .user_id = { "u" },
			.status = STATUS_IN_PROGRESS,
			.created_at = { i + 1 },
			.next_poll_at = { i + 1 } };

		(void)snprintf(session.id.text, sizeof(session.id.text), "s%d", i);
		assert_int_equal(run_action(f, f->store, DO_ADD, RECORD_SESSION, &session), OK);
	}
}

/* The status of a person is derived from this query. */
static void a_query_about_a_person_fails(void **state)
{
	struct fixture *const f = *state;
	struct find_params p = {
		.query = QUERY_SESSIONS_OF_USER, .probe = { .user_id = { "u" } }, .page = page_of(0, ROWS)
	};

	add_sessions(f);
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, find, &p), OK);
	assert_int_equal(p.found, ROWS);
	tamper(f, "UPDATE sessions SET status = 4 WHERE id = 's3'");
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, find, &p), ERR_INTEGRITY);
}

/* Two of three rows of the first page are forged; the page has three authentic rows all the same. */
static void a_query_of_a_worker_steps_over(void **state)
{
	struct fixture *const f = *state;
	struct find_params p = { .query = QUERY_SESSIONS_DUE,
		.probe = { .status = STATUS_IN_PROGRESS, .next_poll_at = { 100 } },
		.page = page_of(0, 3) };
	const int64_t before = metric_read(METRIC_ROWS_FORGED, RECORD_SESSION, 0);

	add_sessions(f);
	tamper(f, "UPDATE sessions SET flow = 'forged' WHERE id IN ('s0', 's2')");
	for (int writing = 0; writing < 2; writing++) {
		assert_int_equal(
			store_transact(f->store, writing ? TX_WRITE : TX_READ, &f->arena, find, &p), OK);
		assert_int_equal(p.found, 3);
		assert_string_equal(p.rows[0].id.text, "s1");
		assert_string_equal(p.rows[1].id.text, "s3");
		assert_string_equal(p.rows[2].id.text, "s4");
	}
	assert_true(metric_read(METRIC_ROWS_FORGED, RECORD_SESSION, 0) >= before + 4);
}

struct walk_params {
	struct walk walk;
	struct session sessions[ROWS];
	enum row_state states[ROWS];
	size_t found;
};

static enum err walk(struct tx *tx, void *arg)
{
	struct walk_params *const p = arg;

	return store_walk(tx, &p->walk, p->sessions, p->states, &p->found);
}

static void a_walk_tells_the_state_of_each_row(void **state)
{
	struct fixture *const f = *state;
	struct walk_params p = { .walk = { .of = RECORD_SESSION, .limit = 4 } };
	struct session last;

	add_sessions(f);
	tamper(f, "UPDATE sessions SET flow = 'forged' WHERE id = 's1'");
	tamper(f, is_postgres(f) ? "UPDATE sessions SET mac = '' WHERE id = 's2'"
				 : "UPDATE sessions SET mac = x'' WHERE id = 's2'");
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, walk, &p), OK);
	assert_int_equal(p.found, 4);
	assert_int_equal(p.states[0], ROW_AUTHENTIC);
	assert_int_equal(p.states[1], ROW_FORGED);
	assert_int_equal(p.states[2], ROW_WITHOUT_MAC);
	assert_int_equal(p.states[3], ROW_AUTHENTIC);
	last = p.sessions[3];
	p.walk.after = &last;
	assert_int_equal(store_transact(f->store, TX_READ, &f->arena, walk, &p), OK);
	assert_int_equal(p.found, 2);
	assert_string_equal(p.sessions[0].id.text, "s4");
	assert_string_equal(p.sessions[1].id.text, "s5");
}

/* Walks through every table with two rows at a time. */
static void a_walk_reads_every_row_of_a_table_once(void **state)
{
	struct fixture *const f = *state;

	for (int kind = 0; kind < RECORD_COUNT; kind++) {
		const struct record *const r = &records[kind];
		struct row_space row;

		for (unsigned i = 1; i <= 5; i++) {
			row_make_narrow((enum record_kind)kind, i, &row);
			assert_int_equal(run_action(f, f->store, DO_SAVE, (enum record_kind)kind, &row), OK);
		}
		print_message("# %s\n", r->table);
		assert_int_equal(walk_all(f, f->store, (enum record_kind)kind, ROW_AUTHENTIC), 5);
	}
}

static void a_row_is_named_by_its_key(void **state)
{
	const struct quota quota = { .tenant_id = { "t" }, .month = 202612 };
	struct address address = { .kind = 0 };
	char name[ROW_NAME_SIZE];

	(void)state;
	row_name_write(RECORD_QUOTA, &quota, name);
	assert_string_equal(name, "t,202612");
	memset(address.blind_index.bytes, 0xa5, sizeof(address.blind_index.bytes));
	row_name_write(RECORD_ADDRESS, &address, name);
	assert_string_equal(name, "a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
}

static const struct contract_test contracts[] = {
	{ "a row with a changed column is not loaded", a_row_with_a_changed_column_is_not_loaded },
	{ "a row without a MAC or at another place is not loaded",
		a_row_without_a_mac_or_at_another_place_is_not_loaded },
	{ "a value that does not fit its column is a wrong MAC",
		a_value_that_does_not_fit_its_column_is_a_wrong_mac },
	{ "a query about a person fails", a_query_about_a_person_fails },
	{ "a query of a worker steps over", a_query_of_a_worker_steps_over },
	{ "a walk tells the state of each row", a_walk_tells_the_state_of_each_row },
	{ "a walk reads every row of a table once", a_walk_reads_every_row_of_a_table_once },
};

/* The memory store has no MACs. */
int main(void)
{
	struct CMUnitTest tests[array_len(contracts) * IMPLEMENTATIONS + 1];
	size_t n = 0;

	contract_tests(contracts, array_len(contracts), IMPLEMENTATIONS, tests);
	for (size_t i = 0; i < array_len(contracts) * IMPLEMENTATIONS; i++)
		if (strstr(tests[i].name, "memory") == NULL)
			tests[n++] = tests[i];
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_row_is_named_by_its_key);
	return _cmocka_run_group_tests("row MACs", tests, n, NULL, NULL);
}

/* Shared code of the contract tests, which check that all implementations of port/store.h behave the same.
 * Each test gets a fixture with its own store in its own folder. Test rows are generated from the column
 * tables of port/record.h, so a new record or column is tested without a change here. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "port/record.h"
#include "port/store.h"
#include "store/postgres/store.h"
#include "store/sqlite/store.h"

#define ARENA_TEST_LIMIT ((size_t)32 * 1024 * 1024)
#define FOLDER_SIZE 64
#define TEST_URL_SIZE 256

struct fixture {
	const struct implementation *implementation;
	struct store *store;
	struct arena arena;
	char folder[FOLDER_SIZE];
	char path[FOLDER_SIZE + 32]; /* path of the SQLite database file */
	char url[TEST_URL_SIZE];     /* URL of the PostgreSQL database, otherwise empty */
};

/* Memory for a row of any record. */
struct row_space {
	_Alignas(max_align_t) char bytes[2048];
};

struct implementation {
	const char *name;
	enum err (*open)(struct fixture *f);
};

#define IMPLEMENTATIONS 3
extern const struct implementation implementations[IMPLEMENTATIONS];

struct contract_test {
	const char *name;
	void (*test)(void **state);
};

/* Fills `out` with every test for each of the first `n_implementations` implementations. */
void contract_tests(
	const struct contract_test *tests, size_t n, size_t n_implementations, struct CMUnitTest *out);

/* The following functions are for tests that open stores themselves. */
/* Creates f->folder, a new folder in /tmp, and sets f->path. */
void folder_make(struct fixture *f);
void folder_remove(struct fixture *f);
/* Set-up and tear-down functions for cmocka: the fixture has a folder and no store. */
int folder_set_up(void **state);
int folder_tear_down(void **state);
/* The key that sqlite_open() and postgres_open() give to a store, unless a test program that changes rows
 * with SQL sets test_uses_row_key to false. */
extern const unsigned char test_row_key[32];
extern bool test_uses_row_key;
/* Asserts that `text` contains `part`. */
void assert_contains(struct str text, const char *part);
/* Opens the SQLite store at f->path. If it is missing, it becomes a copy of a database that was migrated
 * before. Asserts success. */
struct store *sqlite_open(struct fixture *f, size_t queue);
/* Creates an empty schema in the PostgreSQL cluster of the test run (tools/with_postgres.py) and sets f->url.
 */
void postgres_create_schema(struct fixture *f);
/* Opens the PostgreSQL store at f->url. Asserts success. `connections`: 0 for the default. */
struct store *postgres_open(struct fixture *f, size_t connections);
/* Runs an SQL script on a connection of its own. */
void postgres_run_script(const char *url, const char *text);
/* Returns the monotonic time in microseconds, plus the time that the tests have added. */
int64_t test_micros(void);
void test_micros_advance(int64_t micros);

/* An operation on one row, in a transaction of its own. `row` is a struct of the record `kind`. */
enum action_kind { DO_LOAD, DO_SAVE, DO_ADD, DO_REMOVE };
struct store_action {
	enum action_kind action;
	enum record_kind kind;
	void *row;
};
enum err run_action(
	struct fixture *f, struct store *store, enum action_kind action, enum record_kind kind, void *row);

/* Generates a row. `number` determines its key and unique columns. `flavour` determines the other values:
 * with 0 they are empty, with 1 as large as possible, with 2 as small as possible, with any other number
 * pseudo-random. Byte values are allocated in f->arena. */
void row_make(struct fixture *f, enum record_kind kind, unsigned number, unsigned flavour, void *row);
void row_assert_equal(enum record_kind kind, const void *a, const void *b);
/* Generates a row with a distinct key and few different values otherwise, so that many rows share a value. */
void row_make_narrow(enum record_kind kind, unsigned number, void *row);
/* Returns a pseudo-random number. The sequence is the same in every run. */
uint64_t random_u64(void);
/* Walks through a table, two rows at a time, and asserts that each row has that state. Returns their number.
 */
size_t walk_all(struct fixture *f, struct store *store, enum record_kind kind, enum row_state state);

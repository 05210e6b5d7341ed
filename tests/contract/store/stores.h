/* The stores that must agree, and what their tests share: a fixture with a store of its own in a folder of
 * its own, and rows made from the column tables, so that a new record or column is tested without a line
 * here. */
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
#define PLACE_SIZE 256

struct fixture {
	const struct implementation *of;
	struct store *store;
	struct arena arena;
	char folder[FOLDER_SIZE];
	char path[FOLDER_SIZE + 32]; /* of the database, if it is a file */
	char url[PLACE_SIZE];	     /* of it, if it is PostgreSQL's */
};

/* Room for a row of any record. */
struct row_space {
	_Alignas(max_align_t) char bytes[2048];
};

struct implementation {
	const char *name;
	enum err (*open)(struct fixture *f);
};

#define IMPLEMENTATIONS 3
extern const struct implementation implementations[IMPLEMENTATIONS];

struct contract {
	const char *name;
	void (*test)(void **state);
};

/* Fills `out` with each test for each of the first `n_of` implementations, SQLite being the first. */
void contract_tests(const struct contract *tests, size_t n, size_t n_of, struct CMUnitTest *out);

/* For tests that open stores themselves. */
void folder_make(struct fixture *f);
void folder_remove(struct fixture *f);
/* A fixture with a folder and no store, as cmocka wants it. */
int folder_set_up(void **state);
int folder_tear_down(void **state);
/* A sentence for people holds these words. */
void assert_has(struct str text, const char *part);
/* Opens (or makes) the SQLite store in f->path; asserts that it works. */
struct store *sqlite_open(struct fixture *f, size_t queue);
/* An empty place of its own in the cluster that the tests run beside (tools/with_postgres.py): f->url. */
void postgres_make(struct fixture *f);
struct store *postgres_open(struct fixture *f, size_t lanes);
/* Runs a script there, as somebody else. */
void postgres_script_in(const char *url, const char *text);
/* Monotonic microseconds, and how far the tests have moved them. */
int64_t test_micros(void);
void test_micros_add(int64_t more);

/* What one transaction should do, for tests that need no function of their own for it. */
enum action_kind { DO_LOAD, DO_SAVE, DO_ADD, DO_REMOVE };
struct store_action {
	enum action_kind action;
	enum record_kind kind;
	void *row;
};
enum err run_action(
	struct fixture *f, struct store *store, enum action_kind action, enum record_kind kind, void *row);

/* A row whose key and unique column are those of `number`, the rest by `flavour`: 0 is all empty, 1 the
 * largest, 2 the smallest, then anything. Bytes live in the arena. */
void row_make(struct fixture *f, enum record_kind kind, unsigned number, unsigned flavour, void *row);
void row_assert_equal(enum record_kind kind, const void *a, const void *b);
/* Small numbers and few texts, so that many rows have the same; keys differ. */
void row_make_narrow(enum record_kind kind, unsigned number, void *row);
uint64_t luck(void);

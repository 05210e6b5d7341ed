#include "stores.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "kit/memory_store.h"
#include "store/postgres/tx.h"

#define MIGRATED_FILE_LIMIT ((size_t)1024 * 1024)

static _Atomic int64_t micros_moved;
static uint64_t seed = 0x9e3779b97f4a7c15U;

/* xorshift64* with a fixed seed. */
uint64_t random_u64(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dU;
}

int64_t test_micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + micros_moved;
}

void test_micros_advance(int64_t more)
{
	micros_moved += more;
}

void folder_make(struct fixture *f)
{
	(void)snprintf(f->folder, sizeof(f->folder), "/tmp/kycd-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/var/kycd.db", f->folder);
}

static void remove_all(const char *folder)
{
	DIR *const dir = opendir(folder);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char path[sizeof(entry->d_name) + 2 * (size_t)FOLDER_SIZE];

		(void)snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		(void)unlink(path);
	}
	if (dir != NULL)
		(void)closedir(dir);
	(void)rmdir(folder);
}

void folder_remove(struct fixture *f)
{
	char var[FOLDER_SIZE + 8];

	(void)snprintf(var, sizeof(var), "%s/var", f->folder);
	remove_all(var);
	remove_all(f->folder);
}

int folder_set_up(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	folder_make(f);
	*state = f;
	return 0;
}

int folder_tear_down(void **state)
{
	struct fixture *const f = *state;

	arena_finish(&f->arena);
	folder_remove(f);
	free(f);
	return 0;
}

bool test_uses_row_key = true;
const unsigned char test_row_key[32] = "the key of the rows' MACs";

void assert_contains(struct str text, const char *part)
{
	if (memmem(text.p, text.n, part, strlen(part)) == NULL) {
		print_error("\"%.*s\" does not contain \"%s\"\n", STR_ARG(text), part);
		fail();
	}
}

static struct store *sqlite_create_or_open(struct fixture *f, size_t queue)
{
	const struct sqlite_conf conf = {
		.path = str_of(f->path), .creation = CREATE_FIRST, .queue = queue, .micros = test_micros
	};
	struct store *store = NULL;
	struct str why = STR("");
	const enum err e = sqlite_store_open(&conf, &f->arena, &store, &why);

	if (e != OK)
		print_error("%.*s\n", STR_ARG(why));
	assert_int_equal(e, OK);
	if (test_uses_row_key)
		store_set_row_key(store, test_row_key);
	return store;
}

/* Returns a database file without rows. The migrations of a new database take longer than most tests, so they
 * run once per test program. */
static struct str migrated_file(void)
{
	static char bytes[MIGRATED_FILE_LIMIT];
	static size_t n;
	struct fixture f = { 0 };
	struct store *store;
	FILE *in;

	if (n != 0)
		return (struct str){ bytes, n };
	arena_init(&f.arena, ARENA_TEST_LIMIT);
	folder_make(&f);
	store = sqlite_create_or_open(&f, 0);
	store->ops->close(store);
	in = fopen(f.path, "rb");
	assert_non_null(in);
	n = fread(bytes, 1, sizeof(bytes), in);
	assert_true(n > 0 && n < sizeof(bytes));
	(void)fclose(in);
	folder_remove(&f);
	arena_finish(&f.arena);
	return (struct str){ bytes, n };
}

static void migrated_file_write(struct fixture *f)
{
	const struct str file = migrated_file();
	char var[FOLDER_SIZE + 8];
	FILE *out;

	(void)snprintf(var, sizeof(var), "%s/var", f->folder);
	assert_true(mkdir(var, 0700) == 0 || errno == EEXIST);
	out = fopen(f->path, "wbx");
	assert_non_null(out);
	assert_int_equal(chmod(f->path, 0600), 0);
	assert_int_equal(fwrite(file.p, 1, file.n, out), file.n);
	assert_int_equal(fclose(out), 0);
}

struct store *sqlite_open(struct fixture *f, size_t queue)
{
	char marker[sizeof(f->path) + 16];

	(void)snprintf(marker, sizeof(marker), "%s.created", f->path);
	if (access(f->path, F_OK) != 0 && access(marker, F_OK) != 0)
		migrated_file_write(f);
	return sqlite_create_or_open(f, queue);
}

static enum err open_sqlite(struct fixture *f)
{
	f->store = sqlite_open(f, 0);
	return OK;
}

static moment real_now(struct clock *clock)
{
	struct timespec t;

	(void)clock;
	clock_gettime(CLOCK_REALTIME, &t);
	return (moment){ (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 };
}

static enum err open_memory(struct fixture *f)
{
	static const struct clock_ops ops = { .now = real_now };
	static struct clock clock = { .ops = &ops };

	TRY(memory_store_open(&f->store));
	memory_store_set_clock(f->store, &clock);
	return OK;
}

void postgres_run_script(const char *url, const char *text)
{
	struct arena arena;
	struct sql *sql = NULL;
	struct str why = STR("");
	enum err e;

	arena_init(&arena, ARENA_TEST_LIMIT);
	e = pg_tx_open(url, PG_TX_NO_TIMEOUT, &arena, &sql, &why);
	if (e == OK)
		e = sql->ops->script(sql, text);
	if (e != OK)
		print_error("%.*s: %s\n", STR_ARG(why), text);
	assert_int_equal(e, OK);
	sql->ops->close(sql);
	arena_finish(&arena);
}

/* Creates one database per test program, and in it one schema per call. */
void postgres_create_schema(struct fixture *f)
{
	static int n;
	const char *const cluster = getenv("TEST_POSTGRES");
	char text[64];
	struct str rest = str_of(cluster), first;

	if (cluster == NULL)
		print_error("TEST_POSTGRES is not set: run this program with tools/with_postgres.py\n");
	assert_non_null(cluster);
	/* postgresql://USER@/postgres?host=FOLDER */
	assert_true(str_cut(&rest, '?', &first) && str_ends(first, STR("/postgres")));
	first.n -= strlen("postgres");
	if (n == 0) {
		(void)snprintf(text, sizeof(text), "CREATE DATABASE t%d", (int)getpid());
		postgres_run_script(cluster, text);
	}
	(void)snprintf(f->url, sizeof(f->url), "%.*st%d?%.*s", STR_ARG(first), (int)getpid(), STR_ARG(rest));
	(void)snprintf(text, sizeof(text), "CREATE SCHEMA s%d", ++n);
	postgres_run_script(f->url, text);
	(void)snprintf(f->url, sizeof(f->url), "%.*st%d?%.*s&options=-csearch_path%%3Ds%d", STR_ARG(first),
		(int)getpid(), STR_ARG(rest), n);
}

struct store *postgres_open(struct fixture *f, size_t connections)
{
	const struct postgres_conf conf = {
		.url = str_of(f->url), .create = true, .connections = connections, .micros = test_micros
	};
	struct store *store = NULL;
	struct str why = STR("");
	const enum err e = postgres_store_open(&conf, &f->arena, &store, &why);

	if (e != OK)
		print_error("%.*s\n", STR_ARG(why));
	assert_int_equal(e, OK);
	if (test_uses_row_key)
		store_set_row_key(store, test_row_key);
	return store;
}

static enum err open_postgres(struct fixture *f)
{
	postgres_create_schema(f);
	f->store = postgres_open(f, 0);
	return OK;
}

const struct implementation implementations[IMPLEMENTATIONS] = {
	{ "sqlite", open_sqlite },
	{ "memory", open_memory },
	{ "postgres", open_postgres },
};

static int set_up(void **state)
{
	struct fixture *const f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->implementation = *state;
	arena_init(&f->arena, ARENA_TEST_LIMIT);
	folder_make(f);
	assert_int_equal(f->implementation->open(f), OK);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *const f = *state;

	if (f->store != NULL)
		f->store->ops->close(f->store);
	arena_finish(&f->arena);
	folder_remove(f);
	free(f);
	return 0;
}

void contract_tests(
	const struct contract_test *tests, size_t n, size_t n_implementations, struct CMUnitTest *out)
{
	static char names[64][96];
	size_t i = 0;

	for (size_t k = 0; k < n_implementations; k++) {
		for (size_t t = 0; t < n; t++, i++) {
			assert_true(i < array_len(names));
			(void)snprintf(
				names[i], sizeof(names[i]), "%s: %s", implementations[k].name, tests[t].name);
			out[i] = (struct CMUnitTest){
				.name = names[i],
				.test_func = tests[t].test,
				.setup_func = set_up,
				.teardown_func = tear_down,
				/* cmocka's initial_state is not const, but set_up only reads it. */
				.initial_state = (void *)(uintptr_t)&implementations[k],
			};
		}
	}
}

static enum err do_one(struct tx *tx, void *arg)
{
	const struct store_action *const d = arg;

	switch (d->action) {
	case DO_LOAD:
		return tx->ops->load(tx, d->kind, d->row);
	case DO_SAVE:
		return tx->ops->save(tx, d->kind, d->row);
	case DO_ADD:
		return tx->ops->add(tx, d->kind, d->row);
	case DO_REMOVE:
		return tx->ops->remove(tx, d->kind, d->row);
	}
	return ERR_INTERNAL;
}

enum err run_action(
	struct fixture *f, struct store *store, enum action_kind action, enum record_kind kind, void *row)
{
	struct store_action d = { action, kind, row };

	return store_transact(store, action == DO_LOAD ? TX_READ : TX_WRITE, &f->arena, do_one, &d);
}

static void put_number(const struct column *c, char *at, int64_t number)
{
	const int word = (int)number;
	const bool flag = (number & 1) != 0;

	if (c->kind == COLUMN_ENUM)
		memcpy(at, &word, sizeof(word));
	else if (c->kind == COLUMN_FLAG)
		memcpy(at, &flag, sizeof(flag));
	else
		memcpy(at, &number, sizeof(number));
}

static int64_t number_by(const struct column *c, unsigned flavour)
{
	if (flavour == 0)
		return 0;
	if (flavour == 1)
		return c->kind == COLUMN_ENUM ? INT_MAX : INT64_MAX;
	if (flavour == 2)
		return c->kind == COLUMN_ENUM ? INT_MIN : INT64_MIN;
	return (int64_t)random_u64();
}

/* Writes text with letters, quotes, SQL syntax and two-byte characters, always as valid UTF-8. */
static void put_text(char *at, size_t size, unsigned flavour)
{
	static const char *const pieces[] = { "a", "Z", "7", "'", "\"", "$1", "\\", "%", "\xc3\xa9", "--",
		"\n", " " };
	const size_t room = flavour == 1 ? size - 1 : random_u64() % size;
	size_t n = 0;

	memset(at, 0, size);
	if (flavour == 0 || flavour == 2)
		return;
	for (;;) {
		const char *const piece = pieces[random_u64() % array_len(pieces)];

		if (n + strlen(piece) > room)
			break;
		memcpy(at + n, piece, strlen(piece));
		n += strlen(piece);
	}
	memset(at + n, 'x', room - n);
}

static void put_bytes(struct fixture *f, char *at, unsigned flavour)
{
	const size_t sizes[] = { 0, (size_t)64 * 1024, 256, 1 };
	const size_t n = sizes[flavour % array_len(sizes)];
	char *const p = arena_bytes(&f->arena, n + 1, 1);
	const struct str bytes = { p, n };

	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		p[i] = (char)(flavour == 2 ? i : random_u64() & 0xff);
	memcpy(at, &bytes, sizeof(bytes));
}

/* Writes a value that is distinct for each number, for every kind of column. */
static void put_key(const struct column *c, char *at, unsigned number)
{
	if (column_is_number(c)) {
		put_number(c, at, (int64_t)number);
		return;
	}
	memset(at, 0, c->size);
	if (c->kind == COLUMN_ID) {
		(void)snprintf(at, c->size, "%u", number);
		return;
	}
	for (size_t i = 0; i < c->size; i++)
		at[i] = (char)(number >> (i % 4 * 8));
}

static bool is_key(const struct record *r, size_t i)
{
	return i < r->n_keys || (r->unique != NULL && strcmp(r->columns[i].name, r->unique) == 0);
}

void row_make(struct fixture *f, enum record_kind kind, unsigned number, unsigned flavour, void *row)
{
	const struct record *const r = &records[kind];

	memset(row, 0, r->size);
	for (size_t i = 0; i < r->n - (size_t)record_has_mac(r); i++) {
		const struct column *const c = &r->columns[i];
		char *const at = (char *)row + c->offset;

		if (is_key(r, i))
			put_key(c, at, number);
		else if (c->kind == COLUMN_ID)
			put_text(at, c->size, flavour);
		else if (c->kind == COLUMN_BYTES)
			put_bytes(f, at, flavour);
		else if (c->kind == COLUMN_DIGEST)
			memset(at, flavour == 0 ? 0 : (int)(random_u64() & 0xff), c->size);
		else
			put_number(c, at, number_by(c, flavour));
	}
}

void row_make_narrow(enum record_kind kind, unsigned number, void *row)
{
	const struct record *const r = &records[kind];

	memset(row, 0, r->size);
	for (size_t i = 0; i < r->n - (size_t)record_has_mac(r); i++) {
		const struct column *const c = &r->columns[i];
		char *const at = (char *)row + c->offset;
		const struct str bytes = STR("b");

		if (is_key(r, i))
			put_key(c, at, r->n_keys == 1 ? number : i == 0 ? number % 3 : number / 3);
		else if (c->kind == COLUMN_ID)
			(void)snprintf(at, c->size, "%u", (unsigned)(random_u64() % 3));
		else if (c->kind == COLUMN_BYTES)
			memcpy(at, &bytes, sizeof(bytes));
		else if (c->kind == COLUMN_DIGEST)
			memset(at, (int)(random_u64() % 3), c->size);
		else
			put_number(c, at, (int64_t)(random_u64() % 4));
	}
}

void row_assert_equal(enum record_kind kind, const void *a, const void *b)
{
	const struct record *const r = &records[kind];

	for (size_t i = 0; i < r->n; i++) {
		const struct column *const c = &r->columns[i];
		const char *const x = (const char *)a + c->offset, *const y = (const char *)b + c->offset;
		struct str p, q;

		if (c->kind == COLUMN_ID) {
			assert_string_equal(x, y);
		} else if (c->kind == COLUMN_BYTES) {
			memcpy(&p, x, sizeof(p));
			memcpy(&q, y, sizeof(q));
			assert_int_equal(p.n, q.n);
			assert_non_null(q.p);
			assert_memory_equal(p.p, q.p, p.n);
		} else {
			assert_memory_equal(x, y, c->size);
		}
	}
}

struct walk_job {
	struct walk walk;
	struct row_space *rows;
	enum row_state states[2];
	size_t found;
};

static enum err walk_two(struct tx *tx, void *arg)
{
	struct walk_job *const job = arg;

	return store_walk(tx, &job->walk, job->rows, job->states, &job->found);
}

size_t walk_all(struct fixture *f, struct store *store, enum record_kind kind, enum row_state state)
{
	const size_t size = records[kind].size;
	struct row_space rows[2], last;
	struct walk_job job = { .walk = { .of = kind, .limit = 2 }, .rows = rows };
	size_t n = 0;

	do {
		assert_int_equal(store_transact(store, TX_READ, &f->arena, walk_two, &job), OK);
		for (size_t i = 0; i < job.found; i++)
			assert_int_equal(job.states[i], state);
		n += job.found;
		if (job.found > 0)
			memcpy(&last, (const char *)rows + (job.found - 1) * size, size);
		job.walk.after = &last;
	} while (job.found == job.walk.limit);
	return n;
}

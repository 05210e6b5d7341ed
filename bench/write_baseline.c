/* The baselines for kycd's durable writes, measured on the same disk and with the same SQLite library:
 *
 *   write_baseline flush FOLDER SECONDS           appends 4 KiB and calls fdatasync, repeatedly
 *   write_baseline sqlite FOLDER SCHEMA SECONDS   writes the rows of one new person per commit, on one thread
 *
 * Prints `name value unit` lines. The files stay in FOLDER, so that the database grows from run to run as
 * kycd's does. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#define SAMPLES_MAX ((size_t)4 * 1024 * 1024)
#define PATH_SIZE 4096
#define SCHEMA_SIZE ((size_t)256 * 1024)

struct samples {
	uint32_t *micros;
	size_t n;
	int64_t start, end;
};

static void die(const char *what)
{
	fprintf(stderr, "write_baseline: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t nanos(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static struct samples samples_open(const char *seconds)
{
	struct samples s = { .micros = calloc(SAMPLES_MAX, sizeof(uint32_t)) };

	if (s.micros == NULL)
		die("memory");
	s.start = nanos();
	s.end = s.start + strtoll(seconds, NULL, 10) * 1000000000;
	return s;
}

/* Records one sample. Returns false when the time is over. */
static bool samples_add(struct samples *s, int64_t began)
{
	const int64_t now = nanos();

	s->micros[s->n++] = (uint32_t)((now - began) / 1000);
	if (now < s->end && s->n < SAMPLES_MAX)
		return true;
	s->end = now;
	return false;
}

static int compare_uint32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void samples_print(struct samples *s, const char *name)
{
	qsort(s->micros, s->n, sizeof(s->micros[0]), compare_uint32);
	printf("%s_rate %.0f per_s\n", name, (double)s->n * 1e9 / (double)(s->end - s->start));
	printf("%s_p50 %.3f ms\n", name, s->micros[s->n / 2] / 1000.0);
	printf("%s_p99 %.3f ms\n", name, s->micros[s->n - s->n / 100 - 1] / 1000.0);
	free(s->micros);
}

static void measure_flush(const char *folder, const char *seconds)
{
	char path[PATH_SIZE], block[4096];
	struct samples s;
	int64_t began;
	int fd;

	memset(block, 'k', sizeof(block));
	snprintf(path, sizeof(path), "%s/flush", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		die(path);
	s = samples_open(seconds);
	do {
		began = nanos();
		if (write(fd, block, sizeof(block)) != sizeof(block) || fdatasync(fd) != 0)
			die(path);
	} while (samples_add(&s, began));
	close(fd);
	samples_print(&s, "flush");
}

/* The statements of a `prepare` of a new person: two look-ups (KNOWN: is the address known? ENROLLED: is it
 * enrolled at the tenant?) and four inserts. The inserted values have the same sizes as in kycd. */
enum statement { BEGIN, KNOWN, ENROLLED, USER, ADDRESS, ENROLMENT, AUDIT, COMMIT, STATEMENTS };

static const char *const texts[STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[ENROLLED] = "SELECT prepared_at, verified_at, last_mail_id FROM enrolments"
		     " WHERE tenant_id = $1 AND user_id = $2 AND blind_index = $3",
	[KNOWN] = "SELECT kind, user_id, sealed_address, created_at FROM addresses WHERE blind_index = $1",
	[USER] =
		"INSERT INTO users (id, group_name, wrapped_key, language, created_at, tries_reset_at, send_tat,"
		" orphan_suspected_at, linked_user_ids, link_send_tat, blind_index)"
		" VALUES ($1, 'acme', $2, '', $3, 0, 0, 0, '', 0, $4) ON CONFLICT DO NOTHING",
	[ADDRESS] =
		"INSERT INTO addresses (blind_index, kind, user_id, sealed_address, created_at) VALUES ($1, 0, $2, $3, $4)"
		" ON CONFLICT DO NOTHING",
	[ENROLMENT] =
		"INSERT INTO enrolments (tenant_id, user_id, blind_index, prepared_at, verified_at, last_mail_id)"
		" VALUES ($1, $2, $3, $4, 0, '') ON CONFLICT DO NOTHING",
	[AUDIT] =
		"INSERT INTO audit_entries (id, at, actor_kind, actor, action, subject, tenant_id, request_id, detail)"
		" VALUES ($1, $2, 1, 'k3y1d4ab', 1, $3, $4, $5, '') ON CONFLICT DO NOTHING",
	[COMMIT] = "COMMIT",
};

#define TENANT "01hf3k4m5n6p7q8r9s0t1v2w3x"

struct person {
	char id[27], audit_id[27], request_id[27];
	unsigned char blind[32], wrapped[73], sealed[68];
	int64_t at;
};

struct database {
	sqlite3 *connection;
	sqlite3_stmt *statements[STATEMENTS];
};

static void check(struct database *db, int code, const char *what)
{
	if (code == SQLITE_OK || code == SQLITE_DONE)
		return;
	fprintf(stderr, "write_baseline: %s: %s\n", what, sqlite3_errmsg(db->connection));
	exit(1);
}

/* Makes an id that begins with the time, so that ids grow with time as kycd's do. */
static void make_id(int64_t at, uint64_t random, char out[27])
{
	snprintf(
		out, 27, "%010llx%016llx", (unsigned long long)at & 0xffffffffff, (unsigned long long)random);
}

static void make_person(struct person *p)
{
	uint64_t random[3];
	struct timespec now;

	if (getrandom(p->blind, sizeof(p->blind), 0) != sizeof(p->blind) ||
		getrandom(p->wrapped, sizeof(p->wrapped), 0) != sizeof(p->wrapped) ||
		getrandom(p->sealed, sizeof(p->sealed), 0) != sizeof(p->sealed) ||
		getrandom(random, sizeof(random), 0) != sizeof(random))
		die("random");
	clock_gettime(CLOCK_REALTIME, &now);
	p->at = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	make_id(p->at, random[0], p->id);
	make_id(p->at, random[1], p->audit_id);
	make_id(p->at, random[2], p->request_id);
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	(void)sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

static void bind_bytes(sqlite3_stmt *stmt, int i, const void *bytes, size_t n)
{
	(void)sqlite3_bind_blob(stmt, i, bytes, (int)n, SQLITE_STATIC);
}

static void bind_reads(const struct database *db, const struct person *p)
{
	bind_text(db->statements[ENROLLED], 1, TENANT);
	bind_text(db->statements[ENROLLED], 2, "");
	bind_bytes(db->statements[ENROLLED], 3, p->blind, sizeof(p->blind));
	bind_bytes(db->statements[KNOWN], 1, p->blind, sizeof(p->blind));
}

static void bind_writes(const struct database *db, const struct person *p)
{
	bind_text(db->statements[USER], 1, p->id);
	bind_bytes(db->statements[USER], 2, p->wrapped, sizeof(p->wrapped));
	(void)sqlite3_bind_int64(db->statements[USER], 3, p->at);
	bind_bytes(db->statements[USER], 4, p->blind, sizeof(p->blind));
	bind_bytes(db->statements[ADDRESS], 1, p->blind, sizeof(p->blind));
	bind_text(db->statements[ADDRESS], 2, p->id);
	bind_bytes(db->statements[ADDRESS], 3, p->sealed, sizeof(p->sealed));
	(void)sqlite3_bind_int64(db->statements[ADDRESS], 4, p->at);
	bind_text(db->statements[ENROLMENT], 1, TENANT);
	bind_text(db->statements[ENROLMENT], 2, p->id);
	bind_bytes(db->statements[ENROLMENT], 3, p->blind, sizeof(p->blind));
	(void)sqlite3_bind_int64(db->statements[ENROLMENT], 4, p->at);
	bind_text(db->statements[AUDIT], 1, p->audit_id);
	(void)sqlite3_bind_int64(db->statements[AUDIT], 2, p->at);
	bind_text(db->statements[AUDIT], 3, p->id);
	bind_text(db->statements[AUDIT], 4, TENANT);
	bind_text(db->statements[AUDIT], 5, p->request_id);
}

static void prepare_one(struct database *db)
{
	struct person p;

	make_person(&p);
	bind_reads(db, &p);
	bind_writes(db, &p);
	for (int i = 0; i < STATEMENTS; i++) {
		check(db, sqlite3_step(db->statements[i]), texts[i]);
		(void)sqlite3_reset(db->statements[i]);
	}
}

static void read_schema(const char *path, char *out)
{
	FILE *const file = fopen(path, "re");
	size_t n;

	if (file == NULL)
		die(path);
	n = fread(out, 1, SCHEMA_SIZE - 1, file);
	fclose(file);
	out[n] = '\0';
}

static void database_open(struct database *db, const char *folder, const char *schema)
{
	static char text[SCHEMA_SIZE];
	char path[PATH_SIZE];
	bool fresh;

	snprintf(path, sizeof(path), "%s/baseline.db", folder);
	fresh = access(path, F_OK) != 0;
	check(db, sqlite3_open(path, &db->connection), path);
	check(db,
		sqlite3_exec(db->connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL,
			NULL, NULL),
		"pragma");
	read_schema(schema, text);
	if (fresh)
		check(db, sqlite3_exec(db->connection, text, NULL, NULL, NULL), "schema");
	for (int i = 0; i < STATEMENTS; i++)
		check(db, sqlite3_prepare_v2(db->connection, texts[i], -1, &db->statements[i], NULL),
			texts[i]);
}

static void measure_sqlite(const char *folder, const char *schema, const char *seconds)
{
	struct database db = { 0 };
	struct samples s;
	int64_t began;

	database_open(&db, folder, schema);
	s = samples_open(seconds);
	do {
		began = nanos();
		prepare_one(&db);
	} while (samples_add(&s, began));
	for (int i = 0; i < STATEMENTS; i++)
		(void)sqlite3_finalize(db.statements[i]);
	check(&db, sqlite3_close(db.connection), "close");
	samples_print(&s, "sqlite");
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "flush") == 0)
		measure_flush(argv[2], argv[3]);
	else if (argc == 5 && strcmp(argv[1], "sqlite") == 0)
		measure_sqlite(argv[2], argv[3], argv[4]);
	else
		return 2;
	return 0;
}

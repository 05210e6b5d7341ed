/* What kycd's durable writes are measured against, on the disk and with the library of the same run:
 *
 *   yardstick flush FOLDER SECONDS           fdatasync after each append of 4 KiB
 *   yardstick sqlite FOLDER SCHEMA SECONDS   the rows of one new person, one thread, a commit each
 *
 * Prints `name value unit` lines. Leaves its files in FOLDER: the database grows from run to run there, as
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
	fprintf(stderr, "yardstick: %s: %s\n", what, strerror(errno));
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

/* False: the time is over. */
static bool samples_add(struct samples *s, int64_t began)
{
	const int64_t now = nanos();

	s->micros[s->n++] = (uint32_t)((now - began) / 1000);
	if (now < s->end && s->n < SAMPLES_MAX)
		return true;
	s->end = now;
	return false;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void samples_print(struct samples *s, const char *name)
{
	qsort(s->micros, s->n, sizeof(s->micros[0]), by_size);
	printf("%s_rate %.0f per_s\n", name, (double)s->n * 1e9 / (double)(s->end - s->start));
	printf("%s_p50 %.3f ms\n", name, s->micros[s->n / 2] / 1000.0);
	printf("%s_p99 %.3f ms\n", name, s->micros[s->n - s->n / 100 - 1] / 1000.0);
	free(s->micros);
}

static void flush(const char *folder, const char *seconds)
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

/* The statements of one prepare of somebody new: is this address enrolled, is it known, and what is written
 * then. Values are of the sizes that kycd writes. */
enum step { BEGIN, KNOWN, ENROLLED, USER, ADDRESS, ENROL, TRAIL, COMMIT, STEPS };

static const char *const texts[STEPS] = {
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
	[ENROL] =
		"INSERT INTO enrolments (tenant_id, user_id, blind_index, prepared_at, verified_at, last_mail_id)"
		" VALUES ($1, $2, $3, $4, 0, '') ON CONFLICT DO NOTHING",
	[TRAIL] =
		"INSERT INTO audit_entries (id, at, actor_kind, actor, action, subject, tenant_id, request_id, detail)"
		" VALUES ($1, $2, 1, 'k3y1d4ab', 1, $3, $4, $5, '') ON CONFLICT DO NOTHING",
	[COMMIT] = "COMMIT",
};

#define TENANT "01hf3k4m5n6p7q8r9s0t1v2w3x"

struct person {
	char id[27], trail[27], request[27];
	unsigned char blind[32], wrapped[73], sealed[68];
	int64_t at;
};

struct base {
	sqlite3 *db;
	sqlite3_stmt *steps[STEPS];
};

static void check(struct base *b, int code, const char *what)
{
	if (code == SQLITE_OK || code == SQLITE_DONE)
		return;
	fprintf(stderr, "yardstick: %s: %s\n", what, sqlite3_errmsg(b->db));
	exit(1);
}

/* Grows with time, as kycd's ids do. */
static void make_id(int64_t at, uint64_t luck, char out[27])
{
	snprintf(out, 27, "%010llx%016llx", (unsigned long long)at & 0xffffffffff, (unsigned long long)luck);
}

static void make_person(struct person *p)
{
	uint64_t luck[3];
	struct timespec now;

	if (getrandom(p->blind, sizeof(p->blind), 0) != sizeof(p->blind) ||
		getrandom(p->wrapped, sizeof(p->wrapped), 0) != sizeof(p->wrapped) ||
		getrandom(p->sealed, sizeof(p->sealed), 0) != sizeof(p->sealed) ||
		getrandom(luck, sizeof(luck), 0) != sizeof(luck))
		die("random");
	clock_gettime(CLOCK_REALTIME, &now);
	p->at = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	make_id(p->at, luck[0], p->id);
	make_id(p->at, luck[1], p->trail);
	make_id(p->at, luck[2], p->request);
}

static void bind_text(sqlite3_stmt *stmt, int i, const char *text)
{
	(void)sqlite3_bind_text(stmt, i, text, -1, SQLITE_STATIC);
}

static void bind_bytes(sqlite3_stmt *stmt, int i, const void *bytes, size_t n)
{
	(void)sqlite3_bind_blob(stmt, i, bytes, (int)n, SQLITE_STATIC);
}

static void bind_reads(const struct base *b, const struct person *p)
{
	bind_text(b->steps[ENROLLED], 1, TENANT);
	bind_text(b->steps[ENROLLED], 2, "");
	bind_bytes(b->steps[ENROLLED], 3, p->blind, sizeof(p->blind));
	bind_bytes(b->steps[KNOWN], 1, p->blind, sizeof(p->blind));
}

static void bind_writes(const struct base *b, const struct person *p)
{
	bind_text(b->steps[USER], 1, p->id);
	bind_bytes(b->steps[USER], 2, p->wrapped, sizeof(p->wrapped));
	(void)sqlite3_bind_int64(b->steps[USER], 3, p->at);
	bind_bytes(b->steps[USER], 4, p->blind, sizeof(p->blind));
	bind_bytes(b->steps[ADDRESS], 1, p->blind, sizeof(p->blind));
	bind_text(b->steps[ADDRESS], 2, p->id);
	bind_bytes(b->steps[ADDRESS], 3, p->sealed, sizeof(p->sealed));
	(void)sqlite3_bind_int64(b->steps[ADDRESS], 4, p->at);
	bind_text(b->steps[ENROL], 1, TENANT);
	bind_text(b->steps[ENROL], 2, p->id);
	bind_bytes(b->steps[ENROL], 3, p->blind, sizeof(p->blind));
	(void)sqlite3_bind_int64(b->steps[ENROL], 4, p->at);
	bind_text(b->steps[TRAIL], 1, p->trail);
	(void)sqlite3_bind_int64(b->steps[TRAIL], 2, p->at);
	bind_text(b->steps[TRAIL], 3, p->id);
	bind_text(b->steps[TRAIL], 4, TENANT);
	bind_text(b->steps[TRAIL], 5, p->request);
}

static void prepare_one(struct base *b)
{
	struct person p;

	make_person(&p);
	bind_reads(b, &p);
	bind_writes(b, &p);
	for (int i = 0; i < STEPS; i++) {
		check(b, sqlite3_step(b->steps[i]), texts[i]);
		(void)sqlite3_reset(b->steps[i]);
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

static void base_open(struct base *b, const char *folder, const char *schema)
{
	static char text[SCHEMA_SIZE];
	char path[PATH_SIZE];
	bool fresh;

	snprintf(path, sizeof(path), "%s/yardstick.db", folder);
	fresh = access(path, F_OK) != 0;
	check(b, sqlite3_open(path, &b->db), path);
	check(b,
		sqlite3_exec(b->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL, NULL),
		"pragma");
	read_schema(schema, text);
	if (fresh)
		check(b, sqlite3_exec(b->db, text, NULL, NULL, NULL), "schema");
	for (int i = 0; i < STEPS; i++)
		check(b, sqlite3_prepare_v2(b->db, texts[i], -1, &b->steps[i], NULL), texts[i]);
}

static void sqlite(const char *folder, const char *schema, const char *seconds)
{
	struct base b = { 0 };
	struct samples s;
	int64_t began;

	base_open(&b, folder, schema);
	s = samples_open(seconds);
	do {
		began = nanos();
		prepare_one(&b);
	} while (samples_add(&s, began));
	for (int i = 0; i < STEPS; i++)
		(void)sqlite3_finalize(b.steps[i]);
	check(&b, sqlite3_close(b.db), "close");
	samples_print(&s, "sqlite");
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "flush") == 0)
		flush(argv[2], argv[3]);
	else if (argc == 5 && strcmp(argv[1], "sqlite") == 0)
		sqlite(argv[2], argv[3], argv[4]);
	else
		return 2;
	return 0;
}

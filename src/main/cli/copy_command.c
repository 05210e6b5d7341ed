/* `kycd db copy`: everything from one database to another, whichever engines these have. It needs no setting:
 * the two URLs say all. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/cli/command.h"
#include "main/config/database_text.h"
#include "main/daemon/database.h"
#include "main/platform/process.h"
#include "main/platform/system_clock.h"
#include "store/copy/copy.h"
#include "store/postgres/copy_endpoint.h"
#include "store/sqlite/copy_endpoint.h"
#include "store/sqlite/diagnosis.h"
#include "store/sqlite/store.h"
#include "text/json.h"

#define ENDS 2
#define LINE_SIZE 4096
#define TERMINAL_EVERY milliseconds(200)
#define LINE_EVERY seconds(5)

static const char *const options[ENDS] = { [COPY_SOURCE] = "--from", [COPY_TARGET] = "--to" };

struct move {
	struct arena arena;
	struct str urls[ENDS];
	struct instance_lock holds[ENDS];
	struct copy_endpoint *ends[ENDS];
	bool terminal; /* stderr is one */
	enum copy_phase phase;
	int64_t told; /* ticks of the last line */
	struct copy_result copied;
};

/* A password in it is shown in no list of processes. */
static bool read_line(struct move *m, const char *option, struct str *out)
{
	char line[LINE_SIZE];

	if (!fgets(line, sizeof(line), stdin) || strlen(line) == sizeof(line) - 1) {
		fprintf(stderr, "kycd: standard input has no URL for %s\n", option);
		return false;
	}
	*out = arena_copy(&m->arena, str_trim(str_of(line)));
	secure_wipe(line, sizeof(line));
	return out->p != NULL;
}

static bool take_url(struct move *m, const struct args *args, enum copy_role use)
{
	const struct str text = args_text(args, options[use]);
	const char *fault;

	m->urls[use] = text;
	if (text.p == NULL) {
		fprintf(stderr, "kycd: %s is missing\n", options[use]);
		return false;
	}
	if (str_eq(text, STR("-")) && !read_line(m, options[use], &m->urls[use]))
		return false;
	fault = database_fault(m->urls[use]);
	if (fault != NULL)
		fprintf(stderr, "kycd: %s must be %s\n", options[use], fault);
	return fault == NULL;
}

static bool take_urls(struct move *m, const struct args *args)
{
	const struct str from = args_text(args, "--from"), to = args_text(args, "--to");

	if (from.p != NULL && to.p != NULL && str_eq(from, to)) {
		fprintf(stderr, "kycd: --from and --to must be two databases\n");
		return false;
	}
	return take_url(m, args, COPY_SOURCE) && take_url(m, args, COPY_TARGET);
}

static bool is_file(const struct move *m, enum copy_role use)
{
	return database_text_is_file(m->urls[use]);
}

static struct str path_of(const struct move *m, enum copy_role use)
{
	return str_from(m->urls[use], strlen("sqlite:"));
}

/* Whatever names lead to them. */
static bool are_one(struct move *m)
{
	struct stat here, there;
	const struct str from = arena_copy(&m->arena, path_of(m, COPY_SOURCE));
	const struct str to = arena_copy(&m->arena, path_of(m, COPY_TARGET));

	return is_file(m, COPY_SOURCE) && is_file(m, COPY_TARGET) && from.p != NULL && to.p != NULL &&
	       stat(from.p, &here) == 0 && stat(to.p, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* Held as a server holds it: none serves on either meanwhile. The source is looked at first, for a hold makes
 * what is missing. */
static enum err open_end(struct move *m, enum copy_role use, struct str *why)
{
	const struct str path = path_of(m, use);
	int64_t version;

	if (!is_file(m, use))
		return postgres_copy_endpoint_open(m->urls[use], use, &m->arena, &m->ends[use], why);
	if (use == COPY_SOURCE)
		TRY(sqlite_store_version(path, &m->arena, &version, why));
	TRY(database_lock(path, seconds(0), &m->arena, &m->holds[use], why));
	return sqlite_copy_endpoint_open(path, use, &m->arena, &m->ends[use], why);
}

static void show(const struct move *m, const struct copy_progress *p)
{
	static const char *const words[] = {
		[COPY_INSPECT] = "looking at", [COPY_TRANSFER] = "copying", [COPY_VERIFY] = "comparing"
	};
	const int64_t percent = p->total > 0 ? p->rows * 100 / p->total : 0;

	fprintf(stderr, "%skycd: %s %s: %" PRId64 " of %" PRId64 " rows (%" PRId64 " %%)%s",
		m->terminal ? "\r\033[K" : "", words[p->phase], p->table, p->rows, p->total, percent,
		m->terminal ? "" : "\n");
}

static void tell(void *arg, const struct copy_progress *p)
{
	struct move *const m = arg;
	const int64_t now = system_ticks(), every = m->terminal ? TERMINAL_EVERY.ms : LINE_EVERY.ms;
	const bool begins = p->phase != m->phase;

	if (p->phase == COPY_INSPECT || (!begins && now - m->told < every))
		return;
	m->phase = p->phase;
	m->told = now;
	show(m, p);
}

static enum err copy(struct move *m, struct str *why)
{
	struct copy_conf conf = { .on_progress = tell,
		.arg = m,
		.cancel = { process_stop_requested, NULL },
		.arena = &m->arena,
		.error = why };
	enum err e;

	if (are_one(m)) {
		*why = STR("--from and --to are one file: a copy needs a database of its own");
		return ERR_INPUT;
	}
	process_defer_stops();
	TRY(open_end(m, COPY_SOURCE, why));
	TRY(open_end(m, COPY_TARGET, why));
	conf.source = m->ends[COPY_SOURCE];
	conf.target = m->ends[COPY_TARGET];
	e = copy_run(&conf, &m->copied);
	if (m->terminal && m->phase != COPY_INSPECT)
		fprintf(stderr, "\r\033[K");
	return e;
}

static void print_line(const struct move *m, int64_t micros)
{
	const struct copy_result *const c = &m->copied;

	printf("%.*s: copied and compared: %" PRId64 " rows (", STR_ARG(m->ends[COPY_TARGET]->name), c->rows);
	for (size_t i = 0; i < RECORD_COUNT; i++)
		printf("%s%s %" PRId64, i > 0 ? ", " : "", copy_table(i)->table, c->tables[i].rows);
	printf("), ");
	if (c->resumed_rows > 0)
		printf("%" PRId64 " of them by an earlier run, ", c->resumed_rows);
	printf("%" PRId64 " ms\n", micros / 1000);
}

static void add_table(struct json_writer *w, size_t i, const struct rows_checksum *t)
{
	char digest[2 * DIGEST_BYTES + 1];

	for (size_t k = 0; k < DIGEST_BYTES; k++)
		(void)snprintf(digest + 2 * k, 3, "%02x", t->digest[k]);
	json_key(w, copy_table(i)->table);
	json_begin_object(w);
	json_field_int(w, "rows", t->rows);
	json_field_text(w, "digest", str_of(digest));
	json_end_object(w);
}

static void print_json(struct move *m, int64_t micros)
{
	const struct copy_result *const c = &m->copied;
	struct buf text;
	struct json_writer w;
	struct str body;

	buf_init(&text, &m->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "from", m->ends[COPY_SOURCE]->name);
	json_field_text(&w, "to", m->ends[COPY_TARGET]->name);
	json_field_int(&w, "schema", database_schema_version());
	json_field_int(&w, "rows", c->rows);
	json_field_int(&w, "found", c->resumed_rows);
	json_key(&w, "tables");
	json_begin_object(&w);
	for (size_t i = 0; i < COPY_TABLES; i++)
		add_table(&w, i, &c->tables[i]);
	json_end_object(&w);
	json_field_int(&w, "milliseconds", micros / 1000);
	json_end_object(&w);
	if (buf_done(&text, &body) == OK)
		printf("%.*s\n", STR_ARG(body));
}

static enum exit_code run(struct move *m, bool json)
{
	const int64_t started = system_micros();
	struct str why = STR("the database cannot be copied");

	if (copy(m, &why) != OK)
		return command_failed(why.p, OK);
	if (json)
		print_json(m, system_micros() - started);
	else
		print_line(m, system_micros() - started);
	return EXIT_DONE;
}

enum exit_code run_db_copy(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct move m = { .holds = { INSTANCE_LOCK_NONE, INSTANCE_LOCK_NONE },
		.terminal = isatty(STDERR_FILENO) == 1 };
	enum exit_code code = EXIT_USAGE;

	(void)c;
	(void)source;
	sqlite_condition_mute();
	arena_init(&m.arena, ARENA_CALL_LIMIT);
	if (!crypto_start())
		code = command_failed("libsodium cannot be used on this machine", OK);
	else if (take_urls(&m, args))
		code = run(&m, args_has(args, "--json"));
	for (size_t i = 0; i < ENDS; i++) {
		if (m.ends[i] != NULL)
			m.ends[i]->ops->close(m.ends[i]);
		instance_lock_release(&m.holds[i]);
	}
	arena_wipe(&m.arena);
	arena_finish(&m.arena);
	return code;
}

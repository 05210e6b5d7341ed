/* `kycd db copy`: copies all rows from one database to another; each may be SQLite or PostgreSQL. The command
 * reads no settings: --from and --to contain all that it needs. */
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

#define ENDPOINTS 2
#define LINE_SIZE 4096
/* Interval between progress reports: on a terminal, where each overwrites the line before, and elsewhere,
 * where each is a new line. */
#define TERMINAL_INTERVAL milliseconds(200)
#define LINE_INTERVAL seconds(5)

static const char *const options[ENDPOINTS] = { [COPY_SOURCE] = "--from", [COPY_TARGET] = "--to" };

struct db_copy {
	struct arena arena;
	struct str urls[ENDPOINTS];
	struct instance_lock locks[ENDPOINTS];
	struct copy_endpoint *endpoints[ENDPOINTS];
	bool terminal; /* stderr is a terminal */
	enum copy_phase phase;
	int64_t printed_at; /* ticks when the last progress line was printed */
	struct copy_result result;
};

/* Reads a URL from standard input. A URL in the arguments would show its password in the list of
 * processes. */
static bool read_url_line(struct db_copy *copy, const char *option, struct str *out)
{
	char line[LINE_SIZE];

	if (!fgets(line, sizeof(line), stdin) || strlen(line) == sizeof(line) - 1) {
		fprintf(stderr, "kycd: standard input has no line with a URL for %s\n", option);
		return false;
	}
	*out = arena_copy(&copy->arena, str_trim(str_of(line)));
	secure_wipe(line, sizeof(line));
	return out->p != NULL;
}

static bool read_url(struct db_copy *copy, const struct args *args, enum copy_role role)
{
	const struct str text = args_text(args, options[role]);
	const char *fault;

	copy->urls[role] = text;
	if (text.p == NULL) {
		fprintf(stderr, "kycd: %s is missing\n", options[role]);
		return false;
	}
	if (str_eq(text, STR("-")) && !read_url_line(copy, options[role], &copy->urls[role]))
		return false;
	fault = database_fault(copy->urls[role], &copy->arena);
	if (fault != NULL)
		fprintf(stderr, "kycd: %s must be %s\n", options[role], fault);
	return fault == NULL;
}

static bool read_urls(struct db_copy *copy, const struct args *args)
{
	const struct str from = args_text(args, "--from"), to = args_text(args, "--to");

	if (from.p != NULL && to.p != NULL && str_eq(from, to)) {
		fprintf(stderr, "kycd: --from and --to must be two different databases\n");
		return false;
	}
	return read_url(copy, args, COPY_SOURCE) && read_url(copy, args, COPY_TARGET);
}

static bool is_file(const struct db_copy *copy, enum copy_role role)
{
	return database_text_is_file(copy->urls[role]);
}

static struct str path_of(const struct db_copy *copy, enum copy_role role)
{
	return str_from(copy->urls[role], strlen("sqlite:"));
}

/* Returns true if source and target are the same SQLite file, also through different paths or links. */
static bool are_same_file(struct db_copy *copy)
{
	struct stat from_stat, to_stat;
	const struct str from = arena_copy(&copy->arena, path_of(copy, COPY_SOURCE));
	const struct str to = arena_copy(&copy->arena, path_of(copy, COPY_TARGET));

	return is_file(copy, COPY_SOURCE) && is_file(copy, COPY_TARGET) && from.p != NULL && to.p != NULL &&
	       stat(from.p, &from_stat) == 0 && stat(to.p, &to_stat) == 0 &&
	       from_stat.st_dev == to_stat.st_dev && from_stat.st_ino == to_stat.st_ino;
}

/* Opens one of the two databases. A SQLite file is locked, as by a server, so that no server uses it during
 * the copy. If the source is a SQLite file, its schema version is read first: that fails if the file is
 * missing, before taking the lock would create a folder and a lock file. */
static enum err open_endpoint(struct db_copy *copy, enum copy_role role, struct str *why)
{
	const struct str path = path_of(copy, role);
	int64_t version;

	if (!is_file(copy, role))
		return postgres_copy_endpoint_open(
			copy->urls[role], role, &copy->arena, &copy->endpoints[role], why);
	if (role == COPY_SOURCE)
		TRY(sqlite_store_version(path, &copy->arena, &version, why));
	TRY(database_lock(path, seconds(0), &copy->arena, &copy->locks[role], why));
	return sqlite_copy_endpoint_open(path, role, &copy->arena, &copy->endpoints[role], why);
}

static void print_progress(const struct db_copy *copy, const struct copy_progress *p)
{
	static const char *const phase_names[] = {
		[COPY_INSPECT] = "inspecting", [COPY_TRANSFER] = "copying", [COPY_VERIFY] = "comparing"
	};
	const int64_t percent = p->total > 0 ? p->rows * 100 / p->total : 0;

	fprintf(stderr, "%skycd: %s %s: %" PRId64 " of %" PRId64 " rows (%" PRId64 " %%)%s",
		copy->terminal ? "\r\033[K" : "", phase_names[p->phase], p->table, p->rows, p->total, percent,
		copy->terminal ? "" : "\n");
}

/* Progress callback of copy_run. */
static void on_copy_progress(void *arg, const struct copy_progress *p)
{
	struct db_copy *const copy = arg;
	const int64_t now = system_ticks(),
		      interval = copy->terminal ? TERMINAL_INTERVAL.ms : LINE_INTERVAL.ms;
	const bool is_new_phase = p->phase != copy->phase;

	if (p->phase == COPY_INSPECT || (!is_new_phase && now - copy->printed_at < interval))
		return;
	copy->phase = p->phase;
	copy->printed_at = now;
	print_progress(copy, p);
}

static enum err copy_database(struct db_copy *copy, struct str *why)
{
	struct copy_conf conf = { .on_progress = on_copy_progress,
		.arg = copy,
		.cancel = { process_stop_requested, NULL },
		.arena = &copy->arena,
		.error = why };
	enum err e;

	if (are_same_file(copy)) {
		*why = STR("--from and --to are the same file: give another database for --to");
		return ERR_INPUT;
	}
	process_defer_stops();
	TRY(open_endpoint(copy, COPY_SOURCE, why));
	TRY(open_endpoint(copy, COPY_TARGET, why));
	conf.source = copy->endpoints[COPY_SOURCE];
	conf.target = copy->endpoints[COPY_TARGET];
	e = copy_run(&conf, &copy->result);
	if (copy->terminal && copy->phase != COPY_INSPECT)
		fprintf(stderr, "\r\033[K");
	return e;
}

static void print_result_line(const struct db_copy *copy, int64_t micros)
{
	const struct copy_result *const c = &copy->result;

	printf("%.*s: copied and compared: %" PRId64 " rows (", STR_ARG(copy->endpoints[COPY_TARGET]->name),
		c->rows);
	for (size_t i = 0; i < RECORD_COUNT; i++)
		printf("%s%s %" PRId64, i > 0 ? ", " : "", copy_table(i)->table, c->tables[i].rows);
	printf("), ");
	if (c->resumed_rows > 0)
		printf("%" PRId64 " of them by an earlier run, ", c->resumed_rows);
	printf("%" PRId64 " ms\n", micros / 1000);
}

static void write_table_json(struct json_writer *w, size_t i, const struct rows_checksum *t)
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

static void print_result_json(struct db_copy *copy, int64_t micros)
{
	const struct copy_result *const c = &copy->result;
	struct buf text;
	struct json_writer w;
	struct str body;

	buf_init(&text, &copy->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "from", copy->endpoints[COPY_SOURCE]->name);
	json_field_text(&w, "to", copy->endpoints[COPY_TARGET]->name);
	json_field_int(&w, "schema", database_schema_version());
	json_field_int(&w, "rows", c->rows);
	json_field_int(&w, "found", c->resumed_rows);
	json_key(&w, "tables");
	json_begin_object(&w);
	for (size_t i = 0; i < COPY_TABLES; i++)
		write_table_json(&w, i, &c->tables[i]);
	json_end_object(&w);
	json_field_int(&w, "milliseconds", micros / 1000);
	json_end_object(&w);
	if (buf_done(&text, &body) == OK)
		printf("%.*s\n", STR_ARG(body));
}

static enum exit_code run_copy(struct db_copy *copy, bool json)
{
	const int64_t started = system_micros();
	struct str why = STR("the database cannot be copied");

	if (copy_database(copy, &why) != OK)
		return command_failed(why.p, OK);
	if (json)
		print_result_json(copy, system_micros() - started);
	else
		print_result_line(copy, system_micros() - started);
	return EXIT_DONE;
}

enum exit_code run_db_copy(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct db_copy copy = { .locks = { INSTANCE_LOCK_NONE, INSTANCE_LOCK_NONE },
		.terminal = isatty(STDERR_FILENO) == 1 };
	enum exit_code code = EXIT_USAGE;

	(void)c;
	(void)source;
	sqlite_condition_mute();
	arena_init(&copy.arena, ARENA_CALL_LIMIT);
	if (!crypto_start())
		code = command_failed("libsodium cannot be initialised on this machine", OK);
	else if (read_urls(&copy, args))
		code = run_copy(&copy, args_has(args, "--json"));
	for (size_t i = 0; i < ENDPOINTS; i++) {
		if (copy.endpoints[i] != NULL)
			copy.endpoints[i]->ops->close(copy.endpoints[i]);
		instance_lock_release(&copy.locks[i]);
	}
	arena_wipe(&copy.arena);
	arena_finish(&copy.arena);
	return code;
}

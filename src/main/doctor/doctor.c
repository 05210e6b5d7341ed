#include "main/doctor/doctor.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "main/config/templates.h"
#include "main/daemon/database.h"
#include "main/doctor/checks.h"
#include "main/platform/system_clock.h"
#include "text/json.h"

#define CHECK_LIMIT_MS 5000
#define LINE_MAX_BYTES 1024
#define SAID_MAX ((size_t)16 * 1024)
#define EXAM_MEMORY ((size_t)4 * 1024 * 1024)

/* clang-format off */
static const struct check {
	const char *name;
	void (*run)(struct doctor_ctx *ctx);
	enum finding late;
	const char *when_late;
} checks[] = {
	{ "settings",          doctor_check_settings,          FINDING_ERROR, "a file that settings are read from does not answer" },
	{ "rights",            doctor_check_rights,            FINDING_ERROR, "the file system does not answer" },
	{ "descriptors",       doctor_check_descriptors,       FINDING_ERROR, "the system does not answer" },
	{ "clock",             doctor_check_clock,             FINDING_ERROR, "the database does not answer: is its disk overloaded?" },
	{ "disk",              doctor_check_disk,              FINDING_ERROR, "the disk of the database takes seconds for a flush: nothing can be fast on it" },
	{ "database",          doctor_check_database,          FINDING_WARNING,  "it is too large to be looked through in 5 s: run `kycd db check`" },
	{ "key",               doctor_check_key,               FINDING_ERROR, "the database does not answer: is its disk overloaded?" },
	{ "server",            doctor_check_server,            FINDING_ERROR, "the server's admin listener does not answer within 5 s" },
	{ "relay",             doctor_check_relay,             FINDING_ERROR, "the mail server does not answer within 5 s: check host and port of KYCD_SMTP_URL, its load and the firewall" },
	{ "relay_certificate", doctor_check_relay_certificate, FINDING_WARNING,  "the mail server does not show a certificate within 5 s" },
	{ "provider",          doctor_check_provider,          FINDING_ERROR, "KYCD_DIDIT_BASE_URL does not answer within 5 s: check the network and the firewall" },
	{ "provider_auth",     doctor_check_provider_auth,     FINDING_ERROR, "KYCD_DIDIT_AUTH_URL does not answer within 5 s: check the network and the firewall" },
	{ "provider_login",    doctor_check_provider_login,    FINDING_ERROR, "the provider does not say within 5 s whether it knows us: check the network and the firewall" },
	{ "public_url",        doctor_check_public_url,        FINDING_WARNING,  "KYCD_PUBLIC_URL does not answer from here; try it from outside" },
};
/* clang-format on */

static const char *const finding_names[] = {
	[FINDING_OK] = "ok",
	[FINDING_WARNING] = "warning",
	[FINDING_ERROR] = "error",
};

/* One finding on its way from a check's process: a digit and the line. One write, so it comes whole. */
void doctor_report(const struct doctor_ctx *ctx, enum finding finding, const char *format, ...)
{
	char line[LINE_MAX_BYTES];
	va_list args;
	int n;

	line[0] = (char)('0' + (int)finding);
	va_start(args, format);
	n = vsnprintf(line + 1, sizeof(line) - 2, format, args);
	va_end(args);
	size_t end = n < 0 ? 1 : 1 + (size_t)n;
	if (end > sizeof(line) - 2)
		end = sizeof(line) - 2;
	for (size_t i = 1; i < end; i++)
		if ((unsigned char)line[i] < ' ')
			line[i] = ' ';
	line[end++] = '\n';
	if (write(ctx->out, line, end) < 0)
		_exit(EXIT_FAILED); /* nobody listens any more */
}

struct str doctor_database_folder(struct doctor_ctx *ctx)
{
	const struct str path = database_is_file(&ctx->config) ? database_path(&ctx->config) : STR("");
	size_t end = path.n;

	while (end > 0 && path.p[end - 1] != '/')
		end--;
	if (end == 0)
		return STR(".");
	return arena_copy(&ctx->arena, (struct str){ path.p, end > 1 ? end - 1 : end });
}

/* What is shown. */
struct chart {
	bool json;
	struct json_writer w;
	size_t n[FINDING_ERROR + 1];
};

static void chart_add(struct chart *chart, const char *check, enum finding finding, struct str message)
{
	chart->n[finding]++;
	if (!chart->json) {
		printf("%-8s %-18s %.*s\n", finding_names[finding], check, STR_ARG(message));
		fflush(stdout);
		return;
	}
	json_begin_object(&chart->w);
	json_field_text(&chart->w, "check", str_of(check));
	json_field_text(&chart->w, "finding", str_of(finding_names[finding]));
	json_field_text(&chart->w, "message", message);
	json_end_object(&chart->w);
}

static void chart_lines(struct chart *chart, const char *check, struct str said)
{
	struct str line;

	while (said.n > 0) {
		(void)str_cut(&said, '\n', &line);
		if (line.n > 1 && line.p[0] >= '0' && line.p[0] <= '0' + FINDING_ERROR)
			chart_add(chart, check, (enum finding)(line.p[0] - '0'), str_from(line, 1));
	}
}

/* Reads until the other end is closed. False: the time was up first. */
static bool hear(int fd, char *said, size_t *n)
{
	const int64_t end = system_ticks() + CHECK_LIMIT_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		const int64_t left = end - system_ticks();

		if (left <= 0 || *n == SAID_MAX)
			return false;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		const ssize_t got = read(fd, said + *n, SAID_MAX - *n);
		if (got <= 0)
			return true;
		*n += (size_t)got;
	}
}

static void examine(struct doctor_ctx *ctx, const struct check *check, struct chart *chart)
{
	char said[SAID_MAX];
	size_t n = 0;
	int way[2], how = 0;

	if (pipe(way) != 0) {
		chart_add(chart, check->name, FINDING_ERROR, STR("the system has no descriptors left"));
		return;
	}
	fflush(stdout);
	const pid_t child = fork();
	if (child == 0) {
		close(way[0]);
		ctx->out = way[1];
		check->run(ctx);
		_exit(EXIT_DONE);
	}
	close(way[1]);
	const bool ended = child > 0 && hear(way[0], said, &n);
	close(way[0]);
	if (child > 0) {
		if (!ended)
			kill(child, SIGKILL);
		waitpid(child, &how, 0);
	}
	chart_lines(chart, check->name, (struct str){ said, n });
	if (child < 0)
		chart_add(chart, check->name, FINDING_ERROR, STR("the system has no processes left"));
	else if (!ended)
		chart_add(chart, check->name, check->late, str_of(check->when_late));
	else if (how != 0)
		chart_add(chart, check->name, FINDING_ERROR, STR("the check itself broke: please tell us"));
}

/* Settings that would be refused are still looked at, as far as they can be read. */
static bool read_settings(struct doctor_ctx *ctx)
{
	struct config_source source = *ctx->source;
	const struct templates *templates;
	struct str why;

	source.need = NEED_ALL;
	if (config_load(&source, &ctx->arena, &ctx->config, &ctx->raw, &why) == OK) {
		if (templates_read(ctx->config.mail_templates, &ctx->arena, &templates, &why) != OK)
			ctx->refusal = why;
		return true;
	}
	ctx->refusal = why;
	source.need = NEED_NOTHING;
	return config_load(&source, &ctx->arena, &ctx->config, &ctx->raw, &why) == OK;
}

static void examine_all(struct doctor_ctx *ctx, struct chart *chart)
{
	/* The first one alone can do without settings that can be read. */
	const size_t n = read_settings(ctx) ? array_len(checks) : 1;

	for (size_t i = 0; i < n; i++)
		examine(ctx, &checks[i], chart);
}

static enum exit_code fail(const char *message)
{
	fprintf(stderr, "kycd: %s\n", message);
	return EXIT_FAILED;
}

static enum exit_code show_json(struct chart *chart, struct buf *text)
{
	struct str object;

	json_end_array(&chart->w);
	json_field_bool(&chart->w, "ok", chart->n[FINDING_ERROR] == 0);
	json_end_object(&chart->w);
	if (buf_done(text, &object) != OK)
		return fail("no memory");
	printf("%.*s\n", STR_ARG(object));
	return EXIT_DONE;
}

/* What the rooms below tell a server's log, the findings tell better. */
static void drop(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

enum exit_code doctor(const struct config_source *source, bool json)
{
	struct doctor_ctx ctx = { .source = source };
	struct chart chart = { .json = json };
	enum exit_code code = EXIT_DONE;
	struct buf text;

	if (!crypto_start())
		return fail("libsodium cannot be used on this machine");
	log_sink_set(drop, NULL);
	arena_init(&ctx.arena, EXAM_MEMORY);
	buf_init(&text, &ctx.arena);
	json_writer_init(&chart.w, &text);
	json_begin_object(&chart.w);
	json_key(&chart.w, "checks");
	json_begin_array(&chart.w);
	examine_all(&ctx, &chart);
	if (chart.json)
		code = show_json(&chart, &text);
	if (code == EXIT_DONE && chart.n[FINDING_ERROR] > 0) {
		fprintf(stderr, "kycd: doctor found %zu error%s\n", chart.n[FINDING_ERROR],
			chart.n[FINDING_ERROR] == 1 ? "" : "s");
		code = EXIT_FAILED;
	}
	arena_finish(&ctx.arena);
	return code;
}

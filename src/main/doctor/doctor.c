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
#define FINDINGS_MAX_BYTES ((size_t)16 * 1024) /* of one check */
#define DOCTOR_MEMORY ((size_t)4 * 1024 * 1024)

/* clang-format off */
static const struct check {
	const char *name;
	void (*run)(struct doctor_ctx *ctx);
	/* Kind of the finding that is reported if the check exceeds CHECK_LIMIT_MS. */
	enum finding timeout_finding;
	const char *timeout_message;
} checks[] = {
	{ "settings",          doctor_check_settings,          FINDING_ERROR, "a settings file cannot be read within 5 s: check its file system" },
	{ "rights",            doctor_check_rights,            FINDING_ERROR, "the file system does not respond within 5 s: check it" },
	{ "descriptors",       doctor_check_descriptors,       FINDING_ERROR, "the system does not respond within 5 s: check its load" },
	{ "clock",             doctor_check_clock,             FINDING_ERROR, "the database does not respond within 5 s: check the load of its disk" },
	{ "disk",              doctor_check_disk,              FINDING_ERROR, "a flush to the disk of the database takes seconds, so every write is slow: use a faster disk" },
	{ "database",          doctor_check_database,          FINDING_WARNING,  "the integrity check takes longer than 5 s: run `kycd db check`" },
	{ "backup",             doctor_check_backup,            FINDING_ERROR, "the file system of the database does not respond within 5 s: check it" },
	{ "key",               doctor_check_key,               FINDING_ERROR, "the database does not respond within 5 s: check the load of its disk" },
	{ "server",            doctor_check_server,            FINDING_ERROR, "the admin listener of the server does not answer within 5 s: see its log" },
	{ "relay",             doctor_check_relay,             FINDING_ERROR, "the mail server does not answer within 5 s: check host and port of KYCD_SMTP_URL, the load of that server and the firewall" },
	{ "relay_certificate", doctor_check_relay_certificate, FINDING_WARNING,  "the mail server presents no certificate within 5 s: check it" },
	{ "provider",          doctor_check_provider,          FINDING_ERROR, "KYCD_DIDIT_BASE_URL does not answer within 5 s: check the network and the firewall" },
	{ "provider_auth",     doctor_check_provider_auth,     FINDING_ERROR, "KYCD_DIDIT_AUTH_URL does not answer within 5 s: check the network and the firewall" },
	{ "provider_login",    doctor_check_provider_login,    FINDING_ERROR, "the provider does not answer a call with our credentials within 5 s: check the network and the firewall" },
	{ "public_url",        doctor_check_public_url,        FINDING_WARNING,  "KYCD_PUBLIC_URL does not answer within 5 s from here: try it from outside" },
	{ "console",           doctor_check_console,           FINDING_WARNING,  "KYCD_CONSOLE_URL or the database does not answer within 5 s: try the URL in a browser" },
};
/* clang-format on */

static const char *const finding_names[] = {
	[FINDING_OK] = "ok",
	[FINDING_WARNING] = "warning",
	[FINDING_ERROR] = "error",
};

/* Writes the finding to the pipe as one digit (the enum finding) and the line. A single write of this size is
 * atomic. */
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
		_exit(EXIT_FAILED); /* the write failed because the parent process has closed the pipe */
}

struct str doctor_database_folder(struct doctor_ctx *ctx)
{
	const struct str path = database_path(&ctx->config);
	size_t end = path.n;

	while (end > 0 && path.p[end - 1] != '/')
		end--;
	if (end == 0)
		return STR(".");
	return arena_copy(&ctx->arena, (struct str){ path.p, end > 1 ? end - 1 : end });
}

/* The output of the command. */
struct doctor_output {
	bool json;
	struct json_writer w;
	size_t n[FINDING_ERROR + 1]; /* number of findings of each kind */
};

static void output_finding(
	struct doctor_output *output, const char *check, enum finding finding, struct str message)
{
	output->n[finding]++;
	if (!output->json) {
		printf("%-8s %-18s %.*s\n", finding_names[finding], check, STR_ARG(message));
		fflush(stdout);
		return;
	}
	json_begin_object(&output->w);
	json_field_text(&output->w, "check", str_of(check));
	json_field_text(&output->w, "finding", str_of(finding_names[finding]));
	json_field_text(&output->w, "message", message);
	json_end_object(&output->w);
}

/* `lines`: what doctor_report has written. */
static void output_findings(struct doctor_output *output, const char *check, struct str lines)
{
	struct str line;

	while (lines.n > 0) {
		(void)str_cut(&lines, '\n', &line);
		if (line.n > 1 && line.p[0] >= '0' && line.p[0] <= '0' + FINDING_ERROR)
			output_finding(output, check, (enum finding)(line.p[0] - '0'), str_from(line, 1));
	}
}

/* Reads the findings until the child process closes the pipe. Returns false if CHECK_LIMIT_MS passes first or
 * the buffer is full. */
static bool read_findings(int fd, char *text, size_t *n)
{
	const int64_t end = system_ticks() + CHECK_LIMIT_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		const int64_t left = end - system_ticks();

		if (left <= 0 || *n == FINDINGS_MAX_BYTES)
			return false;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		const ssize_t got = read(fd, text + *n, FINDINGS_MAX_BYTES - *n);
		if (got <= 0)
			return true;
		*n += (size_t)got;
	}
}

/* Runs one check in a child process and outputs its findings. */
static void run_check(struct doctor_ctx *ctx, const struct check *check, struct doctor_output *output)
{
	char text[FINDINGS_MAX_BYTES];
	size_t n = 0;
	int fds[2], exit_status = 0;

	if (pipe(fds) != 0) {
		output_finding(output, check->name, FINDING_ERROR,
			STR("the check cannot be run: the system has no file descriptors left"));
		return;
	}
	fflush(stdout);
	const pid_t child = fork();
	if (child == 0) {
		close(fds[0]);
		ctx->out = fds[1];
		check->run(ctx);
		_exit(EXIT_DONE);
	}
	close(fds[1]);
	const bool ended = child > 0 && read_findings(fds[0], text, &n);
	close(fds[0]);
	if (child > 0) {
		if (!ended)
			kill(child, SIGKILL);
		waitpid(child, &exit_status, 0);
	}
	output_findings(output, check->name, (struct str){ text, n });
	if (child < 0)
		output_finding(output, check->name, FINDING_ERROR,
			STR("the check cannot be run: the system cannot start another process"));
	else if (!ended)
		output_finding(output, check->name, check->timeout_finding, str_of(check->timeout_message));
	else if (exit_status != 0)
		output_finding(output, check->name, FINDING_ERROR,
			STR("the check crashed: this is a bug in kycd, please report it"));
}

/* Loads the settings. If `serve` would refuse them, they are loaded without validation, so that the other
 * checks can use them. Returns false if they cannot be loaded at all. */
static bool read_settings(struct doctor_ctx *ctx)
{
	struct config_source source = *ctx->source;
	const struct templates *templates;
	struct refusals ignored;
	struct str why;

	source.need = NEED_ALL;
	if (config_load(&source, &ctx->arena, &ctx->config, &ctx->raw, &ctx->refusals) == OK) {
		if (templates_read(ctx->config.mail_templates, &ctx->arena, &templates, &why) != OK)
			refusals_add_line(&ctx->refusals, NULL, why);
		return true;
	}
	source.need = NEED_NOTHING;
	return config_load(&source, &ctx->arena, &ctx->config, &ctx->raw, &ignored) == OK;
}

static void run_checks(struct doctor_ctx *ctx, struct doctor_output *output)
{
	/* If the settings cannot be loaded, only the first check runs, which reports the faults in the
	 * settings. */
	const size_t n = read_settings(ctx) ? array_len(checks) : 1;

	for (size_t i = 0; i < n; i++)
		run_check(ctx, &checks[i], output);
}

static enum exit_code doctor_fail(const char *message)
{
	fprintf(stderr, "kycd: %s\n", message);
	return EXIT_FAILED;
}

static enum exit_code print_json_output(struct doctor_output *output, struct buf *text)
{
	struct str object;

	json_end_array(&output->w);
	json_field_bool(&output->w, "ok", output->n[FINDING_ERROR] == 0);
	json_end_object(&output->w);
	if (buf_done(text, &object) != OK)
		return doctor_fail("out of memory");
	printf("%.*s\n", STR_ARG(object));
	return EXIT_DONE;
}

/* Receives the log lines and discards them, because the findings report the same problems. */
static void discard_log_line(void *arg, struct str line)
{
	(void)arg;
	(void)line;
}

enum exit_code doctor(const struct config_source *source, bool json)
{
	struct doctor_ctx ctx = { .source = source };
	struct doctor_output output = { .json = json };
	enum exit_code code = EXIT_DONE;
	struct buf text;

	if (!crypto_start())
		return doctor_fail("libsodium cannot be initialised on this machine");
	log_sink_set(discard_log_line, NULL);
	arena_init(&ctx.arena, DOCTOR_MEMORY);
	buf_init(&text, &ctx.arena);
	json_writer_init(&output.w, &text);
	json_begin_object(&output.w);
	json_key(&output.w, "checks");
	json_begin_array(&output.w);
	run_checks(&ctx, &output);
	if (output.json)
		code = print_json_output(&output, &text);
	if (code == EXIT_DONE && output.n[FINDING_ERROR] > 0) {
		fprintf(stderr, "kycd: doctor found %zu error%s\n", output.n[FINDING_ERROR],
			output.n[FINDING_ERROR] == 1 ? "" : "s");
		code = EXIT_FAILED;
	}
	arena_finish(&ctx.arena);
	return code;
}

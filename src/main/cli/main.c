#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/cli/command.h"

/* clang-format off */
#define COMMON { "--config", true }, { "--dev", false }, { "--help", false }, { "--json", false }
static const struct command commands[] = {
	{ "serve", NULL, "[--dev]", "run the server",
	  { COMMON }, 0, 0, run_serve },
	{ "sandbox", NULL, "[--listen HOST:PORT] [--database URL] [--webhook URL --webhook-secret TEXT]", "a Didit that lives offline, alone: to build against without the real one",
	  { COMMON, { "--listen", true }, { "--database", true }, { "--webhook", true }, { "--webhook-secret", true } }, 0, 0, run_sandbox },
	{ "tenant", "add", "NAME [--group NAME] [--monthly-quota N] [--display-name TEXT] [--language TAG] [--return-url URL]", "a new tenant",
	  { COMMON, { "--group", true }, { "--monthly-quota", true }, { "--display-name", true }, { "--language", true }, { "--return-url", true } }, 1, 1, run_tenant_add },
	{ "tenant", "set", "NAME [--group NAME] [--monthly-quota N|none] [--display-name TEXT] [--language TAG] [--return-url URL|none]", "change a tenant",
	  { COMMON, { "--group", true }, { "--monthly-quota", true }, { "--display-name", true }, { "--language", true }, { "--return-url", true } }, 1, 1, run_tenant_set },
	{ "tenant", "list", "", "all tenants",
	  { COMMON }, 0, 0, run_tenant_list },
	{ "key", "create", "--tenant NAME [--label TEXT] [--expires 90d] [--rate-per-minute N] [--rate-per-second N]", "a new API key, shown once as the last line",
	  { COMMON, { "--tenant", true }, { "--label", true }, { "--expires", true }, { "--rate-per-minute", true }, { "--rate-per-second", true } }, 0, 0, run_key_create },
	{ "key", "list", "[--tenant NAME]", "keys, without their secret part",
	  { COMMON, { "--tenant", true } }, 0, 0, run_key_list },
	{ "key", "revoke", "ID", "make a key worthless, within a second",
	  { COMMON }, 1, 1, run_key_revoke },
	{ "secret", "generate", "", "a new master key for KYCD_SECRET_KEY",
	  { COMMON }, 0, 0, run_secret_generate },
	{ "db", "migrate", "", "make the database, or bring its schema forward",
	  { COMMON }, 0, 0, run_db_migrate },
	{ "db", "check", "", "check the integrity of the database",
	  { COMMON }, 0, 0, run_db_check },
	{ "db", "backup", "FILE", "a copy of the database while it is in use: restored and compared before it is called done",
	  { COMMON }, 1, 1, run_db_backup },
	{ "db", "copy", "--from URL|- --to URL|-", "everything from one database to another that is empty, such as from SQLite to PostgreSQL; run again it goes on; -: that URL is a line of standard input",
	  { COMMON, { "--from", true }, { "--to", true } }, 0, 0, run_db_copy },
	{ "config", "check", "", "are the settings right?",
	  { COMMON }, 0, 0, run_config_check },
	{ "config", "show", "", "every setting, and where it came from",
	  { COMMON }, 0, 0, run_config_show },
	{ "routes", NULL, "", "the route table",
	  { COMMON }, 0, 0, run_routes },
	{ "user", "show", "ADDRESS|- [--group NAME]", "one person, by e-mail or wallet; -: the address is a line of standard input",
	  { COMMON, { "--group", true } }, 1, 1, run_user_show },
	{ "user", "reset-tries", "ADDRESS|- [--group NAME]", "permit another try after declines",
	  { COMMON, { "--group", true } }, 1, 1, run_user_reset_tries },
	{ "user", "erase", "ADDRESS|- --yes [--group NAME]", "destroy what is kept of a person; without --yes say what that is",
	  { COMMON, { "--group", true }, { "--yes", false } }, 1, 1, run_user_erase },
	{ "audit", "list", "[--since TIME|24h] [--subject ID] [--tenant NAME]", "the audit log, oldest entry first",
	  { COMMON, { "--since", true }, { "--subject", true }, { "--tenant", true } }, 0, 0, run_audit_list },
	{ "states", NULL, "[--dot]", "the states of a check, and what may follow what",
	  { COMMON, { "--dot", false } }, 0, 0, run_states },
	{ "openapi", NULL, "", "the API's description for integrators, OpenAPI 3.1",
	  { COMMON }, 0, 0, run_openapi },
	{ "doctor", NULL, "", "a self-check of this installation: what is wrong, and what to do about it",
	  { COMMON }, 0, 0, run_doctor },
	{ "version", NULL, "", "the version",
	  { COMMON }, 0, 0, run_version },
};
/* clang-format on */

static void print_usage(FILE *out, const struct command *command)
{
	const char *const words[] = { command->name, command->verb ? command->verb : "", command->usage };

	fprintf(out, "  kycd");
	for (size_t i = 0; i < array_len(words); i++)
		if (words[i][0] != '\0')
			fprintf(out, " %s", words[i]);
	fprintf(out, "\n      %s\n", command->summary);
}

static void print_all(FILE *out)
{
	fprintf(out, "kycd: a KYC gateway that you run yourself\n\n");
	for (size_t i = 0; i < array_len(commands); i++)
		print_usage(out, &commands[i]);
	fprintf(out,
		"\nEvery command takes --config FILE, --dev and --help; those that print facts take --json.\n");
}

static void print_some(FILE *out, const char *name)
{
	for (size_t i = 0; i < array_len(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			print_usage(out, &commands[i]);
}

static bool is_known(const char *name)
{
	for (size_t i = 0; i < array_len(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return true;
	return false;
}

static const struct command *find(const char *name, const char *verb)
{
	for (size_t i = 0; i < array_len(commands); i++) {
		const struct command *const c = &commands[i];

		if (strcmp(c->name, name) == 0 && (!c->verb || (verb && strcmp(c->verb, verb) == 0)))
			return c;
	}
	return NULL;
}

/* No command needs more than one word behind it: its usage begins with that word's name. */
static void say_count(const struct command *command, const struct args *args)
{
	if (args->n_words > command->max_words)
		fprintf(stderr, "kycd: `%s` is one word too many\n",
			args_word_masked(args->words[command->max_words]));
	else
		fprintf(stderr, "kycd: %.*s is missing\n", (int)strcspn(command->usage, " "), command->usage);
}

static enum exit_code run(const struct command *command, int argc, char **argv)
{
	const int first = command->verb ? 3 : 2;
	struct args args;

	if (!args_read(argc - first, argv + first, command->options, &args))
		return EXIT_USAGE;
	if (args_has(&args, "--help")) {
		print_usage(stdout, command);
		return EXIT_DONE;
	}
	if (args.n_words < command->min_words || args.n_words > command->max_words) {
		say_count(command, &args);
		print_usage(stderr, command);
		return EXIT_USAGE;
	}
	const struct config_source source = { .file = args_text(&args, "--config").p,
		.dev = args_has(&args, "--dev"),
		.need = NEED_STORE,
		.environment = environ };
	return command->run(command, &args, &source);
}

static enum exit_code refuse(const char *name)
{
	if (name[0] == '-') {
		fprintf(stderr, "kycd: `%s` is no option before a command: see `kycd --help`\n", name);
	} else if (name[0] != '\0') {
		fprintf(stderr, "kycd: there is no command %s: see `kycd --help`\n", name);
	} else {
		fprintf(stderr, "kycd: a command is missing\n");
		print_all(stderr);
	}
	return EXIT_USAGE;
}

/* What did not reach the file or the pipe was not done. */
static enum exit_code written(enum exit_code code)
{
	if (code == EXIT_PIPE_CLOSED)
		return EXIT_DONE;
	if (code != EXIT_DONE)
		return code;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "kycd: standard output cannot be written\n");
	return EXIT_FAILED;
}

/* Of a group of commands. */
static enum exit_code refuse_verb(const char *name, const char *verb)
{
	if (verb && (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)) {
		print_some(stdout, name);
		return EXIT_DONE;
	}
	if (verb && verb[0] != '-')
		fprintf(stderr, "kycd: there is no command %s %s\n", name, verb);
	else
		fprintf(stderr, "kycd: %s is half a command: give one of\n", name);
	print_some(stderr, name);
	return EXIT_USAGE;
}

/* Options that stand before the command's words go behind them. `turned` has room for argc. */
static void turn(int argc, char **argv, char **turned)
{
	int first = 1, n = 0;

	while (first < argc && strncmp(argv[first], "--", 2) == 0)
		first += strcmp(argv[first], "--config") == 0 ? 2 : 1;
	turned[n++] = argv[0];
	if (first >= argc)
		first = 1;
	for (int i = first; i < argc; i++)
		turned[n++] = argv[i];
	for (int i = 1; i < first; i++)
		turned[n++] = argv[i];
}

static bool is_any(const char *word, const char *a, const char *b, const char *c)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static enum exit_code begin(int argc, char **argv)
{
	const char *const name = argc > 1 ? argv[1] : "";
	const char *const verb = argc > 2 ? argv[2] : NULL;
	static char version[] = "version";

	if (is_any(name, "--help", "-h", "help")) {
		print_all(stdout);
		return EXIT_DONE;
	}
	if (is_any(name, "--version", "-V", "-v"))
		argv[1] = version;
	const struct command *const command = find(argc > 1 ? argv[1] : "", verb);
	if (!command)
		return is_known(name) ? refuse_verb(name, verb) : refuse(name);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fprintf(stderr, "kycd: libcurl cannot be used on this machine\n");
		return EXIT_FAILED;
	}
	const enum exit_code code = run(command, argc, argv);
	curl_global_cleanup();
	return code;
}

int main(int argc, char **argv)
{
	char **const turned = calloc((size_t)argc + 1, sizeof(*turned));
	enum exit_code code = EXIT_USAGE;

	/* What is made here is for this user alone. */
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	/* A limit on file sizes is a full disk: said in a sentence. */
	signal(SIGXFSZ, SIG_IGN);
	if (!turned)
		return EXIT_FAILED;
	if (args_are_printable(argc, argv)) {
		turn(argc, argv, turned);
		code = begin(argc, turned);
	}
	free((void *)turned);
	return (int)written(code);
}

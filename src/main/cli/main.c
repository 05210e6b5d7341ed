/* The program's main function: finds the command in a table, parses its arguments and runs it. */
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "main/cli/command.h"

/* clang-format off */
#define COMMON { "--config", OPTION_VALUE }, { "--dev", OPTION_FLAG }, { "--help", OPTION_FLAG }, { "--json", OPTION_FLAG }
#define BRANDING_OPTIONS { "--logo", OPTION_VALUE }, { "--colour", OPTION_VALUE }, { "--support-url", OPTION_VALUE }, { "--privacy-url", OPTION_VALUE }, { "--consent-text", OPTION_VALUE }
#define KEY_OPTIONS { "--label", OPTION_VALUE }, { "--expires", OPTION_VALUE }, { "--rate-per-minute", OPTION_VALUE }, { "--rate-per-second", OPTION_VALUE }, { "--scope", OPTION_REPEATED }, { "--allow-from", OPTION_REPEATED }
static const struct command commands[] = {
	{ "serve", NULL, "[--dev] [--create]", "Run the server. With --create, create the database even if one existed before.",
	  { COMMON, { "--create", OPTION_FLAG } }, 0, 0, run_serve },
	{ "sandbox", NULL, "[--listen HOST:PORT] [--database URL] [--webhook URL --webhook-secret TEXT]", "Run only the sandbox: a local simulation of the provider Didit, to develop against without an account.",
	  { COMMON, { "--listen", OPTION_VALUE }, { "--database", OPTION_VALUE }, { "--webhook", OPTION_VALUE }, { "--webhook-secret", OPTION_VALUE } }, 0, 0, run_sandbox },
	{ "tenant", "add", "NAME [--group NAME] [--monthly-quota N] [--display-name TEXT] [--language TAG] [--return-url URL] [--site URL] [--logo FILE] [--colour #RRGGBB] [--support-url URL] [--privacy-url URL] [--consent-text FILE] [--four-eyes on|off]", "Add a tenant.",
	  { COMMON, { "--group", OPTION_VALUE }, { "--monthly-quota", OPTION_VALUE }, { "--display-name", OPTION_VALUE }, { "--language", OPTION_VALUE }, { "--return-url", OPTION_VALUE }, { "--site", OPTION_VALUE }, { "--four-eyes", OPTION_VALUE }, BRANDING_OPTIONS }, 1, 1, run_tenant_add },
	{ "tenant", "set", "NAME [--group NAME] [--monthly-quota N|none] [--display-name TEXT] [--language TAG] [--return-url URL|none] [--site URL|none] [--logo FILE|none] [--colour #RRGGBB|none] [--support-url URL|none] [--privacy-url URL|none] [--consent-text FILE|none] [--disabled on|off] [--four-eyes on|off]", "Change a tenant.",
	  { COMMON, { "--group", OPTION_VALUE }, { "--monthly-quota", OPTION_VALUE }, { "--display-name", OPTION_VALUE }, { "--language", OPTION_VALUE }, { "--return-url", OPTION_VALUE }, { "--site", OPTION_VALUE }, BRANDING_OPTIONS, { "--disabled", OPTION_VALUE }, { "--four-eyes", OPTION_VALUE } }, 1, 1, run_tenant_set },
	{ "tenant", "rename", "NAME NEW", "Give a tenant another name. Its keys and people stay the same.",
	  { COMMON }, 2, 2, run_tenant_rename },
	{ "tenant", "list", "", "List all tenants.",
	  { COMMON }, 0, 0, run_tenant_list },
	{ "key", "create", "--tenant NAME [--label TEXT] [--expires 90d] [--rate-per-minute N] [--rate-per-second N] [--scope SCOPE]… [--allow-from CIDR]…", "Create an API key. It is the last line of the output and shown only once.",
	  { COMMON, { "--tenant", OPTION_VALUE }, KEY_OPTIONS }, 0, 0, run_key_create },
	{ "key", "set", "ID [--label TEXT] [--expires 90d|none] [--rate-per-minute N|none] [--rate-per-second N|none] [--scope SCOPE]… [--allow-from CIDR|none]…", "Change an API key. --scope and --allow-from replace all that the key had.",
	  { COMMON, KEY_OPTIONS }, 1, 1, run_key_set },
	{ "key", "rotate", "ID --overlap 7d", "Create a successor of an API key. The old key expires after the overlap. The new key is the last line of the output and shown only once.",
	  { COMMON, { "--overlap", OPTION_VALUE } }, 1, 1, run_key_rotate },
	{ "key", "list", "[--tenant NAME]", "List API keys, without their secret part.",
	  { COMMON, { "--tenant", OPTION_VALUE } }, 0, 0, run_key_list },
	{ "key", "revoke", "ID", "Revoke an API key. Running servers refuse it within one second.",
	  { COMMON }, 1, 1, run_key_revoke },
	{ "secret", "generate", "", "Print a new random master key for KYCD_SECRET_KEY.",
	  { COMMON }, 0, 0, run_secret_generate },
	{ "db", "migrate", "[--create]", "Create the database, or migrate its schema to the version of this program. With --create, create it even if one existed before.",
	  { COMMON, { "--create", OPTION_FLAG } }, 0, 0, run_db_migrate },
	{ "db", "check", "", "Check the integrity of the database, that kycd has written each row that can approve or admit somebody, and that each sealed value can be decrypted.",
	  { COMMON }, 0, 0, run_db_check },
	{ "db", "backup", "FILE", "Back up the database, also while a server uses it. The copy is restored and compared before the command succeeds.",
	  { COMMON }, 1, 1, run_db_backup },
	{ "db", "copy", "--from URL|- --to URL|-", "Copy all data to another, empty database, for example from SQLite to PostgreSQL. Run it again to resume. With -, the URL is read from standard input.",
	  { COMMON, { "--from", OPTION_VALUE }, { "--to", OPTION_VALUE } }, 0, 0, run_db_copy },
	{ "config", "check", "", "Validate the settings.",
	  { COMMON }, 0, 0, run_config_check },
	{ "config", "show", "", "Print every setting, its value and where it came from. Secrets are masked.",
	  { COMMON }, 0, 0, run_config_show },
	{ "routes", NULL, "", "Print the route table.",
	  { COMMON }, 0, 0, run_routes },
	{ "user", "show", "ADDRESS|- [--group NAME]", "Show one person, by e-mail or wallet. With -, the address is read from standard input.",
	  { COMMON, { "--group", OPTION_VALUE } }, 1, 1, run_user_show },
	{ "user", "reset-tries", "ADDRESS|- [--group NAME]", "Permit a person another try after declines.",
	  { COMMON, { "--group", OPTION_VALUE } }, 1, 1, run_user_reset_tries },
	{ "user", "erase", "ADDRESS|- --yes [--group NAME]", "Erase a person's data. Without --yes, only report what would be erased.",
	  { COMMON, { "--group", OPTION_VALUE }, { "--yes", OPTION_FLAG } }, 1, 1, run_user_erase },
	{ "event", "list", "[--since TIME|24h] [--type TYPE]… [--tenant NAME]", "List the events that integrators read, oldest first.",
	  { COMMON, { "--since", OPTION_VALUE }, { "--type", OPTION_REPEATED }, { "--tenant", OPTION_VALUE } }, 0, 0, run_event_list },
	{ "event", "show", "ID", "Show one event as integrators read it.",
	  { COMMON }, 1, 1, run_event_show },
	{ "audit", "list", "[--since TIME|24h] [--subject ID] [--tenant NAME]", "List the audit log, oldest entry first.",
	  { COMMON, { "--since", OPTION_VALUE }, { "--subject", OPTION_VALUE }, { "--tenant", OPTION_VALUE } }, 0, 0, run_audit_list },
	{ "endpoint", "add", "--tenant NAME --url URL [--type TYPE]… [--description TEXT] [--include address|session_url]…", "Add a webhook endpoint. Without --type, all events are delivered. The secret is the last line of the output and shown only once.",
	  { COMMON, { "--tenant", OPTION_VALUE }, { "--url", OPTION_VALUE }, { "--type", OPTION_REPEATED }, { "--description", OPTION_VALUE }, { "--include", OPTION_REPEATED } }, 0, 0, run_endpoint_add },
	{ "endpoint", "list", "[--tenant NAME]", "List webhook endpoints, without their secrets.",
	  { COMMON, { "--tenant", OPTION_VALUE } }, 0, 0, run_endpoint_list },
	{ "endpoint", "show", "ID", "Show a webhook endpoint, without its secret.",
	  { COMMON }, 1, 1, run_endpoint_show },
	{ "endpoint", "rotate-secret", "ID [--overlap 24h|none]", "Create a new secret for a webhook endpoint. The old one signs too for the overlap, at most 7d. The secret is the last line of the output and shown only once.",
	  { COMMON, { "--overlap", OPTION_VALUE } }, 1, 1, run_endpoint_rotate_secret },
	{ "endpoint", "enable", "ID", "Enable a webhook endpoint: events are delivered again from now on.",
	  { COMMON }, 1, 1, run_endpoint_enable },
	{ "endpoint", "disable", "ID", "Disable a webhook endpoint. Deliveries that wait are given up.",
	  { COMMON }, 1, 1, run_endpoint_disable },
	{ "endpoint", "remove", "ID", "Remove a webhook endpoint and its deliveries.",
	  { COMMON }, 1, 1, run_endpoint_remove },
	{ "endpoint", "test", "ID [--type TYPE]", "Send a sample event to a webhook endpoint, and show what it answered. Fails if the endpoint did not accept it.",
	  { COMMON, { "--type", OPTION_VALUE } }, 1, 1, run_endpoint_test },
	{ "event", "resend", "[ID] [--since TIME] [--endpoint ID]", "Deliver an event again, or all events since a time, to one webhook endpoint or to all that are enabled.",
	  { COMMON, { "--since", OPTION_VALUE }, { "--endpoint", OPTION_VALUE } }, 0, 1, run_event_resend },
	{ "operator", "add", "EMAIL|- --role viewer|reviewer|admin [--tenant NAME]…", "Add an operator of the console, who sees all tenants or only those of --tenant. The last line of the output is a link, shown only once, at which the operator registers a passkey within 24 hours. With -, the address is read from standard input.",
	  { COMMON, { "--role", OPTION_VALUE }, { "--tenant", OPTION_REPEATED } }, 1, 1, run_operator_add },
	{ "operator", "link", "EMAIL|-", "Make a new link for an operator to register another passkey. It voids an older link.",
	  { COMMON }, 1, 1, run_operator_link },
	{ "operator", "list", "", "List the operators of the console.",
	  { COMMON }, 0, 0, run_operator_list },
	{ "operator", "disable", "EMAIL|-", "Disable an operator: sessions end within one second, and passkeys and link are removed.",
	  { COMMON }, 1, 1, run_operator_disable },
	{ "states", NULL, "[--dot]", "Print the statuses of a session and the possible changes between them.",
	  { COMMON, { "--dot", OPTION_FLAG } }, 0, 0, run_states },
	{ "openapi", NULL, "", "Print the OpenAPI 3.1 document of the API.",
	  { COMMON }, 0, 0, run_openapi },
	{ "doctor", NULL, "", "Check this installation, and report what is wrong and what to do about it.",
	  { COMMON }, 0, 0, run_doctor },
	{ "version", NULL, "", "Print the version.",
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

static void print_help(FILE *out)
{
	fprintf(out, "kycd: a self-hosted KYC gateway\n\n");
	for (size_t i = 0; i < array_len(commands); i++)
		print_usage(out, &commands[i]);
	fprintf(out,
		"\nEvery command takes --config FILE, --dev and --help; commands that print results also take --json.\n");
}

/* Prints the usage of all commands whose first word is `name`. */
static void print_group_usage(FILE *out, const char *name)
{
	for (size_t i = 0; i < array_len(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			print_usage(out, &commands[i]);
}

/* Returns true if there is a command whose first word is `name`. */
static bool is_command_name(const char *name)
{
	for (size_t i = 0; i < array_len(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return true;
	return false;
}

static const struct command *find_command(const char *name, const char *verb)
{
	for (size_t i = 0; i < array_len(commands); i++) {
		const struct command *const c = &commands[i];

		if (strcmp(c->name, name) == 0 && (!c->verb || (verb && strcmp(c->verb, verb) == 0)))
			return c;
	}
	return NULL;
}

/* Prints that an argument is missing or unexpected. The names of the required arguments are the first words
 * of the usage. */
static void print_argument_error(const struct command *command, const struct args *args)
{
	const char *name = command->usage;

	for (size_t i = 0; i < args->n_words && strchr(name, ' '); i++)
		name = strchr(name, ' ') + 1;
	if (args->n_words > command->max_words)
		fprintf(stderr, "kycd: unexpected argument `%s`\n",
			args_word_masked(args->words[command->max_words]));
	else
		fprintf(stderr, "kycd: %.*s is missing\n", (int)strcspn(name, " "), name);
}

static enum exit_code run_command(const struct command *command, int argc, char **argv)
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
		print_argument_error(command, &args);
		print_usage(stderr, command);
		return EXIT_USAGE;
	}
	const struct config_source source = { .file = args_text(&args, "--config").p,
		.dev = args_has(&args, "--dev"),
		.create = args_has(&args, "--create"),
		.need = NEED_STORE,
		.environment = environ };
	return command->run(command, &args, &source);
}

static enum exit_code refuse_command_name(const char *name)
{
	if (name[0] == '-') {
		fprintf(stderr, "kycd: `%s` is not an option that can precede a command: see `kycd --help`\n",
			name);
	} else if (name[0] != '\0') {
		fprintf(stderr, "kycd: unknown command `%s`: see `kycd --help`\n", name);
	} else {
		fprintf(stderr, "kycd: a command is missing\n");
		print_help(stderr);
	}
	return EXIT_USAGE;
}

/* Converts the result of a command to the exit code of the process. If its output could not be written
 * completely, the command has failed. */
static enum exit_code check_output_written(enum exit_code code)
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

/* Called if the first word of a command is valid but needs a second one: prints the usage of all commands
 * with that first word. */
static enum exit_code refuse_verb(const char *name, const char *verb)
{
	if (verb && (strcmp(verb, "--help") == 0 || strcmp(verb, "-h") == 0)) {
		print_group_usage(stdout, name);
		return EXIT_DONE;
	}
	if (verb && verb[0] != '-')
		fprintf(stderr, "kycd: unknown command `%s %s`\n", name, verb);
	else
		fprintf(stderr, "kycd: `%s` needs a subcommand:\n", name);
	print_group_usage(stderr, name);
	return EXIT_USAGE;
}

/* Copies argv to `ordered`, which must be large enough for argc entries. Options before the command are moved
 * behind all other arguments. */
static void move_leading_options(int argc, char **argv, char **ordered)
{
	int first = 1, n = 0;

	while (first < argc && strncmp(argv[first], "--", 2) == 0)
		first += strcmp(argv[first], "--config") == 0 ? 2 : 1;
	ordered[n++] = argv[0];
	if (first >= argc)
		first = 1;
	for (int i = first; i < argc; i++)
		ordered[n++] = argv[i];
	for (int i = 1; i < first; i++)
		ordered[n++] = argv[i];
}

static bool equals_any(const char *word, const char *a, const char *b, const char *c)
{
	return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

static enum exit_code dispatch_command(int argc, char **argv)
{
	const char *const name = argc > 1 ? argv[1] : "";
	const char *const verb = argc > 2 ? argv[2] : NULL;
	static char version[] = "version";

	if (equals_any(name, "--help", "-h", "help")) {
		print_help(stdout);
		return EXIT_DONE;
	}
	if (equals_any(name, "--version", "-V", "-v"))
		argv[1] = version;
	const struct command *const command = find_command(argc > 1 ? argv[1] : "", verb);
	if (!command)
		return is_command_name(name) ? refuse_verb(name, verb) : refuse_command_name(name);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		fprintf(stderr, "kycd: libcurl cannot be initialised on this machine\n");
		return EXIT_FAILED;
	}
	const enum exit_code code = run_command(command, argc, argv);
	curl_global_cleanup();
	return code;
}

int main(int argc, char **argv)
{
	char **const ordered = calloc((size_t)argc + 1, sizeof(*ordered));
	enum exit_code code = EXIT_USAGE;

	/* Files and folders that kycd creates are accessible only to the user that runs it. */
	umask(077);
	signal(SIGPIPE, SIG_IGN);
	/* If SIGXFSZ is ignored, a write beyond the file size limit fails with EFBIG and is reported like a
	 * full disk. Otherwise the signal would end the process. */
	signal(SIGXFSZ, SIG_IGN);
	if (!ordered)
		return EXIT_FAILED;
	if (args_are_printable(argc, argv)) {
		move_leading_options(argc, argv, ordered);
		code = dispatch_command(argc, ordered);
	}
	free((void *)ordered);
	return (int)check_output_written(code);
}

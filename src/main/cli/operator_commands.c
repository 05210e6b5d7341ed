#include <stdio.h>
#include <string.h>

#include "app/operator/account.h"
#include "domain/event.h"
#include "main/cli/address_argument.h"
#include "main/cli/command.h"
#include "main/cli/operator_output.h"
#include "main/cli/tenant_lookup.h"
#include "main/config/console_place.h"
#include "text/email.h"

#define PAGE 32
#define ARGUMENT_MEMORY ((size_t)16 * 1024)
#define REGISTER_PATH "/console/register/"
#define NO_SUCH_OPERATOR "there is no operator with this e-mail address: see `kycd operator list`"

/* A command about one operator. */
struct operator_command {
	struct runtime runtime;
	struct arena arena; /* of the arguments */
	const struct args *args;
	struct str email;
	enum operator_role role;
	char origin[SITE_SIZE]; /* of the console */
	bool json;
};

typedef enum exit_code operator_command_handler(struct operator_command *command);

static bool refuse_argument(const char *what)
{
	fprintf(stderr, "kycd: %s\n", what);
	return false;
}

static bool read_email(struct operator_command *command)
{
	struct str text;

	return address_argument_read(command->args, &command->arena, &text) &&
	       (email_normalise(&command->arena, text, &command->email) == OK ||
		       refuse_argument("this is not an e-mail address"));
}

static bool read_role(struct operator_command *command)
{
	return operator_role_read(args_text(command->args, "--role"), &command->role) ||
	       refuse_argument("--role must be one of viewer, reviewer and admin");
}

/* Sets command->origin. Without it no link can be printed, so this comes before the first change. */
static bool find_origin(struct operator_command *command)
{
	const struct config *const config = &command->runtime.config;

	if (console_origin(config, command->origin))
		return true;
	(void)command_failed(
		config->dev ? "development mode has no console with KYCD_DEV_OPEN=1 or port 0: unset the "
			      "one, or set KYCD_LISTEN to the port of the server"
			    : "KYCD_CONSOLE_URL is not set, so there is no link for operators: set it to the "
			      "https URL at which they open the console (docs/console.md)",
		OK);
	return false;
}

static enum exit_code run_with_store(struct operator_command *command, const struct config_source *source,
	operator_command_handler *handle)
{
	enum exit_code code = EXIT_FAILED;

	if (command_open(&command->runtime, source))
		code = handle(command);
	compose_down(&command->runtime);
	return code;
}

/* Reads the arguments, opens the store, calls `handle` and closes the store. */
static enum exit_code operator_command_run(const struct args *args, const struct config_source *source,
	bool takes_role, operator_command_handler *handle)
{
	struct operator_command command;
	enum exit_code code = EXIT_USAGE;

	memset(&command, 0, sizeof(command));
	command.args = args;
	command.json = args_has(args, "--json");
	arena_init(&command.arena, ARGUMENT_MEMORY);
	if ((!takes_role || read_role(&command)) && read_email(&command))
		code = run_with_store(&command, source, handle);
	arena_wipe(&command.arena);
	arena_finish(&command.arena);
	return code;
}

static enum exit_code print_link(
	struct operator_command *command, const struct operator_account *account, struct str token)
{
	struct arena *const a = &command->runtime.arena;
	const struct str url = arena_printf(a, "%s" REGISTER_PATH "%.*s", command->origin, STR_ARG(token));

	return operator_print_link(a, account, url, command->json)
		       ? EXIT_DONE
		       : command_failed("the link was made, but cannot be printed: make a new one with `kycd "
					"operator link`",
				 OK);
}

/* The tenants of --tenant. */
struct tenant_limit {
	struct tenant_id ids[OPERATOR_TENANTS_MAX];
	size_t n;
};

static enum exit_code read_tenants(struct operator_command *command, struct tenant_limit *limit)
{
	struct tenant tenant;
	struct str name;

	for (size_t i = 0; (name = args_text_at(command->args, "--tenant", i)).p; i++) {
		if (i == OPERATOR_TENANTS_MAX)
			return command_failed(
				"an operator can be limited to at most 16 tenants: leave out --tenant "
				"for all tenants",
				OK);
		const enum exit_code code = tenant_lookup(&command->runtime, name, &tenant);
		if (code != EXIT_DONE)
			return code;
		limit->ids[limit->n++] = tenant.id;
	}
	return EXIT_DONE;
}

static enum exit_code add_operator(struct operator_command *command)
{
	struct tenant_limit limit = { .n = 0 };
	struct operator_account account;
	struct str token;

	if (!find_origin(command))
		return EXIT_FAILED;
	const enum exit_code code = read_tenants(command, &limit);
	if (code != EXIT_DONE)
		return code;
	const struct operator_account_params params = { command->email, command->role, limit.ids, limit.n,
		NULL };
	const enum err e = operator_account_add(
		&command->runtime.world, &command->runtime.arena, &params, &account, &token);
	if (e == ERR_CONFLICT)
		return command_failed(
			"there is an operator with this e-mail address already: make a new link with `kycd operator "
			"link`, or, to change role or tenants, disable the operator first",
			OK);
	return e == OK ? print_link(command, &account, token)
		       : command_failed("the operator cannot be added", e);
}

enum exit_code run_operator_add(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return operator_command_run(args, source, true, add_operator);
}

static enum exit_code make_link(struct operator_command *command)
{
	struct operator_account account;
	struct str token;

	if (!find_origin(command))
		return EXIT_FAILED;
	const enum err e = operator_account_new_link(
		&command->runtime.world, &command->runtime.arena, command->email, &account, &token);
	if (e == ERR_NOT_FOUND)
		return command_failed(NO_SUCH_OPERATOR, OK);
	if (e == ERR_CONFLICT)
		return command_failed(
			"this operator is disabled: enable them with `kycd operator add`, which makes a link",
			OK);
	return e == OK ? print_link(command, &account, token) : command_failed("the link cannot be made", e);
}

enum exit_code run_operator_link(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return operator_command_run(args, source, false, make_link);
}

static enum exit_code disable_operator(struct operator_command *command)
{
	struct operator_account account;
	char id[SHOWN_ID_SIZE];

	const enum err e = operator_account_disable(
		&command->runtime.world, &command->runtime.arena, command->email, &account);
	if (e == ERR_NOT_FOUND)
		return command_failed(NO_SUCH_OPERATOR, OK);
	if (e != OK)
		return command_failed("the operator cannot be disabled", e);
	shown_id_write(OPERATOR_ID_PREFIX, account.id.text, id);
	/* The id consists of letters and digits, so it needs no JSON escaping. */
	if (command->json)
		printf("{\"id\":\"%s\",\"disabled\":true}\n", id);
	else
		fprintf(stderr,
			"Operator %s is disabled: the sessions have ended, and passkeys and link are removed.\n",
			id);
	return EXIT_DONE;
}

enum exit_code run_operator_disable(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return operator_command_run(args, source, false, disable_operator);
}

/* Prints one operator of the list. The memory is freed at once, because the list may be long. */
static enum err print_row(
	const struct runtime *runtime, const struct operator_account *account, bool json, bool is_first)
{
	struct arena a;

	if (json)
		printf("%s", is_first ? "[" : ",\n ");
	arena_init(&a, ARENA_CALL_LIMIT);
	const enum err e = operator_print(&runtime->world, &a, account, json);
	arena_finish(&a);
	return e;
}

static enum err print_page(struct runtime *runtime, size_t skip, bool json, size_t *n)
{
	struct operator_account rows[PAGE];
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	enum err e = operator_account_list(&runtime->world, &a, page_of(skip, PAGE), rows, n);
	for (size_t i = 0; e == OK && i < *n; i++)
		e = print_row(runtime, &rows[i], json, skip + i == 0);
	arena_finish(&a);
	return e;
}

enum exit_code run_operator_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const bool json = args_has(args, "--json");
	struct runtime runtime;
	size_t skip = 0, n = PAGE;
	enum err e = OK;

	(void)c;
	if (!command_open(&runtime, source)) {
		compose_down(&runtime);
		return EXIT_FAILED;
	}
	for (; e == OK && n == PAGE; skip += n)
		e = print_page(&runtime, skip, json, &n);
	if (json && e == OK)
		printf("%s\n", skip > 0 ? "]" : "[]");
	compose_down(&runtime);
	return e == OK ? EXIT_DONE : command_failed("the operators cannot be read", e);
}

#include <stdio.h>
#include <string.h>

#include "api/describe/openapi.h"
#include "api/endpoints/routes.h"
#include "base/buf.h"
#include "main/cli/command.h"
#include "main/cli/version.h"
#include "main/config/templates.h"
#include "main/config/warnings.h"
#include "main/daemon/database.h"
#include "main/daemon/master_key.h"
#include "store/sqlite/diagnosis.h"
#include "text/json.h"
#include "web/console/routes.h"
#include "web/core/routes.h"

bool command_open(struct runtime *runtime, const struct config_source *source)
{
	memset(runtime, 0, sizeof(*runtime));
	sqlite_condition_mute();
	return compose_up(runtime, source, false);
}

/* Returns cause and action for the operator, worded to follow "the database ". Returns NULL if nothing is
 * known but the name of the error. */
static const char *failure_advice(enum err e)
{
	const char *const error = database_error();

	if (e == ERR_BUSY)
		return "is locked by another process, or cannot be reached: try again";
	if (e == ERR_STORAGE && !error)
		return "returned an error: run `kycd db check`";
	return e == ERR_STORAGE || e == ERR_INPUT || e == ERR_NOT_FOUND ? error : NULL;
}

enum exit_code command_failed(const char *what, enum err e)
{
	const char *const why = failure_advice(e);

	if (e == OK)
		fprintf(stderr, "kycd: %s\n", what);
	else if (why)
		fprintf(stderr, "kycd: %s: the database %s\n", what, why);
	else
		fprintf(stderr, "kycd: %s (%s)\n", what, err_name(e));
	return EXIT_FAILED;
}

enum exit_code run_secret_generate(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	(void)source;
	if (!crypto_start())
		return command_failed("libsodium cannot be initialised on this machine", OK);
	return master_key_print(args_has(args, "--json")) ? EXIT_DONE : EXIT_FAILED;
}

bool command_settings(struct runtime *runtime, const struct config_source *source, enum config_need need)
{
	struct config_source with_need = *source;
	struct refusals refusals;

	memset(runtime, 0, sizeof(*runtime));
	sqlite_condition_mute();
	arena_init(&runtime->arena, ARENA_CALL_LIMIT);
	with_need.need = need;
	if (config_load(&with_need, &runtime->arena, &runtime->config, &runtime->raw, &refusals) == OK)
		return true;
	refusals_print(&refusals, stderr);
	return false;
}

static enum exit_code print_check_json(struct runtime *runtime)
{
	struct config_warning found[CONFIG_WARNINGS_MAX];
	const size_t n = config_warnings_find(&runtime->config, runtime->raw, found);
	struct json_writer w;
	struct buf text;
	struct str object;

	buf_init(&text, &runtime->arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_bool(&w, "usable", true);
	json_key(&w, "warnings");
	json_begin_array(&w);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&w);
		json_field_text(&w, "name", arena_printf(&runtime->arena, "KYCD_%s", found[i].name));
		json_field_text(&w, "warning", str_of(found[i].sentence));
		json_end_object(&w);
	}
	json_end_array(&w);
	json_end_object(&w);
	if (buf_done(&text, &object) != OK)
		return command_failed("out of memory", OK);
	printf("%.*s\n", STR_ARG(object));
	return EXIT_DONE;
}

static enum exit_code print_check_text(struct runtime *runtime)
{
	const struct raw_config *const raw = runtime->raw;
	const size_t n = config_warnings_print(&runtime->config, runtime->raw, stderr);

	if (raw->n_injected > 0)
		fprintf(stderr,
			"hint: %zu variable%s of the container platform %s ignored, the first is %s\n",
			raw->n_injected, raw->n_injected == 1 ? "" : "s", raw->n_injected == 1 ? "is" : "are",
			raw->first_injected.p);
	printf(n == 0 ? "the settings are valid\n" : "the settings are valid; see the warnings\n");
	return EXIT_DONE;
}

/* Checks the files in the folder of KYCD_MAIL_TEMPLATES, as `serve` does. */
static bool templates_are_valid(const struct runtime *runtime)
{
	const struct templates *templates;
	struct arena a;
	struct str why;

	arena_init(&a, TEMPLATES_MEMORY);
	const enum err e = templates_read(runtime->config.mail_templates, &a, &templates, &why);
	if (e != OK)
		fprintf(stderr, "kycd: %.*s\n", STR_ARG(why));
	arena_finish(&a);
	return e == OK;
}

enum exit_code run_config_check(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (command_settings(&runtime, source, NEED_ALL) && templates_are_valid(&runtime))
		code = args_has(args, "--json") ? print_check_json(&runtime) : print_check_text(&runtime);
	arena_finish(&runtime.arena);
	return code;
}

enum exit_code run_config_show(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (command_settings(&runtime, source, NEED_NOTHING)) {
		config_show(runtime.raw, stdout, args_has(args, "--json"));
		code = EXIT_DONE;
	}
	arena_finish(&runtime.arena);
	return code;
}

static const char *const endpoint_kind_names[] = {
	[ENDPOINT_INLINE] = "inline",
	[ENDPOINT_READ] = "read",
	[ENDPOINT_WRITE] = "write",
	[ENDPOINT_WAITING] = "waiting",
};

static void print_routes(
	const struct route *const *routes, size_t n, const char *listener, bool json, bool *first)
{
	for (size_t i = 0; i < n; i++) {
		const struct route *const r = routes[i];
		const char *const scope = r->scope == SCOPE_ANY ? "-" : scope_name(r->scope);
		const char *const quote = r->scope == SCOPE_ANY ? "" : "\"";
		const char *const guard = r->guard == GUARD_TENANT ? "key" : "open";

		if (json)
			printf("%s{\"listener\":\"%s\",\"method\":\"%s\",\"path\":\"%s\",\"guard\":\"%s\",\"kind\":\"%s\",\"scope\":%s%s%s}",
				*first ? "[" : ",\n ", listener, method_name(r->entry.method).p,
				r->entry.pattern, guard, endpoint_kind_names[r->kind], quote,
				r->scope == SCOPE_ANY ? "null" : scope, quote);
		else
			printf("%-7s %-5s %-30s %-5s %-7s %s\n", listener, method_name(r->entry.method).p,
				r->entry.pattern, guard, endpoint_kind_names[r->kind], scope);
		*first = false;
	}
}

enum exit_code run_routes(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const bool json = args_has(args, "--json");
	bool first = true;

	(void)c;
	(void)source;
	print_routes(public_routes, n_public_routes, "public", json, &first);
	print_routes(web_routes, n_web_routes, "public", json, &first);
	print_routes(public_routes + n_public_routes, n_public_routes_with_docs - n_public_routes, "docs",
		json, &first);
	print_routes(public_routes + n_public_routes_with_docs,
		n_public_routes_in_dev - n_public_routes_with_docs, "dev", json, &first);
	print_routes(admin_routes, n_admin_routes, "admin", json, &first);
	print_routes(console_routes, n_console_routes, "console", json, &first);
	if (json)
		printf("]\n");
	return EXIT_DONE;
}

/* Prints the OpenAPI document. Its server URL is "/", relative to the address from which the document is
 * served, so that it fits every host. */
enum exit_code run_openapi(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const struct api_spec d = { .routes = public_routes,
		.n_routes = n_public_routes,
		.url = STR("/"),
		.version = STR(KYCD_VERSION) };
	struct arena a;
	struct str text = STR("");

	(void)c;
	(void)args;
	(void)source;
	arena_init(&a, DESCRIPTION_MEMORY);
	const enum err e = openapi_print(&a, &d, &text);
	if (e == OK)
		printf("%.*s\n", STR_ARG(text));
	arena_finish(&a);
	return e == OK ? EXIT_DONE : command_failed("the OpenAPI document cannot be generated", e);
}

enum exit_code run_version(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	(void)source;
	printf(args_has(args, "--json")
			? "{\"name\":\"kycd\",\"version\":\"%s\",\"commit\":\"%s\",\"schema\":%lld}\n"
			: "kycd %s, commit %s, schema %lld\n",
		KYCD_VERSION, KYCD_COMMIT, (long long)database_schema_version());
	return EXIT_DONE;
}

#include <stdio.h>
#include <string.h>

#include "api/endpoints/webhook_view.h"
#include "app/admin/operator.h"
#include "main/cli/command.h"
#include "main/cli/endpoint_access.h"
#include "main/cli/tenant_lookup.h"

/* Prints the new secret. If it cannot be printed, nobody has it. */
static enum exit_code print_secret(const struct args *args, struct webhook_result *result)
{
	char id[SHOWN_ID_SIZE];

	shown_id_write(ENDPOINT_ID_PREFIX, result->endpoint.row.id.text, id);
	if (args_has(args, "--json"))
		printf("{\"id\":\"%s\",\"secret\":\"%s\"}\n", id, result->secret);
	else
		printf("%s\n", result->secret);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr,
			"kycd: standard output cannot be written: create another secret with `kycd endpoint rotate-secret %s`\n",
			id);
		return EXIT_FAILED;
	}
	if (!args_has(args, "--json"))
		fprintf(stderr, "The secret of webhook endpoint %s is shown only once.\n", id);
	return EXIT_DONE;
}

/* Joins the values of a repeated option with commas. Returns false if they do not fit. */
static bool join(const struct args *args, const char *option, char *out, size_t size)
{
	size_t n = 0;
	struct str word;

	out[0] = '\0';
	for (size_t i = 0; (word = args_text_at(args, option, i)).p; i++) {
		if (n + word.n + 2 > size)
			return false;
		if (i > 0)
			out[n++] = ',';
		memcpy(out + n, word.p, word.n);
		n += word.n;
		out[n] = '\0';
	}
	return true;
}

static bool read_include(const struct args *args, struct webhook_change *change)
{
	struct str word;

	for (size_t i = 0; (word = args_text_at(args, "--include", i)).p; i++) {
		if (str_eq(word, STR("address")))
			change->include_address = true;
		else if (str_eq(word, STR("session_url")))
			change->include_session_url = true;
		else {
			fprintf(stderr, "kycd: --include must be address or session_url\n");
			return false;
		}
	}
	return true;
}

static bool read_change(
	const struct args *args, char types[WEBHOOK_TYPES_SIZE], struct webhook_change *change)
{
	*change = (struct webhook_change){ .url = args_text(args, "--url"),
		.description = args_text(args, "--description") };
	if (!args_text(args, "--tenant").p || !change->url.p) {
		fprintf(stderr, "kycd: --tenant NAME and --url URL are necessary\n");
		return false;
	}
	if (!join(args, "--type", types, WEBHOOK_TYPES_SIZE)) {
		fprintf(stderr, "kycd: --type is given too often\n");
		return false;
	}
	change->types = types[0] != '\0' ? str_of(types) : STR("*");
	if (change->description.n >= WEBHOOK_DESCRIPTION_SIZE || !str_is_utf8(change->description)) {
		fprintf(stderr, "kycd: --description must be UTF-8 of at most %d bytes\n",
			WEBHOOK_DESCRIPTION_SIZE - 1);
		return false;
	}
	return read_include(args, change);
}

static enum exit_code add_endpoint(struct runtime *runtime, const struct args *args,
	const struct webhook_change *change, struct webhook_result *result)
{
	struct webhook_client client = operator_webhook_client();
	struct tenant tenant;

	if (tenant_lookup(runtime, args_text(args, "--tenant"), &tenant) != EXIT_DONE)
		return EXIT_FAILED;
	client.tenant_id = tenant.id;
	const enum err e = webhook_endpoint_create(&runtime->world, &runtime->arena, &client, change, result);
	if (e != OK)
		return command_failed("the webhook endpoint cannot be added", e);
	if (result->refusal.verdict != WEBHOOK_DONE)
		return endpoint_refused(&result->refusal);
	return print_secret(args, result);
}

enum exit_code run_endpoint_add(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	char types[WEBHOOK_TYPES_SIZE];
	struct webhook_change change;
	struct webhook_result result = { .secret = "" };
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_change(args, types, &change))
		return EXIT_USAGE;
	if (command_open(&runtime, source))
		code = add_endpoint(&runtime, args, &change, &result);
	secure_wipe(&result, sizeof(result));
	compose_down(&runtime);
	return code;
}

/* Prints an endpoint as a JSON object without a line break, or as one line of text. */
static enum err print_endpoint(
	struct arena *a, const struct webhook_endpoint_view *view, const char *tenant, bool json)
{
	struct buf text;
	struct json_writer w;
	struct str body;

	if (!json) {
		char id[SHOWN_ID_SIZE];

		shown_id_write(ENDPOINT_ID_PREFIX, view->row.id.text, id);
		printf("%s  %-16s  %-8s  pending %lld  types %s  %.*s  %s\n", id, tenant,
			webhook_endpoint_is_enabled(&view->row) ? "enabled" : "disabled",
			(long long)view->pending, view->row.types, STR_ARG(view->url), view->row.description);
		return OK;
	}
	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "tenant", str_of(tenant));
	write_webhook_endpoint(&w, view);
	json_end_object(&w);
	TRY(buf_done(&text, &body));
	printf("%.*s", STR_ARG(body));
	return OK;
}

struct list_output {
	struct arena *arena;
	bool json;
	size_t n;
};

static enum err print_row(void *arg, const struct webhook_endpoint_view *endpoint, const char *tenant_name)
{
	struct list_output *const out = arg;

	if (out->json)
		printf("%s", out->n == 0 ? "[" : ",\n ");
	out->n++;
	return print_endpoint(out->arena, endpoint, tenant_name, out->json);
}

enum exit_code run_endpoint_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	struct list_output out = { &runtime.arena, args_has(args, "--json"), 0 };
	enum err e = ERR_INTERNAL;

	(void)c;
	if (!command_open(&runtime, source)) {
		compose_down(&runtime);
		return EXIT_FAILED;
	}
	e = endpoint_each(&runtime, args_text(args, "--tenant"), print_row, &out);
	if (out.json && e == OK)
		printf("%s\n", out.n > 0 ? "]" : "[]");
	compose_down(&runtime);
	if (e == ERR_NOT_FOUND)
		return tenant_lookup_none();
	return e == OK ? EXIT_DONE : command_failed("the webhook endpoints cannot be read", e);
}

static enum exit_code print_with_tenant(
	struct runtime *runtime, const struct args *args, const struct webhook_endpoint_view *view)
{
	const bool json = args_has(args, "--json");
	struct tenant tenant;
	enum err e;

	e = operator_load_tenant(&runtime->world, &runtime->arena, &view->row.tenant_id, &tenant);
	if (e == OK)
		e = print_endpoint(&runtime->arena, view, tenant.name, json);
	if (e != OK)
		return command_failed("the webhook endpoint cannot be printed", e);
	if (json)
		printf("\n");
	return EXIT_DONE;
}

static enum exit_code print_removed(const struct args *args)
{
	/* The id needs no JSON escaping, because it was found in the store. */
	if (args_has(args, "--json"))
		printf("{\"id\":\"%s\",\"removed\":true}\n", args->words[0]);
	else
		fprintf(stderr, "Webhook endpoint %s is removed.\n", args->words[0]);
	return EXIT_DONE;
}

enum endpoint_verb { VERB_SHOW, VERB_ROTATE, VERB_ENABLE, VERB_DISABLE, VERB_REMOVE };

static enum err run_change(struct runtime *runtime, enum endpoint_verb verb, const struct endpoint_id *id,
	duration overlap, struct webhook_result *out)
{
	const struct world *const world = &runtime->world;
	const struct webhook_client client = operator_webhook_client();
	const struct webhook_change change = { .state = verb == VERB_ENABLE ? WEBHOOK_SWITCH_ON
									    : WEBHOOK_SWITCH_OFF };

	switch (verb) {
	case VERB_SHOW:
		return webhook_endpoint_get(world, &runtime->arena, &client, id, out);
	case VERB_ROTATE:
		return webhook_endpoint_rotate_secret(world, &runtime->arena, &client, id, overlap, out);
	case VERB_ENABLE:
	case VERB_DISABLE:
		return webhook_endpoint_update(world, &runtime->arena, &client, id, &change, out);
	case VERB_REMOVE:
		return webhook_endpoint_delete(world, &runtime->arena, &client, id, out);
	}
	return ERR_INTERNAL;
}

/* Runs a command about the endpoint that the first argument names. */
static enum exit_code run_on_endpoint(const struct args *args, const struct config_source *source,
	enum endpoint_verb verb, duration overlap)
{
	struct webhook_result result = { .secret = "" };
	struct endpoint_id id;
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	if (!endpoint_id_read(str_of(args->words[0]), &id))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const enum err e = run_change(&runtime, verb, &id, overlap, &result);

		if (e != OK)
			code = command_failed("the webhook endpoint cannot be read or changed", e);
		else if (result.refusal.verdict != WEBHOOK_DONE)
			code = endpoint_refused(&result.refusal);
		else if (verb == VERB_REMOVE)
			code = print_removed(args);
		else
			code = verb == VERB_ROTATE ? print_secret(args, &result)
						   : print_with_tenant(&runtime, args, &result.endpoint);
	}
	secure_wipe(&result, sizeof(result));
	compose_down(&runtime);
	return code;
}

enum exit_code run_endpoint_show(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return run_on_endpoint(args, source, VERB_SHOW, seconds(0));
}

enum exit_code run_endpoint_rotate_secret(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const struct str text = args_text(args, "--overlap");
	duration overlap = seconds(WEBHOOK_OVERLAP_DEFAULT_SECONDS);

	(void)c;
	if (str_eq(text, STR("none")))
		overlap = seconds(0);
	else if (text.p &&
		 (!duration_parse(text, &overlap) || overlap.ms > seconds(WEBHOOK_OVERLAP_MAX_SECONDS).ms)) {
		fprintf(stderr, "kycd: --overlap must be a duration of at most 7d, such as 24h, or none\n");
		return EXIT_USAGE;
	}
	return run_on_endpoint(args, source, VERB_ROTATE, overlap);
}

enum exit_code run_endpoint_enable(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return run_on_endpoint(args, source, VERB_ENABLE, seconds(0));
}

enum exit_code run_endpoint_disable(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return run_on_endpoint(args, source, VERB_DISABLE, seconds(0));
}

enum exit_code run_endpoint_remove(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	(void)c;
	return run_on_endpoint(args, source, VERB_REMOVE, seconds(0));
}

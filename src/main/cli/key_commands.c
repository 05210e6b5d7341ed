#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "main/cli/command.h"
#include "main/cli/key_options.h"
#include "main/cli/key_output.h"
#include "main/cli/tenant_lookup.h"

#define PAGE 64
#define NO_SUCH_KEY "there is no key with this id: see `kycd key list`"

/* Prints the new key. If it cannot be printed, asks the operator to revoke it, because it is valid although
 * nobody has it. */
static enum exit_code print_new_key(const struct args *args, const struct api_key *key, const char *text)
{
	const bool json = args_has(args, "--json");

	if (json)
		printf("{\"id\":\"%s\",\"key\":\"%s\"}\n", key->id.text, text);
	else
		printf("%s\n", text);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr,
			"kycd: key %s was created, but standard output cannot be written: revoke it with `kycd key revoke %s`\n",
			key->id.text, key->id.text);
		return EXIT_FAILED;
	}
	if (!json)
		fprintf(stderr,
			"Created key %s. It is shown only once: store it with the secrets of your server.\n",
			key->id.text);
	return EXIT_DONE;
}

enum exit_code run_key_create(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct key_option_texts texts;
	struct key_params params;
	struct api_key key;
	struct runtime runtime;
	char text[API_KEY_LENGTH + 1];
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!key_params_read(args, &texts, &params))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const enum err e = operator_create_key(&runtime.world, &runtime.arena, &params, &key, text);

		if (e == OK) {
			code = print_new_key(args, &key, text);
		} else if (e == ERR_NOT_FOUND) {
			tenant_lookup_none();
		} else {
			command_failed("the key cannot be created", e);
		}
	}
	secure_wipe(text, sizeof(text));
	compose_down(&runtime);
	return code;
}

enum exit_code run_key_revoke(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (command_open(&runtime, source)) {
		const enum err e = operator_revoke_key(
			&runtime.world, &runtime.arena, NULL, str_of(args->words[0]));

		code = e == OK ? EXIT_DONE : EXIT_FAILED;
		/* The id needs no JSON escaping: it was found in the store, so it consists of letters and
		 * digits. */
		if (e == OK && args_has(args, "--json"))
			printf("{\"id\":\"%s\",\"revoked\":true}\n", args->words[0]);
		else if (e == OK)
			fprintf(stderr, "Key %s is revoked.\n", args->words[0]);
		else if (e == ERR_NOT_FOUND)
			command_failed(NO_SUCH_KEY, OK);
		else
			command_failed("the key cannot be revoked", e);
	}
	compose_down(&runtime);
	return code;
}

/* Prints the key with the name of its tenant, or with the tenant's id if the tenant no longer exists. */
static enum err print_key_with_tenant(struct runtime *runtime, const struct api_key *key, bool json)
{
	struct tenant tenant;
	const enum err e = operator_load_tenant(&runtime->world, &runtime->arena, &key->tenant_id, &tenant);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	key_print(key, e == OK ? tenant.name : key->tenant_id.text, json);
	return OK;
}

static enum exit_code print_changed_key(
	struct runtime *runtime, const struct args *args, const struct api_key *key)
{
	const bool json = args_has(args, "--json");
	const enum err e = print_key_with_tenant(runtime, key, json);

	if (e != OK)
		return command_failed("the key was changed, but its tenant cannot be read", e);
	if (json)
		printf("\n");
	return EXIT_DONE;
}

enum exit_code run_key_set(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct key_option_texts texts;
	struct key_change change;
	struct api_key key;
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!key_change_read(args, &texts, &change))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const enum err e = operator_set_key(
			&runtime.world, &runtime.arena, str_of(args->words[0]), &change, &key);

		if (e == OK)
			code = print_changed_key(&runtime, args, &key);
		else if (e == ERR_NOT_FOUND)
			command_failed(NO_SUCH_KEY, OK);
		else if (e == ERR_CONFLICT)
			command_failed("the key is revoked: create a new one with `kycd key create`", OK);
		else
			command_failed("the key cannot be changed", e);
	}
	compose_down(&runtime);
	return code;
}

/* Prints why a key cannot be rotated. */
static void print_rotation_failure(enum err e, const struct api_key *key)
{
	if (e == ERR_NOT_FOUND)
		command_failed(NO_SUCH_KEY, OK);
	else if (e == ERR_CONFLICT)
		command_failed(
			moment_is_unset(key->revoked_at)
				? "the key has expired: create a new one with `kycd key create`, or extend "
				  "it with `kycd key set ID --expires 90d`"
				: "the key is revoked: create a new one with `kycd key create`",
			OK);
	else
		command_failed("the key cannot be rotated", e);
}

enum exit_code run_key_rotate(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct rotated_key rotated = { 0 };
	struct runtime runtime;
	char text[API_KEY_LENGTH + 1];
	enum exit_code code = EXIT_FAILED;
	duration overlap;

	(void)c;
	if (!key_overlap_read(args, &overlap))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const struct key_rotation rotation = { .id = str_of(args->words[0]), .overlap = overlap };
		const enum err e = operator_rotate_key(
			&runtime.world, &runtime.arena, &rotation, &rotated, text);

		if (e == OK) {
			char until[MOMENT_RFC3339_SIZE];

			moment_rfc3339(rotated.key.expires_at, until);
			if (!args_has(args, "--json"))
				fprintf(stderr, "Key %s works until %s.\n", rotated.key.id.text, until);
			code = print_new_key(args, &rotated.successor, text);
		} else {
			print_rotation_failure(e, &rotated.key);
		}
	}
	secure_wipe(text, sizeof(text));
	compose_down(&runtime);
	return code;
}

enum exit_code run_key_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const bool json = args_has(args, "--json");
	const struct str tenant = args_text(args, "--tenant");
	struct api_key rows[PAGE];
	struct runtime runtime;
	size_t skip = 0, n = PAGE;
	enum err e = OK;

	(void)c;
	if (!command_open(&runtime, source)) {
		compose_down(&runtime);
		return EXIT_FAILED;
	}
	while (e == OK && n == PAGE) {
		e = operator_list_keys(&runtime.world, &runtime.arena, tenant, page_of(skip, PAGE), rows, &n);
		for (size_t i = 0; e == OK && i < n; i++) {
			if (json)
				printf("%s", skip + i == 0 ? "[" : ",\n ");
			e = print_key_with_tenant(&runtime, &rows[i], json);
		}
		skip += e == OK ? n : 0;
	}
	if (json && e == OK)
		printf("%s\n", skip > 0 ? "]" : "[]");
	compose_down(&runtime);
	if (e == ERR_NOT_FOUND)
		return tenant_lookup_none();
	return e == OK ? EXIT_DONE : command_failed("the keys cannot be read", e);
}

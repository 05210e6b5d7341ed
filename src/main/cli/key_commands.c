#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "main/cli/command.h"

#define PAGE 64

static bool read_rate(const struct args *args, const char *option, int64_t *out)
{
	const struct str text = args_text(args, option);

	*out = 0;
	if (!text.p || (str_number(text, INT32_MAX, out) && *out >= 1))
		return true;
	fprintf(stderr, "kycd: %s must be a whole number from 1 to 2147483647\n", option);
	return false;
}

static bool is_valid_label(struct str label)
{
	for (size_t i = 0; i < label.n; i++)
		if ((unsigned char)label.p[i] < ' ' || label.p[i] == '"' || label.p[i] == '\\' ||
			label.p[i] == 0x7f)
			return false;
	return label.n <= 64 && str_is_utf8(label);
}

static bool read_key_params(const struct args *args, struct key_params *out)
{
	const struct str expires = args_text(args, "--expires");

	*out = (struct key_params){ .tenant = args_text(args, "--tenant"),
		.label = args_text(args, "--label") };
	if (!out->tenant.p) {
		fprintf(stderr, "kycd: --tenant NAME is missing\n");
		return false;
	}
	if (!is_valid_label(out->label)) {
		fprintf(stderr,
			"kycd: --label must be one line of at most 64 bytes without double quotes and backslashes\n");
		return false;
	}
	if (expires.p && !duration_parse(expires, &out->life)) {
		fprintf(stderr, "kycd: --expires must be a duration in whole units, such as 90d\n");
		return false;
	}
	return read_rate(args, "--rate-per-minute", &out->rate_per_minute) &&
	       read_rate(args, "--rate-per-second", &out->rate_per_second);
}

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
	struct key_params params;
	struct api_key key;
	struct runtime runtime;
	char text[API_KEY_LENGTH + 1];
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_key_params(args, &params))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		const enum err e = operator_create_key(&runtime.world, &runtime.arena, &params, &key, text);

		if (e == OK) {
			code = print_new_key(args, &key, text);
		} else if (e == ERR_NOT_FOUND) {
			command_failed("there is no tenant with this name: see `kycd tenant list`", OK);
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
			&runtime.world, &runtime.arena, str_of(args->words[0]));

		code = e == OK ? EXIT_DONE : EXIT_FAILED;
		/* The id needs no JSON escaping: it was found in the store, so it consists of letters and
		 * digits. */
		if (e == OK && args_has(args, "--json"))
			printf("{\"id\":\"%s\",\"revoked\":true}\n", args->words[0]);
		else if (e == OK)
			fprintf(stderr, "Key %s is revoked.\n", args->words[0]);
		else if (e == ERR_NOT_FOUND)
			command_failed("there is no key with this id: see `kycd key list`", OK);
		else
			command_failed("the key cannot be revoked", e);
	}
	compose_down(&runtime);
	return code;
}

/* Formats a time as JSON or as text. A time that is not set becomes "null" or "-". */
static void format_key_time(moment t, bool json, char out[MOMENT_RFC3339_SIZE + 2])
{
	char text[MOMENT_RFC3339_SIZE];

	moment_rfc3339(t, text);
	if (moment_is_unset(t))
		snprintf(out, MOMENT_RFC3339_SIZE + 2, "%s", json ? "null" : "-");
	else
		snprintf(out, MOMENT_RFC3339_SIZE + 2, json ? "\"%s\"" : "%s", text);
}

/* Formats a rate as JSON or as text. The rate 0, which means that the rate in the settings applies, becomes
 * "null" or "-". */
static void format_key_rate(int64_t n, bool json, char out[24])
{
	if (n == 0)
		snprintf(out, 24, "%s", json ? "null" : "-");
	else
		snprintf(out, 24, "%lld", (long long)n);
}

static void print_key(const struct api_key *key, const char *tenant, bool json, bool first)
{
	char created[MOMENT_RFC3339_SIZE + 2], expires[MOMENT_RFC3339_SIZE + 2],
		revoked[MOMENT_RFC3339_SIZE + 2], used[MOMENT_RFC3339_SIZE + 2], minute[24], second[24];

	format_key_time(key->created_at, json, created);
	format_key_time(key->expires_at, json, expires);
	format_key_time(key->revoked_at, json, revoked);
	format_key_time(key->last_used_at, json, used);
	format_key_rate(key->rate_per_minute, json, minute);
	format_key_rate(key->rate_per_second, json, second);
	if (json)
		printf("%s{\"id\":\"%s\",\"tenant\":\"%s\",\"label\":\"%s\",\"created_at\":%s,\"expires_at\":%s,\"revoked_at\":%s,"
		       "\"last_used\":%s,\"rate_per_minute\":%s,\"rate_per_second\":%s}",
			first ? "[" : ",\n ", key->id.text, tenant, key->label, created, expires, revoked,
			used, minute, second);
	else
		printf("%-8s  %-16s  created %s  expires %-24s  revoked %-24s  last used %-24s  per minute %s, per "
		       "second %s  %s\n",
			key->id.text, tenant, created, expires, revoked, used, minute, second, key->label);
}

/* Prints the key with the name of its tenant, or with the tenant's id if the tenant no longer exists. */
static enum err print_key_with_tenant(
	struct runtime *runtime, const struct api_key *key, bool json, bool first)
{
	struct tenant tenant;
	const enum err e = operator_load_tenant(&runtime->world, &runtime->arena, &key->tenant_id, &tenant);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	print_key(key, e == OK ? tenant.name : key->tenant_id.text, json, first);
	return OK;
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
		for (size_t i = 0; e == OK && i < n; i++)
			e = print_key_with_tenant(&runtime, &rows[i], json, skip + i == 0);
		skip += e == OK ? n : 0;
	}
	if (json && e == OK)
		printf("%s\n", skip > 0 ? "]" : "[]");
	compose_down(&runtime);
	if (e == ERR_NOT_FOUND)
		return command_failed("there is no tenant with this name: see `kycd tenant list`", OK);
	return e == OK ? EXIT_DONE : command_failed("the keys cannot be read", e);
}

#include <stdio.h>
#include <string.h>

#include "app/operator.h"
#include "main/command.h"

#define PAGE 64

static bool read_number(const struct args *args, const char *option, int64_t *out)
{
	const struct str text = args_text(args, option);

	*out = 0;
	if (!text.p || (str_number(text, INT32_MAX, out) && *out >= 1))
		return true;
	fprintf(stderr, "kycd: %s must be a whole number from 1 to 2147483647\n", option);
	return false;
}

static bool is_label(struct str label)
{
	for (size_t i = 0; i < label.n; i++)
		if ((unsigned char)label.p[i] < ' ' || label.p[i] == '"' || label.p[i] == '\\' ||
			label.p[i] == 0x7f)
			return false;
	return label.n <= 64 && str_is_utf8(label);
}

static bool read_order(const struct args *args, struct key_order *out)
{
	const struct str expires = args_text(args, "--expires");

	*out = (struct key_order){ .tenant = args_text(args, "--tenant"),
		.label = args_text(args, "--label") };
	if (!out->tenant.p) {
		fprintf(stderr, "kycd: --tenant NAME is needed\n");
		return false;
	}
	if (!is_label(out->label)) {
		fprintf(stderr, "kycd: --label must be one line of at most 64 bytes without quotes\n");
		return false;
	}
	if (expires.p && !span_parse(expires, &out->life)) {
		fprintf(stderr, "kycd: --expires must be a whole duration, such as 90d\n");
		return false;
	}
	return read_number(args, "--rate-per-minute", &out->rate_per_minute) &&
	       read_number(args, "--rate-per-second", &out->rate_per_second);
}

static void print_new(const struct args *args, const struct api_key *key, const char *text)
{
	if (args_has(args, "--json")) {
		printf("{\"id\":\"%s\",\"key\":\"%s\"}\n", key->id.text, text);
		return;
	}
	fprintf(stderr, "Key %s. It is shown this once: keep it where your server's secrets are.\n",
		key->id.text);
	printf("%s\n", text);
}

enum exit_code run_key_create(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct key_order order;
	struct api_key key;
	struct house house;
	char text[API_KEY_LENGTH + 1];
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_order(args, &order))
		return EXIT_USAGE;
	if (command_open(&house, source)) {
		const enum err e = operator_create_key(&house.world, &house.arena, &order, &key, text);

		if (e == OK) {
			print_new(args, &key, text);
			code = EXIT_DONE;
		} else if (e == ERR_MISSING) {
			command_failed("there is no tenant of that name: see `kycd tenant list`", OK);
		} else {
			command_failed("the key cannot be made", e);
		}
	}
	wipe(text, sizeof(text));
	compose_down(&house);
	return code;
}

enum exit_code run_key_revoke(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct house house;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (command_open(&house, source)) {
		const enum err e = operator_revoke_key(&house.world, &house.arena, str_of(args->words[0]));

		if (e == OK)
			code = EXIT_DONE;
		else if (e == ERR_MISSING)
			command_failed("there is no key of that id: see `kycd key list`", OK);
		else
			command_failed("the key cannot be revoked", e);
	}
	compose_down(&house);
	return code;
}

static void when(moment t, char out[MOMENT_RFC3339_SIZE])
{
	if (never(t))
		memcpy(out, "-", 2);
	else
		moment_rfc3339(t, out);
}

static void print_key(const struct api_key *key, bool json, bool first)
{
	char created[MOMENT_RFC3339_SIZE], expires[MOMENT_RFC3339_SIZE], revoked[MOMENT_RFC3339_SIZE];

	when(key->created, created);
	when(key->expires, expires);
	when(key->revoked, revoked);
	if (json)
		printf("%s{\"id\":\"%s\",\"tenant\":\"%s\",\"label\":\"%s\",\"created\":\"%s\",\"expires\":\"%s\",\"revoked\":\"%s\"}",
			first ? "[" : ",\n ", key->id.text, key->tenant.text, key->label, created, expires,
			revoked);
	else
		printf("%-8s  created %s  expires %-24s  revoked %-24s  %s\n", key->id.text, created, expires,
			revoked, key->label);
}

enum exit_code run_key_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	const bool json = args_has(args, "--json");
	const struct str tenant = args_text(args, "--tenant");
	struct api_key rows[PAGE];
	struct house house;
	size_t skip = 0, n = PAGE;
	enum err e = OK;

	(void)c;
	if (!command_open(&house, source)) {
		compose_down(&house);
		return EXIT_FAILED;
	}
	while (e == OK && n == PAGE) {
		e = operator_list_keys(&house.world, &house.arena, tenant, page(skip, PAGE), rows, &n);
		for (size_t i = 0; e == OK && i < n; i++)
			print_key(&rows[i], json, skip + i == 0);
		skip += e == OK ? n : 0;
	}
	if (json && e == OK)
		printf("%s\n", skip > 0 ? "]" : "[]");
	compose_down(&house);
	if (e == ERR_MISSING)
		return command_failed("there is no tenant of that name: see `kycd tenant list`", OK);
	return e == OK ? EXIT_DONE : command_failed("the keys cannot be read", e);
}

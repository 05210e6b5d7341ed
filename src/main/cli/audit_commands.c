#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/core/audit.h"
#include "main/cli/audit_output.h"
#include "main/cli/command.h"
#include "main/cli/tenant_lookup.h"

/* Number of entries that are read and printed at a time. */
#define PAGE 256
#define PAGE_MEMORY ((size_t)2 * 1024 * 1024)

static bool is_key_id(struct str id)
{
	for (size_t i = 0; i < id.n; i++)
		if (!str_has(STR("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), id.p[i]))
			return false;
	return id.n == sizeof(struct key_id) - 1;
}

/* Reads the id of --subject into the cursor. Does not print an invalid id, because it may be a person's
 * address. */
static bool read_subject(struct str id, struct audit_cursor *cursor)
{
	if (!id.p)
		return true;
	if ((id_is_valid(id) || is_key_id(id)) && str_copy_to(id, cursor->subject, sizeof(cursor->subject)))
		return true;
	fprintf(stderr,
		"kycd: --subject must be the id of a person, a tenant or a key, as shown in the audit log. To find a "
		"person by address, use `kycd user show -`\n");
	return false;
}

/* Parses --since, which is a time or a duration back from now. */
static bool read_since(struct str text, struct str *since, duration *back)
{
	moment t;

	*since = text;
	*back = (duration){ 0 };
	if (!text.p || moment_parse(text, &t) || duration_parse(text, back))
		return true;
	fprintf(stderr, "kycd: --since must be a time such as 2026-01-05T10:00:00Z, or a duration back from "
			"now such as 24h\n");
	return false;
}

static moment start_time(const struct runtime *runtime, struct str since, duration back)
{
	moment from = { 0 };

	if (back.ms > 0)
		return moment_sub(world_now(&runtime->world), back);
	if (since.p)
		(void)moment_parse(since, &from);
	return from;
}

/* The entries to list, and their format. */
struct audit_listing {
	struct audit_cursor cursor;
	struct tenant_id tenant; /* empty: all tenants */
	bool json;
};

/* Prints the entries. Sets `*error` to the errno of a failed write to standard output, or to 0. */
static enum err print_entries(struct arena *a, const struct audit_listing *listing,
	const struct audit_entry *rows, size_t n, int *error)
{
	struct buf text;
	struct str done;

	buf_init(&text, a);
	for (size_t i = 0; i < n; i++) {
		struct json_writer w;

		if (listing->tenant.text[0] && strcmp(listing->tenant.text, rows[i].tenant_id) != 0)
			continue;
		if (!listing->json) {
			audit_output_line(&text, &rows[i]);
			continue;
		}
		json_writer_init(&w, &text);
		audit_output_json(&w, &rows[i]);
		buf_char(&text, '\n');
	}
	TRY(buf_done(&text, &done));
	const bool written = fwrite(done.p, 1, done.n, stdout) == done.n && fflush(stdout) == 0;
	*error = written ? 0 : errno;
	return OK;
}

static enum exit_code print_all_entries(struct runtime *runtime, struct audit_listing *listing)
{
	struct arena a;
	enum err e = OK;
	size_t n = PAGE;
	int error = 0;

	arena_init(&a, PAGE_MEMORY);
	while (e == OK && n == PAGE && error == 0) {
		arena_reset(&a);
		struct audit_entry *const rows = arena_array(&a, struct audit_entry, PAGE);

		e = rows ? audit_read(&runtime->world, &a, &listing->cursor, rows, PAGE, &n) : ERR_INTERNAL;
		if (e == OK)
			e = print_entries(&a, listing, rows, n, &error);
	}
	arena_finish(&a);
	/* A write error other than a closed pipe is reported by main(), as for all commands. */
	if (error != 0)
		return error == EPIPE ? EXIT_PIPE_CLOSED : EXIT_DONE;
	return e == OK ? EXIT_DONE : command_failed("the audit log cannot be read", e);
}

static enum exit_code list_entries(
	struct runtime *runtime, struct str tenant_name, struct audit_listing *listing)
{
	struct tenant tenant;

	if (tenant_lookup_optional(runtime, tenant_name, &tenant) != EXIT_DONE)
		return EXIT_FAILED;
	listing->tenant = tenant.id;
	return print_all_entries(runtime, listing);
}

enum exit_code run_audit_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct audit_listing listing = { .json = args_has(args, "--json") };
	struct runtime runtime;
	struct str since;
	duration back;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (!read_subject(args_text(args, "--subject"), &listing.cursor) ||
		!read_since(args_text(args, "--since"), &since, &back))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		id_lower_bound(start_time(&runtime, since, back), listing.cursor.from.text);
		code = list_entries(&runtime, args_text(args, "--tenant"), &listing);
	}
	compose_down(&runtime);
	return code;
}

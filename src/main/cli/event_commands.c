#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "app/event/event_list.h"
#include "main/cli/command.h"
#include "main/cli/tenant_lookup.h"

/* Number of events that are read and printed at a time. */
#define PAGE 128
#define PAGE_MEMORY ((size_t)4 * 1024 * 1024)

/* Parses --since, which is a time or a duration back from now. */
static bool read_since(struct str text, moment *since, duration *back)
{
	*since = (moment){ 0 };
	*back = (duration){ 0 };
	if (!text.p || moment_parse(text, since) || duration_parse(text, back))
		return true;
	fprintf(stderr, "kycd: --since must be a time such as 2026-01-05T10:00:00Z, or a duration back from "
			"now such as 24h\n");
	return false;
}

/* Reads every --type. */
static bool read_types(const struct args *args, event_type_set *out)
{
	struct str word;

	*out = 0;
	for (size_t i = 0; (word = args_text_at(args, "--type", i)).p; i++) {
		if (event_types_add(word, out))
			continue;
		fprintf(stderr,
			"kycd: --type must be a type of event, such as kyc.approved, or a prefix such as kyc.*\n");
		return false;
	}
	if (*out == 0)
		*out = EVENT_TYPES_ALL;
	return true;
}

static void put_line(struct buf *out, const struct event_line *line)
{
	char id[SHOWN_ID_SIZE], user_id[SHOWN_ID_SIZE] = "-", at[MOMENT_RFC3339_SIZE];

	shown_id_write(EVENT_ID_PREFIX, line->event.id.text, id);
	if (line->event.public_user_id.text[0] != '\0')
		shown_id_write(PUBLIC_USER_ID_PREFIX, line->event.public_user_id.text, user_id);
	moment_rfc3339(line->event.created_at, at);
	buf_printf(out, "%s  %s  %-25s  %-30s  %s\n", at, id, event_type_name(line->event.type), user_id,
		line->tenant_name);
}

/* Prints the events. Sets `*error` to the errno of a failed write to standard output, or to 0. */
static enum err print_events(struct arena *a, const struct event_line *lines, size_t n, bool json, int *error)
{
	struct buf text;
	struct str done;

	buf_init(&text, a);
	for (size_t i = 0; i < n; i++) {
		if (json)
			buf_printf(&text, "%.*s\n", STR_ARG(lines[i].json));
		else
			put_line(&text, &lines[i]);
	}
	TRY(buf_done(&text, &done));
	const bool written = fwrite(done.p, 1, done.n, stdout) == done.n && fflush(stdout) == 0;
	*error = written ? 0 : errno;
	return OK;
}

static enum exit_code print_all_events(struct runtime *runtime, struct event_list_cursor *cursor, bool json)
{
	struct arena a;
	enum err e = OK;
	int error = 0;
	size_t n;

	arena_init(&a, PAGE_MEMORY);
	cursor->more = true;
	while (e == OK && cursor->more && error == 0) {
		arena_reset(&a);
		struct event_line *const lines = arena_array(&a, struct event_line, PAGE);

		e = lines ? event_list_read(&runtime->world, &a, cursor, lines, PAGE, &n) : ERR_INTERNAL;
		if (e == OK)
			e = print_events(&a, lines, n, json, &error);
	}
	arena_finish(&a);
	/* A write error other than a closed pipe is reported by main(), as for all commands. */
	if (error != 0)
		return error == EPIPE ? EXIT_PIPE_CLOSED : EXIT_DONE;
	return e == OK ? EXIT_DONE : command_failed("the events cannot be read", e);
}

static enum exit_code list_events(
	struct runtime *runtime, struct str tenant_name, struct event_list_cursor *cursor, bool json)
{
	struct tenant tenant;

	if (tenant_lookup_optional(runtime, tenant_name, &tenant) != EXIT_DONE)
		return EXIT_FAILED;
	cursor->tenant_id = tenant.id;
	return print_all_events(runtime, cursor, json);
}

enum exit_code run_event_list(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct event_list_cursor cursor = { .begun = false };
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;
	duration back;
	moment since;

	(void)c;
	if (!read_types(args, &cursor.types) || !read_since(args_text(args, "--since"), &since, &back))
		return EXIT_USAGE;
	if (command_open(&runtime, source)) {
		if (back.ms > 0)
			since = moment_sub(world_now(&runtime.world), back);
		id_lower_bound(since, cursor.from.text);
		code = list_events(&runtime, args_text(args, "--tenant"), &cursor, args_has(args, "--json"));
	}
	compose_down(&runtime);
	return code;
}

static enum exit_code show_event(struct runtime *runtime, struct str id, bool json)
{
	struct event_line line = { .tenant_name = "" };
	struct buf text;
	struct str done;
	const enum err e = event_list_load(&runtime->world, &runtime->arena, id, &line);

	if (e == ERR_NOT_FOUND)
		return command_failed("there is no event with this id: see `kycd event list`", OK);
	if (e != OK)
		return command_failed("the event cannot be read", e);
	buf_init(&text, &runtime->arena);
	if (!json)
		put_line(&text, &line);
	buf_printf(&text, "%.*s\n", STR_ARG(line.json));
	if (buf_done(&text, &done) != OK)
		return command_failed("the event cannot be read", ERR_INTERNAL);
	fwrite(done.p, 1, done.n, stdout);
	return EXIT_DONE;
}

enum exit_code run_event_show(
	const struct command *c, const struct args *args, const struct config_source *source)
{
	struct runtime runtime;
	enum exit_code code = EXIT_FAILED;

	(void)c;
	if (command_open(&runtime, source))
		code = show_event(&runtime, str_of(args->words[0]), args_has(args, "--json"));
	compose_down(&runtime);
	return code;
}

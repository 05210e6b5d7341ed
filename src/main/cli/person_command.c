#include "main/cli/person_command.h"

#include <stdio.h>
#include <string.h>

#include "main/cli/person_selector.h"

#define COMMAND_MEMORY ((size_t)64 * 1024 * 1024)

static const char *const search_errors[] = {
	[PERSON_SEARCH_NOBODY] = "there is no person with this address or id",
	[PERSON_SEARCH_NO_GROUP] =
		"there is no group with this name: see `kycd tenant list`; a tenant that is in no group is the "
		"group @NAME",
	[PERSON_SEARCH_TOO_MANY] = "this address is known in too many groups: choose one with --group",
};

bool person_command_found(const struct person_search *search)
{
	if (search->verdict == PERSON_SEARCH_FOUND)
		return true;
	(void)command_failed(search_errors[search->verdict], OK);
	return false;
}

enum err person_command_flush(struct person_command *p)
{
	struct str done;

	TRY(buf_done(&p->text, &done));
	printf("%.*s", STR_ARG(done));
	p->text.n = 0;
	return OK;
}

static enum exit_code run_with_store(struct person_command *p, const struct args *args,
	const struct config_source *source, person_command_handler *handle)
{
	enum exit_code code = EXIT_FAILED;

	if (!person_selector_read(args, &p->arena, &p->selector))
		return EXIT_USAGE;
	buf_init(&p->text, &p->arena);
	json_writer_init(&p->w, &p->text);
	if (command_open(&p->runtime, source))
		code = handle(p);
	compose_down(&p->runtime);
	return code;
}

enum exit_code person_command_run(
	const struct args *args, const struct config_source *source, person_command_handler *handle)
{
	struct person_command p;

	memset(&p, 0, sizeof(p));
	p.json = args_has(args, "--json");
	p.yes = args_has(args, "--yes");
	arena_init(&p.arena, COMMAND_MEMORY);
	const enum exit_code code = run_with_store(&p, args, source, handle);
	arena_finish(&p.arena);
	return code;
}

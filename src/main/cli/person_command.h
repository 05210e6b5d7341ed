/* What the commands about a person (`kycd user …`) have in common: the selected person, settings, store and
 * output. */
#pragma once

#include "app/admin/person_search.h"
#include "base/buf.h"
#include "main/cli/command.h"
#include "text/json.h"

struct person_command {
	struct runtime runtime;
	struct arena arena;
	struct person_selector selector;
	bool json, yes;
	struct buf text; /* output that has not been printed yet */
	struct json_writer w;
};

typedef enum exit_code person_command_handler(struct person_command *p);

/* Reads the person's address from the arguments, opens the store, calls `handle` and closes the store. */
enum exit_code person_command_run(
	const struct args *args, const struct config_source *source, person_command_handler *handle);
/* Returns true if at least one person was found. If not, prints the reason on stderr. */
bool person_command_found(const struct person_search *search);
/* Prints p->text on standard output and empties p->text. */
enum err person_command_flush(struct person_command *p) must_use;

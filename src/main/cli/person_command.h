/* What the commands about a person share: whom they are about, settings and store, the answer's frame. */
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
	struct buf text; /* what is being written */
	struct json_writer w;
};

typedef enum exit_code person_act(struct person_command *p);

/* Reads the address, opens the house, acts, closes it. */
enum exit_code person_command_run(
	const struct args *args, const struct config_source *source, person_act *act);
/* Was somebody found? Else stderr has been told. */
bool person_command_found(const struct person_search *search);
/* What was written so far goes to standard output. */
enum err person_command_flush(struct person_command *p) must_use;

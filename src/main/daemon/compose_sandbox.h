/* Builds the sandbox and opens the SQLite file with its state, for --dev and for `kycd sandbox`. If that
 * fails, the functions print one line on stderr and return false. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "main/config/values.h"
#include "port/kv_store.h"
#include "port/world.h"
#include "sandbox/server/sandbox.h"

/* A sandbox and the store of its state. Both members are NULL if there is no sandbox. */
struct sandbox_runtime {
	struct sandbox *sandbox;
	struct kv_store *kv;
};

/* Builds the sandbox of --dev. Its file is next to the database: the sandbox of "var/dev.db" uses
 * "var/dev.sandbox.db". Registers this server's webhook as the destination of events. */
bool compose_sandbox(const struct config *config, const struct world *world, struct arena *arena,
	struct sandbox_runtime *out);
/* Opens a sandbox with its state in the file `path`, and sets conf->kv. Error messages name the option or
 * object `name`. */
bool compose_sandbox_open(struct sandbox_conf *conf, struct str path, const char *name, struct arena *arena,
	struct sandbox_runtime *out);
/* Accepts a partly built sandbox. */
void compose_sandbox_down(struct sandbox_runtime *runtime);

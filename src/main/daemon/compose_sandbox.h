/* Builds the sandbox and opens the SQLite file with its state, for --dev and for `kycd sandbox`. On failure
 * the functions print one line on stderr and return false. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "main/config/values.h"
#include "port/kv_store.h"
#include "port/world.h"
#include "sandbox/server/sandbox.h"

/* Both are NULL if there is no sandbox. */
struct sandbox_runtime {
	struct sandbox *sandbox;
	struct kv_store *kv;
};

/* The sandbox of --dev. Its file lies beside the database: "var/dev.db" → "var/dev.sandbox.db". Registers
 * this server's webhook as the destination of events. */
bool compose_sandbox(const struct config *config, const struct world *world, struct arena *arena,
	struct sandbox_runtime *out);
/* Opens a sandbox with its state in `path`. `name` is the option or object that error messages name. Sets
 * conf->kv.
 */
bool compose_sandbox_open(struct sandbox_conf *conf, struct str path, const char *name, struct arena *arena,
	struct sandbox_runtime *out);
/* Accepts a partly built sandbox. */
void compose_sandbox_down(struct sandbox_runtime *runtime);

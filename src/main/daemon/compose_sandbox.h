/* The sandbox and the file that it keeps its state in: for --dev, and for `kycd sandbox`. What cannot be
 * built is told in one sentence on stderr. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "main/config/values.h"
#include "port/kv_store.h"
#include "port/world.h"
#include "sandbox/server/sandbox.h"

/* Both NULL: there is none. */
struct sandbox_runtime {
	struct sandbox *sandbox;
	struct kv_store *kv;
};

/* In --dev: beside the database, "var/dev.db" → "var/dev.sandbox.db"; `kycd sandbox` has its own. */
bool compose_sandbox(const struct config *config, const struct world *world, struct arena *arena,
	struct sandbox_runtime *out);
/* One alone, its state in `path`; `name` is what the operator named it by. */
bool compose_sandbox_alone(struct sandbox_conf *conf, struct str path, const char *name, struct arena *arena,
	struct sandbox_runtime *out);
/* Accepts half-built ones. */
void compose_sandbox_down(struct sandbox_runtime *runtime);

/* The paths of Didit's Console, which its MCP server also uses: /v3/organization/ORG/application/APP/… Each
 * means the same as the path of the API with which it ends. The sandbox has one organization with one
 * application; both have the id SANDBOX_APPLICATION. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* Returns the path of the API that a path of the Console means. Returns any other path unchanged, and so too
 * if the arena is full. */
struct str console_path_resolve(struct arena *a, struct str path);

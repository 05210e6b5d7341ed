/* The decision of Didit v1 (didit-api.md 2.3) in our words: the address's analysis, the warnings, the
 * blocklist sign. Names, documents, pictures and everything else of it are left where they were. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/provider.h"
#include "text/json.h"

/* `decision` is a JSON object, or absent or null: then nothing is in it. Texts live in the arena; ERR_INPUT
 * when it is full. */
enum err decision_v1_read(const struct js *decision, struct arena *a, struct decision *out) must_use;

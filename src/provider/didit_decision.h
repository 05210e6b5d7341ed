/* A decision of Didit, v1, v2 or v3 (didit-api.md 2.3, 3, 4.3), in our words: the analyses of addresses, the
 * warnings, the blocklist sign, what was checked. The versions keep the same facts under other names, and
 * which names are there tells the version: an event's decision may be of another one than what is asked for.
 * Names, documents, pictures and everything else of it are left where they were. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/provider.h"
#include "text/json.h"

/* `decision` is a JSON object, or absent or null: then nothing is in it. Texts live in the arena; ERR_INPUT
 * when it is full. */
enum err decision_read(const struct json_value *decision, struct arena *a, struct decision *out) must_use;

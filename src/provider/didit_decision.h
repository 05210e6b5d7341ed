/* Reads a decision of Didit (didit-api.md 2.3, 3, 4.3) into struct decision: IP analyses, warnings, whether a
 * blocklist matched, and which checks ran. API versions v1, v2 and v3 hold the same facts under different
 * keys. The keys of all versions are tried, because the decision in an event may have another version than
 * the configured one. Personal data (names, documents, pictures) is not read. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "port/provider.h"
#include "text/json.h"

/* Reads a decision. `decision` is a JSON object; NULL or JSON null gives an empty decision. Texts are
 * allocated in `a`. Returns ERR_INPUT if the arena is full. */
enum err decision_read(const struct json_value *decision, struct arena *a, struct decision *out) must_use;

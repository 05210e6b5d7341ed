/* Converts a session to and from the form in which it is stored: JSON, so that developers can read the state
 * file. */
#pragma once

#include "base/arena.h"
#include "sandbox/state/state.h"

/* Limit in bytes for the JSON of one session. */
#define SESSION_JSON_MAX ((size_t)1024 * 1024)

enum err session_encode(struct arena *a, const struct sandbox_session *session, struct str *out) must_use;
/* Decodes a stored session and adds it to the state. ERR_INPUT: session_encode did not write these bytes. */
enum err session_decode(struct state *state, int64_t number, struct str bytes) must_use;

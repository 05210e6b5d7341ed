/* Converts a session to the form in which it is stored, and back. The form is JSON, so that developers can
 * read the state file. */
#pragma once

#include "base/arena.h"
#include "sandbox/state/state.h"

/* Size limit in bytes of one session's JSON. */
#define SESSION_JSON_MAX ((size_t)1024 * 1024)

enum err session_encode(struct arena *a, const struct sandbox_session *session, struct str *out) must_use;
/* Decodes a stored session and adds it to the state. Returns ERR_INPUT if session_encode did not write these
 * bytes. */
enum err session_decode(struct state *state, int64_t number, struct str bytes) must_use;

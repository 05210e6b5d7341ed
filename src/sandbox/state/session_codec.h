/* A session as it is written down, and back: JSON, so that a person can look at it. */
#pragma once

#include "base/arena.h"
#include "sandbox/state/state.h"

/* Of the JSON of one session. */
#define SESSION_JSON_MAX ((size_t)1024 * 1024)

enum err session_encode(struct arena *a, const struct sandbox_session *session, struct str *out) must_use;
/* Adds it to the state. ERR_INPUT: not of our making. */
enum err session_decode(struct state *state, int64_t number, struct str bytes) must_use;

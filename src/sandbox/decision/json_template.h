/* JSON of made-up values as text with named places, so that a section of a decision can be read beside
 * didit-api.md: 'single quotes' stand for double ones, and `$name` for a value of this session: a text of
 * struct fake_person, media.<file>, ip, created, age, …, or what the scenario that was run makes of it. */
#pragma once

#include "base/buf.h"
#include "sandbox/state/state.h"

/* Marks `out` as failed for a name that is none. */
void json_template_write(struct buf *out, const char *mould, const struct sandbox_session *session);

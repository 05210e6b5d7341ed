/* Templates for the JSON of a decision, written so that they can be compared with didit-api.md. Single quotes
 * stand for double quotes, and `$name` for a value of the session: a member of struct fake_person, a value
 * that depends on the scenario that was run, or one of the names in json_template.c, such as $ip and
 * $media.<file>. */
#pragma once

#include "base/buf.h"
#include "sandbox/state/state.h"

/* Appends the filled-in template to `out`. An unknown name marks `out` as failed. */
void json_template_write(struct buf *out, const char *template_text, const struct sandbox_session *session);

/* Templates for the JSON of a decision. Their notation is close to that of didit-api.md, so that both can be
 * compared: single quotes stand for double quotes, and `$name` stands for a value of the session. The value
 * is a member of struct fake_person, a value that depends on the scenario that was run, or one of the names
 * in json_template.c, such as $ip and $media.<file>. */
#pragma once

#include "base/buf.h"
#include "sandbox/state/state.h"

/* Appends the filled-in template to `out`. If the template contains an unknown name, marks `out` as
 * failed. */
void json_template_write(struct buf *out, const char *template_text, const struct sandbox_session *session);

/* Rows of the trail as lines of text, and as JSON. */
#pragma once

#include "base/buf.h"
#include "domain/trail.h"
#include "text/json.h"

/* time, act, who, subject, tenant, request, note, with "-" for what is not there; ends with a newline. */
void trail_text_line(struct buf *out, const struct trail *row);
/* {"id","at","act","actor","actor_id","subject","tenant","request","note"}: texts, null for what is not
 * there. */
void trail_text_json(struct json_writer *w, const struct trail *row);

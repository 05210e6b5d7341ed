/* Rows of the trail as lines of text, and as JSON. */
#pragma once

#include "base/buf.h"
#include "domain/audit.h"
#include "text/json.h"

/* time, act, who, subject, tenant, request, note, with "-" for what is not there; ends with a newline. */
void audit_output_line(struct buf *out, const struct audit_entry *row);
/* {"id","at","act","actor","actor_id","subject","tenant","request","note"}: texts, null for what is not
 * there. */
void audit_output_json(struct json_writer *w, const struct audit_entry *row);

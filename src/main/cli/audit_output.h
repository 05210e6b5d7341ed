/* Formats entries of the audit log as text lines and as JSON. */
#pragma once

#include "base/buf.h"
#include "domain/audit.h"
#include "text/json.h"

/* Appends a line with time, action, actor, subject, tenant, request and detail; missing values are "-". */
void audit_output_line(struct buf *out, const struct audit_entry *row);
/* Writes an object with id, at, action, actor, actor_id, subject, tenant_id, request_id and detail; missing
 * values are null. */
void audit_output_json(struct json_writer *w, const struct audit_entry *row);

/* Formats the report about a person (`kycd user show`), without its audit log, as text and as JSON. */
#pragma once

#include "app/admin/person_report.h"
#include "base/buf.h"
#include "text/json.h"

/* Appends the report as lines. */
void user_output_lines(struct buf *out, const struct person_report *report);
/* Writes the fields of the report into the JSON object that the caller has begun and will end. */
void user_output_json(struct json_writer *w, const struct person_report *report);

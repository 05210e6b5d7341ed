/* Formats the report about a person (`kycd user show`) as text and as JSON, except for its audit log. */
#pragma once

#include "app/admin/person_report.h"
#include "base/buf.h"
#include "text/json.h"

/* Appends the report as lines. */
void user_output_lines(struct buf *out, const struct person_report *report);
/* Writes the fields of the report into a JSON object that the caller begins before and ends after the
 * call. */
void user_output_json(struct json_writer *w, const struct person_report *report);

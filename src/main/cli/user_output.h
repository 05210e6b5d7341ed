/* One person's file as text and as JSON, up to the trail. */
#pragma once

#include "app/admin/person_report.h"
#include "base/buf.h"
#include "text/json.h"

void user_output_lines(struct buf *out, const struct person_report *file);
/* The fields of an object that is open already and stays open. */
void user_output_json(struct json_writer *w, const struct person_report *file);

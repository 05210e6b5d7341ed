/* Formats compact JSON for people: one member per line, two spaces per level. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* Appends the formatted JSON to `out`. `json` must be valid and have no whitespace between tokens. */
void json_indent(struct buf *out, struct str json);

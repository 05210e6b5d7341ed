/* Compact JSON laid out for reading: one member per line, two spaces per level. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

/* `json` is valid and compact. */
void json_indent(struct buf *out, struct str json);

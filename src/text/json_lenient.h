/* JSON of others, in which numbers may have any size: one that we have no type for is read as null, so that a
 * field which nobody needs does not cost the document. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "text/json.h"

/* As json_parse; of a document that it refuses, whole numbers of 19 digits and more and floats of a size of
 * 1e100 or beyond become null, and it is asked again. */
enum err json_parse_lenient(struct str text, bool refuse_repeated, const struct json_value **out) must_use;

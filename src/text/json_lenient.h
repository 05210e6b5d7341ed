/* Parser for JSON from other systems, which may contain numbers too large for int64_t or double. Such a
 * number is read as null, so that an unused field with a large number does not make the whole document
 * unreadable. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "text/json.h"

/* Like json_parse. If json_parse rejects the document, integers with 19 or more digits and floats that are
 * very large (an exponent of 3 or more digits, or more than 300 digits before the point) are replaced by
 * null, and the result is parsed again. */
enum err json_parse_lenient(struct str text, bool reject_duplicates, const struct json_value **out) must_use;

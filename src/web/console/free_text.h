/* Texts that an operator types into a form of the console: comments and notes. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Whether the text is UTF-8 without control characters but tabs and ends of lines. */
bool free_text_is_valid(struct str text);

/* Lists of words that an operator types into one field. */
#pragma once

#include "base/str.h"

/* Cuts the next word off; commas, spaces and line ends separate words. Empty after the last one. */
struct str word_list_next(struct str *rest);

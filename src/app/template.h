/* Letters of the operator's own: what stands in place of ours. Read once at the start by src/main, changed by
 * nobody. */
#pragma once

#include <stddef.h>

#include "base/str.h"

enum letter_kind { LETTER_CODE, LETTER_KINDS };
enum letter_part { PART_SUBJECT, PART_TEXT, PART_HTML, LETTER_PARTS };

#define TEMPLATE_LANGUAGES_MAX 32

/* The letters of one language; a part with p == NULL is ours. A language that we do not speak has all parts
 * of a letter or none. */
struct template_language {
	struct str tag;
	struct str parts[LETTER_KINDS][LETTER_PARTS];
};

struct templates {
	struct template_language languages[TEMPLATE_LANGUAGES_MAX];
	size_t n;
};

/* What people read, in each language we speak: one catalogue for letters and pages (words.def). */
#pragma once

#include <stddef.h>

#include "base/str.h"

/* The first is the last resort. A further one: its tag in words.c, its column in words.def. */
enum language { LANGUAGE_EN, LANGUAGE_PT_BR, LANGUAGE_ES, LANGUAGES };

enum message_id {
#define MESSAGE(key, en, pt_br, es) MESSAGE_##key,
#include "i18n/messages.def"
#undef MESSAGE
	MESSAGE_COUNT
};

/* BCP 47, in the order of the enum. */
extern const struct str language_tags[LANGUAGES];

/* May hold {names}: text/placeholders. */
struct str message_text(enum language language, enum message_id word);
/* The language of the first wish that comes near to one of ours; English when none does. */
enum language language_for(const struct str *wishes, size_t n);

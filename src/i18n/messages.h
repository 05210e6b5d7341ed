/* The message catalogue: the texts of e-mails, hosted pages and wallet challenges in each language. The texts
 * are in messages.def. */
#pragma once

#include <stddef.h>

#include "base/str.h"

/* The first language is the default. To add a language, add its tag in messages.c and its column in
 * messages.def. */
enum language { LANGUAGE_EN, LANGUAGE_PT_BR, LANGUAGE_ES, LANGUAGES };

enum message_id {
#define MESSAGE(key, en, pt_br, es) MESSAGE_##key,
#include "i18n/messages.def"
#undef MESSAGE
	MESSAGE_COUNT
};

/* The BCP 47 tags, in the order of the enum. */
extern const struct str language_tags[LANGUAGES];

/* The text can contain {names}, which the caller fills in (text/placeholders). */
struct str message_text(enum language language, enum message_id message);
/* Chooses the language for the BCP 47 tags in `preferred`, most preferred first: that of the first tag that
 * matches one of the catalogue's languages, or English (language_choose in text/language.h). */
enum language language_for(const struct str *preferred, size_t n);

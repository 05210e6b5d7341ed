/* The message catalogue: the texts of e-mails, hosted pages and wallet challenges in each language. The texts
 * are in messages.def. */
#pragma once

#include <stddef.h>

#include "base/str.h"

/* The languages of the catalogue; the first is the default. To add a language, add its tag in messages.c and
 * its column in messages.def. */
enum language { LANGUAGE_EN, LANGUAGE_PT_BR, LANGUAGE_ES, LANGUAGES };

enum message_id {
#define MESSAGE(key, en, pt_br, es) MESSAGE_##key,
#include "i18n/messages.def"
#undef MESSAGE
	MESSAGE_COUNT
};

/* The BCP 47 tags, in the order of the enum. */
extern const struct str language_tags[LANGUAGES];

/* Returns the text of a message. It can contain {names}, which the caller fills in (text/placeholders). */
struct str message_text(enum language language, enum message_id message);
/* Chooses the catalogue's language for the BCP 47 tags in `preferred`, most preferred first. The first tag
 * that matches a language decides; without a match, the result is English (language_choose in
 * text/language.h). */
enum language language_for(const struct str *preferred, size_t n);

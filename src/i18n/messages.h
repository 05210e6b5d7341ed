/* The message catalogue: the texts of e-mails, hosted pages and wallet challenges in each language. The texts
 * are in the files that messages.def lists. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* The languages of the catalogue; the first is the default. To add a language, add its tag in messages.c and
 * its column in each row of the catalogue. */
enum language { LANGUAGE_EN, LANGUAGE_PT_BR, LANGUAGE_ES, LANGUAGE_FR, LANGUAGE_DE, LANGUAGE_AR, LANGUAGES };

enum message_id {
	MESSAGE_NONE, /* no message; its text is empty */
#define MESSAGE(key, en, pt_br, es, fr, de, ar) MESSAGE_##key,
#include "i18n/messages.def"
#undef MESSAGE
	MESSAGE_COUNT
};

/* The BCP 47 tags, in the order of the enum. */
extern const struct str language_tags[LANGUAGES];

/* Returns whether the language is written from right to left. */
bool language_is_rtl(enum language language);

/* Returns the text of a message. It can contain {names}, which the caller fills in (text/placeholders). */
struct str message_text(enum language language, enum message_id message);
/* Chooses the catalogue's language for the BCP 47 tags in `preferred`, most preferred first. The first tag
 * that matches a language decides; without a match, the result is English (language_choose in
 * text/language.h). */
enum language language_for(const struct str *preferred, size_t n);

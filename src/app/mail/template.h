/* Letters of the operator's own, in place of ours: what they may hold. src/main reads them once at the start;
 * nobody changes them afterwards. */
#pragma once

#include <stddef.h>

#include "app/mail/template_text.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define TEMPLATE_LANGUAGES_MAX 32

/* The letters of one language; a part with p == NULL is ours. A language that we do not speak has all parts
 * of a letter or none. */
struct template_language {
	struct str tag;
	struct str parts[MAIL_KINDS][MAIL_PARTS];
};

struct templates {
	struct template_language languages[TEMPLATE_LANGUAGES_MAX];
	size_t n;
};

/* How an operator calls them: <letter>.<part>. */
extern const char *const mail_names[MAIL_KINDS];
extern const char *const mail_part_names[MAIL_PARTS];
/* Bytes a part may have at most: no letter shall outgrow the memory of the worker that writes it. */
extern const size_t mail_part_sizes[MAIL_PARTS];

/* ERR_INPUT: it may not stand in for ours, and `out` says why. A final line end of a subject is no second
 * line. `language`: what the `lang` of <html> must fit; empty: any. */
enum err template_check(enum mail_kind mail, enum mail_part part, struct str language, struct str text,
	struct arena *a, struct template_fault *out) must_use;

/* E-mail templates of an operator, which replace the built-in texts, and the check of what they contain.
 * src/main/config/templates reads the templates once at the start; they are read-only afterwards. */
#pragma once

#include <stddef.h>

#include "app/mail/template_text.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#define TEMPLATE_LANGUAGES_MAX 32

/* The templates of one language. For a part with p == NULL, the built-in text is used. If the language has no
 * built-in texts, an e-mail has either all of its parts or none. */
struct template_language {
	struct str tag;
	struct str parts[MAIL_KINDS][MAIL_PARTS];
};

struct templates {
	struct template_language languages[TEMPLATE_LANGUAGES_MAX];
	size_t n;
};

/* The names of the e-mails and of their parts. A template file is named <mail>.<part>, for example
 * code.html. */
extern const char *const mail_names[MAIL_KINDS];
extern const char *const mail_part_names[MAIL_PARTS];
/* Size limit of each part in bytes. It keeps a message within the memory of the worker that writes it. */
extern const size_t mail_part_sizes[MAIL_PARTS];

/* Checks one part of a template. Returns ERR_INPUT if the part cannot be used, and sets `out` to the reason.
 * A subject may end with a line end. The `lang` attribute of <html> must fit `language`, unless that is
 * empty. */
enum err template_check(enum mail_kind mail, enum mail_part part, struct str language, struct str text,
	struct arena *a, struct template_fault *out) must_use;

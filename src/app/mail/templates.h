/* What letters say: effect → subject, text and HTML, from the catalogue of words or from the operator's own
 * templates. The first words of ours are the code, and no other six digits stand in a row anywhere: a phone
 * would take them for the code. */
#pragma once

#include "app/mail/template.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "domain/effect.h"
#include "port/mailer.h"

struct code_mail_params {
	const struct effect *effect;
	struct str to, code;
	struct str wallet;   /* as people are shown it, where the code joins one to the address; else empty */
	struct str brand;    /* display name of the tenant, else the brand */
	struct str language; /* one that mail_template_language chose */
	const struct templates *templates; /* NULL: ours alone */
	struct str host;		   /* right side of the Message-ID */
	duration life;
	bool sandbox;
};

/* The language of the first wish that comes near to one of ours, or to one of the operator's that has this
 * letter; English when none does. Lives as long as the templates. */
struct str mail_template_language(
	const struct templates *templates, enum mail_kind kind, const struct str *wishes, size_t n);
/* Texts live in the arena. */
enum err mail_write_code(
	const struct code_mail_params *from, struct arena *a, struct mail_message *out) must_use;

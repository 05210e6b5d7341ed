/* Writes e-mails: makes subject, text and HTML of an effect from the texts of i18n/messages/mail.def or an
 * operator's templates. The built-in e-mails with a code begin with the code. No e-mail contains six digits
 * in a row other than the code, because a phone would offer them as the code. */
#pragma once

#include "app/mail/template.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "domain/branding.h"
#include "domain/effect.h"
#include "port/mailer.h"

struct mail_params {
	const struct effect *effect;
	struct str to, code;
	struct str url;	   /* of a verification link; otherwise empty. Such an e-mail has no code */
	moment expires_at; /* when the verification link expires */
	struct str wallet; /* short form for display, if the code links a wallet to the address; otherwise
			      empty */
	struct str brand;  /* the tenant's display name; if that is empty, the brand */
	const struct branding *branding;   /* of the tenant; NULL: none */
	struct str logo;		   /* the tenant's PNG file; empty: none */
	struct str language;		   /* chosen by mail_template_language */
	const struct templates *templates; /* NULL: built-in texts only */
	struct str host;		   /* the right side of the Message-ID */
	duration life;			   /* how long the code is valid */
	bool sandbox;
};

/* Returns the language of the first entry of `preferred` that is close to a built-in language, or to a
 * language of the operator's that has this e-mail. Returns English if there is no such entry. The text stays
 * valid as long as `templates`. */
struct str mail_template_language(
	const struct templates *templates, enum mail_kind kind, const struct str *preferred, size_t n);
/* Writes the e-mail; its texts are in the arena, but the logo is that of `params`. */
enum err mail_write(const struct mail_params *params, struct arena *a, struct mail_message *out) must_use;

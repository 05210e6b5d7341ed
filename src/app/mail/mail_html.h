/* The HTML part of the built-in e-mails: the templates of src/web/mail/ and their values. */
#pragma once

#include "app/mail/template_text.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/branding.h"
#include "html/page.h"
#include "i18n/messages.h"
#include "port/mailer.h"

/* What the templates show. Texts that an e-mail does not have are empty. */
struct mail_html {
	enum language language;
	struct str subject, brand;
	struct str code, digits, minutes; /* `digits` is the code with spaces */
	struct str wallet, url;
	struct str time, date; /* of the request; of a verification link, when it expires */
	bool one_minute;       /* the code is valid for one minute */
	bool sandbox;
	const struct branding *branding; /* NULL: none */
	/* The tenant's logo, with its Content-ID; empty: none. */
	struct mail_picture logo;
};

/* One for each e-mail, for tests. */
extern const struct page_template mail_pages[MAIL_KINDS];

/* Makes the Content-ID of a logo from the first part of a Message-ID; the text is in the arena. Sets `p` to
 * NULL if the arena is full. */
struct str mail_logo_id(struct arena *a, struct str message_id);
/* Writes the HTML of an e-mail. */
enum err mail_html_write(
	enum mail_kind kind, const struct mail_html *mail, struct arena *a, struct str *out) must_use;

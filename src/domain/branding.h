/* The branding of a tenant: how its pages and e-mails look, and what they link to. Pure. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"
#include "domain/colour.h"
#include "domain/id.h"
#include "domain/tenant.h"

#define LOGO_SIZE_MAX 16384	   /* bytes of the PNG file */
#define CONSENT_TEXT_SIZE_MAX 2000 /* bytes in UTF-8 */

/* A row of `brandings`. A tenant without a row has a branding in which everything but the id is empty. */
struct branding {
	struct tenant_id tenant_id;
	char colour[COLOUR_SIZE];     /* "#rrggbb" as the operator gave it; empty: kycd's own colours */
	char support_url[URL_SIZE];   /* empty: none */
	char privacy_url[URL_SIZE];   /* empty: none */
	struct digest logo_digest;    /* zeros: none */
	struct digest consent_digest; /* of the text to which a person must agree; zeros: none */
};

/* A PNG image under its SHA-256. It is stored once, and removed when no branding refers to it. */
struct logo {
	struct digest digest;
	struct str image;
};

/* A consent text under its SHA-256. It is stored once and never removed, because it says what people agreed
 * to. */
struct consent_text {
	struct digest digest;
	struct str text;
};

/* The backgrounds with which a tenant's colour must have enough contrast: of those in src/web/style/ on which
 * it stands, the darker one in light mode (--ground) and the lighter one in dark mode (--surface). */
#define BACKGROUND_LIGHT ((struct colour){ 0xf5, 0xf6, 0xf8 })
#define BACKGROUND_DARK ((struct colour){ 0x1a, 0x1e, 0x23 })

/* The tenant's colour as text, link or button in light and in dark mode: the given colour, or the nearest one
 * that is readable on the background. */
struct accent {
	struct colour light, dark;
};

/* The result of consent_text_read(): CONSENT_TEXT_VALID, or what is wrong with the text. */
enum consent_text_form {
	CONSENT_TEXT_VALID,
	CONSENT_TEXT_EMPTY,
	CONSENT_TEXT_TOO_LONG,	 /* more than CONSENT_TEXT_SIZE_MAX bytes */
	CONSENT_TEXT_PARAGRAPHS, /* contains an empty line */
	CONSENT_TEXT_CHARACTERS, /* is not UTF-8, or contains characters that cannot be shown */
};

/* Converts a consent text to one line: removes white space at both ends, and writes a space for each line end
 * and for each run of white space. Writes `out` only if it returns CONSENT_TEXT_VALID. */
enum consent_text_form consent_text_read(struct str text, char out[CONSENT_TEXT_SIZE_MAX + 1]) must_use;
/* Returns what a text with this fault must be instead, as static text that follows "must be ". */
const char *consent_text_form_message(enum consent_text_form form);

/* Returns whether any part of the branding is set. */
bool branding_is_set(const struct branding *branding);
bool branding_has_colour(const struct branding *branding);
bool branding_has_logo(const struct branding *branding);
bool branding_has_consent_text(const struct branding *branding);
/* Returns the accent of a colour. */
struct accent accent_of(struct colour colour);

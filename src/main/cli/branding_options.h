/* Reads the options of `kycd tenant add` and `tenant set` that change the branding of a tenant: --logo,
 * --colour, --support-url, --privacy-url and --consent-text. */
#pragma once

#include <stdbool.h>

#include "app/admin/operator.h"
#include "domain/branding.h"
#include "main/cli/args.h"

/* Room for the values that are read from files or converted. One byte more than a logo may have shows that a
 * file is too large. */
struct branding_options {
	char logo[LOGO_SIZE_MAX + 1];
	char consent_text[CONSENT_TEXT_SIZE_MAX + 1];
	char colour[COLOUR_SIZE];
};

/* Returns false after printing which option is wrong. `out` refers to the arguments and to `values`. With
 * `may_be_none`, the value "none" removes a part. */
bool branding_change_read(const struct args *args, bool may_be_none, struct branding_options *values,
	struct branding_change *out);

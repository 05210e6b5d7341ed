/* Prints a tenant with its branding, for `kycd tenant add`, `set`, `rename` and `list`. */
#pragma once

#include "base/str.h"
#include "domain/branding.h"
#include "domain/tenant.h"

struct shown_tenant {
	const struct tenant *tenant;
	struct branding branding;
	struct str consent_text; /* empty: none */
};

/* Prints one JSON object, without a line end. */
void tenant_print_json(const struct shown_tenant *shown);
/* Prints one line, and a second one with the branding if the tenant has any. */
void tenant_print_line(const struct shown_tenant *shown);

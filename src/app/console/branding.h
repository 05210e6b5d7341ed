/* The branding of a tenant in the console: an admin reads it and changes its texts and its colour. The logo
 * is changed by `kycd tenant set`. Each function sets `verdict`, and its results only if that is
 * CONSOLE_PERMITTED; each returns ERR_NOT_FOUND if there is no tenant of that name. */
#pragma once

#include <stdbool.h>

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/branding.h"
#include "domain/tenant.h"
#include "port/world.h"

struct console_branding {
	struct tenant tenant;
	struct branding branding;
	struct str consent_text;
};
enum err console_branding_read(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str tenant, struct console_branding *out,
	enum console_verdict *verdict) must_use;

/* As the operator typed them. An empty text removes the part. */
struct console_branding_input {
	struct str colour, support_url, privacy_url, consent_text;
};
/* What each text must be instead, as static text that follows "must be "; NULL: the text is valid. */
struct console_branding_faults {
	const char *colour, *support_url, *privacy_url, *consent_text;
};
bool console_branding_has_fault(const struct console_branding_faults *faults);

struct console_branding_change {
	struct str tenant; /* its name */
	struct console_branding_input input;

	struct console_branding present; /* the branding before */
	struct console_branding_faults faults;
};
/* Changes the parts that differ, or nothing if a text has a fault. */
enum err console_branding_set(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct console_branding_change *change, enum console_verdict *verdict) must_use;

/* Changes and reads the branding of a tenant for operators (app/admin/operator). */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/audit.h"
#include "domain/branding.h"
#include "port/store.h"
#include "port/world.h"

/* The parts of a branding to be set. A part with p == NULL stays unchanged; an empty part removes it. The
 * caller has validated the values. */
struct branding_change {
	struct str colour, support_url, privacy_url;
	struct str logo;	 /* the PNG file */
	struct str consent_text; /* in the form of consent_text_read() */
};

bool branding_change_is_empty(const struct branding_change *change);
/* Changes the branding of a tenant, with an entry of the actor (NULL: a command) in the audit log; does
 * nothing for an empty change. A logo that no tenant uses any more is removed. */
enum err operator_change_branding(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct tenant_id *tenant, const struct branding_change *change) must_use;
/* Loads the branding of a tenant, and its consent text (in the arena). Both are empty if there are none. */
enum err operator_load_branding(const struct world *world, struct arena *a, const struct tenant_id *id,
	struct branding *out, struct str *consent_text) must_use;

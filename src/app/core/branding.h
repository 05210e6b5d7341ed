/* Reads the branding of a tenant, and the logos and consent texts that brandings refer to. */
#pragma once

#include "base/err.h"
#include "domain/branding.h"
#include "port/store.h"

/* Loads the branding of a tenant; it is empty for a tenant without a row. */
enum err branding_load(struct tx *tx, const struct tenant_id *tenant, struct branding *out) must_use;
/* Loads a logo by its digest. Returns ERR_NOT_FOUND if no tenant uses it. */
enum err logo_load(struct tx *tx, const struct digest *digest, struct logo *out) must_use;
/* Loads the consent text of a branding; the empty text if the branding has none. */
enum err consent_text_load(struct tx *tx, const struct branding *branding, struct str *out) must_use;

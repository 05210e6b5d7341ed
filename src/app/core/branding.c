#include "app/core/branding.h"

enum err branding_load(struct tx *tx, const struct tenant_id *tenant, struct branding *out)
{
	*out = (struct branding){ .tenant_id = *tenant };
	enum err e = store_load_branding(tx, out);
	if (e != ERR_NOT_FOUND)
		return e;
	*out = (struct branding){ .tenant_id = *tenant };
	return OK;
}

enum err logo_load(struct tx *tx, const struct digest *digest, struct logo *out)
{
	*out = (struct logo){ .digest = *digest };
	return store_load_logo(tx, out);
}

enum err consent_text_load(struct tx *tx, const struct branding *branding, struct str *out)
{
	*out = STR("");
	if (!branding_has_consent_text(branding))
		return OK;
	struct consent_text text = { .digest = branding->consent_digest };
	TRY(store_load_consent_text(tx, &text));
	*out = text.text;
	return OK;
}

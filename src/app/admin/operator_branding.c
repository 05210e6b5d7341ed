#include "app/admin/operator_branding.h"
#include "app/admin/operator_tx.h"
#include "app/core/branding.h"
#include "crypto/digest.h"

bool branding_change_is_empty(const struct branding_change *change)
{
	return !change->colour.p && !change->support_url.p && !change->privacy_url.p && !change->logo.p &&
	       !change->consent_text.p;
}

static bool set_text(struct str value, char *out, size_t size)
{
	return !value.p || str_copy_to(value, out, size);
}

/* Returns the digest of the content; zeros if it is empty. */
static struct digest content_digest(struct str content)
{
	struct digest digest = { { 0 } };

	if (content.n > 0)
		sha256(content, digest.bytes);
	return digest;
}

static enum err save_logo(struct tx *tx, struct str image, struct branding *branding)
{
	const struct logo logo = { .digest = content_digest(image), .image = image };

	branding->logo_digest = logo.digest;
	return branding_has_logo(branding) ? store_save_logo(tx, &logo) : OK;
}

static enum err save_consent_text(struct tx *tx, struct str text, struct branding *branding)
{
	const struct consent_text row = { .digest = content_digest(text), .text = text };

	branding->consent_digest = row.digest;
	return branding_has_consent_text(branding) ? store_save_consent_text(tx, &row) : OK;
}

/* Removes the logo of `old`, unless a branding refers to it. The logo's row is loaded first: its lock makes a
 * transaction that gives the logo to another tenant at the same time wait, or waits for it. */
static enum err remove_unused_logo(struct tx *tx, const struct branding *old)
{
	const struct branding probe = { .logo_digest = old->logo_digest };
	struct logo logo = { .digest = old->logo_digest };
	struct branding user;
	size_t n;

	if (!branding_has_logo(old))
		return OK;
	const enum err e = store_load_logo(tx, &logo);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	TRY(store_find(tx, QUERY_BRANDINGS_OF_LOGO, &probe, page_of(0, 1), &user, &n));
	return n == 0 ? store_remove_logo(tx, &logo) : OK;
}

enum err operator_change_branding(const struct world *world, struct tx *tx, const struct actor *actor,
	const struct tenant_id *tenant, const struct branding_change *change)
{
	struct branding old;

	if (branding_change_is_empty(change))
		return OK;
	TRY(branding_load(tx, tenant, &old));
	struct branding branding = old;
	if (!set_text(change->colour, branding.colour, sizeof(branding.colour)) ||
		!set_text(change->support_url, branding.support_url, sizeof(branding.support_url)) ||
		!set_text(change->privacy_url, branding.privacy_url, sizeof(branding.privacy_url)))
		return ERR_INPUT;
	if (change->logo.p)
		TRY(save_logo(tx, change->logo, &branding));
	if (change->consent_text.p)
		TRY(save_consent_text(tx, change->consent_text, &branding));
	TRY(store_save_branding(tx, &branding));
	if (change->logo.p)
		TRY(remove_unused_logo(tx, &old));
	return operator_audit(world, tx, actor,
		&(const struct audit_params){ AUDIT_TENANT_CHANGED, tenant->text, tenant->text, "branding" });
}

struct branding_job {
	struct branding branding;
	struct str consent_text;
};

static enum err load_branding(struct tx *tx, void *arg)
{
	struct branding_job *const job = arg;
	const struct tenant_id id = job->branding.tenant_id;

	TRY(branding_load(tx, &id, &job->branding));
	return consent_text_load(tx, &job->branding, &job->consent_text);
}

enum err operator_load_branding(const struct world *world, struct arena *a, const struct tenant_id *id,
	struct branding *out, struct str *consent_text)
{
	struct branding_job job = { .branding = { .tenant_id = *id } };

	TRY(store_transact(world->store, TX_READ, a, load_branding, &job));
	*out = job.branding;
	*consent_text = job.consent_text;
	return OK;
}

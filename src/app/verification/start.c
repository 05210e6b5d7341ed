#include "app/verification/start.h"

#include <string.h>

#include "app/core/branding.h"
#include "app/verification/link_row.h"

struct start_job {
	const struct world *world;
	const struct verification_start_params *params;
	enum verification_start_verdict out;
};

/* The text that the page showed must be the one that the tenant has now. */
static bool has_consented(const struct verification_start_params *params, const struct branding *branding)
{
	return params->has_consented && memcmp(&params->consent_digest, &branding->consent_digest,
						sizeof(branding->consent_digest)) == 0;
}

static enum err save_start(struct start_job *job, struct tx *tx, struct verification_link *row)
{
	const struct verification_start_params *const params = job->params;
	struct branding branding;

	TRY(branding_load(tx, &row->tenant_id, &branding));
	if (branding_has_consent_text(&branding)) {
		job->out = VERIFICATION_START_NO_CONSENT;
		if (!has_consented(params, &branding))
			return OK;
		row->consent_digest = branding.consent_digest;
		(void)!str_copy_to(params->language, row->consent_language, sizeof(row->consent_language));
	}
	job->out = VERIFICATION_STARTED;
	row->started_at = world_now(job->world);
	return link_row_save(job->world, tx, row);
}

static enum err start_in_tx(struct tx *tx, void *arg)
{
	struct start_job *const job = arg;
	struct visited_link link;

	job->out = VERIFICATION_START_CLOSED;
	const enum err e = visited_link_load(job->world, tx, &job->params->visit, &link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (link.state != VERIFICATION_LINK_OPEN)
		return OK;
	job->out = VERIFICATION_STARTED;
	return moment_is_unset(link.row.started_at) ? save_start(job, tx, &link.row) : OK;
}

enum err verification_link_start(const struct world *world, struct arena *a,
	const struct verification_start_params *params, enum verification_start_verdict *out)
{
	struct start_job job = { .world = world, .params = params };

	TRY(store_transact(world->store, TX_WRITE, a, start_in_tx, &job));
	*out = job.out;
	return OK;
}

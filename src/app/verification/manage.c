#include "app/verification/manage.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/mail/health.h"
#include "app/verification/link_mail.h"
#include "app/verification/link_row.h"
#include "app/verification/token.h"
#include "domain/event.h"
#include "net/url_check.h"

struct create_job {
	const struct world *world;
	const struct caller *caller;
	const struct verification_link_params *params;
	struct verification_link row;
	struct new_user recipient;
	struct link_mail mail;
	struct send_result sent;
};

static enum err audit_link(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct verification_link *row, const char *detail)
{
	char shown[SHOWN_ID_SIZE];
	const struct audit_params params = { action, shown, row->tenant_id.text, detail };

	shown_id_write(VERIFICATION_LINK_ID_PREFIX, row->id.text, shown);
	return audit_append(world, tx, &caller->actor, &params);
}

static enum err create_in_tx(struct tx *tx, void *arg)
{
	struct create_job *const job = arg;
	const bool sends = job->params->send;

	job->sent.verdict = SEND_QUEUED;
	if (sends)
		TRY(link_mail_queue(&job->mail, tx, &job->row, &job->sent));
	if (job->sent.verdict != SEND_QUEUED)
		return OK;
	TRY(store_add_verification_link(tx, &job->row));
	return audit_link(
		job->world, tx, job->caller, AUDIT_VERIFICATION_LINK_CREATED, &job->row, sends ? "sent" : "");
}

static enum err seal_row(struct create_job *job, struct arena *a)
{
	const struct link_field reference = { SEALED_VERIFICATION_REFERENCE };
	const struct link_field return_url = { SEALED_VERIFICATION_RETURN_URL };
	const struct verification_link_params *const params = job->params;
	struct verification_link *const row = &job->row;

	if (params->suggestion.normal.n > 0)
		TRY(link_row_set_address(job->world, a, &job->caller->tenant, &params->suggestion, row));
	TRY(link_field_seal(job->world, a, row, reference, params->reference, &row->sealed_reference));
	return link_field_seal(job->world, a, row, return_url, params->return_url, &row->sealed_return_url);
}

/* Makes the row, with everything that takes time, before the transaction. */
static enum err make_row(struct create_job *job, struct arena *a, struct str *token)
{
	struct verification_link *const row = &job->row;
	struct digest digest;

	TRY(verification_token_make(job->world, a, VERIFICATION_TOKEN_LINK, token, &digest));
	*row = (struct verification_link){ .tenant_id = job->caller->tenant.id,
		.token_digest = digest,
		.created_at = world_now(job->world),
		.updated_at = world_now(job->world),
		.expires_at = moment_add(world_expiry_now(job->world), job->params->life) };
	TRY(world_id(job->world, row->id.text));
	if (!str_copy_to(job->params->language, row->language, sizeof(row->language)))
		return ERR_INPUT;
	row->sealed_return_url = row->sealed_reference = row->sealed_address = row->sealed_challenge = STR(
		"");
	return seal_row(job, a);
}

static enum err make_mail(struct create_job *job, struct arena *a, struct str url)
{
	const struct verification_link_params *const params = job->params;

	if (!params->send)
		return OK;
	TRY(user_new(job->world, a, job->caller->tenant.group_name, &params->suggestion, &job->recipient));
	job->mail = (struct link_mail){ .world = job->world,
		.caller = job->caller,
		.to = params->suggestion,
		.new_user = &job->recipient,
		.url = url,
		.language = params->language,
		.mail_down = mail_is_down(job->world) };
	return OK;
}

static const enum verification_create_verdict verdict_of[] = {
	[SEND_QUEUED] = VERIFICATION_LINK_CREATED,
	[SEND_MAIL_DOWN] = VERIFICATION_LINK_MAIL_DOWN,
	[SEND_LIMITED] = VERIFICATION_LINK_LIMITED,
};

enum err verification_link_create(const struct world *world, struct arena *a, const struct caller *caller,
	const struct verification_link_params *params, struct verification_create_result *out)
{
	struct create_job job = { .world = world, .caller = caller, .params = params };
	struct str token;

	*out = (struct verification_create_result){ .verdict = VERIFICATION_LINK_URL_REFUSED };
	if (params->return_url.n > 0)
		out->url_fault = url_fault(params->return_url);
	if (out->url_fault)
		return OK;
	TRY(make_row(&job, a, &token));
	out->url = arena_printf(a, "%.*s/verify/%.*s", STR_ARG(world->rules->public_url), STR_ARG(token));
	if (!out->url.p)
		return ERR_INTERNAL;
	TRY(make_mail(&job, a, out->url));
	TRY(store_transact(world->store, TX_WRITE, a, create_in_tx, &job));
	out->verdict = verdict_of[job.sent.verdict];
	out->id = job.row.id;
	out->expires_at = job.row.expires_at;
	out->wait = job.sent.wait;
	out->limited_by_ip = job.sent.limited_by_ip;
	return OK;
}

static enum err load_link(struct tx *tx, const struct caller *caller, const struct verification_link_id *id,
	struct verification_link *row)
{
	row->id = *id;
	TRY(store_load_verification_link(tx, row));
	return str_eq(str_of(row->tenant_id.text), str_of(caller->tenant.id.text)) ? OK : ERR_NOT_FOUND;
}

enum err verification_link_get(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct verification_link_id *id, struct verification_link_status *out)
{
	struct verification_link row;

	TRY(load_link(tx, caller, id, &row));
	return link_status_load(world, tx, &row, out);
}

enum err verification_link_revoke(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct verification_link_id *id)
{
	struct verification_link row;

	TRY(load_link(tx, caller, id, &row));
	if (!moment_is_unset(row.revoked_at))
		return OK;
	row.revoked_at = world_now(world);
	link_row_forget_address(&row);
	row.sealed_return_url = STR("");
	TRY(link_row_save(world, tx, &row));
	return audit_link(world, tx, caller, AUDIT_VERIFICATION_LINK_DELETED, &row, "");
}

#include "app/verification/wallet_proof.h"

#include <string.h>

#include "app/core/sealed_names.h"
#include "app/enrolment/challenge.h"
#include "app/enrolment/prepare_wallet.h"
#include "app/verification/link_row.h"
#include "app/verification/proof.h"

static const struct link_field challenge_field = { SEALED_VERIFICATION_CHALLENGE };

struct challenge_job {
	const struct world *world;
	const struct verification_challenge_params *params;
	struct visited_link link;
	struct wallet wallet;
	struct str text;
	enum verification_challenge_verdict out;
};

static enum err choose_wallet(struct challenge_job *job, struct arena *a)
{
	struct str stored;

	if (job->params->wallet) {
		job->wallet = *job->params->wallet;
		job->out = VERIFICATION_CHALLENGE_ISSUED;
		return OK;
	}
	TRY(link_row_address(job->world, a, &job->link.row, ADDRESS_WALLET, &stored));
	job->out = stored.n > 0 && wallet_read(stored, &job->wallet) == WALLET_FORM_VALID
			   ? VERIFICATION_CHALLENGE_ISSUED
			   : VERIFICATION_CHALLENGE_NO_WALLET;
	return OK;
}

static enum err load_for_challenge(struct tx *tx, void *arg)
{
	struct challenge_job *const job = arg;

	job->out = VERIFICATION_CHALLENGE_CLOSED;
	const enum err e = visited_link_load(job->world, tx, &job->params->visit, &job->link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	return visited_link_awaits_proof(&job->link) ? choose_wallet(job, tx->arena) : OK;
}

/* Removes the challenge of another wallet that the link had, so that a link keeps only one. */
static enum err remove_other_challenge(
	struct tx *tx, const struct verification_link *before, const struct verification_link *after)
{
	const struct challenge challenge = { .tenant_id = before->tenant_id,
		.wallet_index = before->address_index };

	if (before->attempt != VERIFICATION_ATTEMPT_SIGNATURE ||
		memcmp(&before->address_index, &after->address_index, sizeof(after->address_index)) == 0)
		return OK;
	return store_remove_challenge(tx, &challenge);
}

static enum err save_challenge_text(struct tx *tx, void *arg)
{
	struct challenge_job *const job = arg;
	struct verification_link *const row = &job->link.row;
	const struct identifier identifier = identifier_wallet(str_of(job->wallet.text));

	TRY(load_for_challenge(tx, job));
	if (job->out != VERIFICATION_CHALLENGE_ISSUED)
		return OK;
	const struct verification_link before = *row;
	TRY(link_row_set_address(job->world, tx->arena, &job->link.caller.tenant, &identifier, row));
	TRY(remove_other_challenge(tx, &before, row));
	TRY(link_field_seal(job->world, tx->arena, row, challenge_field, job->text, &row->sealed_challenge));
	row->attempt = VERIFICATION_ATTEMPT_SIGNATURE;
	row->challenge_expires_at = moment_add(
		world_expiry_now(job->world), job->world->rules->challenge_ttl);
	return link_row_save(job->world, tx, row);
}

/* Returns the origin of a URL: scheme, host and port. */
static struct str url_origin(struct str url)
{
	struct str rest = url, part;

	for (int i = 0; i < 3; i++)
		if (!str_cut(&rest, '/', &part))
			return url;
	return (struct str){ url.p, url.n - rest.n - 1 };
}

/* Issues the challenge as for a tenant whose site is that of the pages. If their URL is none that a wallet
 * accepts in a sign-in message, such as http with a host of the local network, the text is kycd's own. */
static enum err issue_challenge(struct challenge_job *job, struct arena *a)
{
	struct caller caller = job->link.caller;
	struct challenge_params params = { .wallet = &job->wallet,
		.format = job->wallet.chain == WALLET_EVM ? CHALLENGE_SIWE : CHALLENGE_SIWS,
		.chain_id = job->params->chain_id };

	if (site_read(url_origin(job->world->rules->public_url), caller.tenant.site) != SITE_VALID) {
		caller.tenant.site[0] = '\0';
		params.format = CHALLENGE_STARKFI;
		params.chain_id = STR("");
	}
	if (challenge_params_check(&caller.tenant, &params) == CHALLENGE_FAULT_CHAIN_ID)
		params.chain_id = STR("");
	return app_challenge(job->world, a, &caller, &params, &job->text);
}

enum err verification_link_challenge(const struct world *world, struct arena *a,
	const struct verification_challenge_params *params, enum verification_challenge_verdict *out)
{
	struct challenge_job job = { .world = world, .params = params };

	TRY(store_transact(world->store, TX_READ, a, load_for_challenge, &job));
	if (job.out == VERIFICATION_CHALLENGE_ISSUED) {
		TRY(issue_challenge(&job, a));
		TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, save_challenge_text, &job));
	}
	*out = job.out;
	return OK;
}

struct signature_job {
	const struct world *world;
	const struct verification_signature_params *params;
	struct visited_link link;
	struct wallet wallet;
	struct str message, reference;
	struct wallet_proof proof;
	struct verification_signature_result out;
};

/* Sets `awaits` to whether the link waits for a signature of its challenge. */
static enum err load_for_signature(struct signature_job *job, struct tx *tx, bool *awaits)
{
	struct verification_link *const row = &job->link.row;

	*awaits = false;
	job->out.verdict = VERIFICATION_PROOF_CLOSED;
	const enum err e = visited_link_load(job->world, tx, &job->params->visit, &job->link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (verification_link_is_verified(row))
		job->out.verdict = VERIFICATION_PROOF_TOO_LATE;
	*awaits = visited_link_awaits_proof(&job->link) && row->attempt == VERIFICATION_ATTEMPT_SIGNATURE;
	return OK;
}

static enum err read_challenge(struct tx *tx, void *arg)
{
	struct signature_job *const job = arg;
	struct verification_link *const row = &job->link.row;
	struct str wallet;
	bool awaits;

	TRY(load_for_signature(job, tx, &awaits));
	if (!awaits)
		return OK;
	TRY(link_row_address(job->world, tx->arena, row, ADDRESS_WALLET, &wallet));
	TRY(link_field_unseal(
		job->world, tx->arena, row, challenge_field, row->sealed_challenge, &job->message));
	TRY(link_proof_reference(job->world, tx->arena, row, &job->reference));
	return wallet_read(wallet, &job->wallet) == WALLET_FORM_VALID ? OK : ERR_INTERNAL;
}

static const enum verification_proof_verdict proof_verdict_of[] = {
	[CHALLENGE_ACCEPTED] = VERIFICATION_PROOF_ACCEPTED,
	[CHALLENGE_WRONG] = VERIFICATION_PROOF_WRONG,
	[CHALLENGE_EXPIRED] = VERIFICATION_PROOF_EXPIRED,
	[CHALLENGE_NONE] = VERIFICATION_PROOF_LOCKED,
};

static void set_outcome(struct signature_job *job)
{
	job->out = (struct verification_signature_result){ proof_verdict_of[job->proof.out.verdict],
		job->proof.out.signature };
}

/* Loads the link again, because another proof may have been first since the signature was checked. */
static enum err use_signature(struct tx *tx, void *arg)
{
	struct signature_job *const job = arg;
	bool awaits;

	TRY(load_for_signature(job, tx, &awaits));
	if (!awaits)
		return OK;
	TRY(wallet_proof_finish(&job->proof, tx));
	set_outcome(job);
	return job->out.verdict == VERIFICATION_PROOF_ACCEPTED
		       ? link_proof_record(job->world, tx, &job->link, &job->proof.out.prepared.user)
		       : OK;
}

static enum err prove(struct signature_job *job, struct arena *a)
{
	const struct caller caller = job->link.caller;
	const struct prepare_wallet_params params = { .wallet = &job->wallet,
		.message = job->message,
		.signature = job->params->signature,
		.language = job->params->language,
		.reference = job->reference };

	TRY(wallet_proof_begin(job->world, a, &caller, &params, &job->proof));
	if (job->proof.out.verdict != CHALLENGE_OPEN) {
		set_outcome(job);
		return OK;
	}
	return store_transact(job->world->store, TX_WRITE_LOW_PRIORITY, a, use_signature, job);
}

enum err verification_link_prove_wallet(const struct world *world, struct arena *a,
	const struct verification_signature_params *params, struct verification_signature_result *out)
{
	struct signature_job job = { .world = world, .params = params };

	TRY(store_transact(world->store, TX_READ, a, read_challenge, &job));
	if (job.message.n > 0)
		TRY(prove(&job, a));
	*out = job.out;
	return OK;
}

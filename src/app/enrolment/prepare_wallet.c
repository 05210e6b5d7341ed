#include "app/enrolment/prepare_wallet.h"

#include "app/enrolment/challenge.h"
#include "crypto/wallet_sig.h"

struct prepare_wallet_job {
	const struct world *world;
	const struct caller *caller;
	const struct prepare_wallet_params *params;
	struct challenge answer;
	struct new_user new_user;
	struct prepare_wallet_result out;
};

static enum err peek_at_challenge(struct tx *tx, void *arg)
{
	struct prepare_wallet_job *const job = arg;
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &job->answer, &challenge, &same_text));
	job->out.verdict = challenge_peek(&challenge, same_text, world_expiry_now(job->world));
	return OK;
}

static enum err check_link(
	struct prepare_wallet_job *job, struct tx *tx, struct link *link, enum link_verdict *out)
{
	const struct tenant *const tenant = &job->caller->tenant;

	*out = LINK_ALREADY_CONFIRMED;
	if (job->params->email.n == 0)
		return OK;
	TRY(link_load(job->world, tx, tenant, str_of(job->params->wallet->text), job->params->email, link));
	return link_check(job->world, tx, job->caller, link, out);
}

static enum err register_wallet(
	struct prepare_wallet_job *job, struct tx *tx, const struct challenge *challenge)
{
	const struct prepare_params params = { .identifier = identifier_wallet(
						       str_of(job->params->wallet->text)),
		.language = job->params->language,
		.is_verified = true,
		.new_user = &job->new_user,
		.reference = job->params->reference,
		.with_next_step = job->params->with_next_step,
		.with_ids = job->params->with_ids };
	struct prepare_result *const prepared = &job->out.prepared;
	enum link_verdict verdict;
	struct link link;

	TRY(check_link(job, tx, &link, &verdict));
	job->out.conflict = verdict == LINK_CONFLICT;
	if (job->out.conflict)
		return OK;
	TRY(store_remove_challenge(tx, challenge));
	TRY(app_prepare(job->world, tx, job->caller, &params, prepared));
	if (verdict != LINK_CLAIM_ACCEPTED)
		return OK;
	/* The e-mail is not verified, because the claim on it is not confirmed yet. */
	prepared->verified.email = false;
	return link_claim(job->world, tx, job->caller, &link, &prepared->user);
}

/* Checks the challenge again, because it may have been used, been replaced or have expired since the first
 * transaction. Of several requests with the same challenge, only the first is accepted. */
static enum err use_challenge(struct tx *tx, void *arg)
{
	struct prepare_wallet_job *const job = arg;
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &job->answer, &challenge, &same_text));
	job->out.verdict = challenge_verify(
		&challenge, same_text, job->out.signature == WALLET_SIG_VALID, world_expiry_now(job->world));
	if (job->out.verdict == CHALLENGE_WRONG)
		return store_save_challenge(tx, &challenge);
	return job->out.verdict == CHALLENGE_ACCEPTED ? register_wallet(job, tx, &challenge) : OK;
}

static enum err create_new_user(struct prepare_wallet_job *job, struct arena *a)
{
	const struct identifier who = identifier_wallet(str_of(job->params->wallet->text));

	if (job->out.signature != WALLET_SIG_VALID)
		return OK;
	return user_new(job->world, a, job->caller->tenant.group_name, &who, &job->new_user);
}

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct prepare_wallet_result *out)
{
	const struct challenge_answer sent = { &caller->tenant, str_of(params->wallet->text),
		params->message };
	struct prepare_wallet_job job = { .world = world,
		.caller = caller,
		.params = params,
		.answer = challenge_answer_row(world, &sent) };

	TRY(store_transact(world->store, TX_READ, a, peek_at_challenge, &job));
	if (job.out.verdict == CHALLENGE_OPEN) {
		job.out.signature = wallet_sig_check_application(
			params->wallet, params->message, params->signature, params->application);
		TRY(create_new_user(&job, a));
		TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, use_challenge, &job));
	}
	*out = job.out;
	return OK;
}

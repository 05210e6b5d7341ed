#include "app/enrolment/prepare_wallet.h"

#include "app/enrolment/challenge.h"
#include "crypto/wallet_sig.h"

struct job {
	const struct world *world;
	const struct caller *caller;
	const struct prepare_wallet_params *params;
	struct challenge said;
	struct new_user new_user;
	struct prepare_wallet_result out;
};

static enum err look(struct tx *tx, void *arg)
{
	struct job *const job = arg;
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &job->said, &challenge, &same_text));
	job->out.verdict = challenge_peek(&challenge, same_text, world_now(job->world));
	return OK;
}

static enum err look_at_link(struct job *job, struct tx *tx, struct link *link, enum link_verdict *out)
{
	const struct tenant *const tenant = &job->caller->tenant;

	*out = LINK_ALREADY_CONFIRMED;
	if (job->params->email.n == 0)
		return OK;
	TRY(link_load(job->world, tx, tenant, str_of(job->params->wallet->text), job->params->email, link));
	return link_check(job->world, tx, job->caller, link, out);
}

static enum err accept(struct job *job, struct tx *tx, const struct challenge *challenge)
{
	const struct prepare_params params = { identifier_wallet(str_of(job->params->wallet->text)),
		job->params->language, true, &job->new_user };
	struct prepare_result *const prepared = &job->out.prepared;
	enum link_verdict verdict;
	struct link link;

	TRY(look_at_link(job, tx, &link, &verdict));
	job->out.conflict = verdict == LINK_CONFLICT;
	if (job->out.conflict)
		return OK;
	TRY(store_remove_challenge(tx, challenge));
	TRY(app_prepare(job->world, tx, job->caller, &params, prepared));
	if (verdict != LINK_CLAIM_ACCEPTED)
		return OK;
	/* Of this e-mail nothing is confirmed. */
	prepared->verified.email = false;
	return link_claim(job->world, tx, job->caller, &link, &prepared->user);
}

/* It may have been used, replaced or expired since it was looked at: of several answers to one challenge that
 * come together, one is the first. */
static enum err settle(struct tx *tx, void *arg)
{
	struct job *const job = arg;
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &job->said, &challenge, &same_text));
	job->out.verdict = challenge_verify(
		&challenge, same_text, job->out.signature == WALLET_SIG_VALID, world_now(job->world));
	if (job->out.verdict == CHALLENGE_WRONG)
		return store_save_challenge(tx, &challenge);
	return job->out.verdict == CHALLENGE_ACCEPTED ? accept(job, tx, &challenge) : OK;
}

static enum err make_newcomer(struct job *job, struct arena *a)
{
	const struct identifier who = identifier_wallet(str_of(job->params->wallet->text));

	if (job->out.signature != WALLET_SIG_VALID)
		return OK;
	return user_new(job->world, a, job->caller->tenant.group_name, &who, &job->new_user);
}

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct prepare_wallet_result *out)
{
	const struct challenge_answer from = { &caller->tenant, str_of(params->wallet->text),
		params->message };
	struct job job = {
		.world = world, .caller = caller, .params = params, .said = challenge_answer_row(world, &from)
	};

	TRY(store_transact(world->store, TX_READ, a, look, &job));
	if (job.out.verdict == CHALLENGE_OPEN) {
		job.out.signature = wallet_sig_check(params->wallet, params->message, params->signature);
		TRY(make_newcomer(&job, a));
		TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, settle, &job));
	}
	*out = job.out;
	return OK;
}

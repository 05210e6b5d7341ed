#include "app/prepare_wallet.h"

#include "app/challenge.h"
#include "crypto/wallet_sig.h"

struct job {
	const struct world *world;
	const struct caller *caller;
	const struct wallet_order *order;
	struct challenge said;
	struct wallet_prepared out;
};

static enum err look(struct tx *tx, void *arg)
{
	struct job *const job = arg;
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &job->said, &challenge, &same_text));
	job->out.verdict = challenge_look(&challenge, same_text, world_now(job->world));
	return OK;
}

/* It may have been used, replaced or expired since it was looked at: of several answers to one challenge that
 * come together, one is the first. */
static enum err settle(struct tx *tx, void *arg)
{
	struct job *const job = arg;
	const struct registration registration = { { ADDRESS_WALLET, str_of(job->order->wallet->text) },
		job->order->language, true };
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &job->said, &challenge, &same_text));
	job->out.verdict = challenge_judge(
		&challenge, same_text, job->out.signature == WALLET_SIG_RIGHT, world_now(job->world));
	if (job->out.verdict == CHALLENGE_WRONG)
		return store_save_challenge(tx, &challenge);
	if (job->out.verdict != CHALLENGE_ACCEPTED)
		return OK;
	TRY(store_remove_challenge(tx, &challenge));
	return app_prepare(job->world, tx, job->caller, &registration, &job->out.prepared);
}

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct wallet_order *order, struct wallet_prepared *out)
{
	const struct challenged from = { &caller->tenant, str_of(order->wallet->text), order->message };
	struct job job = {
		.world = world, .caller = caller, .order = order, .said = challenge_said(world, &from)
	};

	TRY(store_transact(world->store, TX_READ, a, look, &job));
	if (job.out.verdict == CHALLENGE_OPEN) {
		job.out.signature = wallet_sig_check(order->wallet, order->message, order->signature);
		TRY(store_transact(world->store, TX_WRITE_PATIENT, a, settle, &job));
	}
	*out = job.out;
	return OK;
}

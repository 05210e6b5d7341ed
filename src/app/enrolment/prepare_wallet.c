#include "app/enrolment/prepare_wallet.h"

#include "app/enrolment/challenge.h"
#include "crypto/wallet_sig.h"

static enum err peek_at_challenge(struct tx *tx, void *arg)
{
	struct wallet_proof *const proof = arg;
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &proof->answer, &challenge, &same_text));
	proof->out.verdict = challenge_peek(&challenge, same_text, world_expiry_now(proof->world));
	return OK;
}

static enum err check_link(
	struct wallet_proof *proof, struct tx *tx, struct link *link, enum link_verdict *out)
{
	const struct tenant *const tenant = &proof->caller->tenant;

	*out = LINK_ALREADY_CONFIRMED;
	if (proof->params->email.n == 0)
		return OK;
	TRY(link_load(
		proof->world, tx, tenant, str_of(proof->params->wallet->text), proof->params->email, link));
	return link_check(proof->world, tx, proof->caller, link, out);
}

static enum err register_wallet(struct wallet_proof *proof, struct tx *tx, const struct challenge *challenge)
{
	const struct prepare_params params = { .identifier = identifier_wallet(
						       str_of(proof->params->wallet->text)),
		.language = proof->params->language,
		.is_verified = true,
		.new_user = &proof->new_user,
		.reference = proof->params->reference,
		.with_next_step = proof->params->with_next_step,
		.with_ids = proof->params->with_ids };
	struct prepare_result *const prepared = &proof->out.prepared;
	enum link_verdict verdict;
	struct link link;

	TRY(check_link(proof, tx, &link, &verdict));
	proof->out.conflict = verdict == LINK_CONFLICT;
	if (proof->out.conflict)
		return OK;
	TRY(store_remove_challenge(tx, challenge));
	TRY(app_prepare(proof->world, tx, proof->caller, &params, prepared));
	if (verdict != LINK_CLAIM_ACCEPTED)
		return OK;
	/* The e-mail is not verified, because the claim on it is not confirmed yet. */
	prepared->verified.email = false;
	return link_claim(proof->world, tx, proof->caller, &link, &prepared->user);
}

/* Checks the challenge again, because it may have been used, been replaced or have expired since the first
 * transaction. Of several requests with the same challenge, only the first is accepted. */
enum err wallet_proof_finish(struct wallet_proof *proof, struct tx *tx)
{
	struct challenge challenge;
	bool same_text;

	TRY(challenge_load(tx, &proof->answer, &challenge, &same_text));
	proof->out.verdict = challenge_verify(&challenge, same_text, proof->out.signature == WALLET_SIG_VALID,
		world_expiry_now(proof->world));
	if (proof->out.verdict == CHALLENGE_WRONG)
		return store_save_challenge(tx, &challenge);
	return proof->out.verdict == CHALLENGE_ACCEPTED ? register_wallet(proof, tx, &challenge) : OK;
}

static enum err create_new_user(struct wallet_proof *proof, struct arena *a)
{
	const struct identifier who = identifier_wallet(str_of(proof->params->wallet->text));

	if (proof->out.signature != WALLET_SIG_VALID)
		return OK;
	return user_new(proof->world, a, proof->caller->tenant.group_name, &who, &proof->new_user);
}

enum err wallet_proof_begin(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct wallet_proof *proof)
{
	const struct challenge_answer sent = { &caller->tenant, str_of(params->wallet->text),
		params->message };

	*proof = (struct wallet_proof){ .world = world,
		.caller = caller,
		.params = params,
		.answer = challenge_answer_row(world, &sent) };
	TRY(store_transact(world->store, TX_READ, a, peek_at_challenge, proof));
	if (proof->out.verdict != CHALLENGE_OPEN)
		return OK;
	proof->out.signature = wallet_sig_check_application(
		params->wallet, params->message, params->signature, params->application);
	return create_new_user(proof, a);
}

static enum err finish_in_tx(struct tx *tx, void *arg)
{
	return wallet_proof_finish(arg, tx);
}

enum err app_prepare_wallet(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_wallet_params *params, struct prepare_wallet_result *out)
{
	struct wallet_proof proof;

	TRY(wallet_proof_begin(world, a, caller, params, &proof));
	if (proof.out.verdict == CHALLENGE_OPEN)
		TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, finish_in_tx, &proof));
	*out = proof.out;
	return OK;
}
